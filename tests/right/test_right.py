"""Right packages in unusual styles keep all points."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from right_packages import NAMES, ROOT, handed_in

from grader.key import load, sources
from grader.marking.marker import Marker
from grader.model.verdicts import SubmissionResult
from grader.sandbox import Sandbox
from grader.submissions import find, read_submission


@pytest.fixture(scope="module")
def marker() -> Iterator[Marker]:
    """A marker of the code questions of all notebooks, with the demonstration key."""
    place = ROOT / "assignment"
    assignment = sources.manifest(place)
    key = load(place / assignment.outputs.key)
    reference = sources.package(place / assignment.package)
    notebooks = [notebook.name for notebook in assignment.notebooks]
    with Sandbox(assignment.limits, allow_unsandboxed=True) as sandbox:
        yield Marker(assignment, key, sandbox, notebooks, reference, ("code",))


def lost(result: SubmissionResult) -> list[str]:
    return [
        f"{check.id}: {check.stage} {check.message} {check.evidence.get('exception')}"
        for question in result.questions
        for check in question.checks
        if check.status != "passed"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_right_package_keeps_all_points(marker: Marker, name: str, tmp_path: Path) -> None:
    """Whatever its style, with nothing in place of any of its functions."""
    (place,) = find([handed_in(name, tmp_path)], marker.assignment, as_="one").places
    result = marker.mark(read_submission(place, marker.assignment))
    assert (lost(result), result.score) == ([], result.max_score)
    assert [question.given for question in result.questions] == [[]] * len(result.questions)


def test_there_are_twenty() -> None:
    """And more."""
    assert len(NAMES) >= 20
