"""Marks one submission: a fresh process, every question asked, faults kept where they are."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from grader.key import Key
from grader.marking.examiner import Examiner
from grader.marking.isolation import Isolation, prefill_answers
from grader.model.assignment import KINDS, Assignment, Question
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import Fault, IsolationUnavailable, Package, Sandbox, Session
from grader.version import __version__
from grader.wording import messages

if TYPE_CHECKING:
    from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
    from grader.marking.training.trainer import Trainer
    from grader.submissions import Submission

#: The kinds of questions that are asked unless a run names others.
MARKED = KINDS


class Marker:
    """Marks submissions of one assignment with one key in one sandbox.

    *reference* are the files of the course's own package, by path: with them, a question that
    builds on a failed one is marked as if that one were right. *kinds* are those of the
    questions to ask, *train* is how models are trained (``saved``, ``short`` or ``full``), *data*
    the folder of the whole data set where that is at hand. *engine* runs notebooks: ``cells`` runs
    those of each training question, ``kernel`` the whole notebook in a Jupyter kernel.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        sandbox: Sandbox,
        notebooks: Sequence[str] = (),
        reference: Mapping[str, bytes] | None = None,
        kinds: Collection[str] = MARKED,
        train: str = "saved",
        data: str | None = None,
        engine: str = "cells",
    ) -> None:
        self.assignment, self.key, self.sandbox = assignment, key, sandbox
        self.questions = assignment.asked(
            tuple(notebooks) or (assignment.notebooks[0].name,), kinds
        )
        self._reader = _reader(key) if set(kinds) - {"code"} else None
        self._examiner = Examiner(key)
        self._training = [q.id for q in self.questions if q.kind == "training"]
        self._reference = None
        if reference is not None:
            self._reference = Package(assignment.package, reference, key.given, assignment.given)
        self._sealed_answers: Mapping[str, bytes] | None = None
        self._trainer: Trainer | None = None
        if self._training:
            from grader.marking.training.trainer import Trainer

            self._trainer = Trainer(assignment, key, sandbox, train, data, self._reference)
        self.engine = engine

    def prepare(self) -> None:
        """Encode all that is asked: work for while the sandbox starts."""
        for question in self.questions:
            self._examiner.prepare(question.id)

    def preload(self) -> None:
        """Have the sandbox's children hold what each is asked: work for before a class."""
        course = Package(self.assignment.package, {}, self.key.given, self.assignment.given)
        batches = [self._examiner.prepare(question.id) for question in self.questions]
        self.sandbox.preload(batches, course)

    def sealed_answers(self) -> Mapping[str, bytes]:
        """Return what the reference answers to its own calls, by function, sealed.

        Made when first asked for: once in a class, and for less than one submission would cost.
        """
        if self._sealed_answers is None:
            self._sealed_answers = self._prefilled()
        return self._sealed_answers

    def _prefilled(self) -> Mapping[str, bytes]:
        code = [q for q in self.questions if q.kind == "code" and self._apart(q)]
        building = [question for question in code if question.builds_on]
        others = {other for question in building for other in question.builds_on}
        parts = [part for other in sorted(others) for part in self.key.parts.get(other, ())]
        if self._reference is None or not parts:
            return {}
        batches = [self._examiner.prepare(question.id) for question in building]
        return prefill_answers(self.sandbox, self._reference, parts, batches)

    def mark(self, submission: Submission) -> SubmissionResult:
        """Return the result of *submission*. Nothing that its code does can raise here."""
        began, started = time.perf_counter(), datetime.now(UTC)
        package = self.package(submission)
        read = self._reader.align(submission.notebooks) if self._reader else {}
        done = {q.id: self._written(q, read) for q in self.questions if q.kind == "written"}
        code = [question for question in self.questions if question.kind == "code"]
        cpu = 0.0
        try:
            with (
                self._isolation(package) as isolation,
                self.sandbox.start(package) as session,
            ):
                for question in code:
                    done[question.id] = self._question(question, session, isolation, done)
            cpu = session.usage.cpu_seconds + (isolation.cpu_seconds if isolation else 0.0)
        except Fault as fault:
            for question in code:
                done.setdefault(question.id, _not_graded(question, str(fault)))
        cpu += self._trained(submission, package, read, done)
        for question in self.questions:
            if question.kind != "written" and question.notebook in read:
                _beside(done[question.id], read[question.notebook])
        result = self.blank(submission.name, submission.source)
        result.content = submission.content
        result.questions = [done[question.id] for question in self.questions]
        result.notes = [*submission.notes, *(note for p in read.values() for note in p.notes)]
        result.started = started.isoformat(timespec="seconds")
        result.seconds = {"wall": round(time.perf_counter() - began, 4), "cpu": round(cpu, 4)}
        return _totalled(result)

    def _isolation(self, package: Package) -> AbstractContextManager[Isolation | None]:
        if self._reference is None:
            return nullcontext()
        return Isolation(
            self.sandbox,
            package,
            self._reference,
            self.key.parts,
            sealed_answers=self.sealed_answers,
        )

    def package(self, submission: Submission) -> Package:
        """Return what the student's process is to hold."""
        return Package(
            name=submission.package,
            files=submission.files,
            given=self.key.given,
            given_names=self.assignment.given,
            aliases=self.assignment.package_names,
        )

    def unreadable(self, name: str, source: str, reason: str) -> SubmissionResult:
        """Return the result of a submission that can't be read: a row with its reason."""
        result = self.blank(name, source)
        result.status, result.notes = "unreadable", [reason]
        return result

    def broken(self, name: str, source: str, reason: str) -> SubmissionResult:
        """Return the result of a submission that the grader itself failed on."""
        result = self.blank(name, source)
        result.questions = [_not_graded(question, reason) for question in self.questions]
        return _totalled(result)

    def blank(self, name: str, source: str) -> SubmissionResult:
        points = float(sum(question.points for question in self.questions))
        return SubmissionResult(
            assignment=self.assignment.id,
            submission=name,
            status="graded",
            score=0.0,
            max_score=points,
            pending=0.0,
            notebooks={},
            isolation=self.sandbox.level,
            engine=self.engine,
            grader=__version__,
            key=self.key.hash,
            content="",
            source=source,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds={"wall": 0.0, "cpu": 0.0},
            notes=[],
            questions=[],
        )

    def _written(self, question: Question, read: Mapping[str, AlignedNotebook]) -> QuestionResult:
        from grader.marking.notebooks import written

        assert self._reader is not None
        if not self._reader.gave_out(question.notebook):
            return _not_graded(question, messages.NOT_RELEASED.format(notebook=question.notebook))
        return written.examine(question, read.get(question.notebook))

    def _trained(
        self,
        submission: Submission,
        package: Package,
        read: Mapping[str, AlignedNotebook],
        done: dict[str, QuestionResult],
    ) -> float:
        """Mark the training questions into *done*; return the CPU seconds that it took."""
        if self._trainer is None or self._reader is None:
            return 0.0
        from grader.marking.training.answer_cells import work

        before = self._trainer.cpu_seconds
        with ExitStack() as kernels:
            wholes = {}
            if self.engine == "kernel":
                named = {q.notebook for q in self.questions if q.kind == "training"} & set(read)
                wholes = {
                    name: kernels.enter_context(self._trainer.whole(package, read[name]))
                    for name in sorted(named)
                }
            for question in self.questions:
                if question.kind != "training":
                    continue
                aligned = read.get(question.notebook)
                saved = submission.saved.get(question.training.saved) if question.training else None
                try:
                    if not self._reader.gave_out(question.notebook):
                        raise Fault(messages.NOT_RELEASED.format(notebook=question.notebook))
                    own = work(question, aligned, self._training) if aligned else None
                    whole = wholes.get(question.notebook)
                    done[question.id] = self._trainer.examine(
                        question, package, own, saved, done, whole
                    )
                except (Fault, IsolationUnavailable) as fault:
                    done[question.id] = _not_graded(question, str(fault))
        return self._trainer.cpu_seconds - before + sum(w.cpu_seconds for w in wholes.values())

    def _question(
        self,
        question: Question,
        session: Session,
        isolation: Isolation | None,
        done: dict[str, QuestionResult],
    ) -> QuestionResult:
        """Mark one question; one that builds on failed ones, with those answered for it."""
        try:
            failed = self._failed(question, done)
            isolated = None
            if failed and self._apart(question) and isolation is not None:
                isolated = self._isolated(question, isolation, failed)
                if isolated.status == "passed":
                    return isolated
            result = self._examiner.examine(
                question, session, failed=failed, own_share=self.assignment.own_forward_share
            )
            if isolated is None and result.status != "passed" and self._apart(question):
                failed = self._failed(question, done, session)
                if failed and isolation is not None:
                    isolated = self._isolated(question, isolation, failed)
                elif failed:
                    names = ", ".join(name for names in failed.values() for name in names)
                    result.notes.append(messages.NO_REFERENCE.format(functions=names))
            # At equal points the one with fewer faults in it explains more.
            return isolated if isolated and isolated.score >= result.score else result
        except Fault as fault:
            return _not_graded(question, str(fault))

    def _apart(self, question: Question) -> bool:
        """Say whether *question* is replaced apart from all that it builds on.

        A backward pass and its forward pass are replaced together: one can't stand in alone.
        """
        own = set(self.key.parts.get(question.id, ()))
        return not any(own & set(self.key.parts.get(other, ())) for other in question.builds_on)

    def _isolated(
        self, question: Question, isolation: Isolation, failed: Mapping[str, Sequence[str]]
    ) -> QuestionResult:
        result = self._examiner.examine(question, isolation.session(failed))
        result.given = [name for names in failed.values() for name in names]
        return result

    def _failed(
        self, question: Question, done: dict[str, QuestionResult], session: Session | None = None
    ) -> dict[str, Sequence[str]]:
        """Return the questions that *question* builds on and that failed, with their functions.

        Those that weren't asked are looked at if there is a *session* to ask.
        """
        found: dict[str, Sequence[str]] = {}
        for other in self.assignment.builds_on(question):
            if other.id in done:
                failed = done[other.id].status != "passed"
            else:
                failed = session is not None and bool(self._examiner.look(other.id, session).failed)
            if failed and other.id in self.key.parts:
                found[other.id] = other.functions
        return found


def _reader(key: Key) -> Aligner:
    # Who asks for code alone waits for no notebook to be read, nor for what reads them.
    from grader.marking.notebooks.alignment import Aligner

    return Aligner(key.notebooks)


def _totalled(result: SubmissionResult) -> SubmissionResult:
    totals: dict[str, dict[str, float]] = {}
    for question in result.questions:
        total = totals.setdefault(question.notebook, {"score": 0.0, "max_score": 0.0})
        total["score"] = round(total["score"] + question.score, 6)
        if question.status == "needs_marking":
            result.pending += question.max_score
            result.max_score -= question.max_score
        else:
            total["max_score"] += question.max_score
        if question.status == "not_graded":
            result.status = "not_graded"
    result.notebooks = totals
    result.score = round(sum(total["score"] for total in totals.values()), 6)
    return result


def _beside(result: QuestionResult, aligned: AlignedNotebook) -> None:
    """Put beside a question where its cells are, and what they show that isn't so."""
    from grader.marking.notebooks.saved_outputs import stale

    result.evidence["cells"] = aligned.cells(result.id)
    if found := stale(result, aligned):
        result.evidence["stale"] = found


def _not_graded(question: Question, reason: str) -> QuestionResult:
    return QuestionResult(
        id=question.id,
        notebook=question.notebook,
        title=question.title,
        score=0.0,
        max_score=float(question.points),
        status="not_graded",
        notes=[messages.ERROR, reason],
    )
