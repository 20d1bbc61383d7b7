"""By what a submission lost its points: each point of a question once, by one cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from grader.model.literals import Kind
from grader.model.records import CheckRecord, QuestionRecord, evidence_of

#: What points are lost by: a known mistake, the line that all repairs lie on, how far a check
#: came; a text or a training; code that isn't written.
Reason = Literal["mistake", "line", "stage", "written", "training", "unwritten", "rest"]


class LostBy(NamedTuple):
    """Why points are missing: ``what`` is an id, a stage or a kind of edit, ``where`` a line."""

    reason: Reason
    what: str
    where: str = ""


def lost_points(question: QuestionRecord, kind: Kind) -> Iterator[tuple[LostBy, float]]:
    """Yield by what a question of that *kind* has lost points, and how many: all, once.

    Points that a person gave or took, and no check, are shared in proportion.
    """
    missing = question["max_score"] - question["score"]
    told: dict[LostBy, float] = {}
    for check in question.get("checks") or ():
        lost = check["max_score"] - check["score"]
        if check["status"] != "passed" and lost > 0:
            cause = _cause(question, check, kind)
            told[cause] = told.get(cause, 0.0) + lost
    known = sum(told.values())
    if known and missing > 0:
        yield from ((cause, lost * missing / known) for cause, lost in told.items())
    elif missing > 0:
        yield _cause_without(question, kind), missing


def _cause(question: QuestionRecord, check: CheckRecord, kind: Kind) -> LostBy:
    if check.get("diagnosis"):
        return LostBy("mistake", check["diagnosis"] or "")
    if check.get("stage") == "not_implemented":
        return LostBy("unwritten", question["id"])
    if kind == "training":
        return LostBy("training", question["id"])
    for told in evidence_of(check).get("explanations") or ():
        if told["mechanism"] == "catalogue" and told.get("misconception"):
            return LostBy("mistake", told["misconception"])
    for told in evidence_of(check).get("explanations") or ():
        line = _line(check, told.get("file", ""), told.get("line", 0))
        if told["mechanism"] == "repair" and line:
            return LostBy("line", told.get("edit", ""), line)
    return LostBy("stage", check.get("stage") or check["status"])


def _cause_without(question: QuestionRecord, kind: Kind) -> LostBy:
    if question["status"] == "not_implemented":
        return LostBy("unwritten", question["id"])
    if kind in ("written", "training"):
        return LostBy("written" if kind == "written" else "training", question["id"])
    return LostBy("rest", question["id"])


def _line(check: CheckRecord, file: str, line: int) -> str:
    """Return the text of a line of the student's that a check's evidence shows; "" without it."""
    source = evidence_of(check).get("source")
    if source is None or source["file"] != file:
        return ""
    place = line - source["first"]
    return " ".join(source["lines"][place].split()) if 0 <= place < len(source["lines"]) else ""
