"""Notebooks made from the template of before are aligned, and trained, as they were.

Its first cell held what ``notebook_setup`` holds now; it had no lines that ask grader, and showed
neither images nor weights. ``earlier/`` keeps it as it was given out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.authoring import building
from grader.key import load, sources
from grader.marking.marker import Marker
from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
from grader.marking.training.answer_cells import answer_cells, kernel_cells
from grader.sandbox import Sandbox
from grader.submissions import Submission

NAME = "FullyConnectedNets"
EARLIER = Path(__file__).with_name("earlier") / f"{NAME}.ipynb"
RELEASED = Path(__file__).resolve().parents[2] / "student_template" / f"{NAME}.ipynb"
THREE = "overfit-three-layers"
VALUES = "    weight_scale = 0.06\n    learning_rate = 7e-4\n"

Notebook = dict[str, Any]


def handed_in(edit: Callable[[Notebook], None] = lambda notebook: None) -> bytes:
    """The earlier notebook with an answer to one training question."""
    notebook = json.loads(EARLIER.read_text("utf-8"))
    (cell,) = (c for c in notebook["cells"] if c["id"] == f"{THREE}-answer")
    lines = [line for line in cell["source"] if "raise NotImplementedError" not in line]
    place = next(i for i, line in enumerate(lines) if "# TODO" in line)
    cell["source"] = [*lines[:place], VALUES, *lines[place + 1 :]]
    edit(notebook)
    return json.dumps(notebook).encode()


def aligned(data: bytes) -> AlignedNotebook:
    return Aligner({NAME: RELEASED.read_bytes()}).align({NAME: data})[NAME]


def without_ids(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell.pop("id")


@pytest.mark.parametrize(
    ("edit", "way"), [(lambda notebook: None, "id"), (without_ids, "tag")], ids=["ids", "tags"]
)
def test_every_cell_of_a_question_is_found(edit: Callable[[Notebook], None], way: str) -> None:
    """Surely, and without a note: what is new in the template belongs to no question."""
    found = aligned(handed_in(edit))
    asked = [match for match in found.matching.matches if match.question]
    assert {match.found for match in asked} == {way}
    assert found.notes == []


def test_a_training_question_has_its_own_cells() -> None:
    """The course's setup of now, and the student's answer."""
    question = next(q for q in load_assignment().questions if q.id == THREE)
    cells = answer_cells(question, aligned(handed_in()), [THREE])
    assert "cs682.notebook_setup" in "".join(cell.code for cell in cells.setup)
    assert [VALUES in cell.code for cell in cells.answer] == [True]
    assert not cells.untouched


def test_a_kernel_meets_no_older_setup() -> None:
    """The course's own cells of now replace the older copies."""
    codes = [entry.code for entry in kernel_cells(aligned(handed_in()), [THREE])]
    assert not any("def question(" in code for code in codes)
    assert sum("cs682.notebook_setup" in code for code in codes) == 1


def load_assignment() -> Any:
    return sources.manifest(RELEASED.parents[1] / "assignment")


def test_it_trains_as_one_of_now(root: Path, assignment_folder: Path) -> None:
    """An older answer cell finds all the names that it uses, and reaches what is asked."""
    assignment = sources.manifest(assignment_folder)
    files = sources.package(assignment_folder / assignment.package)
    taken = {path: files[path] for path in assignment.files.taken}
    with Sandbox(assignment.limits) as sandbox:
        marker = Marker(assignment, load(root / building.OUTPUTS), sandbox, kinds=("training",))
        marker.questions = tuple(q for q in marker.questions if q.id == THREE)
        books = {NAME: handed_in()}
        result = marker.mark(Submission("s", "s", "cs682", taken, books, "sha256:0"))
    (question,) = (q for q in result.questions if q.id == THREE)
    assert (question.status, question.score) == ("passed", 5)
