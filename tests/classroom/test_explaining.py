"""What an id means, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.explaining import Unknown, course, explain
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


def test_every_check_and_question_is_explained(toy: Path) -> None:
    """Each id of the rows and the manifest has a text that names what is asked."""
    known = course(toy, toy.parent / "no-key")
    for id, check in known.checks.items():
        assert check.call in explain(id, known)
    for question in known.assignment.questions:
        assert question.title in explain(question.id, known)


def test_a_misconception_is_explained_from_its_own_folder(toy: Path) -> None:
    """Words that stand in no key yet are found."""
    (toy / "misconceptions").mkdir()
    (toy / "misconceptions" / "texts.toml").write_text(WORDS)
    (toy / "misconceptions" / "scale.toml").write_text(ENTRY)
    text = explain("scale-da-mean", course(toy, toy.parent / "no-key"))
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
def test_an_unknown_id_names_the_close_ones(toy: Path, asked: str, close: str) -> None:
    """A slip of the keys leads to what was meant, in one line."""
    with pytest.raises(Unknown, match=close) as raised:
        explain(asked, course(toy, toy.parent / "no-key"))
    assert "\n" not in str(raised.value)
