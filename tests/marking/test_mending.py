"""What a student's process tells of its edits is read within bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.marking import trying

MOST = 300


def told(count: int, **more: Any) -> dict[str, Any]:
    """Return one answer, with the numbers of *count* edits that lead to it."""
    column = np.arange(count) % 10
    return {
        "gave": {},
        "numbers": column,
        "lines": column,
        "kinds": column,
        "several": column,
    } | more


def read(found: Any) -> int:
    """Return how many edits are read."""
    return sum(len(edits) for _, edits in trying.read_edits(found, "layers:f", MOST))


def test_as_many_edits_are_read_as_were_asked_for() -> None:
    """In one answer, and in several."""
    assert read([told(MOST)]) == MOST
    assert read([told(1) for _ in range(MOST)]) == MOST


@pytest.mark.parametrize("size", ["one", "many", "empty"])
def test_more_than_were_asked_for_are_not_read(size: str) -> None:
    """A reply may hold tens of millions of numbers, each of which would be an object here."""
    tens = {"one": [told(20_000_000)], "many": [told(2)] * 5_000, "empty": [told(0)] * 5_000}
    assert read(tens[size]) <= MOST


@pytest.mark.parametrize(
    "found",
    [
        None,
        [None],
        [{"gave": 1}],
        [told(3, lines=np.zeros(2, int))],
        [told(3, kinds=np.zeros(3))],
        [told(3, kinds=np.full(3, 99))],
        [told(3, numbers=np.full(3, -1))],
        [told(3, numbers=np.array(3))],
    ],
)
def test_what_makes_no_sense_is_passed_over(found: Any) -> None:
    """Other types, lengths, kinds and numbers."""
    assert read(found) == 0
