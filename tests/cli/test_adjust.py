"""A person's word, as it is typed: what it can't mean is refused before it is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest_cli import Grade, Put, Said, table

from grader.classroom.gradebook import FILE, Gradebook


@pytest.fixture
def change(
    grader: Callable[..., Said], grade: Grade, put: Put, klass: Path, toy_course: Path, grades: Path
) -> Callable[..., Said]:
    """Run a command on the results of a class of one."""
    put("ada")
    grade(klass)

    def run(command: str, *arguments: object) -> Said:
        return grader(command, "-a", toy_course, "-o", grades, *arguments)

    return run


def test_what_is_no_number_of_points_is_refused(change: Callable[..., Said], grades: Path) -> None:
    """Nothing of it is kept, and a gradebook that holds such a number still tells its class."""
    for words in (["--set", "nan"], ["--set", "inf"], ["--add", "1e400"], ["--bonus", "lots"]):
        said = change("adjust", "ada", *words, "--reason", "r")
        assert (said.code, "is no number of points" in said.err) == (2, True), words
    with Gradebook(grades) as book:
        assert book.adjustments() == []
    with closing(sqlite3.connect(grades / FILE)) as database, database:
        for id, points in (("c1", None), ("c2", float("inf"))):
            row = (id, "ada", "", "", "add", points, "r", "", "2026-11-28T10:00:00+00:00")
            database.execute("insert into adjustments values (?,?,?,?,?,?,?,?,?)", row)
    assert change("report").code == 0
    assert table(grades)["ada"]["grade"] == "15"
    assert change("adjust", "ada", "--set", "2,5", "--reason", "r").code == 0
    assert table(grades)["ada"]["grade"] == "2.5"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ada", "--excuse", "--question", "decay"], "--excuse is about the whole"),
        (["ada", "--exempt", "--question", "decay/decay.trajectory"], "--exempt is about a"),
        (["ada", "--exempt"], "--exempt is about a question"),
        (["ada", "--set", "1", "--question", "nope"], "no question 'nope' was asked"),
        (["ada", "--set", "1", "--question", "decay/nope"], "has no check 'nope'"),
        (["--undo", "c000000"], "is no change that was made"),
    ],
)
def test_a_change_of_what_isn_t_there_is_refused(
    change: Callable[..., Said], grades: Path, words: list[str], said: str
) -> None:
    """Rather than taken for a change of something larger."""
    found = change("adjust", *words, "--reason", "r")
    assert found.code == 2
    assert said in found.err
    with Gradebook(grades) as book:
        assert book.adjustments() == []


def test_rules_about_nobody_are_named(change: Callable[..., Said], grades: Path) -> None:
    """A slip in a name or an id would cost somebody points in silence."""
    rules = grades / "policy.toml"
    rules.write_text('excused = ["ada", "addy"]\ndrop = ["decay.nope"]\n', "utf-8")
    said = change("report")
    assert (said.code, "name what nobody knows here: addy, decay.nope" in said.err) == (0, True)
    for field in ("[points]\nnope = 3", 'drop = ["nope.values"]', '[shares]\n"nope" = 1'):
        rules.write_text(field, "utf-8")
        said = change("report")
        assert (said.code, "there is no 'nope" in said.err) == (2, True), field
