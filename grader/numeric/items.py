"""Item analysis: how hard each part of an assessment is, and whether it agrees with the rest.

Marks are arrays (N, K) of float64: a row for each student, a column for each item, no gaps. What
has no value, such as a correlation with something constant, is ``nan``.

Sources: item-rest correlation as Moodle's *discrimination index*
(``question/classes/statistics/questions/calculator.php``); upper and lower 27 % by T. L. Kelley,
*The selection of upper and lower groups for the validation of test items* (1939); alpha and the
standard error of measurement by L. J. Cronbach, *Coefficient alpha and the internal structure of
tests* (1951); the interval of a share by E. B. Wilson, *Probable inference, the law of succession,
and statistical inference* (1927); that of a correlation by R. A. Fisher, *On the "probable error"
of a coefficient of correlation deduced from a small sample* (1921).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

#: The share of a class that is compared with as many at the other end.
KELLEY = 0.27
#: What of a column's square is rounding, and no variance.
_ROUNDING = 1e-12
#: The normal distribution's quantile of a 95 % interval.
_Z95 = 1.959963984540054


def facility(marks: npt.ArrayLike, maxima: npt.ArrayLike) -> Numbers:
    """Return each item's mean as a share of its maximum, (K,); ``nan`` where that is 0."""
    marks, maxima = _matrix(marks), np.asarray(maxima, np.float64)
    return _divided(marks.mean(axis=0) if len(marks) else np.full(marks.shape[1], np.nan), maxima)


def item_rest(marks: npt.ArrayLike, totals: npt.ArrayLike) -> Numbers:
    """Return the correlation of each item with the total without it, (K,) in [-1, 1].

    *totals* (N,) are whole scores, of which each column of *marks* is a part: what is in the total
    and in no column counts as part of every rest.
    """
    marks, totals = _matrix(marks), np.asarray(totals, np.float64)
    return correlation(marks, totals[:, None] - marks)


def correlation(a: npt.ArrayLike, b: npt.ArrayLike) -> Numbers:
    """Return Pearson's correlation of each column of *a* with that of *b*, (K,)."""
    a, b = _matrix(a), _matrix(b)
    if len(a) < 2:
        return np.full(a.shape[1], np.nan)
    return _correlated(_centered(a), _centered(b))


def discrimination(
    marks: npt.ArrayLike, maxima: npt.ArrayLike, totals: npt.ArrayLike, share: float = KELLEY
) -> Numbers:
    """Return how much more of an item the best by *totals* have than the last, (K,) in [-1, 1].

    Both groups are *share* of the class, at least one student. Those who are equal at a group's
    edge each count in part, so that the order of rows plays no role.
    """
    marks, maxima = _matrix(marks), np.asarray(maxima, np.float64)
    totals = np.asarray(totals, np.float64)
    if len(marks) < 2:
        return np.full(marks.shape[1], np.nan)
    size = max(1, math.floor(share * len(marks) + 0.5))
    difference = (_group(totals, size) - _group(-totals, size)) @ marks / size
    return _divided(difference, maxima)


def alpha(marks: npt.ArrayLike) -> float:
    """Return Cronbach's alpha; ``nan`` for fewer than two items or where all totals are equal."""
    marks = _matrix(marks)
    n, k = marks.shape
    if n < 2 or k < 2:
        return math.nan
    total = float(_variance(marks.sum(axis=1, keepdims=True))[0])
    if not total:
        return math.nan
    return float(k / (k - 1) * (1.0 - float(_variance(marks).sum()) / total))


def alpha_if_deleted(marks: npt.ArrayLike) -> Numbers:
    """Return alpha of all items but one, for each item, (K,)."""
    marks = _matrix(marks)
    n, k = marks.shape
    if n < 2 or k < 3:
        return np.full(k, np.nan)
    own = _variance(marks)
    rest = _variance(marks.sum(axis=1, keepdims=True) - marks)
    found: Numbers = (k - 1) / (k - 2) * (1.0 - _divided(own.sum() - own, rest))
    return found


def error_of_measurement(marks: npt.ArrayLike) -> float:
    """Return the standard error of a total, in points: ``SD * sqrt(1 - alpha)``."""
    marks = _matrix(marks)
    reliability = alpha(marks)
    if math.isnan(reliability):
        return math.nan
    deviation = math.sqrt(float(_variance(marks.sum(axis=1, keepdims=True))[0]))
    return deviation * math.sqrt(max(0.0, 1.0 - reliability))


def pairwise(marks: npt.ArrayLike, reached: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    """Return how items go together among those who reached both.

    *reached* (N, K) is true where a student came as far as the item. Returns the correlations and
    the numbers of students that they rest on, both (K, K).
    """
    there = np.asarray(reached, np.float64)
    count = there.sum(axis=0)
    means = _divided((_matrix(marks) * there).sum(axis=0), count)
    marks = np.where(there > 0, _matrix(marks) - np.nan_to_num(means), 0.0)  # keeps sums small
    both = there.T @ there
    sums, squares = marks.T @ there, (marks**2).T @ there
    n = np.where(both > 0, both, np.nan)
    variance = squares - sums**2 / n
    variance = np.where(variance > _ROUNDING * np.maximum(squares, 1e-30), variance, np.nan)
    product = marks.T @ marks - sums * sums.T / n
    return np.clip(product / np.sqrt(variance * variance.T), -1.0, 1.0), both


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share of which *hits* of *count* were seen."""
    if not count:
        return 0.0, 1.0
    share, z = hits / count, _Z95 * _Z95 / count
    middle = (share + z / 2) / (1 + z)
    half = math.sqrt(z * (share * (1 - share) + z / 4)) / (1 + z)
    return max(0.0, middle - half), min(1.0, middle + half)


def highest(correlation: float, count: int) -> float:
    """Return the upper end of the 95 % interval of a correlation of *count* pairs; 1 of three."""
    if count <= 3:
        return 1.0
    bounded = min(max(correlation, -1.0 + 1e-12), 1.0 - 1e-12)
    return math.tanh(math.atanh(bounded) + _Z95 / math.sqrt(count - 3))


def _group(totals: Numbers, size: int) -> Numbers:
    """Return the weights, (N,), of the *size* rows with the largest *totals*."""
    edge = np.sort(totals)[-size]
    inside, at = totals > edge, totals == edge
    weights: Numbers = inside + at * ((size - inside.sum()) / at.sum())
    return weights


def _matrix(marks: npt.ArrayLike) -> Numbers:
    found = np.asarray(marks, np.float64)
    if found.ndim != 2:
        raise ValueError(f"marks must have rows and columns, and have the shape {found.shape}")
    return found


def _centered(marks: Numbers) -> Numbers:
    """Return columns without their means; those that are constant up to rounding as zeros."""
    moved: Numbers = marks - marks.mean(axis=0)
    size = np.abs(marks).max(axis=0, initial=0.0)
    constant = np.abs(moved).max(axis=0, initial=0.0) <= _ROUNDING * size
    return np.where(constant, 0.0, moved)


def _correlated(a: Numbers, b: Numbers) -> Numbers:
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return np.clip(_divided((a * b).sum(axis=0), size), -1.0, 1.0)


def _variance(marks: Numbers) -> Numbers:
    """Return the columns' variances with N - 1, exactly 0 where a column is constant."""
    found: Numbers = (_centered(marks) ** 2).sum(axis=0) / (len(marks) - 1)
    return found


def _divided(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> Numbers:
    found: Numbers = np.divide(a, b, out=np.full(np.broadcast(a, b).shape, np.nan), where=b != 0)
    return found
