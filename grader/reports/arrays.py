"""Arrays as aligned text, what came beside what was expected, wrong elements marked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from grader.model.evidence import CheckEvidence, Listed, Shape

#: A row of an array.
Line = list[Listed]
#: Relative to the largest expected number: what a reader should see as different.
VISIBLE = 1e-9


@dataclass(frozen=True)
class GridCell:
    """One element as text, padded to its column; ``wrong`` where the two arrays differ."""

    text: str
    wrong: bool = False


@dataclass(frozen=True)
class Grid:
    """An array as rows of cells. A row without cells stands between two matrices."""

    label: str
    note: str
    rows: tuple[tuple[GridCell, ...], ...] = ()
    text: str = ""


def pair(evidence: CheckEvidence) -> tuple[Grid, ...]:
    """Return the grids of the received and the expected array, where *evidence* holds them."""
    got, expected = evidence.get("got"), evidence.get("expected")
    rows, others = _rows(got), _rows(expected)
    wrong = _differences(rows, others)
    brief = not any(
        _short(a) == _short(b)
        for row, other, marks in zip(rows, others, wrong, strict=False)
        for a, b, mark in zip(row, other, marks, strict=False)
        if mark
    )
    grids = []
    notes = (
        _note(evidence.get("got_shape"), evidence.get("got_dtype", "")),
        _note(evidence.get("expected_shape"), evidence.get("expected_dtype", "")),
    )
    for label, value, lines, note in (
        ("Got", got, rows, notes[0]),
        ("Expected", expected, others, notes[1]),
    ):
        if value is None:
            continue
        if isinstance(value, str):
            grids.append(Grid(label, note, text=value))
        else:
            grids.append(Grid(label, note, _aligned(lines, wrong, brief=brief)))
    return tuple(grids)


def shortest_pair(got: Listed, expected: Listed) -> tuple[str, str]:
    """Return two numbers as short as they can be told apart."""
    pair = _short(got), _short(expected)
    return pair if pair[0] != pair[1] else (_exact(got), _exact(expected))


def _rows(value: Listed) -> list[Line]:
    """Return a nested list as rows; an empty row stands between matrices."""
    if value is None or isinstance(value, str):
        return []
    if not isinstance(value, list):
        return [[value]]
    if not any(isinstance(child, list) for child in value):
        return [value]
    rows: list[Line] = []
    for child in value:
        inner = _rows(child)
        if rows and isinstance(child, list) and any(isinstance(c, list) for c in child):
            rows.append([])
        rows.extend(inner)
    return rows


def _differences(rows: Sequence[Line], others: Sequence[Line]) -> list[list[bool]]:
    """Return where two arrays of one shape differ; of two shapes, nowhere."""
    if [len(row) for row in rows] != [len(row) for row in others]:
        return [[False] * len(row) for row in (max(rows, others, key=len))]
    scale = max((abs(v) for row in others for v in row if _finite(v)), default=0.0)
    return [
        [_differ(a, b, VISIBLE * scale) for a, b in zip(row, other, strict=True)]
        for row, other in zip(rows, others, strict=True)
    ]


def _differ(got: Listed, expected: Listed, tolerance: float) -> bool:
    if _finite(got) and _finite(expected):
        return abs(got - expected) > tolerance
    return got != expected


def _finite(value: Listed) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _aligned(
    rows: Sequence[Line], wrong: Sequence[list[bool]], *, brief: bool
) -> tuple[tuple[GridCell, ...], ...]:
    texts = [[_short(v) if brief else _exact(v) for v in row] for row in rows]
    width = max((len(text) for row in texts for text in row), default=0)
    return tuple(
        tuple(GridCell(text.rjust(width), mark) for text, mark in _marked(row, marks))
        for row, marks in zip(texts, [*wrong, *([[]] * len(texts))], strict=False)
    )


def _marked(row: Sequence[str], marks: Sequence[bool]) -> Iterator[tuple[str, bool]]:
    for i, text in enumerate(row):
        yield text, i < len(marks) and marks[i]


def _short(value: Listed) -> str:
    return f"{value:.5g}" if _finite(value) else str(value)


def _exact(value: Listed) -> str:
    return repr(value) if _finite(value) else str(value)


def _note(shape: Shape | None, dtype: str) -> str:
    parts = [f"shape {tuple(shape)}"] if shape is not None else []
    return ", ".join([*parts, str(dtype)] if dtype else parts)
