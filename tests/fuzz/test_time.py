"""Search: a text that reading, aligning or showing a notebook takes the square of the time for.

Compared is CPU time for one size with that for four times as much, in one run on one machine: in
proportion it is four times as long, in the square sixteen. What converts cells to HTML does so in
a process with limits of its own; searched is what the grader does before and after.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from budget import CASES, tried

from grader.classroom.handed_back import read_notebook
from grader.key import Key
from grader.marking.notebooks.alignment import Aligner
from grader.model.notebooks import Matching
from grader.reports import annotated, notebook_page
from grader.sandbox import CellText, Converted

NAME = "FullyConnectedNets"
#: Between four and sixteen, as multiples go; what is measured varies by less than a half.
MOST = 9.0
#: What says how much has been done so far, such as seconds.
Clock = Callable[[], float]
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


def cost(work: Callable[[], object], clock: Clock) -> float:
    """Return the least that *clock* counts in three tries."""
    found = []
    for _ in range(3):
        began = clock()
        work()
        found.append(clock() - began)
    return min(found)


def ratio(work: Callable[[int], object], size: int, clock: Clock = time.process_time) -> float:
    """Return how much longer four times the size takes."""
    before = cost(lambda: work(size), clock)
    after = cost(lambda: work(4 * size), clock)
    return after / max(before, 0.01)


class Echo:
    """In place of a sandbox: the HTML of a cell is its source, as a hostile converter may send."""

    def convert(self, cells: Sequence[CellText]) -> list[Converted]:
        return [Converted(cell.source) for cell in cells]


def shown(data: bytes) -> str:
    echo: Any = Echo()
    read = read_notebook(data, Matching(()), echo, "00" * 32)
    result: Any = {"questions": []}
    parts = annotated.annotate(NAME, read, result)
    return notebook_page.page(parts, "a page")


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
    """Whatever HTML comes back for a cell: it is read once, from the left to the right."""
    for piece in PIECES if CASES else PIECES[::20]:
        tried["texts shown"] += 1
        found = ratio(lambda size, p=piece: shown(grown(p, kind, size)), 50_000)  # type: ignore[misc]
        assert found < MOST, (piece, found)


class Steps:
    """A clock that counts what the planted programs do, and so says the same each time."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> float:
        return float(self.count)


def test_the_search_finds_work_in_the_square() -> None:
    """Of a program that looks at each pair; and of one that looks at each once, it says nothing."""
    steps = Steps()

    def pairs(size: int) -> None:
        for _ in range(size):
            once(size)

    def once(size: int) -> None:
        steps.count += size

    assert ratio(pairs, 1000, steps) > MOST
    assert ratio(once, 1000, steps) < MOST


@pytest.mark.parametrize("power", [1, 2])
def test_the_search_finds_a_reader_that_takes_the_square(
    power: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of what reads a cell's HTML; of one that takes as long as its text, it is silent."""
    steps = Steps()

    def reader(html: str, pictures: object) -> str:
        steps.count += len(html) ** power
        return html

    monkeypatch.setattr(notebook_page, "checked_markup", reader)
    found = ratio(lambda size: shown(notebook([("markdown", "a" * size)])), 2_000, steps)
    assert (found > MOST) == (power == 2)
