"""Why a training falls short: the same training again, with one thing about it the course's own.

First the student's arguments with the course's own code throughout, in a process that holds no
code of the student's. If that falls short as well, the arguments are at fault, and one after
another is tried with other values. Else the student's cells run again, each time with one part
answered for by the reference. What doesn't fit into the time that there is for it, or doesn't come
out clearly, is not said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from grader.key import Key
from grader.marking.training.arguments import Arguments
from grader.marking.training.attempt import Attempt
from grader.marking.training.attempts import Attempts, Task
from grader.marking.training.datasets import FEW, DataSets
from grader.marking.training.repeats import Repeated, Repeats, repeated, share
from grader.model.assignment import Assignment, Question
from grader.model.checks import Replaceable
from grader.model.verdicts import QuestionResult
from grader.sandbox import Package

#: What came out: an argument; the arguments, of which none alone mends it; a part, on all images or
#: on a few; the code, of which no part alone mends it.
Said = Literal["argument", "arguments", "part", "few", "code"]
#: How much more of what is asked a part has to bring, and how much more accuracy on few images;
#: and how near to the course's own code throughout it has to come on them.
_MORE, _MORE_ON_FEW, _NEAR = 0.2, 0.1, 0.05


@dataclass(frozen=True)
class TrialFinding:
    """What trials of one training have shown; accuracies are shares.

    ``own`` is what the student's arguments reach with the course's own code, or what the student's
    cells reach on ``count`` images; ``reached`` is what comes of the one change: of an ``argument``
    or of ``functions`` that are the course's.
    """

    said: Said
    own: float
    reached: float = 0.0
    argument: str = ""
    functions: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class TriedPart:
    """Functions that the reference answers for together, and the questions about them.

    ``layers``: they keep something for one another, and images cross at every step.
    """

    questions: tuple[str, ...]
    functions: tuple[str, ...]
    failed: bool
    layers: bool


class TrainingTrials:
    """Tries the trainings of one submission after another, with the *course*'s own package."""

    def __init__(
        self, assignment: Assignment, key: Key, attempts: Attempts, course: Package, data: DataSets
    ) -> None:
        self._assignment, self._data = assignment, data
        self._parts, self._others = key.parts, key.trials
        self._seeds = assignment.models.seeds[:2]
        #: By question: what the student's own cells reach from another seed.
        self._again: dict[str, float | None] = {}
        seconds = assignment.explaining.training_seconds
        self._repeats = Repeats(attempts, course, assignment.models.train, seconds)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that they have used so far."""
        return self._repeats.cpu_seconds

    def why(
        self, task: Task, attempt: Attempt, failed: Sequence[QuestionResult]
    ) -> TrialFinding | None:
        """Return why the *attempt* at *task* falls short; ``None`` where that doesn't show.

        *failed* are the results that aren't right of what it builds on.

        Raises :class:`~grader.sandbox.Fault` when the grader's own side broke, and
        :class:`~grader.marking.training.datasets.Absent` where there are no images.
        """
        kept = attempt.left.kept
        if kept is None or kept.made is None or not kept.steps or attempt.ended or attempt.cut:
            return None
        own = attempt.accuracy
        if task.data.kind != "short":
            task = replace(task, data=self._data.short)
            own = self._repeats.of_cells(task, self._seeds[0])
        if own is None or own >= task.scale.reach:
            return None
        # In another data set, the same training has another number of steps.
        steps = kept.steps if task.data.kind == "short" else 0
        whole = self._outcome(task, kept.made, steps)
        if whole.misses:
            return self._argument(task, kept.made, whole.accuracy)
        if whole.reaches:
            return self._part(task, kept.made, own, whole.accuracy, failed)
        return None

    def _outcome(self, task: Task, arguments: Arguments, steps: int = 0) -> Repeated:
        """Return what the course's own code comes to with *arguments*."""
        run = partial(self._repeats.of_arguments, task, arguments, steps=steps)
        return repeated(task.scale, self._seeds, run)

    def _argument(self, task: Task, arguments: Arguments, own: float) -> TrialFinding:
        """Return which argument is at fault: the first whose change alone reaches what is asked."""
        for other in self._others.get(task.question.id, ()):
            for value in other.values:
                changed = arguments.changed(other.argument, value)
                found = self._outcome(task, changed) if changed else Repeated()
                if found.reaches:
                    return TrialFinding("argument", own, found.accuracy, argument=other.name)
        return TrialFinding("arguments", own)

    def _part(
        self,
        task: Task,
        arguments: Arguments,
        own: float,
        whole: float,
        failed: Sequence[QuestionResult],
    ) -> TrialFinding | None:
        """Return which part is at fault: the first with which, as the course's, it reaches."""
        parts = list(self._candidates(task.question, arguments.words, {r.id for r in failed}))
        for part in parts:
            if part.layers and not task.training.first:
                found = self._on_few(task, arguments, part)
            else:
                found = self._on_all(task, own, part)
            if found:
                return found
        return TrialFinding("code", own, whole) if self._misses_again(task) else None

    def _on_all(self, task: Task, own: float, part: TriedPart) -> TrialFinding | None:
        # A part that isn't known to be wrong must not be blamed for chance. From one seed, the
        # same images come in the same order, so what else differs is the part's.
        if not part.failed and not self._misses_again(task):
            return None
        reached = self._repeats.of_cells(task, self._seeds[0], part.questions)
        if reached is None or reached < task.scale.reach:
            return None
        if share(reached, task.scale) - share(own, task.scale) < _MORE:
            return None
        return TrialFinding("part", own, reached, functions=part.functions)

    def _misses_again(self, task: Task) -> bool:
        """Say whether the student's own cells fall short from another seed, too."""
        if task.question.id not in self._again:
            self._again[task.question.id] = self._repeats.of_cells(task, self._seeds[-1])
        again = self._again[task.question.id]
        return again is not None and again < task.scale.reach

    def _on_few(self, task: Task, arguments: Arguments, part: TriedPart) -> TrialFinding | None:
        """Return a finding on few images, and of them: there, every step can be asked about."""
        few = replace(task, data=self._data.few)
        shown: list[tuple[float, float]] = []
        for seed in self._seeds[: 1 if part.failed else 2]:
            own = self._repeats.of_cells(few, seed)
            whole = self._repeats.of_arguments(few, arguments, seed)
            if own is None or whole is None or whole < own + _MORE_ON_FEW:
                return None
            shown.append((own, whole))
        own, whole = shown[0]
        found = self._repeats.of_cells(few, self._seeds[0], part.questions)
        if found is None or found < max(own + _MORE_ON_FEW, whole - _NEAR):
            return None
        return TrialFinding("few", own, found, functions=part.functions, count=FEW)

    def _candidates(
        self, question: Question, words: frozenset[str], failed: Collection[str]
    ) -> Iterator[TriedPart]:
        """Yield the parts that may be at fault: those that an argument names before the layers.

        Those are the failed ones, or all where none has failed. What isn't a layer is used only
        if an argument names it, whether or not the question builds on it.
        """
        named = (q for q in self._assignment.questions if words.intersection(q.functions))
        by_parts: dict[frozenset[Replaceable], list[Question]] = {}
        for each in dict.fromkeys((*_below(self._assignment, question), *named)):
            if each.id in self._parts:
                by_parts.setdefault(frozenset(self._parts[each.id]), []).append(each)
        known = [_part(parts, about, failed) for parts, about in by_parts.items()]
        used = [part for part in known if part.layers or words.intersection(part.functions)]
        wrong = [part for part in used if part.failed]
        yield from sorted(wrong or used, key=lambda part: part.layers)


def _part(
    parts: Collection[Replaceable], about: Sequence[Question], failed: Collection[str]
) -> TriedPart:
    """Return the *parts* as one; it is called by the functions that failed, or by all."""
    named = [question for question in about if question.id in failed] or about
    return TriedPart(
        questions=tuple(question.id for question in about),
        functions=tuple(name for question in named for name in question.functions),
        failed=any(question.id in failed for question in about),
        layers=any(part.handle is not None for part in parts),
    )


def _below(assignment: Assignment, question: Question) -> Iterator[Question]:
    """Yield all that *question* builds on, at any depth, each once."""
    seen: dict[str, Question] = {}
    waiting = list(assignment.builds_on(question))
    while waiting:
        other = waiting.pop(0)
        if other.id not in seen:
            seen[other.id] = other
            waiting += assignment.builds_on(other)
    yield from seen.values()
