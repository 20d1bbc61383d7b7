"""A result can be replayed: from the bytes and the key of then, whatever stands there today."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said

Grader = Callable[..., Said]
WRONG = "def scale_forward(x, w):\n    return x, None\n"


@pytest.fixture
def replay(grader: Grader, toy_course: Path, grades: Path) -> Grader:
    """Replay a code."""

    def run(code: str, *arguments: object) -> Said:
        return grader("replay", code, "-a", toy_course, "-o", grades, *PLAIN, *arguments)

    return run


def code_of(grades: Path, name: str) -> str:
    """Return the code that a student's page shows."""
    page = (grades / "submissions" / name / "feedback.html").read_text("utf-8")
    found = re.search(r"<dt>Replay</dt><dd><code>(\w+)</code>", page)
    assert found is not None
    return found[1]


def change(grades: Path, column: str, old: str, new: str) -> None:
    """Change what the gradebook keeps of every result."""
    book = sqlite3.connect(grades / "gradebook.sqlite")
    with book:
        book.execute(f"update replays set {column} = replace({column}, ?, ?)", (old, new))
    book.close()


def test_a_replay_comes_out_the_same_without_the_hand_in(
    grade: Grade, replay: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """The folder that was graded is gone; a hand-in that lost points loses the same again."""
    put("ada")
    put("bo", scale=WRONG)
    assert grade(klass, "-j", "2").code == 0
    shutil.rmtree(klass)
    before = sorted((path, path.stat().st_mtime_ns) for path in grades.glob("submissions/*/*"))
    codes = {name: code_of(grades, name) for name in ("ada", "bo")}
    assert len(set(codes.values())) == 2
    for name, code in codes.items():
        said = replay(code.upper())
        assert said.code == 0, said.err
        assert "are those of then" in said.out
        assert "Every verdict and point comes out the same" in said.out
        assert f"{name}: marked again with the key of then" in said.err
    after = sorted((path, path.stat().st_mtime_ns) for path in grades.glob("submissions/*/*"))
    assert after == before


def test_a_page_of_before_a_regrade_can_be_replayed(
    grade: Grade, replay: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """An earlier page's code stands for the earlier bytes; the same again has the same code."""
    put("ada", scale=WRONG)
    grade("--as", "class", klass)
    first = code_of(grades, "ada")
    shutil.rmtree(klass / "ada")
    put("ada")
    grade("--as", "class", klass)
    second = code_of(grades, "ada")
    worse, better = replay(first), replay(second)
    assert (worse.code, better.code) == (0, 0)
    assert worse.out != better.out
    put("ada", scale=WRONG)
    grade("--as", "class", klass)
    assert code_of(grades, "ada") == first


def test_what_differs_is_said(
    grade: Grade, replay: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """Another version, and a verdict that isn't that of then: each in a line, and exit code 1."""
    put("ada")
    grade(klass)
    code = code_of(grades, "ada")
    change(grades, "conditions", '"python": "3', '"python": "2')
    said = replay(code)
    assert said.code == 0
    assert re.search(r"^python: 2\.[\d.]+ then, 3\.[\d.]+ now$", said.out, re.MULTILINE)
    change(grades, "verdicts", ", passed", ", failed")
    said = replay(code)
    assert said.code == 1
    assert "Not all comes out the same:" in said.out
    assert "failed then" in said.out


def test_what_cannot_be_replayed_says_why(
    grade: Grade, replay: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """An unknown code; bytes, then a key, that somebody changed or took away."""
    put("ada")
    grade(klass)
    code = code_of(grades, "ada")
    said = replay("nothing")
    assert (said.code, "has the code 'nothing'" in said.err) == (2, True)
    (key,) = (grades / "replay" / "keys").iterdir()
    kept = (key / "key.json").read_bytes()
    (key / "key.json").write_bytes(kept + b" ")
    said = replay(code)
    assert (said.code, "was changed" in said.err) == (2, True)
    (key / "key.json").write_bytes(kept)
    (handed_in,) = (grades / "replay" / "hand-ins").iterdir()
    handed_in.write_bytes(handed_in.read_bytes() + b" ")
    said = replay(code)
    assert (said.code, "was changed since it was marked" in said.err) == (2, True)
    handed_in.unlink()
    said = replay(code)
    assert (said.code, "can't be read" in said.err) == (2, True)


def test_who_is_removed_leaves_no_bytes(
    grader: Grader, toy_course: Path, grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """Bytes that two have in common stay for the other."""
    for name in ("ada", "bo"):
        put(name)
    put("cy", scale=WRONG)
    grade(klass)
    folder = grades / "replay" / "hand-ins"
    assert len(list(folder.iterdir())) == 2
    grader("remove", "ada", "-a", toy_course, "-o", grades)
    assert len(list(folder.iterdir())) == 2
    grader("remove", "bo", "cy", "-a", toy_course, "-o", grades)
    assert list(folder.iterdir()) == []
