"""What a class's marks say of each question and check, and of all together.

The figures are those of :mod:`grader.numeric.items`. A total is of the questions on which everybody
has a mark: what waits for a person is part of no total, and the marks that there are of it are held
against that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.classroom.tally import ClassItem, Flags, Matrix, Numbers
from grader.numeric import items

#: A class smaller than the first has no reliability told, one below the second a warning with it.
FEWEST, FEW = 10, 30
#: Below this correlation an item is flagged, if both who pass and who don't are so many, and if the
#: class is so large that a correlation of ROOM isn't what chance has hidden.
WEAK, BOTH, ROOM = 0.1, 5, 0.3
#: The share of those who reached a check that may run out of time, and how many at least.
TIMEOUTS, SOME_TIMEOUTS = 0.1, 3
#: Pairs of checks are named from this correlation on, if so many failed both.
TOGETHER, FAILED_BOTH = 0.8, 5

Flag = Literal["all", "none", "weak", "negative", "timeouts"]


@dataclass(frozen=True)
class ItemFigures:
    """One question or check. Numbers that can't be had are ``nan``.

    ``count`` have a mark; ``passed`` are right and ``full`` have all points; ``nothing`` have none;
    ``reached`` came as far.
    """

    item: ClassItem
    count: int
    passed: int
    full: int
    nothing: int
    reached: int
    timed_out: int
    mean: float
    facility: float
    item_rest: float
    discrimination: float
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Reliability:
    """How far totals would be the same again; ``None`` stands for it in a class that is too small.

    ``error`` is the standard error of a total in points, ``without`` alpha if an item is left out,
    in the order of ``items``.
    """

    count: int
    items: Sequence[ClassItem]
    alpha: float
    deviation: float
    error: float
    without: Sequence[float]

    @property
    def few(self) -> bool:
        """Whether the class is so small that the figures are uncertain."""
        return self.count < FEW


@dataclass(frozen=True)
class FailedTogether:
    """Two checks that are failed together: by ``both``, of ``reached`` who reached both."""

    first: ClassItem
    second: ClassItem
    correlation: float
    both: int
    either: int
    reached: int


def totals(matrix: Matrix) -> tuple[Numbers, Flags]:
    """Return each submission's total, (N,), and which items of *matrix* are part of it, (K,)."""
    shut = {
        item.question
        for item, column in zip(matrix.items, matrix.open.T, strict=True)
        if not item.check and column.any()
    }
    part = np.array([item.question not in shut for item in matrix.items], bool)
    own = part & np.array([not item.check for item in matrix.items], bool)
    return np.round(matrix.marks[:, own].sum(axis=1), 9), part


def figures(matrix: Matrix) -> list[ItemFigures]:
    """Return the figures of every item, in the order of *matrix*."""
    total, part = totals(matrix)
    made = []
    for j, item in enumerate(matrix.items):
        judged = ~matrix.open[:, j]
        marks, passed = matrix.marks[judged, j], matrix.passed[judged, j]
        # What carries no points is right or wrong, and in no total.
        worth = marks if item.maximum else passed.astype(np.float64)
        maximum = item.maximum or 1.0
        rest = total[judged] - (marks if part[j] else 0.0)
        column = worth[:, None]
        share = items.facility(column, [maximum])[0] if len(marks) else math.nan
        correlation = float(items.correlation(column, rest[:, None])[0])
        reached = matrix.reached[judged, j]
        late = int(matrix.timed_out[judged, j].sum())
        made.append(
            ItemFigures(
                item,
                count=len(marks),
                passed=int(passed.sum()),
                full=int((worth >= maximum - 1e-9).sum()),
                nothing=int((worth <= 1e-9).sum()),
                reached=int(reached.sum()),
                timed_out=late,
                mean=float(marks.mean()) if len(marks) else math.nan,
                facility=float(share),
                item_rest=correlation,
                discrimination=float(items.discrimination(column, [maximum], total[judged])[0]),
                flags=tuple(_flags(len(marks), int(passed.sum()), correlation, late, reached)),
            )
        )
    return made


def reliability(matrix: Matrix) -> Reliability | None:
    """Return how reliable totals are, their questions taken as items; ``None`` below FEWEST."""
    if len(matrix.rows) < FEWEST:
        return None
    _, part = totals(matrix)
    kept = [j for j, item in enumerate(matrix.items) if part[j] and not item.check]
    marks = matrix.marks[:, kept]
    alpha = items.alpha(marks)
    if math.isnan(alpha):
        return None
    return Reliability(
        len(marks),
        [matrix.items[j] for j in kept],
        alpha,
        float(marks.sum(axis=1).std(ddof=1)),
        items.error_of_measurement(marks),
        [float(value) for value in items.alpha_if_deleted(marks)],
    )


def together(matrix: Matrix, most: int = 12) -> list[FailedTogether]:
    """Return pairs of checks of two questions that tend to be failed together, the closest first.

    A fault that is paid for twice shows so. Who didn't reach one of the two doesn't count: what
    isn't written yet fails everywhere.
    """
    checks = matrix.checks
    carrying = [j for j, item in enumerate(checks.items) if item.maximum]
    checks = checks.only(carrying)
    if not carrying or len(checks.rows) < FEWEST:
        return []
    there = checks.reached & ~checks.open
    correlations, counts = items.pairwise(checks.marks / checks.maxima, there)
    failed = (there & ~checks.passed).astype(np.float64)
    both = failed.T @ failed
    close = (np.nan_to_num(correlations) >= TOGETHER) & (both >= FAILED_BOTH)
    found = []
    for i, j in zip(*np.nonzero(np.triu(close, 1)), strict=True):
        first, second = checks.items[i], checks.items[j]
        if first.question == second.question:
            continue
        once = failed[:, i] * there[:, j]
        again = failed[:, j] * there[:, i]
        either = int(((once + again) > 0).sum())
        value = float(correlations[i, j])
        found.append(
            FailedTogether(first, second, value, int(both[i, j]), either, int(counts[i, j]))
        )
    return sorted(found, key=lambda pair: (-pair.both * pair.correlation, -pair.correlation))[:most]


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles of *values*, the middle one the median; ``nan`` without any."""
    if not values:
        return math.nan, math.nan, math.nan
    low, middle, high = (float(q) for q in np.quantile(np.asarray(values), (0.25, 0.5, 0.75)))
    return low, middle, high


def _flags(
    count: int, passed: int, correlation: float, timed_out: int, reached: Flags
) -> Iterator[Flag]:
    if count < FEWEST:
        return
    if passed in (0, count):
        yield "all" if passed else "none"
    elif (
        min(passed, count - passed) >= BOTH
        and correlation < WEAK
        and items.highest(correlation, count) < ROOM
    ):
        # A check is said to be at fault only where even a weak correlation is left no room.
        yield "negative" if items.highest(correlation, count) < WEAK else "weak"
    if timed_out >= max(SOME_TIMEOUTS, TIMEOUTS * reached.sum()):
        yield "timeouts"
