"""The desk's pages: templates, what every page is given, and the files that all of them load."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from grader.reports.environment import clean
from grader.web import refusals
from grader.web.refusals import Refusal
from grader.wording import labels

if TYPE_CHECKING:
    from jinja2 import Environment

    from grader.web.desk import Desk
    from grader.web.sessions import BrowserSession

#: The files that pages load, by name: (package, path) of their parts, and their type.
ASSETS = {
    "desk.css": (
        (
            ("grader.reports", "style.css"),
            ("grader.web", "desk.css"),
            ("grader.web", "decisions.css"),
        ),
        "text/css",
    ),
    "desk.js": ((("grader.web", "desk.js"),), "text/javascript"),
}


def desk_of(request: Request) -> Desk:
    """Return the desk that serves a request."""
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> BrowserSession:
    """Return the browser that asks; the guard has let no other through."""
    session: BrowserSession = request.state.session
    return session


def marker_of(request: Request) -> str:
    """Return the name that this browser marks by. Raises :class:`Refusal` before it has one."""
    marker = session_of(request).marker
    if not marker:
        raise Refusal(409, refusals.NO_MARKER)
    return marker


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return the page that *template* makes of *values*; every text in them is escaped.

    Every template has ``session``, ``desk``, ``said`` (what the last action did, once), ``csrf``
    for its forms, and ``here``, the page's own path.
    """
    session = session_of(request)
    said, session.said = session.said, ""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    html = (
        environment()
        .get_template(template)
        .render(
            session=session,
            desk=desk_of(request),
            said=said,
            csrf=session.csrf,
            here=here,
            **values,
        )
    )
    return HTMLResponse(html, status)


def done(request: Request, to: str, said: str = "") -> Response:
    """Return what answers a form after its commit: the page *to*, which tells what was done.

    Only paths of the desk's own are gone to.
    """
    session_of(request).said = said
    own = to.startswith("/") and not to.startswith(("//", "/\\"))
    return RedirectResponse(to if own else "/", 303)


def refusal_page(refusal: Refusal) -> Response:
    """Return the page of a refusal, which needs no session."""
    html = environment().get_template("refusal.html.j2").render(refusal=refusal)
    return HTMLResponse(html, refusal.status)


@cache
def asset(name: str) -> tuple[bytes, str]:
    """Return the bytes and the type of a file that pages load; :class:`KeyError` for others."""
    parts, kind = ASSETS[name]
    texts = [(files(p) / "templates" / file).read_bytes() for p, file in parts]
    return b"\n".join(texts), kind


@cache
def asset_path(name: str) -> str:
    """Return the path of such a file; its name changes with its bytes."""
    return f"/assets/{hashlib.sha256(asset(name)[0]).hexdigest()[:10]}/{name}"


@cache
def environment() -> Environment:
    """Return the desk's templates; those of the class's reports can be included by them."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=ChoiceLoader([PackageLoader("grader.web"), PackageLoader("grader.reports")]),
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": asset_path, "count": labels.count, "points": points}
    return made


def points(value: float) -> str:
    """Return a number of points as pages show it."""
    return f"{value:.6g}"
