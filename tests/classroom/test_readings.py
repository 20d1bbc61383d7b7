"""What is read of hand-ins: as it may be shown, once, and whatever a hand-in holds."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.classroom import readings as module
from grader.classroom.readings import Readings
from grader.classroom.replays import NoReplay
from grader.cli import main
from grader.key.sources import manifest
from grader.model.assignment import Assignment

PLAIN = ("--isolation", "process", "--allow-unsandboxed", "-q")
NOTEBOOK = "FullyConnectedNets"
PICTURE = "iVBORw0KGgo="
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n**bold** $x_1 < \\text{<b>}$"


def notebook(root: Path, answers: dict[str, str], outputs: list[Any] | None = None) -> bytes:
    """Return the students' notebook with *answers*, and what the cell before the first printed."""
    document = json.loads((root / "student_template" / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    cells = {cell["id"]: cell for cell in document["cells"]}
    for question, text in answers.items():
        cells[f"{question}-answer"]["source"] = text
    place = document["cells"].index(cells["inline-1-answer"])
    before = [cell for cell in document["cells"][:place] if cell["cell_type"] == "code"]
    before[-1]["outputs"] = outputs or []
    return json.dumps(document).encode()


@pytest.fixture(scope="module")
def graded(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of which written answers alone are asked: nobody's code runs."""
    folder = tmp_path_factory.mktemp("read")
    shown = [
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": PICTURE}},
        {"output_type": "stream", "name": "stdout", "text": "<script>printed"},
    ]
    handed = {
        "ada": notebook(root, {"inline-1": EVIL}, shown),
        "bo": notebook(root, {"inline-1": "Sigmoid, since $\\frac{1}{2}$."}),
        "cy": notebook(root, {"inline-1": "![" * 4_000}),
        "dee": notebook(root, {"inline-1": "word " * 5_000}),
    }
    for name, data in handed.items():
        place = folder / "class" / name
        (place / "cs682").mkdir(parents=True)
        (place / f"{NOTEBOOK}.ipynb").write_bytes(data)
        (place / "cs682" / "layers.py").write_text(f"def relu_forward(x):\n    return {name!r}\n")
    run = ("grade", folder / "class", "-a", root / "assignment", "-o", folder / "grades")
    assert main([*map(str, run), "--only", "written", *PLAIN]) == 0
    return folder / "grades"


@pytest.fixture(scope="module")
def assignment(root: Path) -> Assignment:
    """The course's manifest."""
    return manifest(root / "assignment")


Opened = Callable[[Path], Readings]


@pytest.fixture
def opened(assignment: Assignment) -> Iterator[Opened]:
    """Open the readings of a folder; what is opened is closed afterwards."""
    made: list[Readings] = []

    def opened(output: Path) -> Readings:
        made.append(Readings(output, assignment, level="process", allow_unsandboxed=True))
        return made[-1]

    yield opened
    for one in made:
        one.close()


def test_an_answer_may_be_shown_with_what_stands_beside_it(graded: Path, opened: Opened) -> None:
    """Markup is cleaned, formulas are MathML, pictures are addresses, and texts are texts."""
    readings = opened(graded)
    shown = readings.question("ada", "inline-1")
    (answer,) = shown.answer
    assert "<strong>bold</strong>" in answer.html
    assert "<msub><mi>x</mi><mn>1</mn></msub>" in answer.html
    assert "<mtext>&lt;b&gt;</mtext>" in answer.html
    assert "<script" not in answer.html
    assert not re.search(r"<[^>]*\son\w+=", answer.html)
    code = [cell for cell in shown.cells if not cell.answers]
    assert code
    assert all(cell.kind == "code" and 'class="highlight"' in cell.html for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert ("", f"data:image/png;base64,{PICTURE}") in outputs
    assert ("<script>printed", "") in outputs
    assert [cell.number for cell in shown.cells] == sorted(cell.number for cell in shown.cells)


def test_one_that_cannot_be_converted_costs_itself(graded: Path, opened: Opened) -> None:
    """It is shown as it was written, and says why; the cells beside it are there."""
    readings = opened(graded)
    shown = readings.question("dee", "inline-1")
    (answer,) = shown.answer
    assert not answer.html
    assert answer.source.startswith("word word")
    assert "larger" in answer.why
    assert all(cell.html for cell in shown.cells if not cell.answers)
    assert readings.question("cy", "inline-1").answer


def test_what_was_read_is_kept(
    graded: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same comes from the gradebook, without a sandbox; another version reads it anew."""
    first = opened(graded)
    first.read_all(["ada", "bo"])
    first.read_all(["ada", "bo"], code=True)
    cells, code = first.question("bo", "inline-1"), first.code("bo")

    def none(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("a sandbox was started")

    monkeypatch.setattr(module, "Sandbox", none)
    second = opened(graded)
    assert second.question("bo", "inline-1") == cells
    assert second.code("bo") == code
    monkeypatch.setattr(module, "VERSION", "another")
    with pytest.raises(AssertionError, match="sandbox"):
        second.question("bo", "inline-1")


def test_code_is_read_by_function(graded: Path, opened: Opened) -> None:
    """Files, and the cells that answer training questions."""
    readings = opened(graded)
    found = {source.name: source for source in readings.code("bo")}
    (relu,) = found["layers.py"].functions
    assert (relu.name, relu.first, relu.last) == ("relu_forward", 1, 2)
    cells = [source for source in found.values() if source.question]
    assert cells
    assert set(readings.texts("bo")) >= set(found)


def test_a_reading_that_was_damaged_is_read_anew(
    graded: Path, opened: Opened, tmp_path: Path
) -> None:
    """A row that is no zlib costs a second reading."""
    folder = Path(shutil.copytree(graded, tmp_path / "grades"))
    readings = opened(folder)
    before = readings.question("bo", "inline-1")
    with sqlite3.connect(folder / "gradebook.sqlite") as book:
        book.execute("update readings set reading = x'00ff'")
    assert readings.question("bo", "inline-1") == before


def test_without_bytes_there_is_a_reason(graded: Path, opened: Opened, tmp_path: Path) -> None:
    """A hand-in that wasn't kept, one that was changed, and a question that isn't there."""
    folder = Path(shutil.copytree(graded, tmp_path / "grades"))
    with sqlite3.connect(folder / "gradebook.sqlite") as book:
        book.execute("delete from readings")
    for path in (folder / "replay" / "hand-ins").iterdir():
        path.write_bytes(b"changed")
    readings = opened(folder)
    assert "wasn't kept" in readings.question("ada", "inline-1").why
    with pytest.raises(NoReplay):
        readings.code("ada")
    readings.read_all(["ada", "nobody"])
    assert "handed in" in opened(graded).question("ada", "no-question").why


def test_who_is_removed_leaves_no_reading(
    graded: Path, opened: Opened, tmp_path: Path, root: Path
) -> None:
    """Neither cells nor code."""
    folder = Path(shutil.copytree(graded, tmp_path / "grades"))
    opened(folder).read_all(["ada", "bo"])
    remove = ("remove", "ada", "-a", root / "assignment", "-o", folder, "-q")
    assert main([*map(str, remove)]) == 0
    with sqlite3.connect(folder / "gradebook.sqlite") as book:
        left = {name for (name,) in book.execute("select submission from readings")}
    assert "ada" not in left
    assert "bo" in left
