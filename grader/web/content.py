"""What students wrote, on pages of its own: whole texts, and frames in which nothing runs.

A frame has an origin of its own and a policy that allows its style and pictures in it, and nothing
else: no script, no form, no address. The cleaned HTML comes from the confined process.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from grader.classroom.answer_index import HandedAnswer
from grader.model.problem import Problem
from grader.web import pages, refusals
from grader.web.reader import Reading
from grader.web.refusals import Refusal


async def text(request: Request) -> Response:
    """Give the whole text of an answer, as text."""
    answer = _answer(request)
    policy = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return PlainTextResponse(answer.text, headers={"Content-Security-Policy": policy})


async def frame(request: Request) -> Response:
    """Show an answer as its notebook shows it; as text where that can't be."""
    answer = _answer(request)
    reading = await _reading(request, answer)
    cells = [cell for cell in reading.cells if cell.answers] if reading else []
    return framed("answer_frame.html.j2", cells=cells, text=answer.text, why="")


async def beside(request: Request) -> Response:
    """Show the cells of an answer's question, with their outputs."""
    answer = _answer(request)
    reading = await _reading(request, answer)
    cells = reading.cells if reading else ()
    why = reading.why if reading else "The notebook can't be read here."
    return framed("answer_frame.html.j2", cells=cells, text="", why=why)


def framed(template: str, **values: object) -> Response:
    """Return a page for a frame: *template* has ``style`` and ``html``, which marks clean HTML."""
    style = _style()
    body = pages.environment().get_template(template).render(
        style=Markup(style), html=Markup, **values
    )  # fmt: skip
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"sandbox; default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return HTMLResponse(body, headers={"Content-Security-Policy": policy})


@cache
def _style() -> str:
    """Return the stylesheet of frames: a page in a frame can load none."""
    reports = files("grader.reports") / "templates" / "style.css"
    own = files("grader.web") / "templates" / "frame.css"
    return reports.read_text("utf-8") + own.read_text("utf-8")


def _answer(request: Request) -> HandedAnswer:
    found = pages.desk_of(request).index.get(request.path_params["answer"])
    if found is None:
        raise Refusal(404, refusals.MISSING)
    return found


async def _reading(request: Request, answer: HandedAnswer) -> Reading | None:
    readings = pages.desk_of(request).readings
    if readings is None:
        return None
    try:
        return await run_in_threadpool(readings.question, answer.submission, answer.question)
    except Problem:
        return None


ROUTES = [
    Route("/answers/{answer}/text", text),
    Route("/answers/{answer}/frame", frame),
    Route("/answers/{answer}/beside", beside),
]
