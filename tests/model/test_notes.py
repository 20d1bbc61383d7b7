"""Notes as texts, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.notes import Calls, Changed, Note, parse


@pytest.mark.parametrize("note", [Changed("x"), Calls("relu_backward", "relu_forward", 12)])
def test_a_note_is_its_text_and_back(note: Note) -> None:
    """Its text is what crosses from a student's process."""
    assert parse(str(note)) == note


@pytest.mark.parametrize(
    "text",
    [
        "",
        "changed",
        "changed:x:y",
        "calls:f:g",
        "calls:f:g:",
        "calls:f:g:-1",
        "calls:f:g:1.5",
        "calls:f:g:1234567890",
        "calls:f:g:٣",
        "calls:f:g:1:2",
        "other:x",
    ],
)
def test_what_is_no_note_is_none(text: str) -> None:
    """Too few parts, too many, and counts that are none."""
    assert parse(text) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    """It comes from a stranger's process."""
    found = parse(text)
    assert found is None or isinstance(found, (Changed, Calls))
