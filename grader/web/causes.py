"""The explorer of causes: what has cost the class points, and what is done about one cause."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.classroom import overrides, pinning, regrading
from grader.classroom.adjustments import Adjustment
from grader.classroom.causes import Cause
from grader.classroom.decisions import Note, Replaced
from grader.model.records import CheckRecord
from grader.reports.findings import Diagnosis, finding
from grader.reports.pages import diagnoses
from grader.web import fields, refusals
from grader.web.desk import Desk
from grader.web.fields import tried
from grader.web.pages import desk_of, done, marker_of, page, session_of
from grader.web.refusals import Refusal
from grader.web.regrades import Regrading
from grader.web.students import Students, causes_of
from grader.wording import labels

#: How pages call the kinds of causes.
KINDS = {
    "mistake": "Known mistake",
    "line": "One line",
    "output": "Like output",
    "stage": "No code ran",
}


@dataclass(frozen=True)
class ShownCause:
    """A cause as pages show it."""

    cause: Cause
    title: str
    note: str
    href: str
    pinned: Sequence[Note]
    #: Changes of points that were made for several at once, by their id.
    batches: dict[str, list[Adjustment]]

    @property
    def kind(self) -> str:
        return KINDS[self.cause.kind]

    @property
    def digest(self) -> str:
        """What a form says of whom it is about: another one once the class has changed."""
        names = "\n".join(sorted(self.cause.lost))
        return hashlib.sha256(names.encode()).hexdigest()[:16]


def href(question: str, cause: str) -> str:
    """Return the address of a cause's page."""
    return f"/cause?{urlencode({'question': question, 'id': cause})}"


async def listed(request: Request) -> Response:
    """List the causes by question, with whom they cost what."""
    desk = desk_of(request)
    words, notes, batches = _words(desk), desk.gradebook.notes(), _batches(desk)
    groups: dict[str, list[ShownCause]] = {}
    for cause in causes_of(desk).causes():
        groups.setdefault(cause.question, []).append(_shown(cause, words, notes, batches))
    return page(
        request,
        "causes.html.j2",
        groups=groups,
        regrading=desk.regrading,
        notes=[
            (note, words[note.cause].title if note.cause in words else note.cause) for note in notes
        ],
        batches=batches,
        regrades=_regrades(desk),
        href=href,
    )


async def one(request: Request) -> Response:
    """Show a cause: an example, its students, and the forms of what is done about it."""
    desk = desk_of(request)
    question, id = (request.query_params.get(name, "") for name in ("question", "id"))
    if causes_of(desk).cause(question, id) is None:
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
        finding=_example(desk, cause),
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
    desk, found = _asked(request)
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
    desk, found = _asked(request)
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
    desk, found = _asked(request)
    cause, by = found.cause, marker_of(request)
    if desk.regrading is not None and desk.regrading.running:
        raise Refusal(409, refusals.REGRADING)
    key = fields.choice(request, "key", ("then", "now"))
    codes = [code for name in cause.submissions if (code := desk.causes.code(name))]
    if not codes:
        raise Refusal(409, refusals.NO_BYTES)
    options = [*(["--now"] if key == "now" else []), "-o", str(desk.output), "-a", str(desk.place)]
    if desk.key.folder is not None:
        options += ["--key", str(desk.key.folder)]
    reason = f"{by}: {fields.text(request, 'reason') or cause.id}"
    about = cause.question, cause.id
    desk.regrading = Regrading(codes, reason, [*options, *desk.isolation], about)
    return done(request, found.href, f"Marking again: {labels.count(len(codes), 'hand-in')}.")


async def put_back(request: Request) -> Response:
    """Put the results back that a regrade has replaced."""
    desk = desk_of(request)
    whose = regrading.put_back(
        desk.gradebook, fields.text(request, "regrade"), by=marker_of(request)
    )
    said = f"The earlier results of {labels.count(len(whose), 'student')} are back."
    return done(request, fields.text(request, "back"), said)


def _asked(request: Request) -> tuple[Desk, ShownCause]:
    """Return the cause that a form is about, if it is still that of the same students.

    Raises :class:`Refusal`.
    """
    desk = desk_of(request)
    found = _found(desk, *(fields.text(request, name) for name in ("question", "id")))
    if found.digest != fields.text(request, "of"):
        raise Refusal(409, refusals.OTHER_STUDENTS)
    return desk, found


def _found(desk: Desk, question: str, id: str) -> ShownCause:
    cause = causes_of(desk).cause(question, id)
    if cause is None:
        raise Refusal(404, refusals.NO_CAUSE)
    return _shown(cause, _words(desk), desk.gradebook.notes(), _batches(desk))


def _shown(
    cause: Cause,
    words: dict[str, Diagnosis],
    notes: Sequence[Note],
    batches: dict[str, list[Adjustment]],
) -> ShownCause:
    known = words.get(cause.id) if cause.kind == "mistake" else None
    mine = {
        id: of_it
        for id, of_it in batches.items()
        if all(one.question == cause.question and one.submission in cause.lost for one in of_it)
    }
    return ShownCause(
        cause,
        known.title if known else cause.text or cause.id,
        known.note if known else "",
        href(cause.question, cause.id),
        [note for note in notes if (note.question, note.cause) == (cause.question, cause.id)],
        mine,
    )


def _words(desk: Desk) -> dict[str, Diagnosis]:
    return diagnoses(desk.key)


def _batches(desk: Desk) -> dict[str, list[Adjustment]]:
    """Return the changes that were made for several at once, by their common id."""
    found: dict[str, list[Adjustment]] = {}
    for one in map(Adjustment.of, desk.gradebook.adjustments()):
        id, dot, _ = one.id.partition(".")
        if dot and id.startswith("b"):
            found.setdefault(id, []).append(one)
    return found


def _regrades(desk: Desk) -> dict[str, list[Replaced]]:
    """Return what regrades have replaced, by the regrade's id."""
    found: dict[str, list[Replaced]] = {}
    for row in desk.gradebook.replaced():
        found.setdefault(row.id, []).append(row)
    return found


def _example(desk: Desk, cause: Cause) -> object:
    """Return what a page shows of the first student's failed check of a cause."""
    ids = {lost.check for lost in cause.lost[cause.submissions[0]]}
    for result in desk.gradebook.results(cause.submissions[:1]):
        checks: list[CheckRecord] = [
            check
            for question in result["questions"]
            if question["id"] == cause.question
            for check in question.get("checks") or ()
            if check["id"] in ids and check["status"] != "passed"
        ]
        checks.sort(key=lambda check: "source" not in (check.get("evidence") or {}))
        if checks:
            return finding(checks[0], _words(desk))
    return None


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
