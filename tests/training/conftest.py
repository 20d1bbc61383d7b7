"""The reference's work, some of its answers replaced, marked for its training questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handed_in import BOOK, POINTS, Cells, Hand, edited

from grader.authoring import building, release
from grader.key import Key, load, sources
from grader.marking.marker import Marker
from grader.model.assignment import Assignment
from grader.model.verdicts import QuestionResult
from grader.sandbox import Sandbox
from grader.submissions import Submission


@pytest.fixture(scope="module")
def assignment(assignment_folder: Path) -> Assignment:
    """The course's manifest, with the shortest limits that the reference keeps."""
    found = sources.manifest(assignment_folder)
    return replace(found, questions=tuple(_hurried(q) for q in found.questions))


def _hurried(question: Any) -> Any:
    training = question.training
    if training is None or training.short.cpu_seconds > 5:
        return question
    short = replace(training.short, cpu_seconds=2)
    return replace(question, training=replace(training, short=short))


@pytest.fixture(scope="module")
def key(root: Path) -> Key:
    return load(root / building.OUTPUTS)


@pytest.fixture(scope="module")
def sandbox(assignment: Assignment) -> Iterator[Sandbox]:
    with Sandbox(assignment.limits) as found:
        yield found


@pytest.fixture(scope="module")
def marker(assignment: Assignment, key: Key, sandbox: Sandbox) -> Marker:
    """A marker of the training questions alone."""
    return Marker(assignment, key, sandbox, kinds=("training",))


@pytest.fixture(scope="module")
def solved(assignment_folder: Path, assignment: Assignment) -> bytes:
    return release.solved(assignment_folder, assignment)[f"{BOOK}.ipynb"]


@pytest.fixture(scope="module")
def package(assignment_folder: Path, assignment: Assignment) -> dict[str, bytes]:
    files = sources.package(assignment_folder / assignment.package)
    return {path: files[path] for path in assignment.files.taken}


@pytest.fixture
def hand_in(marker: Marker, solved: bytes, package: dict[str, bytes]) -> Hand:
    """Mark the reference's work with some answer cells replaced; only the questions named."""

    def run(
        answers: Cells | None = None,
        *,
        only: tuple[str, ...] = (),
        by: Marker | None = None,
        files: Mapping[str, bytes] | None = None,
        notebook: bytes | None = None,
        saved: bytes | None = None,
    ) -> dict[str, QuestionResult]:
        used = by or marker
        text = edited(solved, answers or {}) if notebook is None else notebook
        taken = {**package, **(files or {})}
        books = {BOOK: text} if text else {}
        models = {"best_model.npz": saved} if saved is not None else {}
        submission = Submission("s", "s", "cs682", taken, books, "sha256:0", saved=models)
        before = used.questions
        used.questions = tuple(q for q in before if q.id in (only or answers or POINTS))
        try:
            return {result.id: result for result in used.mark(submission).questions}
        finally:
            used.questions = before

    return run


@pytest.fixture(scope="module")
def with_reference(
    assignment: Assignment, key: Key, sandbox: Sandbox, assignment_folder: Path
) -> Marker:
    """A marker that has the course's own package at hand."""
    reference = sources.package(assignment_folder / assignment.package)
    return Marker(assignment, key, sandbox, reference=reference, kinds=("code", "training"))
