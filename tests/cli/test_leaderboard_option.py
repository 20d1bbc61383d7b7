"""``grader grade --leaderboard`` from end to end: who is on the board, and who is told what."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from conftest_cli import PLAIN, Said

BOOK = "FullyConnectedNets.ipynb"
NAME = re.compile(r"[a-z]+ [a-z]+ \d\d\b")


def hand_in(folder: Path, root: Path, answer: str) -> None:
    """Hand in what was given out, with an answer to the question of the best model."""
    shutil.copytree(root / "student_template" / "cs682", folder / "cs682")
    for file in ("layers.py", "optim.py", "classifiers/fc_net.py"):
        shutil.copy(root / "assignment" / "cs682" / file, folder / "cs682" / file)
    book = json.loads((root / "student_template" / BOOK).read_text("utf-8"))
    for cell in book["cells"]:
        if answer and cell["metadata"].get("tags") == ["question:best-model", "answer"]:
            cell["source"] = answer
    (folder / BOOK).write_text(json.dumps(book), "utf-8")


def test_a_board_of_pseudonyms(
    grader: Callable[..., Said], root: Path, klass: Path, grades: Path
) -> None:
    """The board says who reaches what, and nobody's name; a second run keeps the pseudonyms."""
    for name in ("Ada Lovelace", "Bo Diddley"):
        hand_in(klass / name, root, "best_model = FullyConnectedNet([5])")
    hand_in(klass / "Cy Young", root, "")

    def run(*options: str) -> Said:
        places = ("-a", root / "assignment", "-o", grades)
        return grader("grade", klass, *places, "--only", "training", *PLAIN, *options)

    assert run().code == 0
    assert not (grades / "leaderboard.html").exists()

    said = run("--leaderboard")
    assert said.code == 0
    assert "leaderboard.html" in said.err
    board = (grades / "leaderboard.html").read_text("utf-8")
    names = NAME.findall(re.sub(r"<style>.*</style>", "", board, flags=re.DOTALL))
    assert len(names) == len(set(names)) == 2
    assert not re.search("Ada|Love|Bo Did|Cy Young", board)
    own = {
        path.parent.name: [name for name in names if name in path.read_text("utf-8")]
        for path in grades.glob("submissions/*/feedback.html")
    }
    assert own.pop("Cy Young") == []
    assert sorted(own.values()) == sorted([name] for name in names)
    assert not any(
        name in path.read_text("utf-8") for name in names for path in grades.glob("*.*v")
    )

    (grades / "leaderboard.html").unlink()
    assert run("--leaderboard").code == 0
    assert (grades / "leaderboard.html").read_text("utf-8") == board
