"""A class's run: each hand-in is read once and aligned once, whatever is made of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.classroom import run, worker
from grader.classroom.gradebook import Gradebook
from grader.cli import main
from grader.submissions import cells

NAME = "FullyConnectedNets"
PLAIN = ("--isolation", "process", "--allow-unsandboxed")


@pytest.fixture
def klass(root: Path, tmp_path: Path) -> Path:
    """Two submissions of the course's own template, notebook included."""
    for name in ("ada", "bo"):
        folder = tmp_path / "class" / name
        shutil.copytree(root / "student_template" / "cs682", folder / "cs682")
        shutil.copy(root / "student_template" / f"{NAME}.ipynb", folder)
    return tmp_path / "class"


@pytest.fixture
def grade(klass: Path, assignment_folder: Path, tmp_path: Path) -> Callable[..., int]:
    """Grade the class's written answers, and write its notebooks back."""

    def grade(*options: object) -> int:
        command = ["grade", klass, "-a", assignment_folder, "-o", tmp_path / "grades", "-q"]
        asked = ["--only", "written", "--annotate", *PLAIN, *options]
        return main([str(word) for word in [*command, *asked]])

    return grade


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is read and what is aligned."""
    counts: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any) -> Any:
            counts[name] += 1
            return function(*arguments)

        return counting

    monkeypatch.setattr(worker, "read_submission", counted("read", worker.read_submission))
    monkeypatch.setattr(run, "read_submission", counted("read", run.read_submission))
    monkeypatch.setattr(cells, "match", counted("aligned", cells.match))
    return counts


def test_a_hand_in_is_read_once_and_aligned_once(
    grade: Callable[..., int], klass: Path, tmp_path: Path, counts: Counter[str]
) -> None:
    """So at first, where its result is kept, and where it was handed in again since."""
    page = tmp_path / "grades" / "submissions" / "ada" / f"{NAME}.html"
    for change in ("first", "kept", "again"):
        if change == "again":
            (klass / "ada" / "cs682" / "optim.py").write_text("changed = True\n")
        counts.clear()
        assert grade() == 0
        assert counts == {"read": 2, "aligned": 2}, change
        assert "verdict" in page.read_text("utf-8")
        page.unlink()


def test_what_was_read_comes_back_from_another_process(
    grade: Callable[..., int], tmp_path: Path
) -> None:
    """With several processes the notebooks written back are the same."""
    made = []
    for options in ((), ("-j", "2")):
        assert grade(*options) == 0
        folder = tmp_path / "grades"
        books = sorted(folder.glob(f"submissions/*/{NAME}.ipynb"))
        made.append({book.parent.name: book.read_text() for book in books})
        assert set(made[-1]) == {"ada", "bo"}
        shutil.rmtree(folder)
    assert made[0] == made[1]


def test_a_gradebook_of_before_is_read(tmp_path: Path) -> None:
    """The column of what a run asked once had the name of the notebooks alone."""
    result = {
        "submission": "ada",
        "content": "c",
        "key": "k",
        "grader": "1",
        "status": "graded",
        "questions": [],
    }
    with Gradebook(tmp_path) as gradebook:
        gradebook.save(result, ("Nets", "code"))
    with sqlite3.connect(tmp_path / "gradebook.sqlite") as database:
        database.execute("alter table results rename column asked to notebooks")
    database.close()
    for _ in range(2):
        with Gradebook(tmp_path) as gradebook:
            assert gradebook.graded("ada", "k", "1", ("Nets", "code")) == "c"
            assert gradebook.graded("ada", "k", "1", ("Nets",)) is None
            assert list(gradebook.all()) == [result]
            gradebook.save(result, ("Nets", "code"))
