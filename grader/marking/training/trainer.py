"""Marks training questions: trains as the question asks, decides by the model, says why.

The student's process is given images and returns scores; the labels of the hidden ones are
never in it. What can't be judged by a machine (a threshold missed on the small set, a limit of
time, a fault in what the question builds on) waits for a person and costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from grader.key import Key
from grader.marking.notebooks.alignment import AlignedNotebook
from grader.marking.training.answer_cells import AnswerCells, kernel_cells
from grader.marking.training.attempt import Attempt
from grader.marking.training.attempts import Attempts, Task
from grader.marking.training.datasets import Absent, DataSet, DataSets
from grader.marking.training.decision import decide, enough, passes, reaches, scale_of
from grader.marking.training.kernel_run import GRACE, KernelRun
from grader.marking.training.report import TrainingReport
from grader.marking.training.saved import SavedModels
from grader.marking.training.trials import TrainingTrials, TrialFinding
from grader.model.assignment import Assignment, Limits, Question, Training
from grader.model.literals import TrainMode
from grader.model.verdicts import QuestionResult
from grader.sandbox import Fault, Package, Sandbox, WallBudget
from grader.wording import trainings

#: How a class is trained: a saved model where there is one, and on the small set elsewhere; on
#: the small set always, where a training ends once it has reached what is asked, or to its end
#: (``whole``); on the whole data set.
MODES: tuple[TrainMode, ...] = get_args(TrainMode)
#: Modes in which a training ends once it has reached what is asked.
EARLY_MODES: tuple[TrainMode, ...] = ("saved", "short")


class Trainer:
    """Marks the training questions of one assignment, in one sandbox, in one of :data:`MODES`.

    *folder* is where the whole data set is; ``None``: it isn't there. With the course's own
    package, *reference*, what builds on a failed function is trained as if that one were right.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        sandbox: Sandbox,
        mode: TrainMode = "saved",
        folder: str | None = None,
        reference: Package | None = None,
    ) -> None:
        self._assignment, self._sandbox, self._mode = assignment, sandbox, mode
        #: What numpy's generator is seeded with before each cell; at ``full`` a miss is run again.
        self._seeds = assignment.models.seeds
        self._replaceable = key.parts if reference is not None else {}
        self.datasets = DataSets(assignment, key, sandbox, folder)
        self._attempts = Attempts(assignment, key, sandbox, reference)
        self._saved = SavedModels(assignment.models.noun, self._attempts, self.datasets)
        self._key, self._reference = key, reference
        self._trials: TrainingTrials | None = None
        self._trials_seconds = 0.0

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all trainings so far, but for kernels."""
        return self._attempts.cpu_seconds + self._trials_seconds

    def begin(self, questions: Sequence[Question]) -> None:
        """Begin a submission, whose trainings of *questions* share one budget of wall time.

        It is as much as all of them may take where each is run as often as it can be: for each
        seed, or to its end after an early one, and again with the student's earlier cells.
        """
        runs = 2 * (len(self._seeds) if self._mode == "full" else 2)
        scales = [scale_of(_training(question), self._mode) for question in questions]
        seconds = sum(runs * scale.cpu_seconds + GRACE for scale in scales)
        self._attempts.budget = WallBudget(Limits(submission_cpu_seconds=seconds))
        if self._reference is not None:
            self._trials = TrainingTrials(
                self._assignment, self._key, self._attempts, self._reference, self.datasets
            )

    def mark(
        self,
        question: Question,
        package: Package,
        cells: AnswerCells | None,
        saved: bytes | None,
        done: Mapping[str, QuestionResult],
        kernel: KernelRun | None = None,
    ) -> QuestionResult:
        """Return the result of *question*.

        *cells* are the answer's, *saved* the file of a trained model, *done* what was found of
        other questions. With a *kernel*, the notebook runs in it as far as this question.

        Raises :class:`~grader.sandbox.Fault` when the grader's own side broke, and
        :class:`~grader.sandbox.IsolationUnavailable` where no kernel can be confined.
        """
        others = [q.training.names for q in self._assignment.questions if q.training]
        others.remove(_training(question).names)
        report = TrainingReport(question, self._assignment.models, set().union(*others))
        if cells is None:
            return report.failed("no_notebook", "missing")
        if cells.turned:
            return report.failed("turned", "missing", cell=cells.turned)
        if not cells.answer:
            if cells.other:
                return report.waiting("unplaced")
            return report.failed("no_cell", "missing")
        report.add_shown(cells)
        if cells.untouched:
            return report.failed("untouched", "not_implemented")
        failed = self._failed(question, done)
        training, attempt = _training(question), None
        if not any(_hangs(result) for result in failed):  # else it would cost its limit here again
            task = self._task(question, package, cells, blind=bool(failed))
            known = saved if self._mode == "saved" else None
            if known is not None and self._saved.reaches(task, known, report):
                return report.passed("saved", file=training.saved)
            attempt = self.best_attempt(task, kernel, report)
            report.add_figures(attempt, task.data.kind)
            report.add_left(attempt, task.data.classes)
            report.add_end(attempt, enough(task.scale))
        decision = decide(training, attempt, failed, self._mode)
        if decision.blamed and self._can_be_given(failed):
            task = self._task(question, package, cells, blind=True)
            if given := self._given(task, report, failed):
                return given
        if attempt is not None and decision.said in trainings.TRIED and not attempt.silent:
            tried = self._task(question, package, cells)
            if finding := self._why(tried, attempt, failed):
                report.add_finding(finding)
        scale = scale_of(training, self._mode)
        return report.decided(decision, attempt, scale, self._functions(decision.blamed))

    def best_attempt(self, task: Task, kernel: KernelRun | None, report: TrainingReport) -> Attempt:
        """Return the attempt that counts: the first, or in mode ``full`` the best of several.

        Raises :class:`~grader.sandbox.Fault` when the grader's own side broke, and
        :class:`~grader.sandbox.IsolationUnavailable` where no kernel can be confined.
        """
        best = self._in_kernel(task, kernel, report) or self._attempts.run(task, self._seeds[0])
        if self._mode != "full" or best.accuracy is None:
            return best
        for count, seed in enumerate(self._seeds[1:], start=2):
            if reaches(best, task.scale):
                break
            again = self._attempts.run(task, seed)
            report.note(trainings.OTHER_SEEDS.format(count=count))
            best = max(best, again, key=lambda attempt: attempt.accuracy or 0.0)
        return best

    def kernel_run(self, package: Package, aligned: AlignedNotebook) -> KernelRun:
        """Return the run of a whole notebook; its kernel starts when a question asks for it."""
        asked = [q for q in self._assignment.questions if q.training]
        asked = [q for q in asked if q.notebook == aligned.document.name]
        scales = [scale_of(_training(question), self._mode) for question in asked]
        limits = Limits(
            question_cpu_seconds=max(2 * s.cpu_seconds + GRACE for s in scales),
            submission_cpu_seconds=sum(4 * s.cpu_seconds + GRACE for s in scales),
            memory_mb=max(s.memory_mb for s in scales),
            output_kb=self._assignment.limits.output_kb,
        )
        cells = kernel_cells(aligned, [question.id for question in asked])
        package = replace(package, kernel_cells=cells)
        budget = self._attempts.budget
        return KernelRun(self._sandbox, package, limits, self._assignment.models, budget)

    def _can_be_given(self, failed: Sequence[QuestionResult]) -> bool:
        """Say whether the reference answers for some of *failed*, and none of the others hangs."""
        others = [result for result in failed if result.id not in self._replaceable]
        return len(others) < len(failed) and not any(_hangs(result) for result in others)

    def _given(
        self, task: Task, report: TrainingReport, failed: Sequence[QuestionResult]
    ) -> QuestionResult | None:
        """Train with the failed functions answered for by the reference.

        ``None`` if that doesn't reach what is asked. The student's process holds nothing of the
        reference's, so every array crosses twice; a training that moves more than
        :data:`~grader.marking.training.attempts.REFERENCE_BOUNDS` allows is cut off.
        """
        replaced = [result for result in failed if result.id in self._replaceable]
        attempt = self._attempts.run(task, self._seeds[0], tuple(result.id for result in replaced))
        if not passes(task.training, attempt, task.scale):
            return None
        report.add_figures(attempt, task.data.kind)
        report.add_end(attempt, enough(task.scale))
        result = report.passed("reached")
        result.given = [n for r in replaced for n in self._assignment.question(r.id).functions]
        return result

    def _why(
        self, task: Task, attempt: Attempt, failed: Sequence[QuestionResult]
    ) -> TrialFinding | None:
        """Return why an attempt falls short, as trials show it; they cost no mark."""
        if self._trials is None:
            return None
        before = self._trials.cpu_seconds
        try:
            return self._trials.why(task, attempt, failed)
        except (Fault, Absent):
            return None
        finally:
            self._trials_seconds += self._trials.cpu_seconds - before

    def _task(
        self, question: Question, package: Package, cells: AnswerCells, *, blind: bool = False
    ) -> Task:
        early = self._mode in EARLY_MODES
        return Task(question, package, cells, self._data_set(), blind=blind, ends_early=early)

    def _data_set(self) -> DataSet:
        try:
            return self.datasets.full if self._mode == "full" else self.datasets.short
        except Absent as absent:
            raise Fault(str(absent)) from None

    def _in_kernel(
        self, task: Task, kernel: KernelRun | None, report: TrainingReport
    ) -> Attempt | None:
        """Return the attempt made in a kernel; ``None`` if the answer's cells must run alone.

        They must if the kernel ended early or the answer failed in it: cells further up can be the
        cause, and those cost their own questions only.
        """
        if kernel is None:
            return None
        attempt = kernel.attempt(
            task.question, task.scale, task.data, task.measures, blind=task.blind
        )
        if attempt and not reaches(attempt, task.scale) and (attempt.ended or attempt.failure):
            attempt = None
        report.add_engine("kernel" if attempt else "cells")
        report.note(trainings.IN_KERNEL if attempt else trainings.NOT_IN_KERNEL)
        return attempt

    def _failed(
        self, question: Question, done: Mapping[str, QuestionResult]
    ) -> list[QuestionResult]:
        """Return the failed results among all that *question* builds on, at any depth."""
        seen: dict[str, QuestionResult] = {}
        waiting = list(self._assignment.builds_on(question))
        while waiting:
            other = waiting.pop(0)
            if other.id in done and other.id not in seen and done[other.id].status != "passed":
                seen[other.id] = done[other.id]
            waiting += self._assignment.builds_on(other)
        return list(seen.values())

    def _functions(self, results: Sequence[QuestionResult]) -> str:
        return ", ".join(n for r in results for n in self._assignment.question(r.id).functions)


def _training(question: Question) -> Training:
    assert question.training is not None
    return question.training


def _hangs(result: QuestionResult) -> bool:
    """Say whether a check of a question ran out of time."""
    return any(check.stage == "timed_out" for check in result.checks)
