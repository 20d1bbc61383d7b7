"""Notebooks of other editions are aligned by what their cells do; what isn't found isn't failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from editions import (
    ASK_ZERO,
    BEST,
    BLANK,
    EDITIONS,
    FIVE,
    NOT_ASKED,
    SIGMOID,
    THREE,
    TWO,
    Cell,
    Edition,
    code,
    text,
)

from grader.authoring import building
from grader.key import load, sources
from grader.marking.marker import Marker
from grader.marking.notebooks import written
from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
from grader.model.assignment import Assignment
from grader.sandbox import Sandbox
from grader.submissions import Submission

NAME = "FullyConnectedNets"
TRAINING = (TWO, THREE, FIVE, BEST)


@pytest.fixture(scope="module")
def assignment(assignment_folder: Path) -> Assignment:
    return sources.manifest(assignment_folder)


@pytest.fixture(scope="module")
def aligner(root: Path, assignment: Assignment) -> Aligner:
    released = (root / "student_template" / f"{NAME}.ipynb").read_bytes()
    return Aligner({NAME: released}, assignment.questions, "data")


def aligned(aligner: Aligner, edition: Edition) -> AlignedNotebook:
    return aligner.align({NAME: edition.data})[NAME]


@pytest.mark.parametrize("name", EDITIONS)
def test_trainings_are_found(name: str, aligner: Aligner) -> None:
    """Each at the cell that does it; a question that isn't asked has none."""
    edition = EDITIONS[name]
    found = aligned(aligner, edition)
    assert found.matching.other
    for question in TRAINING:
        match = found.matching.answer(question)
        wanted = edition.trained.get(question)
        assert (match is None) == (wanted is None), question
        if match is not None and wanted is not None:
            assert match.index is not None
            assert wanted in found.document.cells[match.index].source


@pytest.mark.parametrize("name", EDITIONS)
def test_answers_are_found(name: str, aligner: Aligner, assignment: Assignment) -> None:
    """Each under its own question, and no word of the course's in it."""
    found = aligned(aligner, EDITIONS[name])
    for id, wanted in EDITIONS[name].written.items():
        result = written.written_result(assignment.question(id), found)
        if wanted == BLANK:
            assert (result.status, result.evidence["answer"]) == ("failed", ""), id
        elif wanted == NOT_ASKED:
            assert (result.status, result.evidence["answer"]) == ("needs_marking", ""), id
            assert "another edition" in result.notes[0]
        else:
            assert (result.status, result.evidence["answer"]) == ("needs_marking", wanted), id


def test_what_cannot_be_placed_waits_with_what_is_there(
    aligner: Aligner, assignment: Assignment
) -> None:
    """A question in words that nobody knows: its answer stands beside each that isn't found."""
    cells = [text("## Inline Question 4: pies?\n\n**Answer:** Apples."), code("x = 1")]
    found = aligned(aligner, Edition(cells, {}))
    for id in ("inline-1", "inline-2", "inline-3"):
        result = written.written_result(assignment.question(id), found)
        assert result.status == "needs_marking"
        assert result.evidence["answer"] == "[cell 1]\nApples."


@pytest.mark.parametrize(
    "piece", ["\n", "\n\n", "Answer ", "**Answer", "$\\color{", "?\n\n", "best_model = ", "[1, "]
)
@pytest.mark.parametrize("kind", [text, code])
def test_large_cells_are_read(
    aligner: Aligner, assignment: Assignment, kind: Callable[[str], Cell], piece: str
) -> None:
    """Of what the patterns look for; in the square of its size it would take minutes."""
    large = kind(piece * ((1 << 16) // len(piece)))
    cells = [text(f"## Inline Question 1\n{ASK_ZERO}"), text(SIGMOID), *[large] * 2]
    found = aligned(aligner, Edition(cells, {}))
    result = written.written_result(assignment.question("inline-1"), found)
    assert str(result.evidence["answer"]).startswith(SIGMOID)


def test_the_data_are_not_loaded_again(aligner: Aligner) -> None:
    """The cell that loads them is the course's own, so that nothing waits for a file."""
    found = aligned(aligner, EDITIONS["one question"])
    (match,) = [m for m in found.matching.matches if m.role == "check" and m.index is not None]
    assert match.index is not None
    assert "get_CIFAR10_data()" in found.document.cells[match.index].source


def test_this_edition_is_not_another(root: Path, aligner: Aligner) -> None:
    """As it was given out, and with half of its cells gone."""
    released = json.loads((root / "student_template" / f"{NAME}.ipynb").read_bytes())
    for cells in (released["cells"], released["cells"][::2]):
        assert not aligned(aligner, Edition(cells, {})).matching.other


@pytest.fixture(scope="module")
def marker(root: Path, assignment: Assignment) -> Iterator[Marker]:
    with Sandbox(assignment.limits) as sandbox:
        yield Marker(assignment, load(root / building.OUTPUTS), sandbox, kinds=("training",))


def statuses(
    marker: Marker, assignment_folder: Path, name: str, questions: Collection[str]
) -> dict[str, str]:
    """Mark trainings of an edition with the reference's package; return their statuses."""
    assignment = marker.assignment
    files = sources.package(assignment_folder / assignment.package)
    taken = {path: files[path] for path in assignment.files.taken}
    books = {NAME: EDITIONS[name].data}
    marker.questions = tuple(q for q in assignment.questions if q.id in questions)
    result = marker.mark(Submission("s", "s", "cs682", taken, books, "sha256:0"))
    return {question.id: question.status for question in result.questions}


def test_trainings_run(marker: Marker, assignment_folder: Path) -> None:
    """They find the names that they use, be they from other cells."""
    found = statuses(marker, assignment_folder, "no label", TRAINING)
    assert found == dict.fromkeys(TRAINING, "passed")


def test_a_training_that_is_not_found_waits(marker: Marker, assignment_folder: Path) -> None:
    """It isn't failed: a person looks for it."""
    assert statuses(marker, assignment_folder, "two questions", [TWO]) == {TWO: "needs_marking"}
