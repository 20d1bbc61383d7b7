"""The answers of a class that a person marks, kept in memory: no result is parsed for a page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.classroom.gradebook import Gradebook
from grader.classroom.hand_marks import answer_id, text_of
from grader.classroom.marks_sheet import row_id

#: Each waiting question of the results in some rows; a result that is damaged costs itself.
_WAITING = """
select r.rowid, r.submission, r.content, q.value
from results r, json_each(
  case when json_valid(r.result) then r.result else '{}' end, '$.questions'
) q
where json_extract(q.value, '$.status') = 'needs_marking'
"""


@dataclass(frozen=True)
class HandedAnswer:
    """One answer of one submission. ``id`` is that of its row in the table of marks.

    ``fingerprint`` is what its mark is stored under, ``points`` the most that it may have.
    ``written``: there is a text; else ``text`` says why a person is asked.
    """

    id: str
    submission: str
    question: str
    fingerprint: str
    title: str
    points: float
    text: str
    written: bool

    @property
    def where(self) -> tuple[str, str, str]:
        return self.submission, self.question, self.fingerprint


class AnswerIndex:
    """The answers by question. :meth:`refresh` reads those of results that are new."""

    def __init__(self) -> None:
        self._rows: dict[int, list[HandedAnswer]] = {}
        self._questions: dict[str, list[HandedAnswer]] = {}
        self._by_id: dict[str, HandedAnswer] = {}
        #: Another number whenever an answer is there that wasn't, or has gone.
        self.edition = 0

    def refresh(self, gradebook: Gradebook) -> None:
        """Bring the index up to date with the gradebook. Raises what a gradebook raises."""
        there = set(gradebook.result_rows())
        gone, fresh = self._rows.keys() - there, there - self._rows.keys()
        if not gone and not fresh:
            return
        for number in gone:
            del self._rows[number]
        for number in fresh:
            self._rows[number] = []
        for number, answer in _read(gradebook, sorted(fresh), whole=len(fresh) == len(there)):
            self._rows[number].append(answer)
        self._questions, self._by_id = {}, {}
        answers = (answer for found in self._rows.values() for answer in found)
        for answer in sorted(answers, key=lambda a: (a.question, a.submission)):
            self._questions.setdefault(answer.question, []).append(answer)
            self._by_id[answer.id] = answer
        self.edition += 1

    def questions(self) -> list[str]:
        """Return the ids of the questions that have answers."""
        return list(self._questions)

    def of(self, question: str) -> Sequence[HandedAnswer]:
        """Return the answers to a question, in the order of submissions."""
        return self._questions.get(question, ())

    def get(self, id: str) -> HandedAnswer | None:
        """Return the answer of an id, if there is one."""
        return self._by_id.get(id)

    def all(self) -> Iterator[HandedAnswer]:
        """Yield every answer."""
        for found in self._questions.values():
            yield from found


def _read(
    gradebook: Gradebook, rows: Sequence[int], *, whole: bool
) -> Iterator[tuple[int, HandedAnswer]]:
    if whole:
        found = gradebook.waiting(_WAITING)
    else:
        found = []
        for number in rows:
            found += gradebook.waiting(f"{_WAITING} and r.rowid = {int(number)}")
    for number, submission, content, text in found:
        question = json.loads(text)
        fingerprint = answer_id({"content": content}, question)  # type: ignore[typeddict-item]
        where = submission, question["id"], fingerprint
        said = text_of(question)
        yield (
            number,
            HandedAnswer(
                row_id(where),
                *where,
                question["title"],
                float(question["max_score"]),
                said,
                bool(question["evidence"].get("answer")),
            ),
        )
