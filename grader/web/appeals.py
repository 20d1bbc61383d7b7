"""Appeals in the desk: the list, and each with the answer or the code that it is about."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.classroom import appeals
from grader.classroom.decisions import Appeal
from grader.classroom.overrides import new_id
from grader.model.records import QuestionRecord
from grader.reports.findings import points as points_of
from grader.reports.findings import story
from grader.reports.pages import diagnoses
from grader.web import fields, refusals
from grader.web.desk import Desk
from grader.web.fields import tried
from grader.web.pages import desk_of, done, marker_of, page, session_of
from grader.web.refusals import Refusal
from grader.web.students import Students, causes_of

#: How a decision may change points.
AWARDS: tuple[Literal["none", "add", "set"], ...] = ("none", "add", "set")


async def listed(request: Request) -> Response:
    """List the appeals, the open ones first, with the form that records one."""
    desk = desk_of(request)
    asked = set((await causes_of(desk)).questions())
    students = Students(desk, session_of(request).names)
    found = sorted(desk.gradebook.appeals(), key=lambda one: (bool(one.decision), one.at, one.id))
    return page(
        request,
        "appeals.html.j2",
        appeals=[(one, students.called(one.submission), _title(desk, one)) for one in found],
        questions=[(q.id, q.title) for q in desk.assignment.questions if q.id in asked],
        new=new_id("a"),
    )


async def record(request: Request) -> Response:
    """Record an objection against a page's code."""
    desk = desk_of(request)
    tried(
        appeals.record,
        desk.gradebook,
        fields.text(request, "code"),
        fields.text(request, "objection"),
        fields.text(request, "question"),
        by=marker_of(request),
        id=fields.text(request, "new"),
    )
    return done(request, "/appeals", "The objection is recorded.")


async def one(request: Request) -> Response:
    """Show an appeal with what it is about, and the form that decides it."""
    desk = desk_of(request)
    await causes_of(desk)
    appeal = _appeal(request, desk)
    students = Students(desk, session_of(request).names)
    words = diagnoses(desk.key)
    questions: list[QuestionRecord] = []
    current = True
    for stored in desk.gradebook.results([appeal.submission]):
        current = stored.get("replay") == appeal.code
        told = desk.telling().told(stored)
        questions = [q for q in told["questions"] if appeal.question in ("", q["id"])]
    award = appeals.award_of(desk.gradebook, appeal.id)
    return page(
        request,
        "appeal.html.j2",
        appeal=appeal,
        title=_title(desk, appeal),
        student=students.called(appeal.submission),
        mark=students.mark(appeal.submission),
        stories=[story(question, words) for question in questions],
        points_of=points_of,
        current=current,
        award=award,
        code=[q.id for q in desk.assignment.questions if q.kind in ("code", "training")],
    )


async def decide(request: Request) -> Response:
    """Decide an appeal, or decide it otherwise."""
    desk = desk_of(request)
    appeal = _appeal(request, desk)
    change = fields.choice(request, "change", AWARDS)
    award = None if change == "none" else (change, fields.number(request, "points"))
    decision = fields.text(request, "decision")
    same = appeals.award_of(desk.gradebook, appeal.id)
    before = (same.change, same.points) if same else None
    if not decision or (appeal.decision, before) != (decision, award):
        tried(appeals.decide, desk.gradebook, appeal.id, decision, award, by=marker_of(request))
    said = "The decision stands on the student's page."
    return done(request, fields.text(request, "back") or "/appeals", said)


async def reopen(request: Request) -> Response:
    """Take a decision back."""
    desk = desk_of(request)
    appeal = _appeal(request, desk)
    if appeal.decision:
        appeals.reopen(desk.gradebook, appeal.id, by=marker_of(request))
    return done(request, f"/appeals/{appeal.id}", "The objection is open again.")


def _appeal(request: Request, desk: Desk) -> Appeal:
    for found in desk.gradebook.appeals():
        if found.id == request.path_params["appeal"]:
            return found
    raise Refusal(404, refusals.MISSING)


def _title(desk: Desk, appeal: Appeal) -> str:
    """Return what an appeal is about."""
    titles = {question.id: question.title for question in desk.assignment.questions}
    return titles.get(appeal.question, appeal.question) or "The whole hand-in"


ROUTES = [
    Route("/appeals", listed, methods=["GET"]),
    Route("/appeals", record, methods=["POST"]),
    Route("/appeals/{appeal}", one, methods=["GET"]),
    Route("/appeals/{appeal}", decide, methods=["POST"]),
    Route("/appeals/{appeal}/reopen", reopen, methods=["POST"]),
]
