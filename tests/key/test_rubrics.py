"""What a person marks written answers by: whole, and not in students' hands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.authoring import release
from grader.key import sources
from grader.model.assignment import ManifestError


def test_each_rubric_adds_up_to_its_points(assignment_folder: Path) -> None:
    """Every written question has a rubric, whose lines give its points."""
    assignment = sources.manifest(assignment_folder)
    rubrics = sources.rubrics(assignment_folder, assignment)
    written = {q.id: q.points for q in assignment.questions if q.kind == "written"}
    given = {
        id: sum(int(re.match(r"(\d+) points?: ", line)[1]) for line in lines)  # type: ignore[index]
        for id, lines in rubrics.items()
    }
    assert given == written


def test_students_do_not_get_them(assignment_folder: Path) -> None:
    """No line of a rubric stands in any file that students download."""
    assignment = sources.manifest(assignment_folder)
    files = release.make(assignment_folder, assignment)
    for lines in sources.rubrics(assignment_folder, assignment).values():
        for line in lines:
            said = line.partition(": ")[2].encode()
            assert not [path for path, data in files.items() if said in data]


def test_a_rubric_of_no_written_question_is_refused(toy: Path) -> None:
    """A misspelled id is named, rather than left without a rubric."""
    (toy / "rubrics.toml").write_text('nowhere = ["1 point: all"]\n', "utf-8")
    with pytest.raises(ManifestError, match="nowhere is no written question"):
        sources.rubrics(toy, sources.manifest(toy))
