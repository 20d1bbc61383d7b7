"""Evidence: what was found, as plain JSON values, beside the marks of a check or a question.

``docs/result.schema.json`` is made from these types and those of :mod:`grader.model.records`
(``python docs/make_schema.py``): a text in ``Annotated`` is a field's description, and
:class:`Keywords` are further ones of JSON Schema. A course's own kind of check may add facts of
its own under a ``property``, and a ``hint``.
"""

from typing import Annotated, NotRequired, Required, TypedDict

from grader.model.literals import (
    AnswerFound,
    DataKind,
    Engine,
    Example,
    Found,
    InputProperty,
    Mechanism,
    Precision,
    StructureKind,
)


class Keywords:
    """Keywords of JSON Schema that a type doesn't say, such as ``minimum``."""

    def __init__(self, **keywords: str | int) -> None:
        self.keywords = keywords


#: An array as nested lists, bounded in size; numbers that are not finite, and arrays too large to
#: show, are texts.
Listed = bool | int | float | str | list["Listed"] | None
Shape = list[Annotated[int, Keywords(minimum=0)]]
#: A cell of a notebook, counted from 1; ``None`` for one that isn't there.
CellNumber = Annotated[int, Keywords(minimum=1)] | None
Share = Annotated[float, Keywords(minimum=0, maximum=1)]


class PlaceFacts(TypedDict):
    """A line of the student's own files."""

    file: str
    line: Annotated[int, Keywords(minimum=1)]


class ExceptionFacts(TypedDict, total=False):
    """What was raised, or why nothing came."""

    type: Annotated[str | None, "A built-in exception class."]
    text: Annotated[str, "What it said; left out where that could carry a hidden input."]
    file: Annotated[str | None, "Where in the student's own files it was raised."]
    line: int | None
    caller: Annotated[
        PlaceFacts, "The line of the function asked that called what raised it, if it is another."
    ]
    target: Annotated[str, "The call that was running."]
    cause: Annotated[
        str, "What it comes from, where that is known: python2.print, numpy.float, import."
    ]


class PropertyFacts(TypedDict, total=False):
    """A property that the code lacks; a kind of check may add facts of its own."""

    name: Required[str]
    like: Annotated[str, "The known formula that the measured numbers equal, if any."]
    got: float
    expected: float
    mean: float
    error: float
    parameter: Annotated[str, "The parameter that it is about."]


class StructureFacts(TypedDict):
    """How got and expected are related."""

    kind: StructureKind
    value: NotRequired[Annotated[float | None, "A factor, a size, an axis, or how many rows."]]


class WorstFacts(TypedDict):
    """The element furthest off."""

    index: Shape
    got: NotRequired[Listed]
    expected: NotRequired[Listed]


class HeatFacts(TypedDict):
    """``|got - expected|`` scaled to [0, 1]."""

    shape: Shape
    values: Annotated[list[Annotated[list[Share], Keywords(maxItems=24)]], Keywords(maxItems=24)]


class SourceFacts(TypedDict):
    """The student's own function, as handed in; without a name, lines outside of any."""

    file: str
    name: str
    first: Annotated[int, "The number of its first line.", Keywords(minimum=1)]
    line: NotRequired[Annotated[int | None, "The number of the line that raised."]]
    lines: list[str]


class ExplanationFacts(TypedDict, total=False):
    """What one mechanism found out about a failed check."""

    mechanism: Required[Mechanism]
    text: Required[Annotated[str, "The sentences for the student."]]
    outputs: Annotated[list[str], "The outputs that it is about."]
    misconception: Annotated[str, "Of the catalogue: the id of the known mistake."]
    terms: Annotated[dict[str, str], "Of terms: what each comes in with, by name."]
    file: Annotated[str, "Of a repair: the file of the line that all repairs lie on."]
    line: Annotated[int, "Of a repair: that line.", Keywords(minimum=1)]
    edit: Annotated[str, "Of a repair: the kind of the edit."]
    argument: Annotated[str, "Of a trial: the argument with another value of which it reaches."]
    replaced: Annotated[list[str], "Of a trial: the functions that were the course's in it."]


class CheckEvidence(TypedDict, total=False):
    """What a failed check found. Inputs and expected values are there for public examples only."""

    call: Annotated[str, "The function or method asked."]
    output: Annotated[str, "Which of its outputs."]
    failing: Annotated[
        list[Annotated[int, Keywords(minimum=0)]],
        "How many of the check's examples failed, of how many.",
        Keywords(minItems=2, maxItems=2),
    ]
    example: Annotated[Example, "Where the numbers shown come from."]
    differs: Annotated[
        InputProperty, "What all hidden examples that failed have, and none that passed has."
    ]
    input: Annotated[str, "Python to paste into a cell."]
    statement: Annotated[str, "The call in words of code; follows input."]
    got: Listed
    expected: Listed
    got_shape: Shape
    expected_shape: Shape
    got_dtype: str
    expected_dtype: str
    right_numbers: Annotated[
        bool, "Of an answer in a wrong shape: whether its numbers, laid out as asked, are right."
    ]
    nearly: Annotated[
        str,
        "In what way it is nearly right, in words, where it equals what a known variant gives.",
    ]
    precision: Annotated[
        Precision, "What its numbers are held in, or were on the way, where that shows."
    ]
    worst: WorstFacts
    error: Annotated[
        float, "The relative error, norm-wise unless the notebook's own bound is on elements."
    ]
    bound: Annotated[float, Keywords(minimum=0)]
    structure: StructureFacts
    property: PropertyFacts
    explained_by: Annotated[Mechanism, "What the check's message comes from."]
    came: Annotated[str, "What came, where the message says why instead."]
    explanations: Annotated[
        list[ExplanationFacts], "All that was found out, the most telling first."
    ]
    hint: Annotated[str, "The stronger hint of a course's own kind of check."]
    exception: ExceptionFacts
    source: SourceFacts
    heat: HeatFacts | None
    # Of trained models.
    engine: Annotated[Engine, "What ran the cells that gave this model."]
    data: Annotated[DataKind, "What a model was trained and measured on."]
    accuracy: Annotated[Share | None, "The one that counts."]
    own_accuracy: Annotated[
        Share | None, "Of a model's own scores, where its parameters make no network that has them."
    ]
    accuracies: Annotated[dict[str, Share], "By what they were measured on."]
    ended_early: Annotated[
        bool, "A training was ended where it had reached enough: to its end it may reach more."
    ]
    layers: Annotated[int, "How many layers of weights the model has.", Keywords(minimum=0)]
    shown: Annotated[str, "What the notebook's saved outputs say of the accuracy."]
    histories: Annotated[
        dict[str, list[float]],
        "At most 200 values of each, evenly spaced along the training.",
    ]


class CellFacts(TypedDict):
    """Where one cell of a question stands in the notebook that was handed in."""

    role: Annotated[str, "What it is for: setup, answer, check, plot, save, selfcheck."]
    cell: CellNumber
    found: Found


class QuestionEvidence(TypedDict, total=False):
    """What was found in the notebook.

    Of a written question the answer, as it was read, and its cell; of a code question its cells.
    """

    answer: str
    cell: CellNumber
    found: Annotated[AnswerFound, "How the answer's cell was found."]
    marked_by: Annotated[str, "hand: a person gave the score.", Keywords(const="hand")]
    stale: Annotated[
        list[str], "Figures that saved outputs show and the code doesn't give; they cost nothing."
    ]
    trained_on: Annotated[
        list[str],
        "Images that a model was trained on and that are for another use.",
    ]
    repeated: Annotated[
        list[str], "That a written answer repeats its question, for whoever marks it."
    ]
    cells: list[CellFacts]
