"""What a person decided over what was marked; it stays through every regrade."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Literal, get_args

from grader.classroom.roster import plain
from grader.classroom.scoring import rounded, status_of, totalled
from grader.model.records import GradeLine, QuestionRecord, SubmissionRecord

#: What a person may change: set points, add or take some, leave a question out, excuse somebody.
Change = Literal["set", "add", "bonus", "exempt", "excuse"]
CHANGES: tuple[Change, ...] = get_args(Change)
ALL = "*"


@dataclass(frozen=True)
class Adjustment:
    """What a person decided, for one submission or for :data:`ALL`.

    Without a question it is about the whole submission, without a check about the whole question.
    ``points`` are set, or added (``add``, ``bonus``; negative ones are taken away). What is added
    as a bonus may go above the maximum.
    """

    id: str
    submission: str
    question: str
    check: str
    change: Change
    points: float
    reason: str
    by: str = ""
    at: str = ""

    @classmethod
    def of(cls, row: Sequence[Any]) -> Adjustment:
        """Return what a row of the gradebook's table holds; points that are no number are none."""
        made = cls(*row)
        sound = isinstance(made.points, (int, float)) and math.isfinite(made.points)
        return made if sound else replace(made, points=0.0)

    @property
    def row(self) -> tuple[str | float, ...]:
        """The row of the gradebook's table."""
        return astuple(self)

    def about(self, result: SubmissionRecord, said: frozenset[str]) -> bool:
        names = (ALL, result["submission"])
        return self.submission in names or plain(self.submission) in said


def adjusted(
    result: SubmissionRecord, adjustments: Iterable[Adjustment], said: frozenset[str]
) -> tuple[SubmissionRecord, list[GradeLine]]:
    """Return *result* with what a person changed of its questions, and lines about the whole."""
    mine = [one for one in adjustments if one.about(result, said)]
    lines: list[GradeLine] = []
    if not mine:
        return result, lines
    made = copy.deepcopy(result)
    order = {"set": 0, "add": 1, "bonus": 2, "exempt": 3, "excuse": 4}
    for one in sorted(mine, key=lambda one: (order[one.change], one.at, one.id)):
        if one.question:
            for question in made["questions"]:
                if question["id"] == one.question:
                    _change(question, one)
    made = totalled(made)
    for one in sorted(mine, key=lambda one: (order[one.change], one.at, one.id)):
        if not one.question and one.change in ("set", "add", "bonus"):
            total = made["score"] + sum(line["points"] for line in lines)
            points = one.points - total if one.change == "set" else one.points
            lines.append({"what": _why(one), "points": rounded(points)})
    return made, lines


def _change(question: QuestionRecord, one: Adjustment) -> None:
    maximum, before_all = question["max_score"], question["score"]
    if one.change == "exempt":
        question["score"] = question["max_score"] = 0.0
        question["checks"] = []
        question["status"] = "passed"
    elif one.check:
        for check in question.get("checks") or []:
            if check["id"] == one.check:
                before = check["score"]
                points = one.points if one.change == "set" else before + one.points
                if one.change == "add":
                    points = min(points, max(check["max_score"], before))
                check["score"] = rounded(max(0.0, points))
                question["score"] = rounded(question["score"] + check["score"] - before)
    elif one.change == "set":
        question["score"] = one.points
    else:
        question["score"] = rounded(max(0.0, question["score"] + one.points))
    if one.change != "exempt":
        if one.change == "add":
            question["score"] = min(question["score"], max(maximum, before_all))
        question["status"] = status_of(question)
    question["notes"] = [*question["notes"], _why(one)]
    question["evidence"]["marked_by"] = "hand"


def _why(one: Adjustment) -> str:
    words = {
        "set": f"Points set to {one.points:g}",
        "add": f"{one.points:+g} points",
        "bonus": f"Bonus of {one.points:g} points",
        "exempt": "This question doesn't count",
        "excuse": "Excused",
    }
    return f"{words[one.change]}: {one.reason or 'no reason given'}."


def change_of(text: str) -> Change | None:
    """Return the change that a word stands for; ``None`` for another word."""
    word = text.strip().casefold()
    return next((change for change in CHANGES if change == word), None)
