"""WCAG 2.1 AA, by axe in headless Chromium: every page, light and dark, on a phone and a screen.

Needs Chromium on the path and what ``tox -e pages`` installs; skipped with the reason elsewhere.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from class_records import class_of
from conftest_reports import similar_page

from grader.classroom.clusters import clusters
from grader.classroom.comparison import compared, snapshot
from grader.classroom.punctuality import HandedIn
from grader.classroom.tally import Tally
from grader.model.assignment import Assignment, Files, Limits, NotebookEntry
from grader.model.verdicts import CheckResult
from grader.reports import feedback, leaderboard, overview
from grader.reports.class_report import ClassFacts, class_report
from grader.reports.student_index import student_index
from grader.selfcheck.page import cell
from grader.selfcheck.questions import CheckedQuestion

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: run `tox -e pages`"
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: run `tox -e pages`"
)
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the path")

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
NARROW, WIDE = 360, 1280
PAGES = ["feedback", "unreadable", "index", "class", "trained", "report", "shared", "leaderboard",
         "cell", "similar"]  # fmt: skip
ROWS = (
    leaderboard.Ranking(1, "teal otter 10", "61.2 %"),
    leaderboard.Ranking(2, "wren 11", "9.8 %"),
)
BOARDS = [leaderboard.Board("The best model", kind, ROWS) for kind in leaderboard.SETS]

#: Shows a page's HTML: (html, scheme, width) -> the browser's page.
Show = Callable[[str, str, int], Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Show]:
    """Open HTML as a file, everything on it unfolded; pages are closed afterwards."""
    opened = []

    def show(html: str, scheme: str, width: int) -> Any:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
        )
        opened.append(context)
        page = context.new_page()
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        return page

    yield show
    for context in opened:
        context.close()


@pytest.fixture
def pages(
    result: Any, unreadable: Any, people: Any, diagnoses: Any, trained_class: Any
) -> dict[str, Callable[[], str]]:
    """Every kind of page that people see, by name."""
    checked = [
        CheckedQuestion(
            question["id"],
            "passed" if question["status"] == "passed" else "failed",
            [CheckResult(**check) for check in question["checks"]],
        )
        for question in result["questions"]
        if question["checks"]
    ]
    links = {question["id"]: "https://example.org/notes" for question in result["questions"]}
    unexplained = clusters(
        [
            {**person, "questions": [{**q, "checks": _unexplained(q)} for q in person["questions"]]}
            for person in people
        ]
    )
    assert unexplained
    return {
        "feedback": lambda: feedback(
            result,
            diagnoses=diagnoses,
            links=links,
            builds_on={"sgd-momentum": ("affine-backward",)},
        ),
        "index": lambda: student_index(result, _assignment(result), {}, _first_written(result)),
        "unreadable": lambda: feedback(unreadable),
        "class": lambda: overview(people, diagnoses=diagnoses, clusters=unexplained, reported=True),
        "report": lambda: class_report(reported(result, diagnoses)),
        "shared": lambda: class_report(reported(result, diagnoses), shared=True),
        "trained": lambda: overview(trained_class),
        "leaderboard": lambda: leaderboard.leaderboard(BOARDS, title="Nets", data="CIFAR-10"),
        "similar": similar_page,
        "cell": lambda: _framed(cell(checked, "Checked as saved.", lambda *shown: shown[1])),
    }


def reported(result: Any, diagnoses: Any) -> ClassFacts:
    """What a report is made of: a class of forty, with times, attempts, and an earlier run."""
    tally, then, now, handed = Tally(), {}, {}, []
    for i in range(40):
        one = copy.deepcopy({**result, "submission": f"student {i}", "status": "graded"})
        # Some have mended something: marks, flags and pairs differ.
        for question in one["questions"]:
            for check in question["checks"]:
                if (i + len(check["id"])) % 3 == 0 and check["status"] == "failed":
                    check |= {"status": "passed", "score": check["max_score"], "stage": None}
            if question["checks"]:
                question["score"] = sum(check["score"] for check in question["checks"])
            if question["status"] == "not_graded":
                question["status"] = "failed"
        tally.add(one, late=i == 3)
        then[one["submission"]] = snapshot(result)
        now[one["submission"]] = snapshot(one)
        handed.append(HandedIn(one["submission"], 90.0 - 3 * i, 1 + i % 2, 0.5))
    compared_ = compared(then, now, {name: name for name in now})
    return ClassFacts("Nets", tally, 2, handed, compared_, diagnoses, trained=True)


def _first_written(result: Any) -> dict[str, bool]:
    return {result["questions"][0]["notebook"]: True}


def _assignment(result: Any) -> Assignment:
    names = dict.fromkeys(question["notebook"] for question in result["questions"])
    books = [NotebookEntry(name, name) for name in (*names, "Another")]
    return Assignment("a", "Nets", "p", (), Files((), (), ()), {}, Limits(), tuple(books))


def _unexplained(question: Any) -> list[Any]:
    return [{**check, "diagnosis": None} for check in question["checks"]]


def _framed(html: str) -> str:
    """Return a cell's output in the frame of a front end, which gives it its colours."""
    return (
        '<!doctype html><html lang="en"><head><title>Notebook</title>'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>Notebook</h1>{html}</main></body></html>"
    )


def violations(page: Any) -> list[str]:
    """Return what axe finds, a line for each element."""
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("width", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    show: Show, pages: dict[str, Callable[[], str]], name: str, scheme: str, width: int
) -> None:
    """Contrast, names, roles, headings, tables and scrolling areas are as WCAG 2.1 AA asks."""
    assert violations(show(pages[name](), scheme, width)) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_page_scrolls_one_way(
    show: Show, pages: dict[str, Callable[[], str]], name: str
) -> None:
    """At 360 pixels nothing but tables and code scrolls sideways (1.4.10)."""
    page = show(pages[name](), "light", NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def test_a_class_is_filtered_and_sorted(show: Show, people: Any) -> None:
    """By words and by columns, with keys alone; the order is told to who can't see it."""
    scores = {"s1": 3.0, "s2": 10.0, "s3": 7.0, "s10": 2.0}
    page = show(overview([{**people[0], "submission": n, "score": scores[n]} for n in scores]),
                "light", WIDE)  # fmt: skip

    def names() -> list[str]:
        return [str(text) for text in page.locator("table.submissions tbody th:visible")
                .all_inner_texts()]  # fmt: skip

    assert names() == ["s1", "s2", "s3", "s10"]
    head = page.get_by_role("columnheader", name="Score")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert names() == ["s10", "s1", "s3", "s2"]
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert names() == ["s2", "s3", "s1", "s10"]
    page.get_by_label("Show rows with").fill("s1 graded")
    assert names() == ["s1", "s10"]
    assert page.locator(".filter output").inner_text() == "2 of 4 shown"
    page.get_by_label("Show rows with").fill("")
    assert len(names()) == 4


def test_a_class_of_thousands_is_a_page(show: Show, people: Any) -> None:
    """5,000 rows are filtered in their browser, on a phone too, and axe finds nothing."""
    class_ = [{**people[0], "submission": f"s{i:04d}", "questions": []} for i in range(5000)]
    page = show(overview(class_), "dark", NARROW)
    page.get_by_label("Show rows with").fill("s4999")
    assert page.locator("table.submissions tbody tr:visible").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert violations(page) == []


def test_a_report_on_thousands_is_a_page(show: Show) -> None:
    """Its size doesn't grow with the class: a map of tenths, and those with the fewest points."""
    tally = Tally()
    for one in class_of(
        [[float(i % 5), float(i % 4), float(i % 3)] for i in range(5000)], [4, 3, 2]
    ):
        tally.add(one)
    html = class_report(ClassFacts("Nets", tally))
    assert len(html) < 300_000
    page = show(html, "light", NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert violations(page) == []


def test_a_page_without_contrast_or_names_is_found(show: Show) -> None:
    """The test above sees grey on grey and a picture without words."""
    bad = _framed('<p style="color:#999;background:#aaa">Look</p><img src="data:,">')
    found = "\n".join(violations(show(bad, "light", WIDE)))
    assert "color-contrast" in found
    assert "image-alt" in found
