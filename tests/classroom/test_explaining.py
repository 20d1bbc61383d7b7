"""What an id means, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.explaining import Unknown, course, explain
from grader.key.checks import course_checks
from grader.model.verdicts import STAGES

WORDS = """
[scale-da-mean]
title = "Mean in place of a sum"
message = "Add up the gradient over the examples."
note = "Usually mean() for sum()."
"""
ENTRY = """
[[misconception]]
id = "scale-da-mean"
question = "scale-backward"
"""


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_explained_without_a_course(stage: str) -> None:
    """Each stage has a meaning and a hint."""
    assert explain(stage, None).startswith(f"{stage}: a stage")


def test_every_check_and_question_is_explained(toy_course: Path) -> None:
    """Each id of the key and the manifest has a text that names what is asked."""
    known = course(toy_course, toy_course.parent / "reference_outputs")
    assert known.checks
    for id, check in known.checks.items():
        assert check.call in explain(id, known)
    for question in known.assignment.questions:
        assert question.title in explain(question.id, known)


def test_rows_are_not_imported(toy: Path, toy_course: Path, tmp_path: Path) -> None:
    """A folder's own program isn't run to explain its ids; importing it for a build runs it."""
    ran = tmp_path / "ran"
    rows = toy / "checks" / "__init__.py"
    rows.write_text(f"open({str(ran)!r}, 'w').close()\n" + rows.read_text("utf-8"), "utf-8")
    known = course(toy, toy_course.parent / "reference_outputs")
    explain("scale-backward.values", known)
    assert not ran.exists()
    course_checks(toy)
    assert ran.exists()


def test_a_misconception_is_explained_from_its_own_folder(toy: Path) -> None:
    """Words that stand in no key yet are found."""
    (toy / "misconceptions").mkdir()
    (toy / "misconceptions" / "texts.toml").write_text(WORDS)
    (toy / "misconceptions" / "scale.toml").write_text(ENTRY)
    text = explain("scale-da-mean", course(toy))
    assert "Add up the gradient" in text
    assert "mean() for sum()" in text


@pytest.mark.parametrize(
    ("asked", "close"),
    [
        ("scale-backward.value", "scale-backward.values"),
        ("shapes", "shape"),
        ("zzz", "result.json"),
    ],
)
def test_an_unknown_id_names_the_close_ones(toy_course: Path, asked: str, close: str) -> None:
    """A slip of the keys leads to what was meant, in one line."""
    with pytest.raises(Unknown, match=close) as raised:
        explain(asked, course(toy_course, toy_course.parent / "reference_outputs"))
    assert "\n" not in str(raised.value)
