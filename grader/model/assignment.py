"""An assignment's manifest as data: files, questions, points, limits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from grader.model.checks import NEARLY_SHARE
from grader.model.literals import Hints, Kind, ModelAnswer, NetworkKind
from grader.model.problem import Problem

#: Kinds of questions: functions of the package, a model that a notebook trains, a text.
KINDS: tuple[Kind, ...] = get_args(Kind)
#: When a student's own checks give the stronger hint.
HINTS: tuple[Hints, ...] = get_args(Hints)


class ManifestError(Problem, ValueError):
    """The manifest is wrong; the message names the entry and what it should be."""


@dataclass(frozen=True)
class Files:
    """Which files of the package are whose; paths are relative to the package, with slashes."""

    student: tuple[str, ...]
    shared: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def taken(self) -> tuple[str, ...]:
        """What is read from a submission: all else in it is passed over."""
        return self.student + self.shared


@dataclass(frozen=True)
class Limits:
    """What one submission may use. CPU time in seconds; the wall limit is five times that."""

    question_cpu_seconds: float = 2.0
    submission_cpu_seconds: float = 20.0
    memory_mb: int = 512
    output_kb: int = 64


@dataclass(frozen=True)
class ExplainingLimits:
    """What finding out why something failed may use for one submission, beyond its marking.

    ``training_seconds`` is CPU time for trainings of the same with other parts or arguments,
    ``cpu_seconds`` that of the search for the line of a mistake; with 0 there is none.
    """

    training_seconds: float = 20.0
    cpu_seconds: float = 5.0


@dataclass(frozen=True)
class Data:
    """A data set that the notebooks read from a folder on each person's machine.

    ``variable`` is the environment variable that names the folder; without it, it is ``cache``
    below the user's cache folder.
    """

    title: str
    variable: str
    cache: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Outputs:
    """Where `grader build` writes, relative to the assignment's folder."""

    template: str = "../student_template"
    key: str = "../reference_outputs"


@dataclass(frozen=True)
class NotebookEntry:
    name: str
    title: str


@dataclass(frozen=True)
class Images:
    """Where the images come from that a notebook trains on and that models are measured on.

    The functions are the package's own (``module:name``). *split* takes training and validation
    images with their labels, test images with theirs and how many train, and returns the
    notebook's data, the variable *variable*; *drawn* takes a count and a seed, *stored* the
    number of a file of the data set and its folder, and both return images and labels. The first
    *parts* files hold the training images, the one after them the test images. ``short`` counts
    the drawn images that train, validate and are hidden, ``full`` those of the data set. Where
    *drawn* has an option for the seed of what tells the classes apart, *classes_option* names it:
    the key's secret is that seed, so that nothing a student has tells of the hidden images.
    *drawn_options* are further arguments of *drawn*, by name: what makes a small set tell as well
    as a larger one who has learned. A model may be less accurate by *allowance* on mirrored and
    shifted images than on the originals.
    Without *stored* there is no data set on disk. *names* are the keys of the notebook's data
    where they aren't ``X_train``, ``y_train``, ``X_val``, ``y_val``, ``X_test`` and ``y_test``,
    by these.
    """

    variable: str
    split: str
    drawn: str
    short: tuple[int, int, int]
    stored: str = ""
    parts: int = 0
    full: tuple[int, int, int] = (0, 0, 0)
    classes_option: str = ""
    drawn_options: Mapping[str, float] = field(default_factory=dict)
    allowance: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, part: str) -> str:
        """Return the notebook's name of a *part* of its data: ``X_train`` to ``y_test``."""
        return self.names.get(part, part)


#: What a model answers: scores by class, a class for each input, or numbers to come near to.
ANSWERS: tuple[ModelAnswer, ...] = get_args(ModelAnswer)
#: The folder of the rows, beside a manifest and in what students download.
CHECKS_FOLDER = "checks"
#: Where a course says what right outputs are made of; no student gets it.
TERMS_FOLDER = "terms"
#: What a training keeps of its course, by the name that results give it.
HISTORIES = ("loss_history", "train_acc_history", "val_acc_history")


@dataclass(frozen=True)
class Models:
    """What training questions know of a trained model; the defaults are those of a solver.

    ``method`` is what is called on a model with inputs: the name of a method, or ``__call__`` where
    the notebook's variable is a function. ``train`` is the method of a solver that trains its
    model. A solver's class with the attribute ``stop`` asks what is set there after each accuracy
    that it notes, as its method, and ends the training where that returns True. ``answers`` says
    what comes: ``scores`` (N, C), whose largest is the class; ``classes`` (N,), compared with the
    labels; ``values`` (N,), whose share of explained variance (R squared, no less than 0) counts as
    the accuracy. ``histories`` maps each of :data:`HISTORIES` to the attribute that holds it.
    ``seeds`` are those of numpy before each cell: the first one, and at ``full`` the others, where
    the first one misses. ``noun`` is what sentences call the inputs. With ``network`` a model is
    scored by its parameters (:mod:`grader.numeric.networks`): ``fully-connected`` is the one kind
    that is known. Without it, what the method returns counts.
    """

    method: str = "loss"
    train: str = "train"
    stop: str = ""
    answers: ModelAnswer = "scores"
    histories: Mapping[str, str] = field(default_factory=lambda: {name: name for name in HISTORIES})
    seeds: tuple[int, ...] = (231, 232, 233)
    noun: str = "images"
    network: NetworkKind = ""


@dataclass(frozen=True)
class Scale:
    """What an accuracy earns: nothing at *zero*, all points from *reach* on, evenly between."""

    reach: float
    zero: float
    cpu_seconds: float
    memory_mb: int

    def share(self, accuracy: float) -> float:
        """Return the share of the points that *accuracy* earns."""
        if accuracy >= self.reach:
            return 1.0
        return max(0.0, (accuracy - self.zero) / (self.reach - self.zero))


@dataclass(frozen=True)
class Training:
    """How a training question is judged: by the accuracy of the model that its cell leaves.

    ``names`` are the variables that may hold the model, in order. With ``first``, what counts is
    the accuracy on that many first training images, else that on hidden ones. ``saved`` is the
    file that may stand for the training, ``load`` the function of the package that makes a model
    of its bytes. ``leaderboard``: a class may be shown who reaches what, under pseudonyms. With
    ``layers``, the model must have that many layers of weights, where that can be told; with
    ``epochs``, what it is to reach must be reached within so many, by the solver's own history.
    ``calls`` are what its cell calls, by which it is found in another edition of the notebook.
    """

    names: tuple[str, ...]
    short: Scale
    full: Scale
    first: int = 0
    saved: str = ""
    load: str = ""
    leaderboard: bool = False
    layers: int = 0
    epochs: int = 0
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question has points and belongs to a notebook."""

    id: str
    notebook: str
    title: str
    points: float
    kind: Kind = "code"
    file: str = ""
    functions: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()
    notes_url: str = ""
    training: Training | None = None


@dataclass(frozen=True)
class Assignment:
    """The whole manifest. ``given`` maps a module to the names in it that are the course's.

    ``own_forward_share`` is what a backward pass that is right for the student's own wrong
    forward pass earns of its gradient points.
    ``nearly_share`` is what a nearly right answer loses of its points: one that is off by no more
    than 1e-6, or that equals what a declared variant of the reference gives.
    ``hints`` says when one's own checks say more about a failure: ``never``, ``stepwise`` (from
    the second time on) or ``always``.
    ``policy`` are the course's rules for points and time, as ``policy.toml`` may hold them.
    """

    id: str
    title: str
    package: str
    aliases: tuple[str, ...]
    files: Files
    given: Mapping[str, tuple[str, ...]]
    limits: Limits
    notebooks: tuple[NotebookEntry, ...]
    questions: tuple[Question, ...] = field(default=())
    own_forward_share: float = 0.5
    nearly_share: float = NEARLY_SHARE
    images: Images | None = None
    hints: Hints = "stepwise"
    data: Data | None = None
    outputs: Outputs = field(default_factory=Outputs)
    models: Models = field(default_factory=Models)
    explaining: ExplainingLimits = field(default_factory=ExplainingLimits)
    policy: Mapping[str, object] = field(default_factory=dict)

    @property
    def package_names(self) -> tuple[str, ...]:
        return (self.package, *self.aliases)

    @property
    def ranked(self) -> frozenset[str]:
        """Return the ids of the questions that a leaderboard shows."""
        return frozenset(q.id for q in self.questions if q.training and q.training.leaderboard)

    def question(self, id: str) -> Question:
        """Return the question of that id; :class:`KeyError` if there is none."""
        for question in self.questions:
            if question.id == id:
                return question
        raise KeyError(id)

    def require_notebooks(self, notebooks: Iterable[str]) -> None:
        """Raise :class:`ManifestError` for a name that is none of the notebooks'."""
        names = [notebook.name for notebook in self.notebooks]
        for name in notebooks:
            if name not in names:
                raise ManifestError(
                    f"there is no notebook {name}: the manifest has {', '.join(names)}"
                )

    def builds_on(self, question: Question) -> tuple[Question, ...]:
        """Return the questions that *question* builds on."""
        return tuple(self.question(id) for id in question.builds_on)

    def code_questions(self, notebooks: tuple[str, ...]) -> tuple[Question, ...]:
        """Return the code questions of the named notebooks, in the manifest's order."""
        return self.asked(notebooks, ["code"])

    def asked(self, notebooks: tuple[str, ...], kinds: Collection[Kind]) -> tuple[Question, ...]:
        """Return the questions of those kinds in the named notebooks, in the manifest's order."""
        return tuple(q for q in self.questions if q.kind in kinds and q.notebook in notebooks)
