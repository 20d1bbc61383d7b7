"""Runs answers to training questions in processes of their own, and measures what they leave."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from grader.key import Key
from grader.marking.isolation import Isolation, withheld_inputs
from grader.marking.training.answer_cells import AnswerCells, Source
from grader.marking.training.attempt import Attempt, completed, judged, scored
from grader.marking.training.datasets import DataSet
from grader.marking.training.decision import enough, passes, scale_of
from grader.marking.training.kernel_run import GRACE
from grader.marking.training.measure import Measure
from grader.marking.training.pickled import is_pickled
from grader.marking.training.runs import answer_run, facts_run, file_run, lead_run, scores_run
from grader.model.assignment import Assignment, Limits, Question, Scale, Training
from grader.model.steps import Begin, Call, Ends, FindModel
from grader.sandbox import Batch, Bounds, Fault, Package, Sandbox, Session, WallBudget

#: What one training may ask of the reference: a first layer's images cross at every step.
REFERENCE_BOUNDS = Bounds(call_bytes=1 << 25, bytes=1 << 30, wall_seconds=600.0)


@dataclass(frozen=True)
class Task:
    """One training question of one submission, on one data set."""

    question: Question
    package: Package
    cells: AnswerCells
    data: DataSet
    #: Something that it builds on has failed: the model's own scores prove nothing then.
    blind: bool = False
    #: The most CPU seconds that a training may take, where those are fewer than its scale has.
    seconds: float = math.inf
    #: A training may end once it has reached what is asked, by the validation images.
    ends_early: bool = False

    @property
    def training(self) -> Training:
        assert self.question.training is not None
        return self.question.training

    @property
    def scale(self) -> Scale:
        scale = scale_of(self.training, self.data.kind)
        return replace(scale, cpu_seconds=min(scale.cpu_seconds, self.seconds))

    @property
    def measures(self) -> Sequence[Measure]:
        """The images that the model is measured on."""
        first = self.training.first
        return [self.data.firsts[first]] if first else self.data.measures


class Attempts:
    """Runs one training, or measures one saved model, in a fresh process.

    With the course's own package, *reference*, functions can be answered for in it.
    ``cpu_seconds`` counts what all processes so far have used; ``budget`` is the wall time that
    those of one submission share. ``bounds`` are those of what may be asked of the reference,
    where they are other than :data:`REFERENCE_BOUNDS`.
    """

    def __init__(
        self, assignment: Assignment, key: Key, sandbox: Sandbox, reference: Package | None
    ) -> None:
        self._assignment, self._sandbox, self._reference = assignment, sandbox, reference
        self._parts, self._models = key.parts, assignment.models
        self._withheld = withheld_inputs(key)
        self._batches: dict[tuple[str, int, int], Batch] = {}
        self.cpu_seconds = 0.0
        self.budget: WallBudget | None = None
        self.bounds: Bounds | None = None

    def apart(self, budget: WallBudget, bounds: Bounds) -> Attempts:
        """Return the same with counts, a *budget* and *bounds* of its own."""
        other = copy(self)
        other.cpu_seconds, other.budget, other.bounds = 0.0, budget, bounds
        return other

    def measure(self, task: Task, saved: bytes) -> Attempt:
        """Measure the model in the file *saved*.

        Raises :class:`~grader.sandbox.Fault` when the grader's own side broke.
        """
        load = Call("model", task.training.load, [{"$": "file"}])
        file = {"file": np.frombuffer(saved, np.uint8)}
        handed = file_run(load, file)
        run = scores_run(load, task.measures, file, self._models)
        with self._session(replace(task.package, notebook=False), task.scale) as session:
            facts = session.ask(Batch([handed]))[0].outcomes[0]
            outcome = session.ask(Batch([run], once=True))[0].outcomes[0]
            attempt = judged(outcome, task.measures, self._models, facts, blind=task.blind)
        self.cpu_seconds += session.usage.cpu_seconds
        # What was said before there was a hidden image.
        said = facts.failed.text if facts.failed else ""
        return replace(scored(attempt, task.data), pickled=is_pickled(saved, said))

    def run(self, task: Task, seed: int, answered: Sequence[str] = ()) -> Attempt:
        """Run the answer's cells; with the student's earlier cells before them, if they need those.

        Where a training was ended early and its model misses, they run again to their end. The
        reference answers for the functions of the questions *answered*.

        Raises :class:`~grader.sandbox.Fault` when the grader's own side broke.
        """
        cells, lead = task.cells, task.cells.given
        attempt = self._run(task, lead, seed, answered)
        if attempt.ended and attempt.ended.type == "NameError" and cells.before:
            lead = (*lead, *cells.before)
            attempt = self._run(task, lead, seed, answered)
        # A cell can also raise since a history is shorter than it would be.
        done = passes(task.training, attempt, task.scale) and not attempt.ended
        if attempt.left.unsure or (attempt.left.stopped and not done):
            attempt = self._run(replace(task, ends_early=False), lead, seed, answered)
        return attempt

    def _run(
        self, task: Task, lead: Sequence[Source], seed: int, answered: Sequence[str]
    ) -> Attempt:
        measures, names = task.measures, task.training.names
        package = replace(task.package, notebook=True)
        with self._session(package, task.scale, answered) as session:
            there = session.ask(self._data(task))[0].outcomes[0]
            if there.failed and self.budget is not None and self.budget.spent:
                return Attempt(failure=there.failed)
            if there.failed:
                raise Fault(f"The notebook's data could not be made: {there.failed.text}")
            seconds = task.scale.cpu_seconds
            session.ask(Batch([lead_run(task.cells, lead, seed, seconds, self._begin(task))]))
            run = answer_run(task.cells, lead, seed, seconds)
            ran = session.ask(Batch([run]))[0].outcomes[0]
            find = FindModel("model", list(names), self._models.method)
            asked = facts_run(task.training, self._models, task.data)
            facts = session.ask(Batch([asked]))[0].outcomes[0]
            # What is printed from here on may be a hidden image's.
            printed = session.printed
            asked = scores_run(find, measures, {}, self._models)
            outcome = session.ask(Batch([asked], once=True))[0].outcomes[0]
            attempt = judged(outcome, measures, self._models, facts, blind=task.blind)
        self.cpu_seconds += session.usage.cpu_seconds
        return completed(attempt, ran, facts, printed, task.training, task.data)

    def _begin(self, task: Task) -> Begin:
        models, training = self._models, task.training
        begin = Begin("begin", models.method, training.calls, task.data.variable)
        if not task.ends_early:
            return begin
        noted = models.histories.get("val_acc_history", "")
        others = [name for name in models.histories.values() if name != noted]
        ends = Ends(models.stop, noted, enough(task.scale), others)
        return begin._replace(ends=ends)

    @contextmanager
    def _session(
        self, package: Package, scale: Scale, answered: Sequence[str] = ()
    ) -> Iterator[Session]:
        limits = Limits(
            question_cpu_seconds=2 * scale.cpu_seconds + GRACE,
            submission_cpu_seconds=4 * scale.cpu_seconds + GRACE,
            memory_mb=scale.memory_mb,
            output_kb=self._assignment.limits.output_kb,
        )
        if not answered or self._reference is None:
            with self._sandbox.start(package, limits=limits, budget=self.budget) as session:
                yield session
            return
        with Isolation(
            self._sandbox,
            package,
            self._reference,
            self._parts,
            limits,
            self.bounds or REFERENCE_BOUNDS,
            budget=self.budget,
            withheld=self._withheld,
        ) as isolation:
            yield isolation.session(answered)
        self.cpu_seconds += isolation.reference_cpu_seconds

    def _data(self, task: Task) -> Batch:
        """Return the run that gives a notebook its data; the whole data set's isn't kept."""
        data, first = task.data, task.training.first
        if data.kind == "full":
            return Batch([data.run(first)])
        name = data.kind, len(data.train[1]), first
        if name not in self._batches:
            self._batches[name] = Batch([data.run(first)])
        return self._batches[name]
