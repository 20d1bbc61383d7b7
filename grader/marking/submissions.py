"""Marks one submission: a fresh process, every question asked, faults kept where they are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import grader
from grader.key import Key
from grader.marking import words
from grader.marking.questions import Examiner
from grader.model.assignment import Assignment, Question
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import Fault, Package, Sandbox, Session

if TYPE_CHECKING:
    from grader.submissions import Submission


class Marker:
    """Marks submissions of one assignment with one key in one sandbox."""

    def __init__(
        self, assignment: Assignment, key: Key, sandbox: Sandbox, notebooks: Sequence[str] = ()
    ) -> None:
        self.assignment, self.key, self.sandbox = assignment, key, sandbox
        self.questions = assignment.code_questions(
            tuple(notebooks) or (assignment.notebooks[0].name,)
        )
        self._examiner = Examiner(key)

    def mark(self, submission: Submission) -> SubmissionResult:
        """Return the result of *submission*. Nothing that its code does can raise here."""
        began, started = time.perf_counter(), datetime.now(UTC)
        questions: list[QuestionResult] = []
        cpu = 0.0
        try:
            with self.sandbox.start(self.package(submission)) as session:
                questions = [self._question(question, session) for question in self.questions]
            cpu = session.usage.cpu_seconds
        except Fault as fault:
            done = {question.id for question in questions}
            questions += [_not_graded(q, str(fault)) for q in self.questions if q.id not in done]
        result = self.blank(submission.name, submission.source)
        result.content = submission.content
        result.questions = questions
        result.notes = list(submission.notes)
        result.started = started.isoformat(timespec="seconds")
        result.seconds = {"wall": round(time.perf_counter() - began, 4), "cpu": round(cpu, 4)}
        return _totalled(result)

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
            grader=grader.__version__,
            key=self.key.hash,
            content="",
            source=source,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds={"wall": 0.0, "cpu": 0.0},
            notes=[],
            questions=[],
        )

    def _question(self, question: Question, session: Session) -> QuestionResult:
        try:
            return self._examiner.examine(question, session)
        except Fault as fault:
            return _not_graded(question, str(fault))


def _totalled(result: SubmissionResult) -> SubmissionResult:
    totals: dict[str, dict[str, float]] = {}
    for question in result.questions:
        total = totals.setdefault(question.notebook, {"score": 0.0, "max_score": 0.0})
        total["score"] = round(total["score"] + question.score, 6)
        total["max_score"] += question.max_score
        if question.status == "not_graded":
            result.status = "not_graded"
    result.notebooks = totals
    result.score = round(sum(total["score"] for total in totals.values()), 6)
    return result


def _not_graded(question: Question, reason: str) -> QuestionResult:
    return QuestionResult(
        id=question.id,
        notebook=question.notebook,
        title=question.title,
        score=0.0,
        max_score=float(question.points),
        status="not_graded",
        notes=[words.ERROR, reason],
    )
