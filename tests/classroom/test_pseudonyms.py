"""Pseudonyms: drawn once, kept, and nobody's twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.classroom import pseudonyms
from grader.classroom.gradebook import Gradebook


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    """An empty gradebook."""
    with Gradebook(tmp_path) as opened:
        yield opened


def test_a_pseudonym_stays(gradebook: Gradebook, tmp_path: Path) -> None:
    """The same submission has the same one in a later run."""
    first = gradebook.pseudonym("ada", pseudonyms.draw)
    assert gradebook.pseudonym("ada", lambda: "another") == first
    with Gradebook(tmp_path) as later:
        assert later.pseudonym("ada", lambda: "another") == first


def test_no_two_have_the_same(gradebook: Gradebook) -> None:
    """One that is taken is drawn again."""
    drawn = iter(["teal otter 10", "teal otter 10", "teal otter 10", "jade wren 11"])
    found = [gradebook.pseudonym(name, lambda: next(drawn)) for name in ("ada", "bo")]
    assert found == ["teal otter 10", "jade wren 11"]


def test_nothing_of_the_name_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn depends on the system's randomness alone."""
    monkeypatch.setattr(pseudonyms.secrets, "randbelow", lambda count: count - 1)
    monkeypatch.setattr(pseudonyms.secrets, "choice", lambda words: words[-1])
    assert pseudonyms.draw() == "violet wren 99"


def test_there_are_enough_for_a_large_class() -> None:
    """Words are told apart, and drawing anew is rare in a class of a thousand."""
    colours, animals = pseudonyms.COLOURS.split(), pseudonyms.ANIMALS.split()
    assert len(set(colours)) == len(colours)
    assert len(set(animals)) == len(animals)
    assert len(colours) * len(animals) * 90 > 100 * 1000
