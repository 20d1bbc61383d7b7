"""What a class's report counts, taken from results one at a time: none is kept whole."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from grader.classroom.lost_points import LostBy, lost_points
from grader.classroom.next_step import Builds, next_step
from grader.model.literals import Kind, SubmissionStatus
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Stages that say that there was nothing to judge yet.
UNREACHED = ("missing", "not_implemented")
#: Stages at which a student's process ended.
CRASHED = ("died", "out_of_memory")
#: What was asked and has no mark yet, or none by the grader's fault.
_OPEN = ("needs_marking", "not_graded")


class ClassItem(NamedTuple):
    """A question, or one of its checks (``check`` isn't empty). ``maximum`` in points."""

    question: str
    check: str
    title: str
    notebook: str
    maximum: float


class Next(NamedTuple):
    """What a submission's owner does next: the question's id and title, and what is said of it."""

    question: str
    title: str
    said: str
    diagnosis: str
    gain: float


@dataclass(frozen=True, slots=True)
class Tallied:
    """One submission. ``marks`` and ``codes`` are by the place of an item in :class:`Tally`."""

    submission: str
    status: SubmissionStatus
    score: float
    max_score: float
    pending: float
    late: bool
    crashed: bool
    timed_out: bool
    places: array[int]
    marks: array[float]
    codes: array[int]
    lost: Sequence[tuple[int, LostBy, float]]
    next: Next | None

    @property
    def missing(self) -> float:
        """The points that are lost, of those that were judged."""
        return self.max_score - self.score


#: The bits of a code: the item is right; it was reached; time ran out; it has no mark.
PASSED, REACHED, TIMED_OUT, OPEN = 1, 2, 4, 8


@dataclass(frozen=True)
class Matrix:
    """Marks (N, K) of the submissions that were asked the same, and what is said of each."""

    rows: Sequence[Tallied]
    items: Sequence[ClassItem]
    marks: Numbers
    passed: Flags
    reached: Flags
    timed_out: Flags
    open: Flags

    @property
    def maxima(self) -> Numbers:
        return np.array([item.maximum for item in self.items], np.float64)

    def only(self, kept: Sequence[int]) -> Matrix:
        """Return the matrix of the items at those places."""
        place = np.asarray(kept, np.intp)
        return Matrix(
            self.rows,
            [self.items[i] for i in kept],
            self.marks[:, place],
            self.passed[:, place],
            self.reached[:, place],
            self.timed_out[:, place],
            self.open[:, place],
        )

    @cached_property
    def questions(self) -> Matrix:
        return self.only([i for i, item in enumerate(self.items) if not item.check])

    @cached_property
    def checks(self) -> Matrix:
        return self.only([i for i, item in enumerate(self.items) if item.check])


@dataclass
class Tally:
    """Counts results as they are added. *kinds* are questions' by their ids."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    builds_on: Builds = field(default_factory=dict)
    _rows: dict[str, Tallied] = field(default_factory=dict)
    _places: dict[tuple[str, str], int] = field(default_factory=dict)
    _items: dict[int, ClassItem] = field(default_factory=dict)

    def add(self, result: SubmissionRecord, *, late: bool = False) -> None:
        """Count one result as it is told, in the place of an earlier one of that submission.

        *late* where a download says so and no rule does.
        """
        places, marks, codes = array("l"), array("d"), array("B")
        lost: list[tuple[int, LostBy, float]] = []
        stages: set[str] = set()
        for question in result["questions"]:
            place = self._place(question)
            places.append(place)
            marks.append(question["score"])
            codes.append(_code_of(question))
            if question["status"] not in _OPEN:
                lost += [(place, *one) for one in lost_points(question, self._kind(question))]
            for check in question.get("checks") or ():
                stages.add(check.get("stage") or "")
                places.append(self._place(question, check))
                marks.append(check["score"])
                codes.append(_code(check))
        self._rows[result["submission"]] = Tallied(
            result["submission"],
            result["status"],
            result["score"],
            result["max_score"],
            result["pending"],
            result["grade"]["late"] if "grade" in result else late,
            not stages.isdisjoint(CRASHED),
            "timed_out" in stages,
            places,
            marks,
            codes,
            lost,
            self._next(result),
        )

    def forget(self, submission: str) -> None:
        """Count a submission no more."""
        self._rows.pop(submission, None)

    @property
    def rows(self) -> list[Tallied]:
        """What was counted, in the order of the submissions' names."""
        return [self._rows[name] for name in sorted(self._rows)]

    @property
    def graded(self) -> list[Tallied]:
        """The submissions of which anything was judged."""
        return [row for row in self.rows if row.status != "unreadable"]

    def item(self, place: int) -> ClassItem:
        """Return the item at a place."""
        return self._items[place]

    def matrix(self) -> Matrix:
        """Return the marks of those who were asked what most were asked, and marked in full.

        Items stand in the order of the notebooks: each question, then its checks. A check that a
        judged question has no verdict on wasn't reached and has no points.
        """
        order = self._order()
        column = np.full(len(self._items), -1, np.intp)
        column[order] = np.arange(len(order))
        asked: dict[frozenset[int], list[Tallied]] = {}
        for row in self.rows:
            if row.status == "graded":
                own = frozenset(p for p in row.places if not self._items[p].check)
                asked.setdefault(own, []).append(row)
        common = max(asked, key=lambda own: len(asked[own]), default=frozenset())
        rows = asked.get(common, [])
        marks = np.zeros((len(rows), len(order)))
        codes = np.zeros((len(rows), len(order)), np.uint8)
        for i, row in enumerate(rows):
            places = column[np.frombuffer(row.places, dtype=np.dtype("l"))]
            marks[i, places] = np.frombuffer(row.marks)
            codes[i, places] = np.frombuffer(row.codes, np.uint8)
        whole = Matrix(
            rows,
            [self._items[place] for place in order],
            marks,
            passed=codes & PASSED > 0,
            reached=codes & REACHED > 0,
            timed_out=codes & TIMED_OUT > 0,
            open=codes & OPEN > 0,
        )
        questions = {self._items[place].question for place in common}
        return whole.only([i for i, one in enumerate(whole.items) if one.question in questions])

    def _order(self) -> list[int]:
        """Return the places of all items: questions as they come, each before its checks."""
        first: dict[str, int] = {}
        for place, item in self._items.items():
            if not item.check:
                first[item.question] = place
        return sorted(self._items, key=lambda p: (first[self._items[p].question], p))

    def _place(self, question: QuestionRecord, check: CheckRecord | None = None) -> int:
        name = question["id"], check["id"] if check else ""
        place = self._places.setdefault(name, len(self._places))
        if place not in self._items:
            one = check or question
            maximum, notebook = one["max_score"], question["notebook"]
            self._items[place] = ClassItem(*name, one["title"], notebook, maximum)
        return place

    def _kind(self, question: QuestionRecord) -> Kind:
        return self.kinds.get(question["id"], "code")

    def _next(self, result: SubmissionRecord) -> Next | None:
        step = next_step(result, self.builds_on)
        if step is None:
            return None
        from_checks = [c for c in step.question.get("checks") or () if c["status"] != "passed"]
        first = min(from_checks, key=lambda c: not c.get("diagnosis"), default=None)
        notes = step.question.get("notes") or [""]
        return Next(
            step.question["id"],
            step.question["title"],
            (first.get("message") or "") if first else notes[0],
            (first.get("diagnosis") or "") if first else "",
            step.missing,
        )


def _code_of(question: QuestionRecord) -> int:
    status = question["status"]
    if status in _OPEN:
        return OPEN
    reached = status != "not_implemented"
    return (PASSED if status == "passed" else 0) | (REACHED if reached else 0)


def _code(check: CheckRecord) -> int:
    stage = check.get("stage")
    code = PASSED if check["status"] == "passed" else 0
    code |= REACHED if stage not in UNREACHED else 0
    code |= TIMED_OUT if stage == "timed_out" else 0
    return code | (OPEN if check["status"] == "error" else 0)
