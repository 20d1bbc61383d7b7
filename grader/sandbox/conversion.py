"""Has the cells of a notebook converted to HTML, in a confined process that may fail or hang."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grader.model.assignment import Limits
from grader.sandbox.piecewise import PieceBounds, Pieces, Reason
from grader.sandbox.process import Child
from grader.sandbox.protocol import frames

#: Characters of a cell, and of all cells of a notebook, that are converted.
MAX_CONVERTED, MAX_ALL_CONVERTED = 10_000, 1_000_000
#: Bytes of HTML that are taken of a cell, and of all cells of a notebook.
MAX_HTML, MAX_ALL_HTML = 1 << 20, 16 << 20
#: CPU seconds that a cell, and all cells of a notebook, may take. One of the course takes a third
#: of a second.
CELL_SECONDS, ALL_SECONDS = 2.0, 10.0

#: The limits of a process that converts.
LIMITS = Limits(
    question_cpu_seconds=CELL_SECONDS,
    submission_cpu_seconds=ALL_SECONDS,
    memory_mb=256,
    output_kb=16,
)


@dataclass(frozen=True)
class CellText:
    """A cell to convert: its kind, its source, the numbers of the pictures it may show, by name."""

    kind: Literal["code", "markdown"]
    source: str
    pictures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Converted:
    """What became of a cell: HTML, which isn't to be trusted, or the reason for having none.

    In the place of a picture stands ``data:image/png;base64,attachment-7``, with its number.
    """

    html: str = ""
    reason: Reason = ""


class Conversion:
    """Converts cells, in processes that *start* starts; each is sent all that is left."""

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start = start

    def convert(self, cells: Sequence[CellText]) -> list[Converted]:
        """Return what became of each cell. Never raises for what is in one."""

        def ask(todo: Sequence[int]) -> bytes:
            request = [[cells[i].kind, cells[i].source, dict(cells[i].pictures)] for i in todo]
            return frames.frame(frames.CONVERT, json.dumps(request).encode("ascii"))

        bounds = PieceBounds(CELL_SECONDS, ALL_SECONDS, MAX_HTML, MAX_ALL_HTML)
        large = _large(cells)
        todo = [index for index in range(len(cells)) if index not in large]
        found = {**large, **Pieces(self._start, bounds, ask, frames.CONVERTED).answers(todo)}
        return [_converted(found[index]) for index in range(len(cells))]


def _large(cells: Sequence[CellText]) -> dict[int, bytes | Reason]:
    """Return the places of the cells that are too large, and why."""
    found: dict[int, bytes | Reason] = {}
    left = MAX_ALL_CONVERTED
    for index, cell in enumerate(cells):
        size = len(cell.source)
        left -= size if size <= MAX_CONVERTED else 0
        if size > MAX_CONVERTED or left < 0:
            found[index] = "large" if size > MAX_CONVERTED else "all"
    return found


def _converted(found: bytes | Reason) -> Converted:
    if isinstance(found, bytes):
        return Converted(found.decode("utf-8", "replace"))
    return Converted(reason=found)
