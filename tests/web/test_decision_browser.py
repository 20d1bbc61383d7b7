"""Causes, code and appeals in Chromium: by keys alone, and by axe, light and dark, narrow and wide.

Needs Chromium on the path and what ``tox -e desk`` installs; skipped with the reason elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import code_class
import pytest
from served import Served, served

from grader.classroom.gradebook import FILE

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: run `tox -e desk`"
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: run `tox -e desk`"
)
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the path"),
    pytest.mark.skipif("GRADER_DESK" not in os.environ, reason="takes minutes: run `tox -e desk`"),
]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of five."""
    code_class.make(tmp_path / "grades")
    return tmp_path / "grades"


@pytest.fixture
def desk(folder: Path) -> Iterator[Served]:
    """A desk on that class, for a marker named Kim."""
    with served(folder, "Kim") as found:
        yield found


def enter(browser: Any, desk: Served, **settings: Any) -> Any:
    """Return a page that has come in by the address."""
    page = browser.new_context(**settings).new_page()
    page.goto(desk.address)
    return page


def stored(folder: Path, query: str) -> list[Any]:
    """Return what the gradebook holds on disk."""
    with sqlite3.connect(folder / FILE) as database:
        return database.execute(query).fetchall()


def told(page: Any, words: str) -> None:
    """Wait until the desk has said *words*."""
    page.locator("#said", has_text=words).wait_for()


POINTS = "select points, reason, by from adjustments order by at"


def test_points_are_changed_by_keys_alone(browser: Any, desk: Served, folder: Path) -> None:
    """For one student, then for the next by a number key; then both are undone."""
    page = enter(browser, desk)
    keys = page.keyboard
    page.goto(f"{desk.base}/code/{code_class.QUESTION}")
    first = page.url
    keys.press("p")
    keys.type("1.5")
    keys.press("Tab")
    keys.type("A good idea.")
    keys.press("Enter")
    told(page, "were changed")
    keys.press("Escape")
    with page.expect_navigation():
        keys.press("n")
    assert page.url != first
    keys.press("1")
    told(page, "were changed")
    assert stored(folder, POINTS) == [(1.5, "A good idea.", "Kim")] * 2
    assert len(set(stored(folder, "select submission from adjustments"))) == 2
    keys.press("u")
    told(page, "Undone")
    with page.expect_navigation():
        keys.press("k")
    keys.press("u")
    told(page, "Undone")
    assert stored(folder, POINTS) == []


def test_a_cause_is_dealt_with_by_keys_alone(browser: Any, desk: Served, folder: Path) -> None:
    """A note and points for exactly the three who share it; each is one step back."""
    page = enter(browser, desk)
    keys = page.keyboard
    page.goto(f"{desk.base}/causes")
    page.locator("main table a").first.focus()
    with page.expect_navigation():
        keys.press("Enter")
    keys.press("t")
    keys.type("See slide 3.")
    keys.press("Tab")
    keys.press("Enter")
    told(page, "on the pages of 3 students")
    keys.press("r")
    keys.type("The check was harsh.")
    keys.press("Enter")
    told(page, "The points of 3 students were changed")
    assert stored(folder, "select text, by from notes") == [("See slide 3.", "Kim")]
    assert stored(folder, POINTS) == [(4.0, "The check was harsh.", "Kim")] * 3
    keys.press("Escape")
    keys.press("u")
    told(page, "Undone: changed points of 3 students")
    keys.press("u")
    told(page, "Undone: pinned a note")
    assert stored(folder, POINTS) == stored(folder, "select text from notes") == []


def test_an_objection_is_decided_by_keys_alone(browser: Any, desk: Served, folder: Path) -> None:
    """With a point; and undone with it."""
    page = enter(browser, desk)
    keys = page.keyboard
    page.goto(f"{desk.base}/appeals")
    page.locator("main table a").first.focus()
    with page.expect_navigation():
        keys.press("Enter")
    keys.press("d")
    keys.type("One point more.")
    keys.press("Escape")
    keys.press("+")
    keys.press("p")
    keys.type("1")
    keys.press("Enter")
    told(page, "The decision stands")
    decided = "select decision, decided_by from appeals"
    assert stored(folder, decided) == [("One point more.", "Kim")]
    assert [row[0] for row in stored(folder, POINTS)] == [1.0]
    keys.press("Escape")
    keys.press("u")
    told(page, "Undone")
    assert stored(folder, decided) == [("", "")]
    assert stored(folder, POINTS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: Any, desk: Served, scheme: str, width: int) -> None:
    """On each page, with something of each kind on it; and nothing stands over the edge."""
    view = {"width": width, "height": 900}
    page = enter(browser, desk, color_scheme=scheme, viewport=view, bypass_csp=True)
    page.goto(f"{desk.base}/causes")
    cause = page.locator("main table a").first.get_attribute("href")
    page.goto(f"{desk.base}{cause}")
    page.fill("#text", "See slide 3.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told(page, "The note stands")
    page.goto(f"{desk.base}/appeals")
    appeal = page.locator("main table a").first.get_attribute("href")
    code = f"/code/{code_class.QUESTION}"
    for path in ("/causes", cause, "/code", code, "/appeals", appeal):
        page.goto(f"{desk.base}{path}")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found = axe.Axe().run(page, options=RULES).response["violations"]
        assert [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_student_s_page_stands_in_a_frame_without_rights(browser: Any, desk: Served) -> None:
    """It is shown, has an origin of its own, and names nobody while names are hidden."""
    page = enter(browser, desk)
    page.goto(f"{desk.base}/code/{code_class.QUESTION}")
    page.locator("summary", has_text="The student’s page").click()
    frame = page.frame_locator("iframe.page")
    frame.locator("h1").wait_for()
    text = frame.locator("body").inner_text()
    assert "Feedback for Student" in text
    assert not re.search(r"\b(ada|bo|cy|di|eve)\b", text)
