"""A training once more, in another way, within what is left of a submission's time for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.marking.training.answer_cells import AnswerCells, Source
from grader.marking.training.arguments import Arguments
from grader.marking.training.attempt import Attempt
from grader.marking.training.attempts import Attempts, Task
from grader.model.assignment import Limits, Scale
from grader.sandbox import Bounds, Package, WallBudget

#: Less than this many CPU seconds are too few for another training.
_LEAST = 0.5
#: The share of what is asked (0 at ``zero``, 1 at ``reach``) up to which one run clearly misses,
#: and from which on one clearly reaches: between the two a run from another seed has to agree.
_MISSES, _REACHES = 0.5, 1.2
#: How often, and how much, the reference may be asked: at every step, with images.
_CALLS, _CALL_BYTES, _BYTES = 1 << 20, 1 << 25, 1 << 33


@dataclass(frozen=True)
class Repeated:
    """What comes of a training whatever the seed; neither of the two where that doesn't show.

    ``accuracy`` is the one of its runs that is nearest to what was asked.
    """

    accuracy: float = 0.0
    reaches: bool = False
    misses: bool = False


def share(accuracy: float, scale: Scale) -> float:
    """Return how much of what is asked an accuracy is: 0 at ``zero``, 1 at ``reach``."""
    return (accuracy - scale.zero) / (scale.reach - scale.zero)


def repeated(scale: Scale, seeds: Sequence[int], run: Callable[[int], float | None]) -> Repeated:
    """Return what comes of a training, of which *run* gives the accuracy with one of *seeds*.

    It gives ``None`` where none came of it.
    """
    first = run(seeds[0])
    if first is None:
        return Repeated()
    reaches = share(first, scale) >= _REACHES
    if reaches or share(first, scale) <= _MISSES:
        return Repeated(first, reaches, not reaches)
    second = run(seeds[-1])
    if second is None or (first >= scale.reach) != (second >= scale.reach):
        return Repeated()
    if first >= scale.reach:
        return Repeated(min(first, second), reaches=True)
    return Repeated(max(first, second), misses=True)


class Repeats:
    """Repeats the trainings of one submission, with *seconds* of CPU time for all.

    *attempts* runs them; *course* is the course's own package, and *train* its solver's method.
    """

    def __init__(self, attempts: Attempts, course: Package, train: str, seconds: float) -> None:
        self._course, self._train, self._seconds = course, train, seconds
        budget = WallBudget(Limits(submission_cpu_seconds=seconds))
        wall = budget.seconds
        bounds = Bounds(_CALLS, _CALL_BYTES, _BYTES, seconds, wall)
        self._attempts = attempts.apart(budget, bounds)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that they have used so far."""
        return self._attempts.cpu_seconds

    def of_arguments(
        self, task: Task, arguments: Arguments, seed: int, steps: int = 0
    ) -> float | None:
        """Return what the course's own code reaches with *arguments*.

        ``None`` where that isn't known, or where it takes another number of *steps* (0: any).
        Raises :class:`~grader.sandbox.Fault` when the grader's own side broke.
        """
        code = arguments.cell(task.training.names[0], task.data.variable, self._train)
        cells = AnswerCells(task.cells.setup, (Source(code, "the training again"),))
        found = self._run(replace(task, package=self._course, cells=cells), seed, ())
        kept = found.left.kept if found else None
        if found is None or kept is None or (steps and kept.steps != steps):
            return None
        return found.accuracy

    def of_cells(self, task: Task, seed: int, answered: Sequence[str] = ()) -> float | None:
        """Return what the student's cells reach, the reference answering for questions *answered*.

        ``None`` where that isn't known. Raises :class:`~grader.sandbox.Fault` as
        :meth:`of_arguments` does.
        """
        found = self._run(task, seed, answered)
        return found.accuracy if found else None

    def _run(self, task: Task, seed: int, answered: Sequence[str]) -> Attempt | None:
        left = self._seconds - self.cpu_seconds
        if left < _LEAST:
            return None
        # What the reference takes for its answers comes on top of what the cells take.
        seconds = left / 2 if answered else left
        tried = replace(task, blind=True, seconds=seconds, ends_early=False)
        found = self._attempts.run(tried, seed, answered)
        whole = not (found.cut or found.ended or found.failure)
        return found if whole and found.accuracy is not None else None
