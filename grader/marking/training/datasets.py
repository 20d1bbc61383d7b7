"""The images that models are trained and measured on, with the labels, which stay here.

The course's own functions make them in a process of their own. Drawn images are made in a confined
process; a data set on disk is read in an unconfined one, which may read files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from grader.key import Key, streams
from grader.marking.training.measure import Measure
from grader.model.assignment import Assignment, Images, Limits
from grader.model.literals import DataKind
from grader.model.programs import Program, Run
from grader.model.steps import Assign, Call, Keep
from grader.model.trees import Array, Tree
from grader.numeric.moved import mirrored, noisy
from grader.sandbox import Batch, Fault, Package, Sandbox, Session

_PATIENT = Limits(question_cpu_seconds=120, submission_cpu_seconds=600, memory_mb=4096)
#: How many images are prepared in one call: 50 MB of them.
_AT_ONCE = 2000
#: How many training images a trial has in which every step's arrays cross between processes.
FEW = 500

Pixels = tuple[Array, Array]


@dataclass(frozen=True)
class DataSet:
    """The data that a notebook trains on, and the images that its models are measured on.

    ``kind`` is ``short`` or ``full``. ``names`` are the notebook's, of training images and
    labels, then of validation images and labels; ``images`` are those of all images. ``firsts``
    are measures on that many first training images.
    """

    kind: DataKind
    train: Pixels
    validation: Pixels
    test: Pixels
    measures: tuple[Measure, ...]
    firsts: Mapping[int, Measure]
    allowance: float
    split: str
    variable: str
    names: tuple[str, ...]
    images: tuple[str, ...]

    def run(self, first: int = 0) -> Run:
        """Return the run that gives a notebook its data.

        With *first*, the first training images validate as well: a solver then keeps the model
        that is best on them, which is the one that a question about them asks for.
        """
        images, labels = self.train
        seen = (images[:first], labels[:first]) if first else self.validation
        inputs = {
            "images": np.concatenate([images, seen[0]]),
            "labels": np.concatenate([labels, seen[1]]),
            "test_images": self.test[0],
            "test_labels": self.test[1],
        }
        given: list[Tree] = [{"$": name} for name in inputs]
        program = Program(
            (
                Call("data", self.split, [*given, len(labels)]),
                Assign(self.variable, {"@": "data"}),
                Keep("there", True),
            ),
            {"there": {"@": "there"}},
        )
        return Run("data", program, [inputs])

    @property
    def classes(self) -> int:
        """How many classes the training images are of."""
        return len(np.unique(self.train[1]))

    def score(self, accuracies: Mapping[str, float]) -> float:
        """Return the accuracy that counts, of those measured.

        Of a data set on disk it is that on its moved test images, as if they hadn't been moved, and
        no more than that on the validation images, by which the student has chosen the model.
        """
        if "test" not in accuracies:
            return next(iter(accuracies.values()))
        return min(accuracies["validation"], accuracies["test"] + self.allowance)


class Absent(Exception):
    """The data set isn't on this machine, or can't be read; the message says what to do."""


class DataSets:
    """The data sets of one assignment, each made when it is first asked for.

    *folder* is where the data set's files are; ``None``: they aren't there.
    """

    def __init__(
        self, assignment: Assignment, key: Key, sandbox: Sandbox, folder: str | None
    ) -> None:
        assert assignment.images is not None
        self._images: Images = assignment.images
        self._answers = assignment.models.answers
        self._firsts = {q.training.first for q in assignment.questions if q.training} - {0}
        self._secret, self._sandbox, self._folder = key.secret, sandbox, folder
        self._package = Package(assignment.package, {}, key.given, {})

    @cached_property
    def short(self) -> DataSet:
        """Images drawn from the key's secret: each part, and how classes look, by its own stream.

        Raises :class:`Absent` or :class:`~grader.sandbox.Fault` where they can't be made.
        """
        train, validation, hidden = self._images.short
        with self._sandbox.start(self._package, limits=_PATIENT) as session:
            known = self._drawn(session, train + validation, "known images")
            test = self._drawn(session, validation, "test images")
            unseen = self._drawn(session, hidden, "images")
            return self._made("short", session, known, test, {"hidden": unseen})

    @cached_property
    def stand_in(self) -> DataSet | None:
        """The drawn images that everyone has; ``None`` where they are of the same classes.

        Raises :class:`Absent` or :class:`~grader.sandbox.Fault` where they can't be made.
        """
        if not self._images.classes_option:
            return None
        train, validation, _ = self._images.short
        with self._sandbox.start(self._package, limits=_PATIENT) as session:
            known, test = (
                _pixels(_call(session, self._images.drawn, [count, seed], {}))
                for seed, count in enumerate((train + validation, validation))
            )
            return self._made("short", session, known, test, {"stand-in": test})

    @cached_property
    def few(self) -> DataSet:
        """The first :data:`FEW` drawn training images, on which a model is measured as well.

        Raises :class:`Absent` or :class:`~grader.sandbox.Fault` where they can't be made.
        """
        train, test = _some(self.short.train, 0, FEW), self.short.test
        with self._sandbox.start(self._package, limits=_PATIENT) as session:
            known = _joined([train, train])
            return self._made("short", session, known, test, {"few": train}, count=len(train[1]))

    @cached_property
    def full(self) -> DataSet:
        """The data set on disk; its hidden images are mirrored, shifted copies.

        Raises :class:`Absent` where it isn't on this machine, and
        :class:`~grader.sandbox.Fault` where the course's functions give no images.
        """
        if not self._images.stored:
            raise Absent("The assignment has no data set on disk: use --train short.")
        if self._folder is None:
            raise Absent("The data set is not on this machine: `grader doctor` says where it goes.")
        train, validation, hidden = self._images.full
        with (
            Sandbox(_PATIENT, level="none", allow_unsandboxed=True) as sandbox,
            sandbox.start(self._package) as session,
        ):
            *parts, tests = [self._stored(session, n) for n in range(self._images.parts + 1)]
            known = _some(_joined(parts), 0, train + validation)
            seen = _some(known, train, validation)
            # The notebook's own test images come first; the hidden ones are others.
            unseen = _some(tests, max(0, min(validation, len(tests[1]) - hidden)), hidden)
            measured = {
                "validation": seen,
                "test": (self._moved("test", unseen), unseen[1]),
            }
            return self._made("full", session, known, _some(tests, 0, validation), measured)

    def _made(
        self,
        kind: DataKind,
        session: Session,
        known: Pixels,
        test: Pixels,
        measured: dict[str, Pixels],
        count: int = 0,
    ) -> DataSet:
        """Return the data set of *known* images, of which the first *count* train."""
        count = count or (self._images.short if kind == "short" else self._images.full)[0]
        names = list(measured)
        firsts = {f"first {first}": _some(known, 0, first) for first in self._firsts}
        shuffled = {
            name: _shuffled(pixels, streams.stream(self._secret, f"order of {name}"))
            for name, pixels in {**measured, **firsts}.items()
        }
        ready = self._prepared(session, known, count, [p[0] for p in shuffled.values()])
        measures = {
            name: Measure(name, X, pixels[1], self._answers)
            for (name, pixels), X in zip(shuffled.items(), ready, strict=True)
        }
        return DataSet(
            kind=kind,
            train=_some(known, 0, count),
            validation=_some(known, count, len(known[1])),
            test=test,
            measures=tuple(measures[name] for name in names),
            firsts={
                first: replace(m, X=noisy(m.X, streams.stream(self._secret, f"noise of {first}")))
                for first in self._firsts
                for m in [measures[f"first {first}"]]
            },
            allowance=self._images.allowance,
            split=self._images.split,
            variable=self._images.variable,
            names=tuple(map(self._images.name, ("X_train", "y_train", "X_val", "y_val"))),
            images=tuple(map(self._images.name, ("X_train", "X_val", "X_test"))),
        )

    def _moved(self, name: str, pixels: Pixels) -> Array:
        return mirrored(pixels[0], streams.stream(self._secret, f"shifts of {name}"))

    def _drawn(self, session: Session, count: int, purpose: str) -> Pixels:
        """Return images that the course draws by the secret's stream for a *purpose*."""
        given = {"seed": streams.words(self._secret, purpose)}
        options: dict[str, Tree] = {**self._images.drawn_options}
        if self._images.classes_option:
            given["classes"] = streams.words(self._secret, "patterns")
            options[self._images.classes_option] = {"$": "classes"}
        arguments: list[Tree] = [count, {"$": "seed"}]
        return _pixels(_call(session, self._images.drawn, arguments, given, options=options))

    def _stored(self, session: Session, number: int) -> Pixels:
        return _pixels(_call(session, self._images.stored, [number, self._folder], {}))

    def _prepared(
        self, session: Session, known: Pixels, count: int, pixels: Sequence[Array]
    ) -> list[Array]:
        """Return *pixels* as a notebook's data would have them (less the mean image, say)."""
        name = self._images.name("X_test")
        every = np.concatenate(pixels)
        done = []
        for start in range(0, len(every), _AT_ONCE):
            part = every[start : start + _AT_ONCE]
            given = {"i": known[0], "l": known[1], "t": part, "n": np.zeros(len(part), np.int64)}
            arguments = [*({"$": name} for name in given), count]
            found = _call(session, self._images.split, arguments, given, name)
            if not isinstance(found, np.ndarray) or len(found) != len(part):
                raise Fault(f"{self._images.split} gave no images in {name}.")
            done.append(found)
        ends = np.cumsum([len(part) for part in pixels])[:-1]
        return [np.asarray(part) for part in np.split(np.concatenate(done), ends)]


def _call(
    session: Session,
    target: str,
    args: Sequence[Tree],
    inputs: Mapping[str, Tree],
    *item: str,
    options: Mapping[str, Tree] | None = None,
) -> Tree:
    """Call a function of the course's. Raises :class:`Absent` with its message where it fails."""
    call = Call("out", target, list(args), options or {})
    program = Program((call,), {"out": {"@": "out", "item": [*item]}})
    (reply,) = session.ask(Batch([Run(target, program, [inputs])]))
    (outcome,) = reply.outcomes
    if outcome.failed:
        raise Absent(outcome.failed.text or f"{target} failed: {outcome.failed.stage}.")
    return outcome.gave["out"]


def _pixels(found: Tree) -> Pixels:
    if not (
        isinstance(found, list)
        and len(found) == 2
        and all(isinstance(part, np.ndarray) for part in found)
        and len(found[0]) == len(found[1])
    ):
        raise Fault("The course's own function gave no images with labels.")
    return found[0], found[1]


def _some(pixels: Pixels, start: int, count: int) -> Pixels:
    return pixels[0][start : start + count], pixels[1][start : start + count]


def _shuffled(pixels: Pixels, draw: np.random.Generator) -> Pixels:
    """Return images in another order: the place of one says nothing of its label."""
    order = draw.permutation(len(pixels[1]))
    return pixels[0][order], pixels[1][order]


def _joined(parts: Sequence[Pixels]) -> Pixels:
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
