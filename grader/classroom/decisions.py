"""The tables of what people decided over what was marked, and the log of all that they did."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from grader.classroom.replays import Replays


class LogEntry(NamedTuple):
    """An entry of the log: what a person did."""

    at: str
    who: str
    what: str
    submission: str
    question: str
    why: str


class Note(NamedTuple):
    """A row of the table ``notes``: a text for the pages of all who share a cause.

    ``cause`` is the id of a :class:`~grader.classroom.causes.Cause` of the question.
    """

    id: str
    question: str
    cause: str
    text: str
    by: str
    at: str


class Appeal(NamedTuple):
    """A row of the table ``appeals``: a student's objection, and what was decided of it.

    ``code`` is the one of the page that it is about. Without a ``question`` it is about the whole.
    It is open while it has no ``decision``.
    """

    id: str
    code: str
    submission: str
    question: str
    objection: str
    by: str
    at: str
    decision: str = ""
    decided_by: str = ""
    decided_at: str = ""


class Replaced(NamedTuple):
    """A row of the table ``regrades``: the result that one regrade replaced.

    ``before`` is the row of the table of results, as JSON.
    """

    id: str
    submission: str
    before: str
    by: str
    at: str


class Decisions(Replays):
    """What people decided, as rows. Raises what a gradebook raises.

    They are written by :class:`~grader.classroom.steps.Steps`, so that each can be taken back.
    """

    def log(
        self, what: str, submission: str = "", question: str = "", why: str = "", who: str = ""
    ) -> None:
        """Add an entry to the log: what a person did, when, and why.

        *who* is by default the machine's user.
        """
        row = (now(), who or person(), what, submission, question, why)
        self._write("insert into log values (null,?,?,?,?,?,?)", row)

    def logged(self) -> list[LogEntry]:
        """Return the log, the first entry first."""
        columns = "at, who, what, submission, question, why"
        return self._rows(LogEntry, f"select {columns} from log order by number")

    def adjustments(self) -> list[tuple[Any, ...]]:
        """Return what people changed, the first first."""
        return self._rows(
            _row,
            "select id, submission, question, check_id, change, points, reason, by, at "
            "from adjustments order by at, id",
        )

    def notes(self) -> list[Note]:
        """Return every note, the first first."""
        columns = ", ".join(Note._fields)
        return self._rows(Note, f"select {columns} from notes order by at, id")

    def appeals(self) -> list[Appeal]:
        """Return every appeal, the first first."""
        columns = ", ".join(Appeal._fields)
        return self._rows(Appeal, f"select {columns} from appeals order by at, id")

    def keep_replaced(self, rows: Iterable[Replaced]) -> None:
        """Keep the results that a regrade replaces."""
        self._write_all("insert or replace into regrades values (?,?,?,?,?)", rows)

    def replaced(self) -> list[Replaced]:
        """Return what regrades have replaced, the first first."""
        columns = ", ".join(Replaced._fields)
        return self._rows(Replaced, f"select {columns} from regrades order by at, id, submission")

    def drop_replaced(self, id: str, submissions: Iterable[str]) -> None:
        """Forget what a regrade replaced of *submissions*, once it was put back."""
        self._write_all(
            "delete from regrades where id = ? and submission = ?",
            ((id, submission) for submission in submissions),
        )


def _row(*columns: Any) -> tuple[Any, ...]:
    return columns


def now() -> str:
    """Return the time, as the log holds it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def person() -> str:
    """Return who uses this machine, for the log."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, in some containers
        return "unknown"
