"""Arrays as aligned text, what came beside what was expected, wrong elements marked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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


def pair(evidence: dict[str, Any]) -> tuple[Grid, ...]:
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
    for side, value, lines in (("got", got, rows), ("expected", expected, others)):
        if value is None:
            continue
        note = _note(evidence.get(f"{side}_shape"), evidence.get(f"{side}_dtype"))
        label = "Got" if side == "got" else "Expected"
        if isinstance(value, str):
            grids.append(Grid(label, note, text=value))
        else:
            grids.append(Grid(label, note, _aligned(lines, wrong, brief=brief)))
    return tuple(grids)


def shortest_pair(got: Any, expected: Any) -> tuple[str, str]:
    """Return two numbers as short as they can be told apart."""
    pair = _short(got), _short(expected)
    return pair if pair[0] != pair[1] else (_exact(got), _exact(expected))


def _rows(value: Any) -> list[list[Any]]:
    """Return a nested list as rows; an empty row stands between matrices."""
    if value is None or isinstance(value, str):
        return []
    if not isinstance(value, list):
        return [[value]]
    if not any(isinstance(child, list) for child in value):
        return [value]
    rows: list[list[Any]] = []
    for child in value:
        inner = _rows(child)
        if rows and isinstance(child, list) and any(isinstance(c, list) for c in child):
            rows.append([])
        rows.extend(inner)
    return rows


def _differences(rows: Sequence[list[Any]], others: Sequence[list[Any]]) -> list[list[bool]]:
    """Return where two arrays of one shape differ; of two shapes, nowhere."""
    if [len(row) for row in rows] != [len(row) for row in others]:
        return [[False] * len(row) for row in (max(rows, others, key=len))]
    scale = max((abs(v) for row in others for v in row if _finite(v)), default=0.0)
    return [
        [_differ(a, b, VISIBLE * scale) for a, b in zip(row, other, strict=True)]
        for row, other in zip(rows, others, strict=True)
    ]


def _differ(got: Any, expected: Any, tolerance: float) -> bool:
    if _finite(got) and _finite(expected):
        return bool(abs(got - expected) > tolerance)
    return bool(got != expected)


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _aligned(
    rows: Sequence[list[Any]], wrong: Sequence[list[bool]], *, brief: bool
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


def _short(value: Any) -> str:
    return f"{value:.5g}" if _finite(value) else str(value)


def _exact(value: Any) -> str:
    return repr(value) if _finite(value) else str(value)


def _note(shape: Any, dtype: Any) -> str:
    parts = [f"shape {tuple(shape)}"] if shape is not None else []
    return ", ".join([*parts, str(dtype)] if dtype else parts)
