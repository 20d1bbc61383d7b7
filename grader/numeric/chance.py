"""Tests of what is drawn at random, which hardly ever fail a right draw.

Each test here fails an independent draw of the asked kind with a probability of at most
:data:`ODDS`; a submission meets some thousand of them, so that right code fails less than once in
10^9 draws.

- A count of n independent trials that succeed with probability p: Chernoff's bound in Hoeffding's
  form, ``P(share >= q) <= exp(-n KL(q, p))`` and the same below, where ``KL(q, p) = q log(q / p) +
  (1 - q) log((1 - q) / (1 - p))``. It holds for every n and p.
- A sum of n independent numbers that are symmetric around zero: ``P(|sum| >= t sqrt(sum of
  squares)) <= 2 exp(-t^2 / 2)`` (Hoeffding's bound, given the numbers' sizes). It holds whatever
  their distribution, for every n.
- A deviation: the mean of the squares within :data:`STUDENT` of its standard errors, which the
  measured fourth moment gives. This one is a limit, not a bound: it needs some thousand numbers.

Order is looked for in disjoint pairs at a distance of 1 to :data:`LAGS` along each axis, since
pairs that share no element are independent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

ODDS = 1e-13
#: ``2 exp(-BITS) = ODDS``.
BITS = math.log(2 / ODDS)
#: How far two elements of a pair are apart at most.
LAGS = 16
#: A normal number is this far off with a probability of 3e-17. The margin is for squares, whose
#: distribution leans: at 5,000 of them by half a standard error.
STUDENT = 8.5


def count_is_off(count: int, size: int, rate: float) -> bool:
    """Say whether *count* of *size* trials is no number for trials that succeed at *rate*."""
    return bool(counts_are_off(np.asarray(count), np.asarray(size), rate))


def counts_are_off(counts: Array, sizes: Array, rate: float) -> Array:
    """Say the same of many counts at once."""
    share = counts / np.maximum(sizes, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.where(share > 0, share * np.log(share / rate), 0.0) + np.where(
            share < 1, (1 - share) * np.log((1 - share) / (1 - rate)), 0.0
        )
    return np.asarray(sizes * entropy > BITS)


def counts_coincide(counts: Array, size: int, rate: float) -> bool:
    """Say whether counts, each of *size* trials, are all one number and can't be by chance.

    The sum over k of ``P(count = k)^m`` is how often m independent counts are all the same. It is
    held against ten times :data:`ODDS`: eight masks of 2,000 elements show no less, and they are
    asked for once, not along each axis.
    """
    several = np.asarray(counts).ravel()
    if several.size < 2 or not (several == several[0]).all():
        return False
    logs = np.array([math.lgamma(k + 1) for k in range(size + 1)])
    k = np.arange(size + 1)
    often = logs[-1] - logs - logs[::-1] + k * math.log(rate) + (size - k) * math.log1p(-rate)
    return bool(np.exp(several.size * often).sum() < 10 * ODDS)


def sum_is_off(numbers: Array) -> bool:
    """Say whether a sum is too large for numbers that are symmetric around zero."""
    flat = np.asarray(numbers, np.float64).ravel()
    return abs(float(flat.sum())) > math.sqrt(2 * BITS * float(np.vdot(flat, flat)))


def deviation_error(numbers: Array) -> float:
    """Return how far the measured standard deviation of *numbers* may be from the right one.

    By their own fourth moment: ``STUDENT * sqrt((m4 - m2^2) / n) / (2 sqrt(m2))``, and never less
    than float32 holds.
    """
    squares = np.square(np.asarray(numbers, np.float64).ravel())
    mean = float(squares.mean())
    if not mean:
        return 0.0
    spread = float(squares.std()) / math.sqrt(squares.size)
    return max(STUDENT * spread / 2, 1e-6 * mean) / math.sqrt(mean)


def pairs(
    array: Array, axes: Sequence[int] | None = None
) -> Iterator[tuple[int, int, Array, Array]]:
    """Yield, by axis (of *axes*) and distance, the first and the second of disjoint pairs."""
    for axis in range(array.ndim) if axes is None else axes:
        length = array.shape[axis]
        along = np.moveaxis(array, axis, 0)
        for lag in range(1, min(LAGS, length // 2) + 1):
            blocks = length // (2 * lag)
            split = along[: 2 * lag * blocks].reshape(blocks, 2, lag, *along.shape[1:])
            yield axis, lag, split[:, 0], split[:, 1]


def ordered(array: Array) -> bool:
    """Say whether numbers that are symmetric around zero go with those beside them."""
    return any(sum_is_off(one * other) for _, _, one, other in pairs(array))


def patterned(
    on: Array, rate: float, axes: Sequence[int] | None = None, seen: Array | None = None
) -> int | None:
    """Return the axis along which a mask has a pattern: elements that agree too often or seldom.

    Elements of *on* are true with probability *rate*; two independent ones agree with probability
    ``rate^2 + (1 - rate)^2``. Where only some of them are known, *seen* says which.
    """
    agree = rate**2 + (1 - rate) ** 2
    known = np.ones(on.shape, bool) if seen is None else seen
    looks = zip(pairs(on, axes), pairs(known, axes), strict=True)
    for (axis, _, one, other), (_, _, here, there) in looks:
        both = here & there
        if count_is_off(int(np.count_nonzero((one == other) & both)), int(both.sum()), agree):
            return axis
    return None


def alike(one: Array, other: Array, rate: float) -> bool:
    """Say whether two masks agree too often, or too seldom, for independent ones."""
    agree = rate**2 + (1 - rate) ** 2
    return count_is_off(int(np.count_nonzero(one == other)), one.size, agree)
