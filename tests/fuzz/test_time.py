"""Search: a text that reading, aligning or showing a notebook takes the square of the time for.

Compared is CPU time for one size with that for four times as much, in one run on one machine: in
proportion it is four times as long, in the square sixteen. Sizes are such that the start of a
conversion doesn't hide it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from budget import CASES, tried

from grader.classroom.worker import ReadNotebook
from grader.key import Key
from grader.marking.notebooks.alignment import Aligner
from grader.model.notebooks import Matching
from grader.reports import annotated

NAME = "FullyConnectedNets"
#: Between four and sixteen, as multiples go; what is measured varies by less than a half.
MOST = 9.0
#: What takes Markdown readers, highlighters and regular expressions long, piece by piece.
PIECES = (
    "![", "[a](", "[", "](", "`", "``a", "*a ", "**", "_a_", "<", "<!--", "<a href='", "&#", "$",
    "$$ a", "|a", "> ", "- ", "1. ", "    ", "\t", "\\", "\n", "#", "f'{", "'", '"""', "(", "{",
    "question(   ", "# question: ", "#@", "%%", "!ls ", "0x", "1e", "lambda:", "\u202e", "a" * 50,
)  # fmt: skip


def notebook(cells: list[tuple[str, str]]) -> bytes:
    """Return a notebook of these kinds and sources."""
    made: list[dict[str, Any]] = []
    for number, (kind, source) in enumerate(cells):
        cell = {"cell_type": kind, "id": f"c{number}", "metadata": {}, "source": source}
        made.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def grown(piece: str, kind: str, size: int) -> bytes:
    """Return a notebook with *size* characters of a piece in one cell, and in many."""
    text = (piece * (size // len(piece) + 1))[:size]
    many = [(kind, text[i : i + 200]) for i in range(0, min(size, 20_000), 200)]
    return notebook([(kind, text), *many])


def seconds(work: Callable[[], object]) -> float:
    """Return the least CPU time of three tries."""
    found = []
    for _ in range(3):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def ratio(work: Callable[[int], object], size: int) -> float:
    """Return how much longer four times the size takes; sizes grow until it can be measured."""
    before = seconds(lambda: work(size))
    after = seconds(lambda: work(4 * size))
    return after / max(before, 0.01)


def shown(data: bytes) -> str:
    parts = annotated.annotate(NAME, ReadNotebook(data, Matching(())), {"questions": []})  # type: ignore[typeddict-item]
    return annotated.page(parts, "a page")


@pytest.fixture(scope="session")
def aligner(key: Key) -> Aligner:
    return Aligner(key.notebooks)


@pytest.mark.parametrize("kind", ["markdown", "code"])
def test_aligning_takes_time_in_proportion(aligner: Aligner, kind: str) -> None:
    """Whatever is repeated in a notebook's cells."""
    for piece in PIECES if CASES else PIECES[::12]:
        tried["texts aligned"] += 1
        found = ratio(lambda size, p=piece: aligner.align({NAME: grown(p, kind, size)}), 100_000)  # type: ignore[misc]
        assert found < MOST, (piece, found)


@pytest.mark.parametrize("kind", ["markdown", "code"])
def test_a_page_takes_time_in_proportion(kind: str) -> None:
    """What is over the bounds is shown as source: so the time can't grow as the square."""
    for piece in PIECES if CASES else PIECES[::20]:
        tried["texts shown"] += 1
        found = ratio(lambda size, p=piece: shown(grown(p, kind, size)), 20_000)  # type: ignore[misc]
        assert found < MOST, (piece, found)


def test_the_search_finds_work_in_the_square() -> None:
    """Of a program that looks at each pair; and of one that looks at each once, it says nothing."""

    def pairs(size: int) -> int:
        return sum(1 for i in range(size) for j in range(size) if i == j)

    assert ratio(pairs, 1000) > MOST
    assert ratio(lambda size: sum(1 for i in range(500 * size) if i), 1000) < MOST


def test_the_search_finds_a_page_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Markdown whose conversion takes the square, with the size that is converted unbounded."""
    for name in ("MAX_CONVERTED", "MAX_ALL_CONVERTED"):
        monkeypatch.setattr(annotated, name, 1 << 40)
    monkeypatch.setattr(annotated, "MAX_SECONDS", 1e9)
    assert ratio(lambda size: shown(notebook([("markdown", "![" * (size // 2))])), 2_000) > MOST
