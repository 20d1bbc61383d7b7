"""The desk as an ASGI application: its routes, each module's own, behind the guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from grader.model.problem import Problem
from grader.web import (
    appeals,
    causes,
    content,
    front,
    marking,
    refusals,
    review,
    rubric,
    verdicts,
)
from grader.web.desk import Desk
from grader.web.pages import asset, refusal_page
from grader.web.refusals import Refusal
from grader.web.security import Guard

#: The routes of every page; a new page's module adds its own here.
ROUTES = [
    *front.ROUTES,
    *marking.ROUTES,
    *rubric.ROUTES,
    *review.ROUTES,
    *content.ROUTES,
    *verdicts.ROUTES,
    *causes.ROUTES,
    *appeals.ROUTES,
]


def application(desk: Desk, port: int = 0) -> ASGIApp:
    """Return the application that serves *desk* on *port*. The desk's class is read first."""
    desk.begin()
    app = Starlette(
        routes=[Route("/assets/{digest}/{name}", _asset), *ROUTES],
        exception_handlers={
            Refusal: _refused,
            Problem: _problem,
            404: _missing,
            405: _missing,
            500: _failed,
        },
    )
    app.state.desk = desk
    # Around everything: what the application itself says of a failure has its headers, too.
    return Guard(app, desk.sessions, port)


async def _asset(request: Request) -> Response:
    try:
        data, kind = asset(request.path_params["name"])
    except KeyError:
        raise Refusal(404, refusals.MISSING) from None
    # Its path changes with its bytes.
    return Response(data, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return refusal_page(error)


async def _problem(request: Request, error: Exception) -> Response:
    """Tell what the engine says of a file: nothing was stored then."""
    return refusal_page(Refusal(503, str(error)))


async def _missing(request: Request, error: Exception) -> Response:
    return refusal_page(Refusal(404, refusals.MISSING))


async def _failed(request: Request, error: Exception) -> Response:
    return refusal_page(Refusal(500, refusals.FAILED))
