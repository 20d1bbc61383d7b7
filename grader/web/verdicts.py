"""Code and training questions in the desk: each student's function, verdicts, and overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from grader.classroom import overrides
from grader.classroom.adjustments import Adjustment, Change
from grader.classroom.cause_index import Standing
from grader.model.assignment import Question
from grader.model.evidence import SourceFacts
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord, evidence_of
from grader.reports import pages
from grader.reports.feedback import feedback
from grader.reports.findings import finding, first, story
from grader.web import fields, refusals
from grader.web.cause_view import href
from grader.web.desk import Desk
from grader.web.fields import tried
from grader.web.handed_in import texts_of
from grader.web.pages import desk_of, done, marker_of, page, session_of
from grader.web.refusals import Refusal
from grader.web.students import Students, causes_of
from grader.wording import labels

#: What a page of a student's may do within the desk: show itself, and nothing else.
FRAME = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
#: What may be done with the points of one student.
CHANGES: tuple[Change, ...] = ("set", "add")
#: How many earlier changes of a question are offered to be made again, by the keys 1 to 9.
OFFERED = 9


class Offer(NamedTuple):
    """A change that was made for another student of the same question."""

    check: str
    change: str
    points: float
    reason: str


async def listed(request: Request) -> Response:
    """List the code and training questions, with how they went."""
    desk = desk_of(request)
    index = await causes_of(desk)
    rows = []
    for question in _questions(desk).values():
        standings = list(index.standings(question.id).values())
        if standings:
            failed = [one for one in standings if _failed(one)]
            lost = sum(one.max_score - one.score for one in failed)
            rows.append((question, len(standings), len(failed), lost))
    return page(request, "verdicts.html.j2", rows=rows)


async def begin(request: Request) -> Response:
    """Go to the first student who lost points in a question, else to the first of all."""
    desk = desk_of(request)
    question = request.path_params["question"]
    standings = (await causes_of(desk)).standings(question)
    students = Students(desk, session_of(request).names)
    names = students.ordered(standings)
    if question not in _questions(desk) or not names:
        raise Refusal(404, refusals.MISSING)
    to = next((name for name in names if _failed(standings[name])), names[0])
    return done(request, f"/code/{question}/{students.mark(to)}")


async def one(request: Request) -> Response:
    """Show what one student's question came to, and the forms that change its points."""
    desk = desk_of(request)
    index = await causes_of(desk)
    students = Students(desk, session_of(request).names)
    asked = _asked(desk, request.path_params["question"])
    submission = students.named(request.path_params["student"])
    stored, told = _results(desk, submission)
    record = _question(told, asked.id)
    marked = _question(stored, asked.id)
    standings = index.standings(asked.id)
    names = students.ordered(standings)
    here = names.index(submission)
    words = pages.diagnoses(desk.key)
    failed = first(marked.get("checks") or [])
    shown = finding(failed, words) if failed else None
    every = [Adjustment.of(row) for row in desk.gradebook.adjustments()]
    causes = {(cause.question, cause.id): cause for cause in index.causes()}
    return page(
        request,
        "verdict.html.j2",
        asked=asked,
        record=record,
        was={check["id"]: check["score"] for check in marked.get("checks") or ()},
        story=story(record, words),
        finding=shown,
        source=None if shown and shown.lines else _source(marked),
        texts=texts_of(desk, submission, asked, marked),
        student=students.called(submission),
        mark=students.mark(submission),
        number=here + 1,
        of=len(names),
        next=_link(students, asked, names[here + 1 : here + 2]),
        previous=_link(students, asked, names[max(here - 1, 0) : here]),
        next_failed=_link(
            students, asked, [name for name in names[here + 1 :] if _failed(standings[name])]
        ),
        causes=[
            (one, words[one.cause].title if one.cause in words else one.text, len(cause.lost))
            for one in index.of(submission)
            if one.question == asked.id and (cause := causes.get((one.question, one.cause)))
        ],
        cause_href=href,
        changes=[one for one in every if one.submission == submission and one.question == asked.id],
        offers=_offers(every, asked.id),
        reasons=list(dict.fromkeys(one.reason for one in every)),
        fresh=[overrides.new_id("c") for _ in range(OFFERED + 1)],
        statuses=labels.STATUSES,
        stage=labels.stage,
    )


async def change(request: Request) -> Response:
    """Change the points of one student's question, or of one of its checks."""
    desk = desk_of(request)
    asked = _asked(desk, request.path_params["question"])
    await causes_of(desk)
    submission = Students(desk, False).named(request.path_params["student"])
    check = fields.text(request, "check")
    stored, _ = _results(desk, submission)
    checks = [entry["id"] for entry in _question(stored, asked.id).get("checks") or ()]
    what = fields.choice(request, "change", CHANGES)
    tried(
        overrides.change_points,
        desk.gradebook,
        submission,
        asked.id,
        what,
        fields.number(request, "points"),
        fields.text(request, "reason"),
        check=fields.choice(request, "check", checks) if check else "",
        by=marker_of(request),
        id=fields.text(request, "new"),
    )
    return done(request, fields.text(request, "back"), f"The points of {asked.title} were changed.")


async def feedback_page(request: Request) -> Response:
    """Return a student's page as it would be written now, to stand in a frame."""
    desk = desk_of(request)
    await causes_of(desk)
    students = Students(desk, session_of(request).names)
    submission = students.named(request.path_params["student"])
    _, told = _results(desk, submission)
    called = students.called(submission)
    html = feedback(
        told if session_of(request).names else {**told, "submission": called, "source": "–"},
        diagnoses=pages.diagnoses(desk.key),
        title=desk.assignment.title,
        links=pages.links(desk.assignment),
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": FRAME})


def _failed(standing: Standing) -> bool:
    return standing.score < standing.max_score and standing.status != "needs_marking"


def _questions(desk: Desk) -> Mapping[str, Question]:
    return {q.id: q for q in desk.assignment.questions if q.kind in ("code", "training")}


def _asked(desk: Desk, id: str) -> Question:
    found = _questions(desk).get(id)
    if found is None:
        raise Refusal(404, refusals.MISSING)
    return found


def _results(desk: Desk, submission: str) -> tuple[SubmissionRecord, SubmissionRecord]:
    """Return a submission's result as it was marked, by the course's points, and as it is told."""
    telling = desk.telling()
    for stored in desk.gradebook.results([submission]):
        return telling.scored(stored), telling.told(stored)
    raise Refusal(404, refusals.MISSING)


def _question(result: SubmissionRecord, id: str) -> QuestionRecord:
    for question in result["questions"]:
        if question["id"] == id:
            return question
    raise Refusal(404, refusals.MISSING)


def _source(question: QuestionRecord) -> SourceFacts | None:
    """Return the student's function, where any check of a question shows it."""
    checks: Sequence[CheckRecord] = question.get("checks") or ()
    found = (evidence_of(check).get("source") for check in checks)
    return next((source for source in found if source), None)


def _link(students: Students, asked: Question, names: Sequence[str]) -> str:
    return f"/code/{asked.id}/{students.mark(names[0])}" if names else ""


def _offers(every: Sequence[Adjustment], question: str) -> list[Offer]:
    """Return changes that were made in a question, the last first, each once."""
    mine = (
        Offer(one.check, one.change, one.points, one.reason)
        for one in reversed(every)
        if one.question == question and one.change in ("set", "add") and "." not in one.id
    )
    return list(dict.fromkeys(mine))[:OFFERED]


ROUTES = [
    Route("/code", listed),
    Route("/code/{question}", begin),
    Route("/code/{question}/{student}", one, methods=["GET"]),
    Route("/code/{question}/{student}", change, methods=["POST"]),
    Route("/feedback/{student}", feedback_page),
]
