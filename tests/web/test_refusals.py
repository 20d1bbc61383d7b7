"""What the desk refuses, each with a sentence, and that nothing happens then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest_web import BASE, QUESTION, Browser

from grader.web.desk import Desk
from grader.web.security import MAX_BODY

PAGES = ("/", f"/questions/{QUESTION}", "/review", "/assets/0/desk.js", "/search?q=sigmoid")


def test_the_address_leads_in_once_and_hides_its_token(app: Any, desk: Desk) -> None:
    """The token gives a cookie that no script reads and no other site sends, then it is gone."""
    browser = Browser(app, base_url=BASE, follow_redirects=False)
    answer = browser.get(f"/?token={desk.sessions.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert desk.sessions.token not in cookie
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_without_the_token_there_is_nothing(app: Any, path: str) -> None:
    """Who has the address alone sees no page, no answer and no file."""
    answer = Browser(app, base_url=BASE).get(path)
    assert answer.status_code == 403
    assert "token" in answer.text
    assert "sigmoid" not in answer.text.casefold()


def test_a_wrong_token_is_refused(app: Any) -> None:
    """A guess gives no cookie."""
    answer = Browser(app, base_url=BASE).get("/?token=guess")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8000", "localhost:8000@evil", ""]
)
def test_another_hosts_name_is_refused(ada: Browser, host: str) -> None:
    """A name that somebody leads to this machine (DNS rebinding) isn't answered, token or not."""
    answer = ada.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "127.0.0.1" in answer.text


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:9123", "[::1]:8000"])
def test_a_forwarded_port_is_answered(app: Any, desk: Desk, host: str) -> None:
    """This machine's own names are, whatever the port that a marker forwards."""
    browser = Browser(app, base_url=f"http://{host}")
    assert browser.get(f"/?token={desk.sessions.token}").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_form_changes_nothing(
    ada: Browser, desk: Desk, headers: dict[str, str]
) -> None:
    """With the cookie and even with the CSRF token: the page that sends has to be the desk's."""
    answer = desk.index.of(QUESTION)[0]
    fields = {"csrf": ada.csrf, "back": "/", "item": "", "comment": "planted"}
    refused = ada.post(f"/answers/{answer.id}/mark", data=fields, headers=headers)
    assert refused.status_code == 403
    assert desk.gradebook.marks() == []


def test_a_plain_form_of_the_desks_own_is_taken(ada: Browser, desk: Desk) -> None:
    """Browsers call its origin null under the policy no-referrer, and say that it is the same."""
    answer = desk.index.of(QUESTION)[0]
    fields = {"csrf": ada.csrf, "back": "/", "comment": "By hand."}
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert ada.post(f"/answers/{answer.id}/mark", data=fields, headers=headers).status_code == 200
    assert [mark.comment for mark in desk.gradebook.marks()] == ["By hand."]


@pytest.mark.parametrize("csrf", ["", "guess"])
def test_a_form_without_its_token_is_refused(ada: Browser, desk: Desk, csrf: str) -> None:
    """The session's cookie alone changes nothing."""
    answer = desk.index.of(QUESTION)[0]
    refused = ada.submit(f"/answers/{answer.id}/mark", csrf=csrf, comment="planted")
    assert refused.status_code == 403
    assert desk.gradebook.marks() == []


def test_what_is_no_form_is_refused(ada: Browser) -> None:
    """Files, JSON, other methods, and more than a form can hold."""
    headers = {"Origin": BASE}
    assert ada.post("/names", json={"on": "1"}, headers=headers).status_code == 415
    assert ada.post("/names", files={"on": b"1"}, headers=headers).status_code == 415
    assert ada.put("/names", headers=headers).status_code == 405
    large = ada.submit("/names", on="1" * (MAX_BODY + 1))
    assert large.status_code == 413
    assert str(MAX_BODY) in large.text
    many = ada.post(
        "/names",
        content="&".join(["item=x"] * 5000),
        headers=headers | {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert many.status_code == 400


def test_every_response_has_the_policy(ada: Browser, app: Any, desk: Desk) -> None:
    """Pages, refusals, files and what is missing: no script but the desk's file, in no frame."""
    answer = desk.index.of(QUESTION)[0]
    paths = ("/", "/none", "/answers/none", "/assets/0/desk.js", f"/answers/{answer.id}")
    for found in (*(ada.get(path) for path in paths), Browser(app, base_url=BASE).get("/")):
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["x-content-type-options"] == "nosniff"


def test_a_page_that_fails_has_the_policy_too(ada: Browser, desk: Desk, app: Any) -> None:
    """What the desk itself does wrong is told in a sentence."""
    desk.index = None  # type: ignore[assignment]
    ada._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    failed = ada.get("/")
    assert failed.status_code == 500
    assert "content-security-policy" in failed.headers
    assert "Traceback" not in failed.text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_no_form_leads_elsewhere(ada: Browser, to: str) -> None:
    """The page that follows is the desk's own."""
    ada.follow_redirects = False
    assert ada.submit("/names", on="1", back=to).headers["location"] == "/"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("mark", {"adjustment": "many"}),
        ("mark", {"adjustment": "1e9"}),
        ("mark", {"adjustment": "nan"}),
        ("mark", {"comment": "x" * 5000}),
    ],
)
def test_what_is_no_mark_is_refused(
    ada: Browser, desk: Desk, path: str, fields: dict[str, str]
) -> None:
    """With the name of the field and what to give; nothing is stored."""
    answer = desk.index.of(QUESTION)[0]
    refused = ada.submit(f"/answers/{answer.id}/{path}", **fields)
    assert refused.status_code == 400
    assert next(iter(fields)) in refused.text
    assert desk.gradebook.marks() == []


def test_without_a_name_nobody_marks(browse: Any, desk: Desk) -> None:
    """The first page asks for it, and the name of the table's marks is none."""
    nobody = browse("")
    assert "Your name" in nobody.get_page("/")
    answer = desk.index.of(QUESTION)[0]
    assert nobody.submit(f"/answers/{answer.id}/mark").status_code == 409
    assert nobody.submit("/marker", marker="written.csv").status_code == 400
    assert desk.gradebook.marks() == []


def test_a_form_that_breaks_off_is_not_stored_in_part(ada: Browser, app: Any) -> None:
    """A connection may end in the middle of a number."""
    body = f"csrf={ada.csrf}&back=/&marker=TRUNC".encode()
    cookie = "; ".join(f"{name}={value}" for name, value in ada.cookies.items())
    headers = {
        "host": "127.0.0.1:8000",
        "origin": BASE,
        "cookie": cookie,
        "content-type": "application/x-www-form-urlencoded",
        "content-length": "5000",
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/marker",
        "raw_path": b"/marker",
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    came = [
        {"type": "http.request", "body": body, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return came.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert "TRUNC" not in ada.get_page("/")
