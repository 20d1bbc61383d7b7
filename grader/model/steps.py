"""The steps of a program: a class for each, and the JSON list that keys and messages hold.

In JSON a step is its word in :data:`STEPS` and then its fields in order:
``Call("f", "layers:relu", [{"$": "x"}])`` is ``["call", "f", "layers:relu", [{"$": "x"}], {}]``.
Targets and references (a :data:`~grader.model.trees.Tree` in which some dicts stand for inputs and
for what was kept) are explained in :mod:`grader.model.programs`.

A step is added by a class here, its word in :data:`STEPS`, and what takes it in a student's
process (:mod:`grader.sandbox.guest.steps`). Fields are named alike: a step keeps something under
*to*, asks the *model* kept before, calls a *target*; these names, *forward*, *module* and *name*
are what a failed step may tell.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from grader.model.trees import Tree

#: A dict that stands for a value: ``{"$": "x"}``, ``{"@": "f", "item": 1}``.
Reference = dict[str, Tree]

_NO_OPTIONS: Mapping[str, Tree] = {}


class Call(NamedTuple):
    """Call a function; keep what it returns."""

    to: str
    target: str
    args: Tree
    kwargs: Tree = _NO_OPTIONS


class New(NamedTuple):
    """Make an object of a class, with other spellings of its options."""

    to: str
    target: str
    args: Tree
    kwargs: Tree = _NO_OPTIONS
    spellings: Sequence[Mapping[str, Tree]] = ()


class Params(NamedTuple):
    """Set the parameters of a model."""

    model: str
    values: Tree


class Read(NamedTuple):
    """Keep a model's parameters, by the names of *shapes*."""

    to: str
    model: str
    shapes: Tree


class HandOut(NamedTuple):
    """Keep the arrays that a model consists of, and the shapes of all that it holds."""

    to: str
    model: str


class Set(NamedTuple):
    """Set an attribute of a model."""

    model: str
    name: str
    value: Tree


class Keep(NamedTuple):
    """Keep a copy of what *value* is at this moment: for what changes later."""

    to: str
    value: Tree


class LineRanges(NamedTuple):
    """Keep where a module's functions stand in its file."""

    to: str
    module: str


class GiveMasks(NamedTuple):
    """Answer two functions with given masks from here on; keep a record of their calls."""

    to: str
    forward: str
    backward: str
    masks: Tree


class Mend(NamedTuple):
    """Have an edit of a function in effect from here on, beside those that are, by its number.

    The process numbers them; a number that it doesn't know changes nothing.
    """

    target: str
    number: int


class TryEdits(NamedTuple):
    """Take the *steps* of a program again under one edit of *target* after another.

    Up to *most* edits of one tier from the number *first* on, in *seconds* of CPU time, only those
    of lines that run. Kept are ``found``, for each answer that the function itself doesn't give
    what *give* names (``gave``) with the ``numbers``, ``lines``, ``kinds`` and ``several`` of the
    edits that lead to it; ``tier``, how unlikely they are; and ``next``, the number to go on with:
    0 at the end. *formed*: what the function gives has the right form; what has another one isn't
    kept then.
    """

    to: str
    target: str
    steps: Sequence[Sequence[Tree]]
    give: Mapping[str, Tree]
    first: int
    most: int
    seconds: float
    formed: bool = False


class Assign(NamedTuple):
    """Set a variable of the notebook, put back before each cell."""

    name: str
    value: Tree


class RunSetup(NamedTuple):
    """Run a cell of the course's; its names are put back before each cell, too."""

    to: str
    source: str
    file: str


class RunCell(NamedTuple):
    """Run a student's cell; keep whether it was cut, after *seconds* of CPU time."""

    to: str
    source: str
    file: str
    seed: int
    seconds: float


class Ends(NamedTuple):
    """When a training ends early: once its solver has *enough* last in the list *noted*.

    *stop* is the attribute of the solver's class that is asked; "": none ends. *others* are what
    else it notes, by which an answer that names one of them may choose between trainings.
    """

    stop: str = ""
    noted: str = ""
    enough: float = 0.0
    others: Sequence[str] = ()


class Begin(NamedTuple):
    """An answer's own cells run from here on: note what models, which have *method*, are there.

    With which arguments objects of the classes named *calls* are made is kept from here on;
    *variable* holds the notebook's data, and *ends* says when trainings end early.
    """

    to: str
    method: str
    calls: Sequence[str] = ()
    variable: str = ""
    ends: Ends = Ends()


class FindModel(NamedTuple):
    """Keep the model (it has *method*) that the first of the variables *names* holds."""

    to: str
    names: Sequence[str]
    method: str


class Histories(NamedTuple):
    """Keep the lists of numbers that a variable has as *attributes*."""

    to: str
    names: Sequence[str]
    attributes: Sequence[str]


class Held(IntEnum):
    """What a variable holds; a model that was there before the answer's cells is *earlier*."""

    NOTHING, NONE, OTHER, EARLIER, MODEL = range(5)


class Holdings(NamedTuple):
    """Keep what the variables *names* hold, as a list of :class:`Held`, and five more facts.

    ``assigned``: whether the answer's code could give each another value than ``None``;
    ``printed``: how many bytes had been printed before it ran; ``stopped``: whether a training was
    ended early, ``ended``: whether that of the model that they hold was,
    ``unsure``: whether they might hold another one else.
    """

    to: str
    names: Sequence[str]
    method: str


class Trainings(NamedTuple):
    """Keep what is known of each training of the answer's, by its solver's *attributes*.

    *variable* holds the notebook's data, whose images have the names *images*.
    """

    to: str
    attributes: Sequence[str]
    variable: str
    images: Sequence[str]


class Reach(NamedTuple):
    """In a kernel: run on to the end of the answer to *question*; keep whether it was cut.

    *variable* holds the notebook's data, whose *first* training images are *names*' validation.
    *calls* are as in :class:`Begin`.
    """

    to: str
    question: str
    seconds: float
    variable: str
    first: int
    names: Sequence[str]
    seed: int
    method: str
    calls: Sequence[str] = ()


Step = (
    Call
    | New
    | Params
    | Read
    | HandOut
    | Set
    | Keep
    | LineRanges
    | GiveMasks
    | Mend
    | TryEdits
    | Assign
    | RunSetup
    | RunCell
    | Begin
    | FindModel
    | Histories
    | Holdings
    | Trainings
    | Reach
)

#: The classes of steps by their words in JSON.
STEPS: Mapping[str, type[Step]] = {
    "call": Call,
    "new": New,
    "params": Params,
    "read": Read,
    "arrays": HandOut,
    "set": Set,
    "keep": Keep,
    "line_ranges": LineRanges,
    "mask": GiveMasks,
    "mend": Mend,
    "edits": TryEdits,
    "name": Assign,
    "setup": RunSetup,
    "cell": RunCell,
    "begin": Begin,
    "model": FindModel,
    "histories": Histories,
    "holdings": Holdings,
    "trainings": Trainings,
    "reach": Reach,
}
_WORDS: Mapping[type, str] = {step: word for word, step in STEPS.items()}


def to_json(step: Step) -> list[Tree]:
    """Return a step as a key or a message holds it."""
    return [_WORDS[type(step)], *step]


def from_json(listed: Sequence[Tree]) -> Step:
    """Return the step that a JSON list stands for.

    Raises :class:`ValueError` for a word that is no step, and for fields that don't fit it.
    """
    word, *fields = listed or [None]
    if not isinstance(word, str) or word not in STEPS:
        raise ValueError(f"{word!r} is no step of a program")
    try:
        return STEPS[word](*fields)
    except TypeError as error:
        raise ValueError(f"the step {word!r} has other fields: {error}") from None
