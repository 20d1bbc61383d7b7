"""The desk in Chromium: marked by keys alone, killed at any moment, by two at once; and axe.

Needs Chromium on the path and what ``tox -e desk`` installs; skipped with the reason elsewhere.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import written_class
from conftest_web import QUESTION
from served import Served, served

from grader.classroom.gradebook import FILE
from grader.classroom.similar import groups

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

#: The items of a form that are chosen, and its comment.
State = tuple[tuple[str, ...], str]

STUDENTS, SEED = 60, 1
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
#: How often something is killed.
KILLS = 20


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with playwright.sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def browser(driver: Any) -> Iterator[Any]:
    """The system's Chromium, without a window."""
    found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of sixty with ten written answers each."""
    written_class.make(tmp_path / "grades", STUDENTS, SEED)
    return tmp_path / "grades"


@pytest.fixture
def desk(folder: Path) -> Iterator[Served]:
    """A desk on that class, for a marker named Ada."""
    with served(folder, "Ada") as found:
        yield found


def stored(folder: Path, query: str) -> list[Any]:
    """Return what the gradebook holds on disk."""
    with sqlite3.connect(folder / FILE) as database:
        return database.execute(query).fetchall()


def enter(browser: Any, desk: Served, **settings: Any) -> Any:
    """Return a page that has come in by the address."""
    page = browser.new_context(**settings).new_page()
    page.goto(desk.address)
    return page


def keys_for(text: str, question: str) -> str:
    """Return the keys that a marker presses for an answer: by the typical one that it is like."""
    typical = written_class.TYPICAL[question]
    like = next(group for group in groups([text, *typical]) if 0 in group)
    nearest = like[1] - 1 if len(like) > 1 else len(typical)
    return {0: "a", 1: "12", 2: "1"}.get(nearest, "0")


def first_text(page: Any) -> str:
    """Return the first answer of a group, shown as text or, with formulas, in a frame."""
    card = page.locator(".card").first
    if card.locator(".text").count():
        return str(card.locator(".text").inner_text())
    return str(card.frame_locator("iframe").first.locator("body").inner_text())


def test_a_class_is_marked_by_keys_alone(browser: Any, desk: Served, folder: Path) -> None:
    """From the first page on no mouse: under one key for an answer, and all are marked."""
    page = enter(browser, desk)
    presses = 0

    def press(key: str) -> None:
        nonlocal presses
        presses += 1
        page.keyboard.press(key)

    with page.expect_navigation():
        press("n")
    while "/groups/" in page.url:
        question = page.url.split("/questions/")[1].partition("/")[0]
        for key in keys_for(first_text(page), question):
            press(key)
        with page.expect_navigation():
            press("n")
    assert page.locator("#said").inner_text() == "Every answer has a mark."
    answers = STUDENTS * len(written_class.TYPICAL)
    assert len(stored(folder, "select 1 from manual")) == answers
    print(f"\n{presses} keys for {answers} answers: {presses / answers:.2f} each")
    assert presses < answers
    assert desk.end() == 0
    assert (folder / "written.csv").is_file()


def test_keys_focus_and_what_is_announced(browser: Any, desk: Served, folder: Path) -> None:
    """A page begins at its title; what a key did is told; typed letters are no keys."""
    page = enter(browser, desk)
    page.goto(f"{desk.base}/questions/{QUESTION}")
    focused = "document.activeElement.id"
    assert page.evaluate(focused) == "title"
    page.keyboard.press("1")
    told(page, "Saved: 1 of 3 points.")
    assert page.locator("#said").get_attribute("aria-live") == "polite"
    page.keyboard.press("c")
    assert page.evaluate(focused) == "comment"
    page.keyboard.type("n1u? f")
    page.keyboard.press("Escape")
    assert page.locator("#comment").input_value() == "n1u? f"
    told(page, "Saved: 1 of 3 points.")
    page.wait_for_function("() => document.querySelector('#undo button:enabled')")
    page.keyboard.press("u")
    told(page, "Undone: marked")
    page.keyboard.press("f")
    told(page, "Flagged.")
    page.keyboard.press("s")
    told(page, "Names are shown.")
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    before = stored(folder, "select items, comment from judgements order by submission")
    page.keyboard.press("2")
    page.reload()
    page.keyboard.press("3")
    assert stored(folder, "select items, comment from judgements order by submission") == before


def told(page: Any, text: str) -> None:
    """Wait until the line of announcements says *text*."""
    page.wait_for_function(
        "text => document.getElementById('said').textContent.includes(text)", arg=text
    )


def test_nothing_confirmed_is_lost(driver: Any, desk: Served, folder: Path) -> None:
    """Server and browser are killed at twenty moments in turn; marks go on where they were."""
    draw = random.Random(SEED)
    for kill in range(KILLS):
        with chromium(driver) as (browser, end):
            page = enter(browser, desk)
            confirmed: list[State] = []
            page.on("response", partial(note, where=confirmed))
            page.goto(f"{desk.base}/questions/{draw.choice(list(written_class.TYPICAL))}")
            states = [state(page)]
            # The moment: after some keys, of which the last may be on its way.
            for _ in range(draw.randrange(1, 6)):
                page.keyboard.press(draw.choice("123"))
                states.append(state(page))
            if draw.random() < 0.5:
                page.keyboard.press("c")
                for letter in f"comment {kill}":
                    page.keyboard.type(letter)
                    states.append(state(page))
                page.keyboard.press("Escape")
            page.wait_for_timeout(draw.choice((0, 0, 5, 20, 60, 700)))
            url = page.url
            if kill % 2:
                end()
                first = states.index(confirmed[-1]) if confirmed else 0
                assert on_disk(folder, url, states[0]) in states[first:]
                continue
            desk.kill()
            # Without a desk a choice stays in the browser, and its page says so.
            page.keyboard.press("1")
            page.locator("#trouble:visible").wait_for()
            left = state(page)
            desk.start()
            again = page.context.new_page()
            again.goto(desk.address)
            again.wait_for_function(
                "() => !Object.keys(localStorage).some(name => name.includes('pending'))"
            )
            assert on_disk(folder, url, states[0]) == left


def test_what_was_typed_waits_for_its_marker(browser: Any, folder: Path) -> None:
    """A desk that is started anew asks for a name; text is stored under the one who typed it."""
    with served(folder) as desk:
        page = enter(browser, desk)
        named(page, desk, "Ada")
        page.goto(f"{desk.base}/questions/{QUESTION}")
        desk.kill()
        page.keyboard.press("c")
        page.keyboard.type("A long comment.")
        page.locator("#trouble:visible").wait_for()
        desk.start()
        again = page.context.new_page()
        again.goto(desk.address)
        named(again, desk, "Ben")
        again.goto(f"{desk.base}/review")
        assert stored(folder, "select 1 from judgements") == []
        named(again, desk, "Ada")
        told(again, "What was typed before and not yet stored is stored now.")
        found = stored(folder, "select distinct by, comment from judgements")
        assert found == [("Ada", "A long comment.")]


def named(page: Any, desk: Served, name: str) -> None:
    """Give the name that a browser marks by."""
    page.goto(f"{desk.base}/marker")
    page.get_by_label("Your name").fill(name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def state(page: Any) -> State:
    """Return what a page's form says now."""
    form = "() => new URLSearchParams(new FormData(document.getElementById('mark'))).toString()"
    return state_of(page.evaluate(form))


def note(answer: Any, where: list[State]) -> None:
    """Keep what a save has sent that is confirmed."""
    if answer.status == 303 and answer.request.url.endswith("/mark"):
        where.append(state_of(answer.request.post_data))


def state_of(body: str) -> State:
    fields = parse_qs(body, keep_blank_values=True)
    return tuple(sorted(fields.get("item", ()))), fields["comment"][0].strip()


def on_disk(folder: Path, url: str, otherwise: State) -> State:
    """Return what the gradebook holds of a group: the first of its answers stands for all."""
    question, _, fingerprint = url.partition("/questions/")[2].partition("/groups/")
    query = (
        "select items, comment from judgements "
        f"where question = '{question}' and answer = '{fingerprint}'"
    )
    found = {(tuple(json.loads(items)), comment) for items, comment in stored(folder, query)}
    assert len(found) < 2, found
    return found.pop() if found else otherwise


@contextmanager
def chromium(driver: Any) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Give a browser of its own, and what kills it at once."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        process = subprocess.Popen(
            [str(CHROMIUM), "--headless=new", "--no-sandbox", "--remote-debugging-port=0",
             f"--user-data-dir={place}", "about:blank"],
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stderr is not None
        address = next(line for line in process.stderr if "DevTools listening on" in line)

        def end() -> None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

        try:
            yield driver.chromium.connect_over_cdp(address.rpartition(" ")[2].strip()), end
        finally:
            end()


def test_two_browsers_at_once(browser: Any, desk: Served, folder: Path) -> None:
    """Both mark the same questions by turns: both judgements of every answer are kept."""
    pages = []
    for name in ("Ada", "Ben"):
        page = enter(browser, desk)
        named(page, desk, name)
        page.get_by_role("button", name="Take a second look").click()
        told(page, "A second look begins.")
        page.goto(f"{desk.base}/questions/{QUESTION}")
        pages.append(page)
    for _ in range(40):
        for page, key in zip(pages, "12", strict=True):
            if f"/{QUESTION}/groups" not in page.url:
                continue
            page.keyboard.press(key)
            with page.expect_navigation():
                page.keyboard.press("n")
    query = (
        "select by, count(*), sum(counts) from judgements "
        f"where question = '{QUESTION}' group by by"
    )
    rows = {by: (number, counts) for by, number, counts in stored(folder, query)}
    assert {by: number for by, (number, _) in rows.items()} == {"Ada": STUDENTS, "Ben": STUDENTS}
    assert sum(counts for _, counts in rows.values()) == STUDENTS


def test_without_javascript_forms_still_work(browser: Any, desk: Served, folder: Path) -> None:
    """Every action has a button: a group is marked, and the next one opened."""
    page = enter(browser, desk, java_script_enabled=False)
    page.get_by_role("link", name="Which activations stop the gradient").click()
    page.locator("[name=item]").first.check()
    page.get_by_role("button", name="Save").click()
    assert page.locator("#said").inner_text() == "Saved: 1 of 3 points."
    first = page.url
    page.get_by_role("link", name="Next open").click()
    assert page.url != first
    assert {score for (score,) in stored(folder, "select score from manual")} == {1.0}


def violations(page: Any) -> list[str]:
    """Return what axe finds, a line for each element."""
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Served]:
    """A desk on which something of each kind is to be seen."""
    place = tmp_path_factory.mktemp("marked") / "grades"
    written_class.make(place, 20, SEED)
    with served(place, "Ada") as desk:
        page = enter(browser, desk)
        page.goto(f"{desk.base}/questions/{QUESTION}")
        for key in ("1", "f"):
            page.keyboard.press(key)
            page.wait_for_timeout(300)
        page.locator(".card header a").first.click()
        page.keyboard.press("2")
        told(page, "Saved")
        named(page, desk, "Ben")
        page.goto(f"{desk.base}/questions/{QUESTION}/groups")
        page.locator("tbody a").first.click()
        page.keyboard.press("a")
        told(page, "Saved")
        yield desk


PATHS: dict[str, Callable[[Any, Served], None]] = {
    "front": lambda page, desk: page.goto(desk.base),
    "marker": lambda page, desk: page.goto(f"{desk.base}/marker"),
    "marking": lambda page, desk: page.goto(f"{desk.base}/questions/{QUESTION}/next?after=none"),
    "marked": lambda page, desk: _first_group(page, desk),
    "alone": lambda page, desk: (
        _first_group(page, desk),
        page.locator(".card header a").first.click(),
        page.wait_for_url("**/answers/*"),
    ),
    "groups": lambda page, desk: page.goto(f"{desk.base}/questions/{QUESTION}/groups"),
    "rubric": lambda page, desk: page.goto(f"{desk.base}/questions/{QUESTION}/rubric"),
    "review": lambda page, desk: page.goto(f"{desk.base}/review"),
    "search": lambda page, desk: page.goto(f"{desk.base}/search?q=the"),
    "keys": lambda page, desk: (page.goto(desk.base), page.keyboard.press("?")),
    "refused": lambda page, desk: page.goto(f"{desk.base}/none"),
}  # fmt: skip


def _first_group(page: Any, desk: Served) -> None:
    page.goto(f"{desk.base}/questions/{QUESTION}/groups")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/groups/*")


@pytest.mark.parametrize("width", [390, 1280], ids=["narrow", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PATHS)
def test_axe_finds_nothing(
    browser: Any, marked: Served, name: str, scheme: str, width: int
) -> None:
    """Contrast, names, roles, headings and scrolling areas are as WCAG 2.1 AA asks."""
    size = {"width": width, "height": 900}
    page = enter(browser, marked, color_scheme=scheme, viewport=size, bypass_csp=True)
    PATHS[name](page, marked)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
