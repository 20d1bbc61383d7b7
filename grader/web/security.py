"""What every request has to pass before a page sees it, and the headers of every response.

A request has to name this machine as its host, to come from the desk's own pages, and to bring the
session's cookie, which only the printed address gives; a form has to bring the session's CSRF token
too. All else is refused with a sentence.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, Headers, MutableHeaders, QueryParams
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.web import refusals
from grader.web.refusals import Refusal
from grader.web.sessions import BrowserSession, BrowserSessions

#: Bytes of a form, and how many fields it may have.
MAX_BODY, MAX_FIELDS = 256 << 10, 4_000
#: The names that a browser may know this machine by; a forwarded port may have another number.
_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
_FORM = "application/x-www-form-urlencoded"
COOKIE = "grader-desk"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """The middleware around the desk's pages. *port* is the server's own, for the cookie's name."""

    def __init__(self, app: ASGIApp, sessions: BrowserSessions, port: int = 0) -> None:
        self._app, self._sessions = app, sessions
        # Cookies are of a host, whatever its port: two desks on one machine have two names.
        self.cookie = f"{COOKIE}-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        guarded = _with_headers(send)
        try:
            answer = await self._passed(scope, receive)
        except Refusal as refusal:
            answer = refused(refusal)
        if answer is not None:
            await answer(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)

    async def _passed(self, scope: Scope, receive: Receive) -> Response | None:
        """Keep session and form in the request's state, or return what answers it at once.

        Raises :class:`Refusal`.
        """
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not _HOST.fullmatch(host):
            raise Refusal(421, refusals.HOST)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise Refusal(405, refusals.METHOD)
        site = headers.get("sec-fetch-site")
        if site not in (None, "same-origin", "none"):
            raise Refusal(403, refusals.CROSS_SITE)
        token = QueryParams(scope["query_string"]).get("token")
        if scope["method"] == "GET" and scope["path"] == "/" and token is not None:
            return self._begun(token)
        session = self._session(headers)
        if session is None:
            raise Refusal(403, refusals.NO_TOKEN)
        state = scope.setdefault("state", {})
        state["session"] = session
        if scope["method"] == "POST":
            state["form"] = await _form(headers, receive, host, session)
        return None

    def _begun(self, token: str) -> Response:
        session = self._sessions.begin(token)
        if session is None:
            raise Refusal(403, refusals.WRONG_TOKEN)
        # The address without the token is what stays in the bar and in the history.
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, session.id, httponly=True, samesite="strict", path="/")
        return answer

    def _session(self, headers: Headers) -> BrowserSession | None:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return None
        found = cookies.get(self.cookie)
        return self._sessions.known(found.value) if found is not None else None


async def _form(headers: Headers, receive: Receive, host: str, session: BrowserSession) -> FormData:
    """Return the fields of a form that was sent by a page of this session's own."""
    origin = headers.get("origin")
    # Under the policy "no-referrer" a browser calls the origin of a plain form "null".
    told = headers.get("sec-fetch-site") == "same-origin"
    if origin != f"http://{host}" and not (told and origin in (None, "null")):
        raise Refusal(403, refusals.CROSS_SITE)
    if headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise Refusal(415, refusals.FORM)
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            # What came is a part of the form: none of it is stored.
            raise Refusal(400, refusals.FORM)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            raise Refusal(413, refusals.LARGE.format(limit=MAX_BODY))
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Refusal(400, refusals.FORM) from None
    form = FormData([(name, value) for name, value in pairs])
    if not hmac.compare_digest(str(form.get("csrf", "")).encode(), session.csrf.encode()):
        raise Refusal(403, refusals.CSRF)
    return form


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=_raw(message))
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            message["headers"] = headers.raw
        await send(message)

    return guarded


def _raw(message: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
    return list(message.get("headers", []))


def refused(refusal: Refusal) -> Response:
    """Return the page of a refusal: one sentence, nothing of what was asked for."""
    from grader.web.pages import refusal_page

    return refusal_page(refusal)
