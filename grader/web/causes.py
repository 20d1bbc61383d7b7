"""The explorer of causes: what has cost the class points, and what is done about one cause."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.classroom import overrides, pinning, regrading
from grader.reports.findings import Diagnosis
from grader.reports.pages import diagnoses
from grader.web import fields, refusals
from grader.web.cause_view import ShownCause, batches_of, example_of, href, regrades_of, shown
from grader.web.desk import Desk
from grader.web.fields import tried
from grader.web.pages import desk_of, done, marker_of, page, session_of
from grader.web.refusals import Refusal
from grader.web.regrades import Regrading
from grader.web.students import Students, causes_of
from grader.wording import labels


async def listed(request: Request) -> Response:
    """List the causes by question, with whom they cost what."""
    desk = desk_of(request)
    words, notes, batches = _words(desk), desk.gradebook.notes(), batches_of(desk)
    groups: dict[str, list[ShownCause]] = {}
    for cause in (await causes_of(desk)).causes():
        groups.setdefault(cause.question, []).append(shown(cause, words, notes, batches))
    every = [one for found in groups.values() for one in found]
    titles = {(one.cause.question, one.cause.id): one.title for one in every}
    return page(
        request,
        "causes.html.j2",
        questions={question.id: question.title for question in desk.assignment.questions},
        groups=groups,
        regrading=desk.regrading,
        notes=[(note, titles.get((note.question, note.cause), note.cause)) for note in notes],
        batches=batches,
        regrades=regrades_of(desk),
        href=href,
    )


async def one(request: Request) -> Response:
    """Show a cause: an example, its students, and the forms of what is done about it."""
    desk = desk_of(request)
    question, id = (request.query_params.get(name, "") for name in ("question", "id"))
    if (await causes_of(desk)).cause(question, id) is None:
        return done(request, "/causes", refusals.NO_CAUSE)
    found = _found(desk, question, id)
    cause = found.cause
    students = Students(desk, session_of(request).names)
    names = students.ordered(cause.submissions)
    scores = {
        result["submission"]: next(q["score"] for q in result["questions"] if q["id"] == question)
        for question in [cause.question]
        for result in desk.telling().results(names)
    }
    running = desk.regrading
    return page(
        request,
        "cause.html.j2",
        found=found,
        finding=example_of(desk, cause, _words(desk)),
        students=[
            (
                students.called(name),
                f"/code/{cause.question}/{students.mark(name)}",
                sum(lost.points for lost in cause.lost[name]),
                scores[name],
            )
            for name in names
        ],
        regrading=running if running and running.about == (cause.question, cause.id) else None,
        replayable=sum(bool(desk.causes.code(name)) for name in names),
        fresh={"note": overrides.new_id("n"), "points": overrides.new_id("b")},
    )


async def pin(request: Request) -> Response:
    """Pin a note to a cause."""
    desk, found = await _asked(request)
    cause = found.cause
    note = fields.text(request, "text")
    id = fields.text(request, "new")
    tried(pinning.pin, desk.gradebook, cause.question, cause.id, note, marker_of(request), id)
    who = labels.count(len(cause.lost), "student")
    return done(request, found.href, f"The note stands on the pages of {who}.")


async def unpin(request: Request) -> Response:
    """Take a note off."""
    desk = desk_of(request)
    note = pinning.unpin(desk.gradebook, fields.text(request, "note"), by=marker_of(request))
    said = "The note was taken off." if note else "That note is not there."
    return done(request, fields.text(request, "back"), said)


async def change(request: Request) -> Response:
    """Change the points of exactly those who share a cause."""
    desk, found = await _asked(request)
    what = fields.choice(request, "change", overrides.CAUSE_CHANGES)
    points = fields.number(request, "points", 0.0 if what == "back" else None)
    reason = fields.text(request, "reason")
    tried(
        overrides.change_cause,
        desk.gradebook,
        found.cause,
        what,
        points,
        reason,
        by=marker_of(request),
        id=fields.text(request, "new"),
    )
    who = labels.count(len(found.cause.lost), "student")
    return done(request, found.href, f"The points of {who} were changed.")


async def take_back(request: Request) -> Response:
    """Take back a change of points, of one student or of all who share a cause."""
    desk = desk_of(request)
    whose = overrides.take_back(
        desk.gradebook, fields.text(request, "change"), by=marker_of(request)
    )
    said = f"The points of {labels.count(len(whose), 'student')} are as they were before."
    return done(request, fields.text(request, "back"), said)


async def regrade(request: Request) -> Response:
    """Start a regrade of exactly those who share a cause."""
    desk, found = await _asked(request)
    cause, by = found.cause, marker_of(request)
    if desk.regrading is not None and desk.regrading.running:
        raise Refusal(409, refusals.REGRADING)
    key = fields.choice(request, "key", ("then", "now"))
    codes = [code for name in cause.submissions if (code := desk.causes.code(name))]
    if not codes:
        raise Refusal(409, refusals.NO_BYTES)
    # A text that begins with a dash is no option.
    options = [f"--reason={fields.text(request, 'reason') or cause.id}", f"--by={by}"]
    options += [*(["--now"] if key == "now" else []), "-o", str(desk.output), "-a", str(desk.place)]
    if desk.key.folder is not None:
        options += ["--key", str(desk.key.folder)]
    desk.regrading = Regrading(codes, [*options, *desk.isolation], (cause.question, cause.id))
    return done(request, found.href, f"Marking again: {labels.count(len(codes), 'hand-in')}.")


async def put_back(request: Request) -> Response:
    """Put the results back that a regrade has replaced."""
    desk = desk_of(request)
    whose = regrading.put_back(
        desk.gradebook, fields.text(request, "regrade"), by=marker_of(request)
    )
    said = f"The earlier results of {labels.count(len(whose), 'student')} are back."
    return done(request, fields.text(request, "back"), said)


async def _asked(request: Request) -> tuple[Desk, ShownCause]:
    """Return the cause that a form is about, if it is still that of the same students.

    Raises :class:`Refusal`.
    """
    desk = desk_of(request)
    await causes_of(desk)
    found = _found(desk, *(fields.text(request, name) for name in ("question", "id")))
    if found.digest != fields.text(request, "of"):
        raise Refusal(409, refusals.OTHER_STUDENTS)
    return desk, found


def _found(desk: Desk, question: str, id: str) -> ShownCause:
    cause = desk.causes.cause(question, id)
    if cause is None:
        raise Refusal(404, refusals.NO_CAUSE)
    return shown(cause, _words(desk), desk.gradebook.notes(), batches_of(desk))


def _words(desk: Desk) -> dict[str, Diagnosis]:
    return diagnoses(desk.key)


ROUTES = [
    Route("/causes", listed),
    Route("/cause", one),
    Route("/cause/pin", pin, methods=["POST"]),
    Route("/cause/unpin", unpin, methods=["POST"]),
    Route("/cause/points", change, methods=["POST"]),
    Route("/cause/regrade", regrade, methods=["POST"]),
    Route("/cause/put-back", put_back, methods=["POST"]),
    Route("/take-back", take_back, methods=["POST"]),
]
