"""The first page: who marks, which questions there are, and how far each is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.model.trees import clean
from grader.web import refusals
from grader.web.pages import desk_of, done, page, session_of
from grader.web.refusals import Refusal

#: Characters of a marker's name.
MAX_NAME = 40


async def questions(request: Request) -> Response:
    """List the questions that have answers, with the progress of each."""
    desk = desk_of(request)
    desk.refresh()
    if not session_of(request).marker:
        return page(request, "marker.html.j2")
    listed = [(q, len(desk.index.of(q))) for q in desk.index.questions()]
    return page(request, "front.html.j2", questions=listed)


async def keys(request: Request) -> Response:
    """List the keys, for who has no JavaScript."""
    return page(request, "keys.html.j2")


async def ask_marker(request: Request) -> Response:
    """Ask for the name of who marks."""
    return page(request, "marker.html.j2")


async def name_marker(request: Request) -> Response:
    """Keep the name that this browser marks by."""
    name = clean(str(request.state.form.get("marker", "")).strip(), MAX_NAME)
    if not name:
        raise Refusal(400, refusals.FIELD.format(name="marker", value="", way="give a name"))
    session_of(request).marker = name
    return done(request, str(request.state.form.get("back", "/")), f"You mark as {name}.")


async def undo(request: Request) -> Response:
    """Take back the last step of this marker, named by its number: twice is once."""
    desk, session, form = desk_of(request), session_of(request), request.state.form
    number = str(form.get("number", "0"))
    undone = desk.gradebook.undo(session.marker, int(number) if number.isdecimal() else 0)
    said = "There is nothing to undo."
    if undone is not None:
        said = f"Undone: {undone.what}."
        if undone.kept:
            said += f" {undone.kept} rows stay, which somebody has changed since."
    return done(request, str(form.get("back", "/")), said)


ROUTES = [
    Route("/", questions),
    Route("/keys", keys),
    Route("/marker", ask_marker, methods=["GET"]),
    Route("/marker", name_marker, methods=["POST"]),
    Route("/undo", undo, methods=["POST"]),
]
