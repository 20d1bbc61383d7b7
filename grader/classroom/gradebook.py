"""The gradebook: every result of a class, in SQLite, so that a run can stop and go on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.classroom.spreadsheets import guarded
from grader.classroom.spreadsheets import table as csv_table
from grader.model.problem import Problem

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
  notebooks text not null,
  status text not null,
  result text not null
)
""",
    # What a person decided stands apart from what was computed: marking again never touches it.
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
)


class GradebookError(Problem, RuntimeError):
    """The gradebook can't be read or written; the message names the file and the way out."""


@dataclass(frozen=True)
class Mark:
    """What a person gave one answer; ``answer`` is the fingerprint of the text that was marked."""

    submission: str
    question: str
    answer: str
    score: float
    comment: str = ""


class Gradebook:
    """Results by submission. Each one is on disk before the next is marked."""

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

    def save(self, result: Mapping[str, Any], asked: Sequence[str]) -> None:
        """Store *result* in place of any earlier one of that submission.

        *asked* are the notebooks and the kinds of questions that the run asked.
        """
        row = (
            result["submission"],
            result["content"],
            result["key"],
            result["grader"],
            " ".join(asked),
            result["status"],
            json.dumps(result),
        )
        self._write("insert or replace into results values (?,?,?,?,?,?,?)", row)

    def mark(self, mark: Mark) -> None:
        """Store what a person gave an answer, in place of an earlier mark of the same text."""
        row = (mark.submission, mark.question, mark.answer, mark.score, mark.comment)
        self._write("insert or replace into manual values (?,?,?,?,?)", row)

    def unmark(self, submission: str, question: str, answer: str) -> None:
        """Take back a mark that a person gave."""
        self._write(
            "delete from manual where submission = ? and question = ? and answer = ?",
            (submission, question, answer),
        )

    def marks(self) -> list[Mark]:
        """Return every mark that a person gave."""
        columns = "submission, question, answer, score, comment"
        return [Mark(*row) for row in self._rows(f"select {columns} from manual order by 1, 2, 3")]

    def pseudonym(self, submission: str, draw: Callable[[], str]) -> str:
        """Return the pseudonym of *submission*: the first that was drawn and that no other has."""
        query = "select pseudonym from pseudonyms where submission = ?"
        while not (found := self._rows(query, (submission,))):
            # One that another submission has is passed over.
            self._write("insert or ignore into pseudonyms values (?,?)", (submission, draw()))
        return str(found[0][0])

    def _write(self, statement: str, row: tuple[Any, ...]) -> None:
        try:
            with self._database:
                self._database.execute(statement, row)
        except sqlite3.Error as error:
            raise GradebookError(
                f"{self.path} can't be written ({error}): see that there is space and that no "
                "other run uses it, then run the same command again; what is in it is kept"
            ) from None

    def known(
        self, submission: str, content: str, key: str, grader: str, asked: Sequence[str]
    ) -> dict[str, Any] | None:
        """Return the stored result of the same content, key and grader, if it was graded."""
        found = self._read(
            "select result from results where submission = ? and content = ? and key = ? "
            "and grader = ? and notebooks = ? and status = 'graded'",
            (submission, content, key, grader, " ".join(asked)),
        )
        return found[0] if found else None

    def has(self, submission: str) -> bool:
        """Say whether there is any result of *submission*."""
        query = "select 1 from results where submission = ?"
        return bool(self._rows(query, (submission,)))

    def results(self, submissions: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield the stored results of *submissions*, in that order."""
        for submission in submissions:
            yield from self._read("select result from results where submission = ?", (submission,))

    def all(self) -> Iterator[dict[str, Any]]:
        """Yield every stored result, in the order of the submissions' names."""
        yield from self._read("select result from results order by submission")

    def _read(self, query: str, values: Sequence[str] = ()) -> list[dict[str, Any]]:
        try:
            return [json.loads(text) for (text,) in self._rows(query, values)]
        except ValueError as error:
            raise self._damaged(error) from None

    def _rows(self, query: str, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> GradebookError:
        return GradebookError(
            f"{self.path} is damaged ({error}): move it away to start afresh, or choose "
            "another folder with -o"
        )


def table(results: Sequence[Mapping[str, Any]], questions: Sequence[str]) -> str:
    """Return ``grades.csv``: a row a submission, a column a question.

    A question that was not asked or not reached is an empty cell.
    """
    head = ["submission", "status", "score", "max_score", "pending", *questions]
    return csv_table([head, *(_row(result, questions) for result in results)])


def _row(result: Mapping[str, Any], questions: Sequence[str]) -> list[str]:
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
