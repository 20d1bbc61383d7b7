"""What every export is made of: a class's results as they are told, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from grader.classroom.gradebook import Gradebook
from grader.classroom.roster import Person
from grader.classroom.telling import Telling, number
from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord, evidence_of

#: How much a target shows of why points are missing: all that the page says, the student's own
#: exceptions only, or nothing.
Feedback = Literal["all", "own", "none"]
#: When a target that can wait shows it.
After = Literal["now", "due", "published"]

Files = Mapping[str, bytes]


class ExportError(Problem, ValueError):
    """An export can't be made; the message says what is missing."""


@dataclass(frozen=True)
class Options:
    """What a person says of an export.

    ``into`` is the instructor's own table of a system, to be filled in; ``column`` the one of it to
    fill. With ``partial``, results that wait for a person are sent, too. With ``scale``, points are
    brought to the maximum that the system knows.
    """

    into: Path | None = None
    column: str | None = None
    feedback: Feedback = "all"
    after: After = "now"
    partial: bool = False
    scale: bool = False
    only: str | None = None


@dataclass
class Outgoing:
    """A class that is sent somewhere. ``notes`` are for the person who sends it."""

    folder: Path
    assignment: Assignment
    gradebook: Gradebook
    telling: Telling
    options: Options
    course: Path
    key: Path
    notes: list[str] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def withheld(self) -> datetime | None:
        """The time before which students aren't told why, if that is still to come."""
        time = self.telling.policy.feedback_after
        return time if time is not None and self.now < time else None

    @cached_property
    def feedback(self) -> Feedback:
        """How much may be shown now by a target that can't wait; a note says what is left out."""
        if self.withheld is None or self.options.feedback == "none":
            return self.options.feedback
        self.notes.append(
            f"why points are missing is left out before {shown(self.withheld)} (feedback_after): "
            "export it again then"
        )
        return "none"

    @cached_property
    def after(self) -> After:
        """When a target that can wait shows it: no sooner than the course's policy says."""
        asked, due = self.options.after, self.telling.policy.due
        if self.withheld is None:
            return asked
        if due is not None and self.withheld <= due:
            return "due" if asked == "now" else asked
        self.notes.append(
            f"it is shown when grades are published: publish them after {shown(self.withheld)}"
        )
        return "published"

    def refuse_early(self) -> None:
        """Raise :class:`ExportError` where pages of feedback aren't to be sent yet."""
        if self.withheld is not None:
            raise ExportError(
                f"feedback is for {shown(self.withheld)}, by feedback_after in the policy: export "
                "it then, or change that"
            )

    @cached_property
    def names(self) -> Sequence[str]:
        every = self.gradebook.submissions()
        return [name for name in every if self.options.only in (None, name)]

    @cached_property
    def owners(self) -> Mapping[str, Any]:
        """What downloads said of who handed in, by submission."""
        return self.gradebook.owners()

    def results(self) -> Iterator[SubmissionRecord]:
        """Yield all results as they are told, one at a time."""
        return self.telling.results(self.names)

    def people(self, submission: str) -> Sequence[Person]:
        return self.telling.people(submission)

    def numbers(self) -> Iterator[Number]:
        """Yield what counts, for each person of each submission that is :meth:`ready`.

        Who belongs to nobody that is known has an empty :class:`Person`.
        """
        for result in self.ready():
            counted = number(result)
            for person in self.people(result["submission"]) or [Person("")]:
                yield Number(
                    result["submission"], person, counted["points"], counted["max_points"], result
                )

    def ready(self) -> Iterator[SubmissionRecord]:
        """Yield the results that may be sent, as they are told.

        What waits for a person, or for the grader, is left out and noted, unless all is to be sent.
        """
        waiting = []
        for result in self.results():
            if self.waits(result):
                waiting.append(result["submission"])
            else:
                yield result
        if waiting:
            self.notes.append(
                f"{len(waiting)} left out, since points of theirs are open (--partial sends them): "
                f"{listed(waiting)}"
            )

    def waits(self, result: SubmissionRecord) -> bool:
        """Say whether points of a result are open, and it is to wait for them."""
        if self.options.partial:
            return False
        return bool(result["pending"]) or result["status"] == "not_graded"

    def table(self, system: str) -> Path:
        """Return the instructor's own table. Raises :class:`ExportError` without one."""
        if self.options.into is None:
            raise ExportError(
                f"name the table that {system} exported with --into FILE: it is filled in, so that "
                "what comes back is what was there"
            )
        return self.options.into


@dataclass(frozen=True)
class Number:
    """What counts for one person; ``points`` are ``None`` for who is excused."""

    submission: str
    person: Person
    points: float | None
    maximum: float
    result: SubmissionRecord


@dataclass(frozen=True)
class TestCase:
    """A check, or a question without checks, as systems know tests."""

    question: QuestionRecord
    id: str
    title: str
    status: Literal["passed", "failed", "skipped", "error"]
    score: float
    maximum: float
    message: str


def cases(result: SubmissionRecord, feedback: Feedback) -> Iterator[TestCase]:
    """Yield the checks of a result in their order, and the questions that have none."""
    for question in result["questions"]:
        checks = question.get("checks") or []
        for check in checks:
            status: Any = check["status"]
            yield TestCase(
                question,
                check["id"],
                check["title"],
                status if status in ("passed", "failed", "error") else "failed",
                check["score"],
                check["max_score"],
                "" if status == "passed" else said(check, feedback),
            )
        if not checks:
            yield TestCase(
                question,
                question["id"],
                question["title"],
                _STATUS.get(question["status"], "failed"),
                question["score"],
                question["max_score"],
                "\n".join(question.get("notes") or ()) if feedback == "all" else "",
            )


_STATUS: Mapping[str, Literal["passed", "failed", "skipped", "error"]] = {
    "passed": "passed",
    "needs_marking": "skipped",
    "not_graded": "error",
}


def said(check: CheckRecord, feedback: Feedback) -> str:
    """Return what is told of a failed check."""
    if feedback == "all":
        return check.get("message") or ""
    if feedback == "none":
        return ""
    exception = evidence_of(check).get("exception")
    if not exception:
        return ""
    return ": ".join(part for part in (exception.get("type"), exception.get("text")) if part)


def story(question: QuestionRecord, feedback: Feedback) -> str:
    """Return what is told of a question: its failed checks, and notes."""
    lines = [
        f"{check['title']}: {text}"
        for check in question.get("checks") or ()
        if check["status"] != "passed" and (text := said(check, feedback))
    ]
    if feedback == "all":
        lines += question.get("notes") or ()
    return "\n".join(lines)


def sum_of(result: SubmissionRecord) -> str:
    """Return how the number came about, a line each; nothing where it is what was marked."""
    if "grade" not in result:
        return ""
    grade = result["grade"]
    lines = [f"{line['points']:+g}  {line['what']}" for line in grade["lines"]]
    return "\n".join([*lines, *grade["notes"]])


def shown(when: datetime) -> str:
    """Return a time with its zone, for a line of text."""
    return when.isoformat(sep=" ", timespec="minutes")


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return *names* for a line of text."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


@dataclass(frozen=True)
class Target:
    """Where results go: ``write`` returns files by their names; one file, or a folder of them.

    ``file`` is the name that it is written under where the command names none; a target of several
    files has a folder's.
    """

    name: str
    title: str
    file: str
    write: Callable[[Outgoing], Files]

    @property
    def single(self) -> bool:
        return "." in self.file
