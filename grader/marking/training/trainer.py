"""Marks training questions: runs the cells, measures the model that they leave, scores it.

The student's process is given images and returns scores; the labels of the hidden ones are
never in it. What can't be judged by a machine (a threshold missed on the small set, a limit of
time, a fault in what the question builds on) waits for a person and costs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from grader.key import Key
from grader.marking.isolation import Isolation
from grader.marking.notebooks.alignment import AlignedNotebook
from grader.marking.training.answer_cells import AnswerCells, Source, sheet
from grader.marking.training.datasets import Absent, DataSet, DataSets, Measure
from grader.marking.training.kernel_run import GRACE, KernelRun
from grader.marking.training.report import TrainingReport, where
from grader.marking.training.runs import (
    Attempt,
    answer_run,
    completed,
    judged,
    late,
    scored,
    scores_run,
)
from grader.model.assignment import Assignment, Limits, Question, Scale, Training
from grader.model.verdicts import QuestionResult
from grader.sandbox import Batch, Bounds, Fault, Package, Sandbox, Session
from grader.wording import messages

#: How a class is trained: a saved model where there is one, and on the small set elsewhere; on
#: the small set always; on the whole data set.
MODES = ("saved", "short", "full")

#: What one training may ask of the reference_session: a first layer's images cross at every step.
ORACLE = Bounds(call_bytes=1 << 25, bytes=1 << 30)


class Trainer:
    """Marks the training questions of one assignment, in one sandbox, at one of :data:`MODES`.

    *folder* is where the whole data set is; ``None``: it isn't there. With the course's own
    package, *reference*, what builds on a failed function is trained as if that one were right.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        sandbox: Sandbox,
        mode: str = "saved",
        folder: str | None = None,
        reference: Package | None = None,
    ) -> None:
        self._assignment, self._sandbox, self._mode = assignment, sandbox, mode
        self._models = assignment.models
        self._reference, self._parts = reference, key.parts
        self.gallery = DataSets(assignment, key, sandbox, folder)
        self._batches: dict[tuple[str, int], Batch] = {}
        self.cpu_seconds = 0.0

    def examine(
        self,
        question: Question,
        package: Package,
        work: AnswerCells | None,
        saved: bytes | None,
        done: Mapping[str, QuestionResult],
        whole: KernelRun | None = None,
    ) -> QuestionResult:
        """Mark *question*. *saved* is the model's file, *done* what was found of other questions.

        With *whole*, the notebook runs as one, in a kernel, as far as this question.

        Raises :class:`~grader.sandbox.errors.Fault` when the grader's own side broke.
        """
        report = TrainingReport(question, self._models)
        if work is None:
            return report.failed("no_notebook", "missing")
        if not work.answer:
            return report.failed("no_cell", "missing")
        report.beside(work)
        if work.untouched:
            return report.failed("untouched", "not_implemented")
        failed = self._failed(question, done)
        if any(_overran(result) for result in failed):
            # What never ends would cost its limit here again.
            given = self._given(question, package, work, report, failed)
            return given or report.waiting("builds_on", functions=self._functions(failed))
        taken = saved is not None and self._mode == "saved" and _training(question).load
        if taken and self._stored(question, package, saved or b"", report):
            return report.passed("saved", file=_training(question).saved)
        return self._trained(question, package, work, report, failed, whole)

    def whole(self, package: Package, aligned: AlignedNotebook) -> KernelRun:
        """Return the run of a whole notebook; its kernel starts when a question asks for it."""
        asked = [q for q in self._assignment.questions if q.training]
        asked = [q for q in asked if q.notebook == aligned.document.name]
        mode = "full" if self._mode == "full" else "short"
        scales = [getattr(_training(question), mode) for question in asked]
        limits = Limits(
            question_cpu_seconds=max(2 * s.cpu_seconds + GRACE for s in scales),
            submission_cpu_seconds=sum(4 * s.cpu_seconds + GRACE for s in scales),
            memory_mb=max(s.memory_mb for s in scales),
            output_kb=self._assignment.limits.output_kb,
        )
        cells = sheet(aligned, [question.id for question in asked])
        package = replace(package, kernel_cells=cells)
        return KernelRun(self._sandbox, package, limits, self._models)

    def _stored(
        self, question: Question, package: Package, saved: bytes, report: TrainingReport
    ) -> bool:
        """Say whether the model in the file *saved* reaches what is asked, on either data set.

        Whoever has the data set trains on it, and a model of its images knows no drawn ones.
        """
        why = messages.NO_FIT
        for kind in ("short", "full"):
            try:
                data: DataSet = getattr(self.gallery, kind)
            except Absent:
                break
            attempt = self._measured(question, package, saved, data)
            if _reaches(attempt, _scale(question, data)):
                report.measured(attempt, data.kind)
                return True
            if attempt.failure:
                why = messages.NO_MODEL.format(type=attempt.failure.type or attempt.failure.stage)
                break
        report.note(messages.OTHER_FILE.format(file=_training(question).saved, why=why))
        return False

    def _trained(
        self,
        question: Question,
        package: Package,
        work: AnswerCells,
        report: TrainingReport,
        failed: Sequence[QuestionResult],
        whole: KernelRun | None,
    ) -> QuestionResult:
        full = self._mode == "full"
        data = self._data_set()
        scale = _scale(question, data)
        best = self._played(question, whole, data, report)
        best = best or self._run(question, package, work, data, self._models.seeds[0])
        for n, seed in enumerate(self._models.seeds[1:], start=2):
            if not full or best.accuracy is None:
                break
            if _reaches(best, scale):
                break
            again = self._run(question, package, work, data, seed)
            report.note(messages.OTHER_SEEDS.format(count=n))
            best = max(best, again, key=lambda attempt: attempt.accuracy or 0.0)
        report.measured(best, data.kind)
        strayed = _strayed(question, best, scale)
        if strayed and not failed:  # which may be why
            if strayed == "late" and not full:
                return report.waiting(strayed, scale=scale)
            stage = "shape" if strayed == "depth" else "value"
            return report.failed(strayed, stage, reach=scale.reach)
        if _reaches(best, scale) and not strayed:
            if best.ended:
                facts = {"where": where(best.ended), "type": best.ended.type or "an exception"}
                report.note(messages.RAISED_AFTER.format(**facts))
            if best.cut:
                report.note(messages.SEARCH_CUT.format(seconds=scale.cpu_seconds))
            return report.passed("reached")
        if given := self._given(question, package, work, report, failed):
            return given
        if unwritten := [result for result in failed if result.status == "not_implemented"]:
            names = self._functions(unwritten)
            return report.failed("not_written", "not_implemented", functions=names)
        if failed:
            return report.waiting("builds_on", functions=self._functions(failed))
        if best.accuracy is None or best.ended:
            return report.nothing(best, scale)
        if best.cut:
            return report.waiting("cut", scale=scale)
        if not full:
            return report.waiting("missed", scale=scale)
        return report.scaled(scale)

    def _given(
        self,
        question: Question,
        package: Package,
        work: AnswerCells,
        report: TrainingReport,
        failed: Sequence[QuestionResult],
    ) -> QuestionResult | None:
        """Train with the failed functions answered by the reference_session; ``None`` if that doesn't reach.

        The student's process holds nothing of the reference's, so every array crosses twice. What
        moves more than :data:`ORACLE` allows is cut off there.
        """
        replaced = [result for result in failed if result.id in self._parts]
        if not replaced or self._reference is None:
            return None
        if any(_overran(result) for result in failed if result not in replaced):
            return None
        data = self._data_set()
        ids = tuple(result.id for result in replaced)
        attempt = self._run(question, package, work, data, self._models.seeds[0], ids)
        scale = _scale(question, data)
        if not _reaches(attempt, scale) or _strayed(question, attempt, scale):
            return None
        report.measured(attempt, data.kind)
        result = report.passed("reached")
        result.given = [n for r in replaced for n in self._assignment.question(r.id).functions]
        return result

    def _data_set(self) -> DataSet:
        try:
            return self.gallery.full if self._mode == "full" else self.gallery.short
        except Absent as absent:
            raise Fault(str(absent)) from None

    def _played(
        self, question: Question, whole: KernelRun | None, data: DataSet, report: TrainingReport
    ) -> Attempt | None:
        """Return what is measured in a kernel; ``None``: the answer's cells must run by themselves.

        They must where the kernel has ended before, or the answer in it: that can be the fault of
        cells that stand above, which cost their own questions only.
        """
        if whole is None:
            return None
        scale, measures = _scale(question, data), self._measures(question, data)
        attempt = whole.attempt(question, scale, data, measures)
        if attempt and not _reaches(attempt, scale) and (attempt.ended or attempt.failure):
            attempt = None
        report.ran("kernel" if attempt else "cells")
        report.note(messages.IN_KERNEL if attempt else messages.NOT_IN_KERNEL)
        return attempt

    def _measured(
        self, question: Question, package: Package, saved: bytes, data: DataSet
    ) -> Attempt:
        """Return what the model in a file reaches."""
        training, scale = _training(question), _scale(question, data)
        measures = self._measures(question, data)
        load = ["call", "model", training.load, [{"$": "file"}]]
        run = scores_run([load], measures, {"file": np.frombuffer(saved, np.uint8)}, self._models)
        with self._session(replace(package, notebook=False), scale) as session:
            attempt = judged(session.ask(Batch([run]))[0].outcomes[0], measures, self._models)
        self.cpu_seconds += session.usage.cpu_seconds
        return scored(attempt, data)

    def _run(
        self,
        question: Question,
        package: Package,
        work: AnswerCells,
        data: DataSet,
        seed: int,
        answered: Sequence[str] = (),
    ) -> Attempt:
        """Run the answer in a fresh process; after all that stands before it, if it needs that.

        The functions of the questions *answered* are the reference_session's.
        """
        attempt = self._attempt(question, package, work, work.given, data, seed, answered)
        ended = attempt.ended
        if ended and ended.type == "NameError" and work.before:
            lead = (*work.given, *work.before)
            attempt = self._attempt(question, package, work, lead, data, seed, answered)
        return attempt

    def _attempt(
        self,
        question: Question,
        package: Package,
        work: AnswerCells,
        lead: Sequence[Source],
        data: DataSet,
        seed: int,
        answered: Sequence[str],
    ) -> Attempt:
        training, scale = _training(question), _scale(question, data)
        measures = self._measures(question, data)
        find = ["model", "model", list(training.names), self._models.method]
        with self._session(replace(package, notebook=True), scale, answered) as session:
            there = session.ask(self._data(question, data))[0].outcomes[0]
            if there.failed:
                raise Fault(f"The notebook's data could not be made: {there.failed.text}")
            run = answer_run(work, lead, seed, scale.cpu_seconds)
            ran = session.ask(Batch([run]))[0].outcomes[0]
            asked = scores_run([find], measures, {}, self._models, training.names)
            attempt = judged(session.ask(Batch([asked]))[0].outcomes[0], measures, self._models)
            printed = session.printed
        self.cpu_seconds += session.usage.cpu_seconds
        return completed(attempt, ran, data, printed)

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
            with self._sandbox.start(package, limits=limits) as session:
                yield session
            return
        found = Isolation(self._sandbox, package, self._reference, self._parts, limits, ORACLE)
        with found as isolation:
            yield isolation.session(answered)

    def _data(self, question: Question, data: DataSet) -> Batch:
        """Return the run that gives a notebook its data; the whole data set's isn't kept."""
        first = _training(question).first
        if data.kind == "full":
            return Batch([data.run(first)])
        if (data.kind, first) not in self._batches:
            self._batches[data.kind, first] = Batch([data.run(first)])
        return self._batches[data.kind, first]

    def _measures(self, question: Question, data: DataSet) -> Sequence[Measure]:
        first = _training(question).first
        return [data.firsts[first]] if first else data.measures

    def _failed(
        self, question: Question, done: Mapping[str, QuestionResult]
    ) -> list[QuestionResult]:
        """Return the results that aren't right of all that *question* builds on, at any depth."""
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


def _scale(question: Question, data: DataSet) -> Scale:
    training = _training(question)
    return training.full if data.kind == "full" else training.short


def _reaches(attempt: Attempt, scale: Scale) -> bool:
    return attempt.accuracy is not None and attempt.accuracy >= scale.reach


def _strayed(question: Question, attempt: Attempt, scale: Scale) -> str:
    """Return in what a trained model isn't as asked, as a key of its words; "" if in nothing."""
    training = _training(question)
    if training.layers and attempt.layers not in (None, training.layers):
        return "depth"
    if training.epochs and _reaches(attempt, scale):
        return "late" if late(attempt.histories, training.epochs, scale.reach) else ""
    return ""


def _overran(result: QuestionResult) -> bool:
    return any(check.stage == "timed_out" for check in result.checks)
