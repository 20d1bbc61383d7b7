"""A gradebook of every version of its tables opens with everything in it, and is told as ever.

``gradebooks/`` holds one of each, as the grader of then wrote it: an example of the first notebook,
with marks in its table, a pseudonym, and a person's change where there were such. Version 1 was
never written. Whoever adds a version keeps one of the version before.
"""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from pathlib import Path

import pytest

from grader.classroom.gradebook import Gradebook
from grader.classroom.schema import TABLES, VERSION
from grader.cli import main

KEPT = {
    int(re.sub(r"\D", "", path.stem)): path
    for path in (Path(__file__).parent / "gradebooks").glob("version-*.sql")
}


@pytest.fixture(params=sorted(KEPT))
def version(request: pytest.FixtureRequest, tmp_path: Path) -> int:
    """A version of the tables, of which a gradebook lies in the folder ``tmp_path``."""
    with sqlite3.connect(tmp_path / "gradebook.sqlite") as made:
        made.executescript(KEPT[request.param].read_text("utf-8"))
    made.close()
    return int(request.param)


def test_there_is_one_of_each_version() -> None:
    """All that were ever written, up to the one before today's."""
    assert set(KEPT) >= {*range(VERSION)} - {1}


def test_nothing_is_lost_in_opening(version: int, tmp_path: Path) -> None:
    """Results, marks, pseudonyms and changes; all of today's tables are there."""
    with Gradebook(tmp_path) as book:
        (result,) = book.all()
        assert (result["submission"], result["score"]) == ("ada", 60.0)
        assert [(mark.score, mark.comment) for mark in book.marks()] == [
            (1.0, "old mark 0"), (1.0, "old mark 2"), (1.0, "old mark 4")
        ]  # fmt: skip
        assert book.pseudonym("ada", lambda: "Another One") == "Quiet Heron"
        assert [row[0] for row in book.adjustments()] == (["c0ffee"] if version >= 2 else [])
    with sqlite3.connect(tmp_path / "gradebook.sqlite") as opened:
        names = {name for (name,) in opened.execute("select name from sqlite_master")}
        assert opened.execute("pragma user_version").fetchone() == (VERSION,)
    opened.close()
    assert names >= TABLES


def test_its_class_is_told_with_marks_and_changes(
    version: int, tmp_path: Path, assignment_folder: Path
) -> None:
    """`grader report` writes the table and the pages of what the grader of then found."""
    assert main(["report", "-q", "-a", str(assignment_folder), "-o", str(tmp_path)]) == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text("utf-8-sig")))
    assert (row["score"], row["max_score"], row["pending"]) == ("63", "69", "0")
    assert row.get("grade", "") == ("62" if version >= 2 else "")
    page = (tmp_path / "submissions" / "ada" / "feedback.html").read_text("utf-8")
    assert "old mark 2" in page
    assert ("named a variable after the tutor" in page) == (version >= 2)
