"""Training questions in a kernel: the whole notebook runs, and each is judged as by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from grader.authoring import building, release
from grader.key import load, sources
from grader.marking.marker import Marker
from grader.marking.notebooks import alignment
from grader.marking.training.answer_cells import kernel_cells
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import IsolationUnavailable, Sandbox
from grader.sandbox.protocol.levels import LEVELS
from grader.submissions import Submission
from grader.wording import trainings

BOOK = "FullyConnectedNets"
TWO, THREE, FIVE = "train-two-layer-net", "overfit-three-layers", "overfit-five-layers"
#: As good as none, and quick.
QUICK = "solver = Solver(TwoLayerNet(hidden_dim=8), data, num_epochs=1, verbose=False)"
HELPER = """\
def trained(dims, scale, rate):
    model = FullyConnectedNet(dims, weight_scale=scale, dtype=np.float64)
    solver = Solver(model, small_data, num_epochs=20, batch_size=25, verbose=False,
                    optim_config={"learning_rate": rate})
    solver.train()
    return solver
"""


@pytest.fixture(scope="module")
def marker(root: Path, assignment_folder: Path) -> Iterator[Marker]:
    """A marker whose notebooks run whole."""
    assignment = sources.manifest(assignment_folder)
    with Sandbox(assignment.limits) as sandbox:
        pytest.importorskip("ipykernel", reason="needs the [dev] extra's kernel")
        if sandbox.level != LEVELS[-1]:
            pytest.skip(f"kernels need {LEVELS[-1]}, and this machine has {sandbox.level}")
        key = load(root / building.OUTPUTS)
        yield Marker(assignment, key, sandbox, kinds=("training",), engine="kernel")


@pytest.fixture(scope="module")
def solved(assignment_folder: Path) -> bytes:
    assignment = sources.manifest(assignment_folder)
    return release.solved(assignment_folder, assignment)[f"{BOOK}.ipynb"]


def edited(solved: bytes, answers: Mapping[str, str]) -> bytes:
    """Return the solved notebook with some answers, where ``…`` stands for the solved one."""
    book = json.loads(solved)
    for cell in book["cells"]:
        for question, source in answers.items():
            if cell["metadata"].get("tags") == [f"question:{question}", "answer"]:
                cell["source"] = source.replace("…", "".join(cell["source"]))
    return json.dumps(book).encode()


Hand = Callable[..., tuple[SubmissionResult, dict[str, QuestionResult]]]


@pytest.fixture
def hand_in(marker: Marker, solved: bytes, assignment_folder: Path) -> Hand:
    """Mark the reference's work with some answers replaced; only the questions named."""
    files = sources.package(assignment_folder / marker.assignment.package)
    taken = {path: files[path] for path in marker.assignment.files.taken}

    def run(
        answers: Mapping[str, str], *only: str
    ) -> tuple[SubmissionResult, dict[str, QuestionResult]]:
        text = edited(solved, {TWO: QUICK, **answers})
        before = marker.questions
        marker.questions = tuple(q for q in before if q.id in only)
        try:
            result = marker.mark(Submission("s", "s", "cs682", taken, {BOOK: text}, "sha256:0"))
        finally:
            marker.questions = before
        return result, {question.id: question for question in result.questions}

    return run


def engine(question: QuestionResult) -> object:
    return question.checks[0].evidence["engine"]


def test_the_whole_notebook_runs(hand_in: Hand) -> None:
    """A helper that stands in one answer is there in the next; result and notes name the engine."""
    helped = f"…\n{HELPER}"
    five = "solver = trained([100] * 4, 0.17, 4e-4)"
    result, questions = hand_in({THREE: helped, FIVE: five}, THREE, FIVE)
    assert result.engine == "kernel"
    for question in questions.values():
        assert (question.status, engine(question)) == ("passed", "kernel")
        assert trainings.IN_KERNEL in question.notes
    histories = questions[THREE].checks[0].evidence["histories"]
    assert 1 < len(histories["loss_history"]) <= 200


@pytest.mark.parametrize("end", ["import os\nos._exit(0)", "import ctypes\nctypes.string_at(0)"])
def test_a_cell_that_ends_the_kernel_costs_its_own_question(hand_in: Hand, end: str) -> None:
    """What was judged before stands, and what comes after runs by itself."""
    _, questions = hand_in({THREE: end}, TWO, THREE, FIVE)
    assert engine(questions[TWO]) == "kernel"
    assert questions[TWO].checks[0].evidence["accuracy"] > 0
    assert questions[THREE].score == 0
    assert (questions[FIVE].status, engine(questions[FIVE])) == ("passed", "cells")
    assert trainings.NOT_IN_KERNEL in questions[FIVE].notes


def test_an_answer_that_misses_what_stands_above_it_is_run_by_itself(hand_in: Hand) -> None:
    """A broken cell, whose data the next one takes, costs its own question only."""
    _, questions = hand_in({THREE: "left"}, FIVE)
    assert (questions[FIVE].status, engine(questions[FIVE])) == ("passed", "cells")


def test_the_sheet_is_the_notebook_with_the_courses_own_cells(
    marker: Marker, solved: bytes
) -> None:
    """Setup first, published cells as released, no data to load, and places after the answers."""
    book = json.loads(solved)
    for cell in book["cells"]:
        if cell["metadata"].get("tags") == ["setup"] or "check" in cell["metadata"]["tags"]:
            cell["source"] = "raise SystemExit"
    aligned = alignment.Aligner(marker.key.notebooks).align({BOOK: json.dumps(book).encode()})[BOOK]
    training = [q.id for q in marker.questions]
    entries = kernel_cells(aligned, training)
    assert not any("SystemExit" in entry.code for entry in entries)
    assert not any("load_data()" in entry.code for entry in entries)
    # A student's own check of their files would start processes.
    assert not any("grader.check" in entry.code for entry in entries)
    assert [entry.kind for entry in entries[:3]] == ["reach", "setup", "cell"]
    assert [entry.name for entry in entries if entry.kind == "reach"] == ["", *training]
    for place, entry in enumerate(entries):
        if entry.kind == "answer":
            assert entries[place + 1].kind == "reach"


def test_without_a_kernel_the_run_says_what_is_missing(marker: Marker) -> None:
    """A sandbox of a weaker level marks nothing with this engine, at no one's cost."""
    with Sandbox(marker.assignment.limits, level="landlock+seccomp") as sandbox:
        weak = Marker(marker.assignment, marker.key, sandbox, kinds=("training",), engine="kernel")
        with pytest.raises(IsolationUnavailable, match="--engine cells"):
            weak.sandbox.try_kernel()
