"""Objections of students: recorded by the code of a page, decided by a person, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from grader.classroom.decisions import Appeal
from grader.classroom.gradebook import Gradebook, now, person
from grader.classroom.overrides import change_points, new_id, take_back
from grader.model.problem import Problem
from grader.wording import decisions as words

#: How a decision changes points.
Award = tuple[Literal["set", "add"], float]


class NoAppeal(Problem, ValueError):
    """An objection can't be recorded or decided; the message says why."""


def record(
    gradebook: Gradebook, code: str, objection: str, question: str = "", by: str = ""
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
    made = Appeal(
        new_id("a"), row.code, row.submission, question, objection.strip(), by or person(), now()
    )
    gradebook.appeal(made)
    what = words.OBJECTED.format(id=made.id, code=made.code)
    gradebook.log(what, made.submission, question, made.objection, by)
    return made


def decide(
    gradebook: Gradebook, id: str, decision: str, award: Award | None = None, by: str = ""
) -> Appeal:
    """Decide an appeal, in place of an earlier decision; *award* is about the points it is about.

    Raises :class:`NoAppeal` where there is none of that id, or nothing is decided.
    """
    found = appeal_of(gradebook, id)
    if not decision.strip():
        raise NoAppeal("say what was decided: it stands on the student's page")
    if award is not None and award[0] == "set" and award[1] < 0:
        raise NoAppeal("points that are set are a number that isn't negative")
    take_back(gradebook, id, by=by)
    if award is not None:
        change, points = award
        of_it = f"{id}.1"
        change_points(
            *(gradebook, found.submission, found.question, change, points, words.ON_APPEAL),
            by=by,
            id=of_it,
        )
    made = found._replace(decision=decision.strip(), decided_by=by or person(), decided_at=now())
    gradebook.appeal(made)
    what = words.DECIDED.format(id=id)
    gradebook.log(what, made.submission, made.question, made.decision, by)
    return made


def reopen(gradebook: Gradebook, id: str, why: str = "", by: str = "") -> Appeal:
    """Take back the decision of an appeal, and the points that it changed.

    Raises :class:`NoAppeal` where there is none of that id.
    """
    found = appeal_of(gradebook, id)
    take_back(gradebook, id, why, by)
    made = found._replace(decision="", decided_by="", decided_at="")
    gradebook.appeal(made)
    what = words.REOPENED.format(id=id)
    gradebook.log(what, made.submission, made.question, why, by)
    return made


def appeal_of(gradebook: Gradebook, id: str) -> Appeal:
    """Return the appeal of an id. Raises :class:`NoAppeal` where there is none."""
    for one in gradebook.appeals():
        if one.id == id:
            return one
    raise NoAppeal(f"{id!r} is no objection that was recorded: `grader appeal` lists them")


def _questions(gradebook: Gradebook, submission: str) -> Sequence[str]:
    results = gradebook.results([submission])
    return [question["id"] for result in results for question in result["questions"]]
