"""What markers chose for an answer, and the mark that follows.

Each marker has a judgement of an answer: items of the rubric, an adjustment, a comment. One of
them counts, the first that was given, until somebody decides otherwise: its points and its comment
are the row of the table ``manual``, from which everything else is told. A mark that came in by the
table of marks is a judgement of :data:`TABLE`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from grader.classroom.answer_index import HandedAnswer
from grader.classroom.database import pair
from grader.classroom.gradebook import Mark
from grader.classroom.marks_sheet import Where
from grader.classroom.rubric import Item, points_of
from grader.classroom.steps import Row, RowChange, Steps, Value, now

#: Who marks by the table of marks.
TABLE = "written.csv"
#: How many answers are looked up one by one.
_FEW = 8
_COLUMNS = "submission, question, answer, by, items, adjustment, comment, alone, counts, at"


@dataclass(frozen=True)
class Judgement:
    """What a marker chose for one answer. ``alone``: for it by itself, not for its whole group.

    ``counts``: the mark follows from this one, if there are several.
    """

    submission: str
    question: str
    answer: str
    by: str
    items: tuple[str, ...]
    adjustment: float
    comment: str
    alone: bool = False
    counts: bool = False
    at: str = ""

    @property
    def where(self) -> Where:
        return self.submission, self.question, self.answer

    @property
    def row(self) -> tuple[Value, ...]:
        items = json.dumps(list(self.items))
        chosen = items, self.adjustment, self.comment
        return (*self.where, self.by, *chosen, int(self.alone), int(self.counts), self.at)

    def points(self, items: Sequence[Item], most: float, bonus: float = 0.0) -> float:
        """Return the points that it makes, by a rubric and the most that the answer may have."""
        if self.by == TABLE:
            return self.adjustment
        return points_of(items, self.items, self.adjustment, most, bonus)


@dataclass(frozen=True)
class Choice:
    """What a marker chooses, before it is of any answer."""

    items: tuple[str, ...] = ()
    adjustment: float = 0.0
    comment: str = ""


class Judgements(Steps):
    """A gradebook in which markers judge. ``bonus``: how far points may go above the maximum."""

    bonus = 0.0
    #: The points of each question, by its id.
    most: Mapping[str, float] = MappingProxyType({})

    def judgements(self, question: str) -> dict[Where, list[Judgement]]:
        """Return the judgements of a question's answers, the first of each answer first."""
        found: dict[Where, list[Judgement]] = {}
        query = f"select {_COLUMNS} from judgements where question = ? order by at, by"
        for one in self._rows(_judgement, query, (question,)):
            found.setdefault(one.where, []).append(one)
        return found

    def judge(
        self, by: str, answers: Iterable[HandedAnswer], choice: Choice | None, *, alone: bool
    ) -> int:
        """Store what a marker chose for *answers* at once; ``None`` takes the judgement back.

        Answers that the marker has judged by themselves stay as they are, unless *alone*. Others'
        judgements stay; the first one counts. Returns the step's number.
        """
        answers = list(answers)
        with self._whole():
            given = self._given(answer.where for answer in answers)
            known: dict[tuple[Value, ...], Row] = {}
            changes = []
            at = now()
            for answer in answers:
                key = (*answer.where, by)
                mine = next((one for one in given.get(answer.where, ()) if one.by == by), None)
                if mine is not None:
                    known[key] = mine.row
                    if mine.alone and not alone:
                        continue
                if choice is None:
                    changes.append(RowChange("judgements", key, None))
                    continue
                made = Judgement(
                    *key,
                    choice.items,
                    choice.adjustment,
                    choice.comment,
                    alone=alone,
                    counts=mine.counts if mine else False,
                    at=mine.at if mine else at,
                )
                changes.append(RowChange("judgements", key, made.row))
            what = f"{'unmarked' if choice is None else 'marked'} {_count(len(changes), 'answer')}"
            return self._step(by, what, changes, known)

    def decide(self, by: str, answers: Iterable[HandedAnswer], whose: str) -> int:
        """Let the judgement of *whose* count for answers that several have judged."""
        with self._whole():
            changes = []
            for answer in answers:
                for one in self.judgements_of(answer.where):
                    counts = one.by == whose
                    row = (*one.row[:8], int(counts), one.row[9])
                    changes.append(RowChange("judgements", (*one.where, one.by), row))
            return self._step(by, f"let the mark of {whose} count", changes)

    def judgements_of(self, where: Where) -> list[Judgement]:
        """Return the judgements of one answer, the first first."""
        query = (
            f"select {_COLUMNS} from judgements "
            "where submission = ? and question = ? and answer = ? order by at, by"
        )
        return self._rows(_judgement, query, where)

    def rubric(self, question: str) -> list[Item]:
        """Return the items of a question's rubric in their order."""
        columns = "id, question, position, text, points"
        query = f"select {columns} from rubric where question = ? order by position, id"
        return self._rows(Item, query, (question,))

    def begin_rubrics(self, items: Iterable[Item]) -> None:
        """Store the items that questions begin with, where a question has none."""
        with self._whole():
            there = {q for (q,) in self._database.execute("select distinct question from rubric")}
            for item in items:
                if item.question not in there:
                    self._put(RowChange("rubric", (item.id,), tuple(item)))

    def change_rubric(self, by: str, what: str, items: Iterable[RowChange]) -> int:
        """Change items of rubrics; every mark that has one of them follows, in the same step."""
        return self.step(by, what, items)

    def flag(self, by: str, answers: Iterable[HandedAnswer], why: str, *, on: bool) -> int:
        """Flag answers, to be looked at again, or take their flags back."""
        at = now()
        changes = [
            RowChange(
                "flags",
                (one.submission, one.question),
                (one.submission, one.question, by, why, at) if on else None,
            )
            for one in answers
        ]
        return self.step(by, "flagged" if on else "took a flag back", changes)

    def flags(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return who flagged an answer and why, by submission and question."""
        query = "select submission, question, by, why from flags"
        return {(row[0], row[1]): (row[2], row[3]) for row in self._rows(_texts, query)}

    def placed(self, question: str) -> dict[str, str]:
        """Return where people have put a question's answers, by fingerprint."""
        query = "select answer, leader from likeness where question = ? order by 1"
        return dict(self._rows(pair, query, (question,)))

    def seed(self) -> str:
        """Return what orders of groups are drawn from: the same for as long as the class is."""
        if not self.about("order"):
            self.tell("order", secrets.token_hex(8))
        return self.about("order")

    def take_table(self, limits: Mapping[str, float]) -> int:
        """Take marks that came in by other ways as judgements of :data:`TABLE`; return how many.

        A mark that was taken back there takes the judgement that counted with it. *limits* are the
        points of each question.
        """
        marks = {(m.submission, m.question, m.answer): m for m in self.marks()}
        query = f"select {_COLUMNS} from judgements where counts"
        counting = {one.where: one for one in self._rows(_judgement, query)}
        rubrics = {question: self.rubric(question) for question in limits}
        strange = []
        for where in marks.keys() | counting.keys():
            mark, one = marks.get(where), counting.get(where)
            most = limits.get(where[1])
            same = one is not None and mark is not None
            if one is not None and most is not None:
                same = self._mark(one, rubrics, most) == mark
            if not same:
                strange.append((where, mark, one))
        if not strange:
            return 0
        with self._whole():
            for where, mark, one in strange:
                if one is not None and mark is None:
                    self._put(RowChange("judgements", (*where, one.by), None))
                    continue
                self._database.execute(
                    "update judgements set counts = 0 "
                    "where submission = ? and question = ? and answer = ?",
                    where,
                )
                if mark is not None:
                    told = Judgement(*where, TABLE, (), mark.score, mark.comment, True, True, now())
                    self._put(RowChange("judgements", (*where, TABLE), told.row))
        return len(strange)

    def _mark(self, one: Judgement, rubrics: Mapping[str, Sequence[Item]], most: float) -> Mark:
        points = one.points(rubrics.get(one.question, ()), most, self.bonus)
        return Mark(*one.where, points, one.comment)

    def _settled(self, changes: Sequence[RowChange]) -> None:
        touched = {_where(change.key) for change in changes if change.table == "judgements"}
        changed = {change.key[0] for change in changes if change.table == "rubric"}
        if changed:
            query = f"select {_COLUMNS} from judgements where counts"
            for one in self._rows(_judgement, query):
                if changed & set(one.items):
                    touched.add(one.where)
        self._settle(sorted(touched))

    def _settle(self, places: Sequence[Where]) -> None:
        """Let one judgement of each answer count, and bring its mark up to date."""
        given = self._given(places)
        rubrics = {question: self.rubric(question) for question in {one[1] for one in places}}
        counted: list[tuple[Value, ...]] = []
        marks: list[RowChange] = []
        for where in places:
            found = given.get(where)
            if not found:
                marks.append(RowChange("manual", where, None))
                continue
            one = next((j for j in found if j.counts), found[0])
            counted += [(j is one, *where, j.by) for j in found if j.counts != (j is one)]
            most = self.most.get(where[1])
            if most is None:
                most = sum(item.points for item in rubrics[where[1]] if item.points > 0)
            marks.append(RowChange("manual", where, tuple(self._mark(one, rubrics, most))))
        self._database.executemany(
            "update judgements set counts = ? "
            "where submission = ? and question = ? and answer = ? and by = ?",
            counted,
        )
        self._put_all(marks)

    def _given(self, places: Iterable[Where]) -> dict[Where, list[Judgement]]:
        """Return the judgements of some answers: of whole questions, where they are many."""
        places = list(places)
        if len(places) <= _FEW:
            return {where: self.judgements_of(where) for where in places}
        found: dict[Where, list[Judgement]] = {}
        for question in {one[1] for one in places}:
            found |= self.judgements(question)
        return found


def _judgement(*row: Value) -> Judgement:
    submission, question, answer, by, items, adjustment, comment, alone, counts, at = row
    return Judgement(
        str(submission),
        str(question),
        str(answer),
        str(by),
        tuple(json.loads(str(items))),
        float(adjustment or 0),
        str(comment),
        bool(alone),
        bool(counts),
        str(at),
    )


def _where(key: Sequence[Value]) -> Where:
    return str(key[0]), str(key[1]), str(key[2])


def _texts(*columns: str) -> tuple[str, ...]:
    return columns


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
