"""The gradebook: every result of a class, in SQLite, so that a run can stop and go on."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FILE = "gradebook.sqlite"
CSV = "grades.csv"

_TABLE = """
create table if not exists results (
  submission text primary key,
  content text not null,
  key text not null,
  grader text not null,
  notebooks text not null,
  status text not null,
  result text not null
)
"""


class GradebookError(RuntimeError):
    """The gradebook can't be read or written; the message names the file and the way out."""


class Gradebook:
    """Results by submission. Each one is on disk before the next is marked."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path)
            with self._database:
                self._database.execute(_TABLE)
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

    def save(self, result: Mapping[str, Any], notebooks: Sequence[str]) -> None:
        """Store *result* in place of any earlier one of that submission."""
        row = (
            result["submission"],
            result["content"],
            result["key"],
            result["grader"],
            " ".join(notebooks),
            result["status"],
            json.dumps(result),
        )
        try:
            with self._database:
                self._database.execute("insert or replace into results values (?,?,?,?,?,?,?)", row)
        except sqlite3.Error as error:
            raise GradebookError(
                f"{self.path} can't be written ({error}): see that there is space and that no "
                "other run uses it, then run the same command again; what is in it is kept"
            ) from None

    def known(
        self, submission: str, content: str, key: str, grader: str, notebooks: Sequence[str]
    ) -> dict[str, Any] | None:
        """Return the stored result of the same content, key and grader, if it was graded."""
        found = self._read(
            "select result from results where submission = ? and content = ? and key = ? "
            "and grader = ? and notebooks = ? and status = 'graded'",
            (submission, content, key, grader, " ".join(notebooks)),
        )
        return found[0] if found else None

    def results(self, submissions: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield the stored results of *submissions*, in that order."""
        for submission in submissions:
            yield from self._read("select result from results where submission = ?", (submission,))

    def all(self) -> Iterator[dict[str, Any]]:
        """Yield every stored result, in the order of the submissions' names."""
        yield from self._read("select result from results order by submission")

    def _read(self, query: str, values: Sequence[str] = ()) -> list[dict[str, Any]]:
        try:
            return [json.loads(text) for (text,) in self._database.execute(query, values)]
        except (sqlite3.Error, ValueError) as error:
            raise GradebookError(
                f"{self.path} is damaged ({error}): move it away to start afresh, or choose "
                "another folder with -o"
            ) from None


def table(results: Sequence[Mapping[str, Any]], questions: Sequence[str]) -> str:
    """Return ``grades.csv``: a row a submission, a column a question.

    A question that was not asked or not reached is an empty cell.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["submission", "status", "score", "max_score", "pending", *questions])
    for result in results:
        scores = {question["id"]: question for question in result["questions"]}
        writer.writerow(
            [
                _cell(result["submission"]),
                result["status"],
                _points(result["score"]),
                _points(result["max_score"]),
                _points(result["pending"]),
                *(
                    _points(scores[id]["score"])
                    if id in scores and scores[id]["status"] != "not_graded"
                    else ""
                    for id in questions
                ),
            ]
        )
    return text.getvalue()


def write(path: Path, text: str | bytes) -> None:
    """Write a file so that it is there whole or not at all. Raises :class:`GradebookError`."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise GradebookError(
            f"{path} can't be written ({error.strerror}): free some space or choose another folder "
            "with -o, then run the same command again; what is marked is kept"
        ) from None


def _points(value: float) -> str:
    return f"{value:g}"


def _cell(text: str) -> str:
    # Some spreadsheets take a wide letter for the sign that it looks like.
    return "'" + text if unicodedata.normalize("NFKC", text[:1]) in tuple("=+-@\t\r\n") else text
