"""The gradebook: every result of a class, in SQLite, so that a run can stop and go on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from grader.classroom import schema
from grader.classroom.database import FILE, GradebookError, pair
from grader.classroom.decisions import Decisions, person
from grader.model.literals import SubmissionStatus
from grader.model.records import SubmissionRecord

__all__ = ["FILE", "Gradebook", "GradebookError", "Mark", "person"]


class ResultRow(NamedTuple):
    """A row of the table of results; ``result`` is JSON, ``asked`` words apart by spaces."""

    submission: str
    content: str
    key: str
    grader: str
    asked: str
    status: SubmissionStatus | Literal["faulty"]
    result: str


class Mark(NamedTuple):
    """The mark that a person gave one answer, a row of the table ``manual``.

    ``answer`` is the fingerprint of the text marked.
    """

    submission: str
    question: str
    answer: str
    score: float
    comment: str = ""


class Gradebook(Decisions):
    """Results by submission. Each one is on disk before the next is marked.

    Raises :class:`GradebookError` where the file in *folder* can't be opened.
    """

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
        return dict(self._rows(pair, "select identity, submission from sources order by 1"))

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
        return dict(self._rows(pair, "select submission, content from results order by 1"))

    def row(self, submission: str) -> ResultRow | None:
        """Return the row of a submission's result; ``None`` where there is none."""
        columns = ", ".join(ResultRow._fields)
        query = f"select {columns} from results where submission = ?"
        return next(iter(self._rows(ResultRow, query, (submission,))), None)

    def put_back(self, row: ResultRow) -> None:
        """Store a row that :meth:`row` gave, in place of what is there."""
        self._write("insert or replace into results values (?,?,?,?,?,?,?)", row)

    def versions(self) -> dict[str, int]:
        """Return a number for each submission's result that differs once another is stored."""
        return dict(self._rows(_version, "select submission, rowid from results order by 1"))

    def submissions(self) -> list[str]:
        """Return the names of all submissions that have a result."""
        return self._rows(str, "select submission from results order by 1")

    def result_rows(self) -> list[int]:
        """Return the number of each stored result; one that is stored again gets another."""
        return self._rows(int, "select rowid from results")

    def waiting(self, query: str) -> list[tuple[int, str, str, str]]:
        """Return what *query* finds of results: number, submission, content, question as JSON."""
        return self._rows(_four, query)

    def results(self, submissions: Iterable[str]) -> Iterator[SubmissionRecord]:
        """Yield the stored results of *submissions*, in that order."""
        for submission in submissions:
            query = "select result from results where submission = ?"
            yield from self._stored_results(query, (submission,))

    def all(self) -> Iterator[SubmissionRecord]:
        """Yield every stored result, in the order of the submissions' names."""
        yield from self._stored_results("select result from results order by submission")

    def _stored_results(self, query: str, values: Sequence[str] = ()) -> list[SubmissionRecord]:
        """Return the results that can be read: a row that is damaged costs itself."""
        found = self._rows(_loaded, query, values)
        return [result for result in found if result is not None]

    def asked(self, submissions: Iterable[str]) -> set[str]:
        """Return what was asked of those of *submissions* that have a result."""
        found = dict(self._rows(pair, "select submission, asked from results"))
        return {found[name] for name in submissions if name in found}

    def keys(self) -> set[str]:
        """Return the hashes of the keys that results are of."""
        return set(self._rows(str, "select distinct key from results where key != ''"))

    def remove(self, submission: str) -> None:
        """Take out all that is kept under a name."""
        for name in schema.OF_SUBMISSIONS:
            self._write(f"delete from {name} where submission = ?", (submission,))

    def take_over(self, submission: str, former: str) -> None:
        """Give *submission* the marks of *former*, which was the same student's, and drop that.

        A mark that both have stays as it is. What stands behind marks goes with them.
        """
        for table in ("judgements", "flags"):
            self._write(
                f"update or ignore {table} set submission = ? where submission = ?",
                (submission, former),
            )
        columns = "question, answer, score, comment"
        self._write(
            f"insert or ignore into manual select ?, {columns} from manual where submission = ?",
            (submission, former),
        )
        for name in ("replays", "adjustments", "appeals"):
            self._write(
                f"update {name} set submission = ? where submission = ?", (submission, former)
            )
        self.remove(former)

    def own(self, submission: str, about: str) -> None:
        """Keep what a download says of who handed in, as JSON."""
        self._write("insert or replace into owners values (?,?)", (submission, about))

    def owners(self) -> dict[str, Any]:
        """Return by submission what downloads said of who handed in."""
        rows = self._rows(pair, "select submission, about from owners order by 1")
        return {name: json.loads(about) for name, about in rows}

    def enroll(self, people: Sequence[str]) -> None:
        """Keep the roster, a JSON text for each person, in place of an earlier one."""
        if self.enrolled() != list(people):
            with self._database:
                self._write("delete from roster", ())
                for person in people:
                    self._write("insert into roster values (null,?)", (person,))

    def enrolled(self) -> list[str]:
        """Return the roster as it was given."""
        return self._rows(str, "select person from roster order by number")

    def wrote(self, submission: str, told: str, page: str) -> None:
        """Keep hashes of what a submission's files were made of, and of its page."""
        self._write("insert or replace into written values (?,?,?)", (submission, told, page))

    def written(self, submission: str) -> tuple[str, str]:
        """Return the hashes that :meth:`wrote` has kept; empty ones where it hasn't."""
        query = "select told, page from written where submission = ?"
        found = self._rows(pair, query, (submission,))
        return found[0] if found else ("", "")

    def offer(self, answers: Iterable[Sequence[str | float]]) -> None:
        """Keep answers that the table of marks shows: id, submission, question, answer, points."""
        self._write_all("insert or replace into answers values (?,?,?,?,?)", answers)

    def offered(self) -> dict[str, Offered]:
        """Return every answer that a table of marks has shown, by the id of its row."""
        columns = "id, submission, question, answer, points"
        return {found.id: found for found in self._rows(Offered, f"select {columns} from answers")}

    def show(self, marks: Mapping[str, tuple[float, str]]) -> None:
        """Keep the marks that the table of marks shows now, by the ids of its rows."""
        try:
            with self._database:
                self._database.execute("delete from shown")
                rows = [(id, *mark) for id, mark in marks.items()]
                self._database.executemany("insert into shown values (?,?,?)", rows)
        except sqlite3.Error as error:
            raise self._unwritten(error) from None

    def shown(self) -> dict[str, tuple[float, str]]:
        """Return the marks that the table of marks showed when it was written, by row."""
        found = self._rows(_mark_shown, "select id, score, comment from shown")
        return {id: (score, comment) for id, score, comment in found}


class Offered(NamedTuple):
    """An answer that the table of marks has shown, by the id of its row there."""

    id: str
    submission: str
    question: str
    answer: str
    points: float


def _version(submission: str, number: int) -> tuple[str, int]:
    return submission, number


def _loaded(text: str) -> SubmissionRecord | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "questions" in found else None  # type: ignore[return-value]


def _mark_shown(id: str, score: float, comment: str) -> tuple[str, float, str]:
    return id, score, comment


def _four(one: int, two: str, three: str, four: str) -> tuple[int, str, str, str]:
    return one, two, three, four


def has_errors(result: SubmissionRecord) -> bool:
    """Say whether the grader itself failed on a check of *result*."""
    checks = (check for q in result["questions"] for check in q.get("checks") or ())
    return any(check.get("status") == "error" for check in checks)
