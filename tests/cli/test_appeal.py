"""Objections on the command line, and hand-ins marked again in place of their results."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said, table

Grader = Callable[..., Said]
WRONG = "def scale_forward(x, w):\n    return x, None\n"


@pytest.fixture
def told(grader: Grader, toy_course: Path, grades: Path) -> Grader:
    """Run a command on the results of the class."""

    def run(command: str, *arguments: object) -> Said:
        return grader(command, *arguments, "-a", toy_course, "-o", grades)

    return run


def page(grades: Path, name: str) -> str:
    return (grades / "submissions" / name / "feedback.html").read_text("utf-8")


def code_of(grades: Path, name: str) -> str:
    found = re.search(r"<dt>Replay</dt><dd><code>(\w+)</code>", page(grades, name))
    assert found is not None
    return found[1]


def test_an_objection_from_its_record_to_a_decision_and_back(
    grade: Grade, told: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """Listed, decided with points, told on the student's page and by another run, taken back."""
    put("ada")
    put("bo", scale=WRONG)
    grade(klass)
    before = float(table(grades)["bo"]["score"])
    code = code_of(grades, "bo")
    said = told("appeal", code, "--question", "scale-forward", "--objection", "It is scaled.")
    assert said.code == 0, said.err
    (id,) = re.findall(r"^(a\w+): recorded", said.err, re.MULTILINE)
    assert "It is scaled.\topen" in told("appeal").out
    assert "It is scaled." not in page(grades, "bo")
    said = told("appeal", code, "--decision", "In part.", "--add", "1.5")
    assert said.code == 0, said.err
    for _ in range(2):
        assert float(table(grades)["bo"]["score"]) == before + 1.5
        assert "In part." in page(grades, "bo")
        assert "In part." not in page(grades, "ada")
        put("bo", scale=WRONG + "# once more\n")
        grade(klass)
    log = told("adjust", "--log").out
    assert "It is scaled." in log
    assert "In part." in log
    assert told("adjust", "--undo", id).code == 0
    assert float(table(grades)["bo"]["score"]) == before
    assert "In part." not in page(grades, "bo")
    assert "\topen" in told("appeal").out


def test_objections_that_cannot_be_taken(
    grade: Grade, told: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """What is wrong is said in one line, and nothing is recorded."""
    put("ada")
    grade("--as", "class", klass)
    code = code_of(grades, "ada")
    for words, why in (
        ([code], "--objection"),
        (["nothing", "--objection", "x"], "has the code"),
        ([code, "--decision", "x"], "has none"),
        ([code, "--objection", "x", "--add", "1"], "by a decision"),
        ([code, "--objection", "x", "--decision", "y", "--add", "1", "--set", "2"], "one of"),
    ):
        said = told("appeal", *words)
        assert (said.code, why in said.err) == (2, True), said.err
    assert told("appeal").out == ""


def test_some_are_marked_again_and_put_back(
    grade: Grade, told: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """From the stored bytes, by today's key, in place of the results; one id puts those back."""
    for name in ("ada", "bo"):
        put(name)
    put("cy", scale=WRONG)
    grade(klass)
    codes = [code_of(grades, name) for name in ("ada", "cy")]
    first = {name: page(grades, name) for name in ("ada", "bo", "cy")}
    said = told("replay", *codes, "--store", "--now", "--reason", "a new check", *PLAIN)
    assert said.code == 0, said.err
    assert said.out.splitlines() == ["ada: no verdict differs", "cy: no verdict differs"]
    assert page(grades, "bo") == first["bo"]
    log = told("adjust", "--log").out
    assert log.count("a new check") == 2
    (id,) = set(re.findall(r"marked again \((r\w+)\)", log))
    assert told("adjust", "--undo", id).code == 0
    assert {name: page(grades, name) for name in first} == first
    said = told("adjust", "--undo", id)
    assert (said.code, "is no change that was made" in said.err) == (2, True)


def test_an_earlier_page_is_not_stored_over_a_newer_one(
    grade: Grade, told: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """A code of the hand-in before can be compared, and takes no newer one's place."""
    put("ada", scale=WRONG)
    grade("--as", "class", klass)
    code = code_of(grades, "ada")
    put("ada")
    grade("--as", "class", klass)
    newer = page(grades, "ada")
    said = told("replay", code, "--store", *PLAIN)
    assert (said.code, "an earlier page" in said.err) == (2, True)
    assert page(grades, "ada") == newer
