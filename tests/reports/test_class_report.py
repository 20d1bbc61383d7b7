"""The report on a class: what its instructor reads, and what may be passed on."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from class_records import check, class_of, mistaken, question, result, waiting

from grader.classroom.comparison import compared, snapshot
from grader.classroom.punctuality import HandedIn
from grader.classroom.tally import Tally
from grader.reports.class_report import MAPPED, ClassFacts, class_report
from grader.reports.findings import Diagnosis


def facts(results: Any, **more: Any) -> ClassFacts:
    tally = Tally({"w": "written"})
    for one in results:
        tally.add(one)
    return ClassFacts("Nets", tally, **more)


def a_class(count: int = 40, seed: int = 1) -> list[dict[str, Any]]:
    """A class in which few make one mistake, more another, and three ran out of time."""
    dice = random.Random(seed)
    made = []
    for i in range(count):
        able = dice.random()
        slow = check("b.c", 0.0, stage="timed_out") if i in (3, 4, 5) else check("b.c", 2.0)
        made.append(
            result(
                f"student-{i:02}",
                mistaken("a", 4.0, "rare" if i < 3 else "common")
                if able < 0.5
                else question("a", check("a.c", 4.0)),
                question("b", slow),
                question("c", check("c.c", round(8 * able) / 2, 4.0)),
                waiting("w"),
            )
        )
    return made


MISTAKES = {"common": Diagnosis("It is halved", "Double it.", "Forgotten."),
            "rare": Diagnosis("It is squared", "Take the root.")}  # fmt: skip


def test_no_text_of_a_result_is_taken_for_markup(hostile: Any) -> None:
    """Names, titles, messages and notes show as text, in either version."""
    people = [
        {**hostile.everywhere(one), "submission": f"{hostile.text} {i}"}
        for i, one in enumerate(a_class())
    ]
    words = Diagnosis(hostile.text, hostile.text, hostile.text)
    found = facts(people, diagnoses={"common": words, "rare": words})
    for shared in (False, True):
        parsed = hostile.harmless(class_report(found, shared=shared))
        assert "<script>alert(1)</script>" in parsed.text


def test_the_instructor_s_version_names_students(page: Any) -> None:
    """Who needs help first, with what, and a map of everybody, with links to their pages."""
    found = page(class_report(facts(a_class(), diagnoses=MISTAKES)))
    assert "Who needs help first" in found.text
    assert "Question a It is halved" in found.text
    hrefs = {link["href"] for link in found.all("a")}
    assert {f"submissions/student-{i:02}/feedback.html" for i in range(40)} <= hrefs


def test_the_other_version_names_nobody_and_no_few(page: Any) -> None:
    """No name, no link to a student, and no count from one to four in any cell."""
    people = a_class()
    then = {p["submission"]: snapshot(p) for p in a_class(seed=2)}
    now = {p["submission"]: snapshot(p) for p in people}
    handed = [HandedIn(p["submission"], 30.0 - i, 1 + (i < 2), 0.5) for i, p in enumerate(people)]
    found = facts(
        people,
        diagnoses=MISTAKES,
        handed=handed,
        missing=2,
        before=compared(then, now, {name: name for name in now}),
    )
    html = class_report(found, shared=True)
    assert "student-" not in html
    assert "It is squared" not in html, "three had it"
    parsed = page(html)
    assert not [link for link in parsed.all("a") if not link["href"].startswith("#")]
    cells = re.findall(r'<td class="right">([^<]*)</td>', html)
    whole = [int(cell) for cell in cells if re.fullmatch(r"\d+", cell)]
    assert whole
    assert not [number for number in whole if 0 < number < 5]
    assert "fewer than 5" in parsed.text


def test_the_test_above_sees_a_name_and_a_few(page: Any) -> None:
    """In the instructor's version there are both."""
    html = class_report(facts(a_class(), diagnoses=MISTAKES))
    assert "student-" in html
    assert "It is squared" in html


@pytest.mark.parametrize("shared", [False, True])
def test_a_class_of_a_few_is_no_page_to_pass_on(shared: bool, page: Any) -> None:
    """Fewer than five are told to their instructor alone, without figures of reliability."""
    text = page(class_report(facts(a_class(4)), shared=shared)).text
    assert ("fewer than five" in text) == shared
    assert ("isn’t told of fewer than 10" in text) == (not shared)


@pytest.mark.parametrize(("count", "warned"), [(29, True), (30, False)])
def test_small_classes_are_warned_about(count: int, warned: bool, page: Any) -> None:
    """Alpha of fewer than thirty stands with a warning."""
    text = page(class_report(facts(a_class(count)))).text
    assert "Cronbach’s α is" in text
    assert ("may be far off" in text) == warned


def test_an_empty_class_is_a_page(page: Any) -> None:
    """Nothing graded, or nothing readable, breaks nothing."""
    assert "Report on a class of 0" in page(class_report(facts([]))).text
    broken = facts([result("x", status="unreadable"), result("y")])
    assert "1 unreadable" in page(class_report(broken)).text


def test_a_large_class_is_mapped_in_tenths(page: Any) -> None:
    """All are in the means of tenths; by name stand those who have least."""
    rows = [[float(i % 5), float(i % 3)] for i in range(MAPPED + 50)]
    html = class_report(facts(class_of(rows, [4, 2])))
    assert "Tenths of the class" in html
    assert html.count("/feedback.html") < MAPPED
    assert f"{MAPPED // 2} of {MAPPED + 50}" in page(html).text


def test_times_and_attempts_are_told_where_they_are_known(page: Any) -> None:
    """Hours before the due date, late ones too, with the mean of each; or nothing of it."""
    people = a_class(12)
    hours = [100.0, 30.0, 30.0, 5.0, 0.5, 0.5, -3.0, -30.0, None, None, None, None]
    handed = [HandedIn(p["submission"], h, 2 if h else None, 0.5)
              for p, h in zip(people, hours, strict=True)]  # fmt: skip
    text = page(class_report(facts(people, handed=handed))).text
    assert "more than 3 days before 1 50 %" in text
    assert "1 to 3 days before 2 50 %" in text
    assert "up to a day late 1 50 %" in text
    assert "Attempts Submissions 2 8" in text
    assert "When it was handed in" not in page(class_report(facts(people))).text


def test_each_picture_has_its_numbers(page: Any) -> None:
    """Pictures are hidden from who can't see them, or named, with a table after them."""
    found = page(class_report(facts(a_class(), diagnoses=MISTAKES)))
    for picture in found.all("svg"):
        assert picture.get("aria-hidden") == "true" or picture.get("aria-labelledby")
    assert "Submissions by share of the points" in found.text
