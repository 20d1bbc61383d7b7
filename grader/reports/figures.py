"""The geometry of a page's figures, in SVG units. How they are drawn is the templates' business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.model.evidence import CheckEvidence

CELL = 22
MARGIN = 26
BAR = 160
#: The plot of a history, and how many of its values the table beside it has.
PLOT = (320, 120)
ROWS = 21


@dataclass(frozen=True)
class Square:
    x: int
    y: int
    value: float


@dataclass(frozen=True)
class Heat:
    """``|got - expected|`` as squares, with the numbers as a table. Values are in [0, 1]."""

    width: int
    height: int
    side: int
    margin: int
    squares: tuple[Square, ...]
    values: tuple[tuple[float, ...], ...]

    @property
    def last(self) -> tuple[int, int]:
        """Return the indices of the last row and column."""
        return len(self.values) - 1, len(self.values[0]) - 1


@dataclass(frozen=True)
class Segment:
    """A part of a bar: ``kind`` names its colour."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Bin:
    """How many scores lie in a range of percents, and the height of the column that shows it."""

    first: int
    last: int
    count: int
    height: float


@dataclass(frozen=True)
class HistoryLine:
    """One history: ``kind`` names its stroke, ``points`` are those of an SVG polyline."""

    kind: str
    points: str


@dataclass(frozen=True)
class Plot:
    """Histories on one scale, from *low* to *high*; ``rows`` of a table have as many values."""

    title: str
    width: int
    height: int
    low: float
    high: float
    lines: tuple[HistoryLine, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[float | None, ...], ...]


def plot(title: str, histories: Mapping[str, Sequence[float]]) -> Plot | None:
    """Return the plot of *histories* by what they are of; ``None`` where none has two values."""
    drawn = {kind: list(values) for kind, values in histories.items() if len(values) > 1}
    if not drawn:
        return None
    every = [value for values in drawn.values() for value in values]
    low, high = min(every), max(every)
    width, height = PLOT
    lines = []
    for kind, values in drawn.items():
        step = width / (len(values) - 1)
        spots = (
            f"{i * step:.1f},{height * (high - value) / ((high - low) or 1.0):.1f}"
            for i, value in enumerate(values)
        )
        lines.append(HistoryLine(kind, " ".join(spots)))
    longest = max(map(len, drawn.values()))
    places = sorted({round(i * (longest - 1) / (ROWS - 1)) for i in range(ROWS)})
    rows = tuple(
        tuple(values[i] if i < len(values) else None for values in drawn.values()) for i in places
    )
    return Plot(title, width, height, low, high, tuple(lines), tuple(drawn), rows)


def heat(evidence: CheckEvidence) -> Heat | None:
    """Return the heat map of *evidence*; None if it has none, or only one element."""
    found = evidence.get("heat")
    values = found["values"] if found else []
    if not values or not values[0] or len(values) * len(values[0]) < 2:
        return None
    rows = tuple(tuple(float(value) for value in row) for row in values)
    squares = tuple(
        Square(MARGIN + j * CELL, MARGIN + i * CELL, round(value, 2))
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
    )
    width, height = len(rows[0]) * CELL + MARGIN + 1, len(rows) * CELL + MARGIN + 1
    return Heat(width, height, CELL, MARGIN, squares, rows)


def bar(counts: Mapping[str, int]) -> tuple[Segment, ...]:
    """Return the parts of a bar of :data:`BAR` units, in the order of *counts*."""
    total = sum(counts.values())
    segments, x = [], 0.0
    for kind, number in counts.items():
        if number:
            width = BAR * number / total
            segments.append(Segment(kind, round(x, 2), round(width, 2)))
            x += width
    return tuple(segments)


def histogram(shares: Sequence[float], *, height: float = 72.0) -> tuple[Bin, ...]:
    """Return *shares* in [0, 1] in ten bins of equal width; 1 belongs to the last."""
    counts = [0] * 10
    for share in shares:
        counts[max(0, min(9, int(share * 10 + 1e-9)))] += 1
    largest = max(counts) or 1
    return tuple(
        Bin(10 * i, 10 * (i + 1), count, round(height * count / largest, 1))
        for i, count in enumerate(counts)
    )
