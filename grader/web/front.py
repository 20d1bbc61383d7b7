"""The first page: who marks, which questions there are, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.classroom.undoing import log_undone
from grader.model.trees import clean
from grader.web import refusals
from grader.web.asked import AskedQuestion
from grader.web.desk import Desk
from grader.web.pages import desk_of, done, marker_of, page, session_of
from grader.web.refusals import Refusal
from grader.wording.labels import count

#: Characters of a marker's name.
MAX_NAME = 40


@dataclass(frozen=True)
class QuestionProgress:
    """How far a question is: numbers of answers, and of groups."""

    asked: AskedQuestion
    answers: int
    groups: int
    marked: int
    mine: int
    flagged: int
    differ: int


async def questions(request: Request) -> Response:
    """List the questions that have answers, with the progress of each."""
    desk, session = desk_of(request), session_of(request)
    if not session.marker:
        return page(request, "marker.html.j2")
    desk.refresh()
    flags = {question for _, question in desk.gradebook.flags()}
    rows = [
        _row(desk, asked, session.marker, flagged=asked.id in flags) for asked in desk.questions()
    ]
    open_ = [r for r in rows if (r.mine if session.second else r.marked) < r.answers]
    return page(
        request,
        "front.html.j2",
        rows=rows,
        total=(sum(row.marked for row in rows), sum(row.answers for row in rows)),
        first=open_[0].asked.id if open_ else "",
    )


def _row(desk: Desk, asked: AskedQuestion, me: str, *, flagged: bool) -> QuestionProgress:
    answers, judged = desk.index.of(asked.id), desk.judged(asked.id)
    there = {(a.submission, a.question) for a in answers} if flagged else set()
    return QuestionProgress(
        asked,
        len(answers),
        len(desk.groups(asked.id, me)),
        marked=sum(bool(judged.of(answer)) for answer in answers),
        mine=sum(judged.mine(answer, me) is not None for answer in answers),
        flagged=len(there & desk.gradebook.flags().keys()),
        differ=sum(judged.differ(answer) for answer in answers),
    )


async def keys(request: Request) -> Response:
    """List the keys, for who has no JavaScript."""
    return page(request, "keys.html.j2")


async def ask_marker(request: Request) -> Response:
    """Ask for the name of who marks."""
    return page(request, "marker.html.j2")


async def name_marker(request: Request) -> Response:
    """Keep the name that this browser marks by."""
    name = clean(str(request.state.form.get("marker", "")).strip(), MAX_NAME)
    if not name or name == refusals.RESERVED:
        way = f"give a name, and not {refusals.RESERVED}"
        raise Refusal(400, refusals.FIELD.format(name="marker", value=name, way=way))
    session_of(request).marker = name
    return done(request, str(request.state.form.get("back", "/")), f"You mark as {name}.")


async def show_names(request: Request) -> Response:
    """Show or hide whose an answer is, in this browser."""
    session = session_of(request)
    session.names = request.state.form.get("on") == "1"
    said = "Names are shown." if session.names else "Names are hidden."
    return done(request, str(request.state.form.get("back", "/")), said)


async def second_look(request: Request) -> Response:
    """Begin or end a second look, in this browser."""
    session = session_of(request)
    session.second = request.state.form.get("on") == "1"
    said = "A second look begins." if session.second else "The second look has ended."
    return done(request, str(request.state.form.get("back", "/")), said)


async def undo(request: Request) -> Response:
    """Take back the last step of this marker, named by its number: twice is once."""
    desk, form = desk_of(request), request.state.form
    number = str(form.get("number", "0"))
    undone = desk.gradebook.undo(
        marker_of(request), int(number) if number.isdecimal() and len(number) < 18 else 0
    )
    said = "There is nothing to undo."
    if undone is not None:
        log_undone(desk.gradebook, undone, marker_of(request))
        said = f"Undone: {undone.what}."
        if undone.kept:
            said += f" What somebody has changed since stays: {count(undone.kept, 'row')}."
    return done(request, str(form.get("back", "/")), said)


async def publish(request: Request) -> Response:
    """Write the class's files by the marks of now; marking goes on meanwhile."""
    await run_in_threadpool(desk_of(request).publish)
    desk_of(request).refresh()
    return done(request, "/", "The class's files are written.")


ROUTES = [
    Route("/", questions),
    Route("/keys", keys),
    Route("/marker", ask_marker, methods=["GET"]),
    Route("/marker", name_marker, methods=["POST"]),
    Route("/names", show_names, methods=["POST"]),
    Route("/second", second_look, methods=["POST"]),
    Route("/undo", undo, methods=["POST"]),
    Route("/publish", publish, methods=["POST"]),
]
