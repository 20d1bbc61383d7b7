"""The gradebook: every result of a class, in SQLite, so that a run can stop and go on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self, TypeVar

from grader.classroom.spreadsheets import guarded
from grader.classroom.spreadsheets import table as csv_table
from grader.model.literals import SubmissionStatus
from grader.model.problem import Problem
from grader.model.records import SubmissionRecord

#: Questions without a score: a person, or another run, has yet to give one.
_OPEN = ("not_graded", "needs_marking")

FILE = "gradebook.sqlite"
CSV = "grades.csv"

_TABLES = (
    """
create table if not exists results (
  submission text primary key,
  content text not null,
  key text not null,
  grader text not null,
  asked text not null,
  status text not null,
  result text not null
)
""",
    # Marks by hand have a table of their own: marking again never changes it.
    """
create table if not exists manual (
  submission text not null,
  question text not null,
  answer text not null,
  score real not null,
  comment text not null,
  primary key (submission, question, answer)
)
""",
    """
create table if not exists pseudonyms (
  submission text primary key,
  pseudonym text not null unique
)
""",
    # Whose a name is: all else is kept by name, and no name goes from one source to another.
    """
create table if not exists sources (
  submission text primary key,
  identity text not null unique
)
""",
)


T = TypeVar("T")


class ResultRow(NamedTuple):
    """A row of the table of results; ``result`` is JSON, ``asked`` words apart by spaces."""

    submission: str
    content: str
    key: str
    grader: str
    asked: str
    status: SubmissionStatus | Literal["faulty"]
    result: str


class GradebookError(Problem, RuntimeError):
    """The gradebook can't be read or written; the message names the file and the way out."""


class Mark(NamedTuple):
    """The mark that a person gave one answer, a row of the table ``manual``.

    ``answer`` is the fingerprint of the text marked.
    """

    submission: str
    question: str
    answer: str
    score: float
    comment: str = ""


class Gradebook:
    """Results by submission. Each one is on disk before the next is marked.

    Raises :class:`GradebookError` where the file in *folder* can't be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path)
            # A result that was saved outlives a crash of the grader; only a loss of power can take
            # the last ones with it. Without this each submission waits for the disk twice.
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            with self._database:
                for table in _TABLES:
                    self._database.execute(table)
                _migrate(self._database)
        except (OSError, sqlite3.Error) as error:
            raise GradebookError(
                f"{self.path} can't be opened ({error}): move it away to start afresh, or choose "
                "another folder with -o"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def save(self, result: SubmissionRecord, asked: Sequence[str]) -> None:
        """Store *result* in place of any earlier one of that submission.

        *asked* are the notebooks and the kinds of questions that the run asked, and how it trained.

        Raises :class:`GradebookError` where that can't be written.
        """
        row = ResultRow(
            result["submission"],
            result["content"],
            result["key"],
            result["grader"],
            " ".join(asked),
            # A run marks again what the grader itself failed on, be it one check.
            "faulty" if has_errors(result) else result["status"],
            json.dumps(result),
        )
        self._write("insert or replace into results values (?,?,?,?,?,?,?)", row)

    def mark(self, mark: Mark) -> None:
        """Store a person's mark, in place of an earlier one for the same text."""
        self._write("insert or replace into manual values (?,?,?,?,?)", mark)

    def unmark(self, submission: str, question: str, answer: str) -> None:
        """Take back a mark that a person gave."""
        self._write(
            "delete from manual where submission = ? and question = ? and answer = ?",
            (submission, question, answer),
        )

    def marks(self) -> list[Mark]:
        """Return every mark that a person gave."""
        columns = "submission, question, answer, score, comment"
        return self._rows(Mark, f"select {columns} from manual order by 1, 2, 3")

    def pseudonym(self, submission: str, draw: Callable[[], str]) -> str:
        """Return the pseudonym of *submission*: the first that was drawn and that no other has."""
        query = "select pseudonym from pseudonyms where submission = ?"
        while not (found := self._rows(str, query, (submission,))):
            # One that another submission has is passed over.
            self._write("insert or ignore into pseudonyms values (?,?)", (submission, draw()))
        return found[0]

    def _write(self, statement: str, row: Sequence[str | float]) -> None:
        try:
            with self._database:
                self._database.execute(statement, row)
        except sqlite3.Error as error:
            raise GradebookError(
                f"{self.path} can't be written ({error}): see that there is space and that no "
                "other run uses it, then run the same command again; what is in it is kept"
            ) from None

    def graded(self, submission: str, key: str, grader: str, asked: Sequence[str]) -> str | None:
        """Return the content that was graded with the same key, grader and questions, if any was.

        Raises :class:`GradebookError` where that can't be read.
        """
        found = self._rows(
            str,
            "select content from results where submission = ? and key = ? and grader = ? "
            "and asked = ? and status = 'graded'",
            (submission, key, grader, " ".join(asked)),
        )
        return found[0] if found else None

    def sources(self) -> dict[str, str]:
        """Return the name of each source that a run has met, by the source's identity."""
        return dict(self._rows(_pair, "select identity, submission from sources order by 1"))

    def names(self) -> set[str]:
        """Return every name that anything is kept under."""
        tables = ("results", "manual", "pseudonyms", "sources")
        query = " union ".join(f"select submission from {name}" for name in tables)
        return set(self._rows(str, query))

    def belongs(self, submission: str, identity: str) -> None:
        """Keep that the name *submission* is of the source *identity*, and of no other.

        Raises :class:`GradebookError` where that can't be written.
        """
        self._write("insert or replace into sources values (?,?)", (submission, identity))

    def contents(self) -> dict[str, str]:
        """Return the hash of the bytes that each submission's result is of, by name."""
        return dict(self._rows(_pair, "select submission, content from results order by 1"))

    def submissions(self) -> list[str]:
        """Return the names of all submissions that have a result."""
        return self._rows(str, "select submission from results order by 1")

    def results(self, submissions: Iterable[str]) -> Iterator[SubmissionRecord]:
        """Yield the stored results of *submissions*, in that order."""
        for submission in submissions:
            query = "select result from results where submission = ?"
            yield from self._stored_results(query, (submission,))

    def all(self) -> Iterator[SubmissionRecord]:
        """Yield every stored result, in the order of the submissions' names."""
        yield from self._stored_results("select result from results order by submission")

    def _stored_results(self, query: str, values: Sequence[str] = ()) -> list[SubmissionRecord]:
        try:
            return self._rows(json.loads, query, values)
        except ValueError as error:
            raise self._damaged(error) from None

    def _rows(self, row: Callable[..., T], query: str, values: Sequence[str] = ()) -> list[T]:
        """Return a *row* made of the columns of each row that is found."""
        try:
            return [row(*columns) for columns in self._database.execute(query, values)]
        except sqlite3.Error as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> GradebookError:
        return GradebookError(
            f"{self.path} is damaged ({error}): move it away to start afresh, or choose "
            "another folder with -o"
        )


def _pair(one: str, other: str) -> tuple[str, str]:
    return one, other


def _migrate(database: sqlite3.Connection) -> None:
    """Rename the column that was called ``notebooks``, and holds all that a run asked."""
    columns = [name for _, name, *_ in database.execute("pragma table_info(results)")]
    if "notebooks" in columns and "asked" not in columns:
        database.execute("alter table results rename column notebooks to asked")


def has_errors(result: SubmissionRecord) -> bool:
    """Say whether the grader itself failed on a check of *result*."""
    checks = (check for q in result["questions"] for check in q.get("checks") or ())
    return any(check.get("status") == "error" for check in checks)


def table(results: Sequence[SubmissionRecord], questions: Sequence[str]) -> str:
    """Return ``grades.csv``: a row a submission, a column a question.

    A question that was not asked or not reached is an empty cell.
    """
    head = ["submission", "status", "score", "max_score", "pending", *questions]
    return csv_table([head, *(_row(result, questions) for result in results)])


def _row(result: SubmissionRecord, questions: Sequence[str]) -> list[str]:
    scores = {question["id"]: question for question in result["questions"]}
    return [
        guarded(result["submission"]),
        result["status"],
        _points(result["score"]),
        _points(result["max_score"]),
        _points(result["pending"]),
        *(
            _points(scores[id]["score"])
            if id in scores and scores[id]["status"] not in _OPEN
            else ""
            for id in questions
        ),
    ]


def _points(value: float) -> str:
    return f"{value:g}"
