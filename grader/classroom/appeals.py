"""Objections of students: recorded by the code of a page, decided by a person, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from grader.classroom.adjustments import Adjustment
from grader.classroom.decisions import Appeal, now, person
from grader.classroom.gradebook import Gradebook
from grader.classroom.overrides import check_changes, log_changes, new_id, of, removal, row_change
from grader.classroom.steps import RowChange, Steps
from grader.model.problem import Problem
from grader.wording import decisions as words

#: How a decision changes points.
Award = tuple[Literal["set", "add"], float]


class NoAppeal(Problem, ValueError):
    """An objection can't be recorded or decided; the message says why."""


def record(
    gradebook: Steps, code: str, objection: str, question: str = "", by: str = "", id: str = ""
) -> Appeal:
    """Record an objection against the page that shows *code*, and log it.

    Raises :class:`NoAppeal` where no page has that code, or its result has no such question.
    """
    row = gradebook.replay(code.strip().lower())
    if row is None:
        raise NoAppeal(f"no result has the code {code!r}: it stands at the end of a student's page")
    if not objection.strip():
        raise NoAppeal("say what the student objects to")
    questions = _questions(gradebook, row.submission)
    if question and question not in questions:
        raise NoAppeal(f"{row.submission} has no question {question!r}: {', '.join(questions)}")
    for one in gradebook.appeals():
        if one.id == id:
            return one  # the form has come twice
    made = Appeal(
        id or new_id("a"),
        row.code,
        row.submission,
        question,
        objection.strip(),
        by or person(),
        now(),
    )
    gradebook.step(made.by, words.OBJECT, [RowChange("appeals", (made.id,), made)])
    what = words.OBJECTED.format(id=made.id, code=made.code)
    gradebook.log(what, made.submission, question, made.objection, by)
    return made


def decide(
    gradebook: Steps, id: str, decision: str, award: Award | None = None, by: str = ""
) -> Appeal:
    """Decide an appeal, in place of an earlier decision; *award* is about the points it is about.

    Raises :class:`NoAppeal` where there is none of that id, or nothing is decided.
    """
    found = appeal_of(gradebook, id)
    if not decision.strip():
        raise NoAppeal("say what was decided: it stands on the student's page")
    who, at = by or person(), now()
    awarded: list[Adjustment] = []
    if award is not None:
        change, points = award
        row = (found.submission, found.question, "", change, points, words.ON_APPEAL, who, at)
        awarded.append(Adjustment.of((f"{id}.1", *row)))
        check_changes(awarded)
    made = found._replace(decision=decision.strip(), decided_by=who, decided_at=at)
    changes = [*map(removal, _awarded(gradebook, id)), *map(row_change, awarded)]
    gradebook.step(who, words.DECIDE, [*changes, RowChange("appeals", (id,), made)])
    log_changes(gradebook, awarded)
    what = words.DECIDED.format(id=id)
    gradebook.log(what, made.submission, made.question, made.decision, by)
    return made


def reopen(gradebook: Steps, id: str, why: str = "", by: str = "") -> Appeal:
    """Take back the decision of an appeal, and the points that it changed.

    Raises :class:`NoAppeal` where there is none of that id.
    """
    found = appeal_of(gradebook, id)
    made = found._replace(decision="", decided_by="", decided_at="")
    changes = [*map(removal, _awarded(gradebook, id)), RowChange("appeals", (id,), made)]
    gradebook.step(by or person(), words.REOPEN, changes)
    what = words.REOPENED.format(id=id)
    gradebook.log(what, made.submission, made.question, why, by)
    return made


def appeal_of(gradebook: Gradebook, id: str) -> Appeal:
    """Return the appeal of an id. Raises :class:`NoAppeal` where there is none."""
    for one in gradebook.appeals():
        if one.id == id:
            return one
    raise NoAppeal(f"{id!r} is no objection that was recorded: `grader appeal` lists them")


def award_of(gradebook: Gradebook, id: str) -> Adjustment | None:
    """Return how the decision of an appeal has changed points, if it has."""
    return next(iter(_awarded(gradebook, id)), None)


def _awarded(gradebook: Gradebook, id: str) -> list[Adjustment]:
    return of(map(Adjustment.of, gradebook.adjustments()), id)


def _questions(gradebook: Gradebook, submission: str) -> Sequence[str]:
    results = gradebook.results([submission])
    return [question["id"] for result in results for question in result["questions"]]
