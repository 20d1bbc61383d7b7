"""In what way an array is wrong: by a factor, a sign, a transpose, a mean for a sum.

Each test compares the array with one transform of what was expected. They name the difference;
the cause is for a catalogue to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from grader.numeric.errors import Array, agrees, norm

#: A structure is named when the transformed arrays agree this closely.
CLOSE = 1e-7


@dataclass(frozen=True)
class Structure:
    """What relates a wrong array to the right one; ``value`` is a factor, an axis or a column."""

    kind: str
    value: float | int | None = None


def structure(got: Array, expected: Array, sizes: tuple[int, ...] = ()) -> Structure | None:
    """Return the first known relation between two arrays that differ, or None.

    *sizes* are those of the inputs' axes: a factor of 1/n is called a mean where n is one of
    them. Works on any two shapes; values that aren't finite are related to nothing.
    """
    got = np.asarray(got, np.float64)
    expected = np.asarray(expected, np.float64)
    if not (np.isfinite(got).all() and np.isfinite(expected).all()) or not got.size:
        return None
    return next((found for test in _TESTS for found in test(got, expected, sizes)), None)


def _zeros(got: Array, expected: Array, sizes: tuple[int, ...]) -> Iterator[Structure]:
    if not got.any() and expected.any():
        yield Structure("zeros")


def _shapes(got: Array, expected: Array, sizes: tuple[int, ...]) -> Iterator[Structure]:
    if (
        got.ndim == expected.ndim == 2
        and got.shape == expected.shape[::-1]
        and _close(got.T, expected)
    ):
        yield Structure("transposed")
    if (
        got.shape != expected.shape
        and got.size == expected.size
        and _close(got.ravel(), expected.ravel())
    ):
        yield Structure("reshaped")


def _factors(got: Array, expected: Array, sizes: tuple[int, ...]) -> Iterator[Structure]:
    # Any two numbers are related by a factor: only arrays say something by it.
    if got.shape != expected.shape or got.size < 2 or not got.any() or not expected.any():
        return
    factor = float(np.vdot(got, expected)) / norm(expected) ** 2
    if not _close(got, factor * expected):
        return
    if abs(factor + 1) < CLOSE:
        yield Structure("sign")
    for size in sizes:
        if size > 1 and abs(factor * size - 1) < CLOSE:
            yield Structure("mean", size)
        if size > 1 and abs(factor / size - 1) < CLOSE:
            yield Structure("sum", size)
    if abs(factor - 1) > CLOSE:
        yield Structure("factor", factor)


def _parts(got: Array, expected: Array, sizes: tuple[int, ...]) -> Iterator[Structure]:
    """One row or column wrong and the rest right, or a constant added."""
    if got.shape != expected.shape:
        return
    difference = got - expected
    if got.size > 1 and _close(difference, np.full_like(difference, difference.flat[0])):
        yield Structure("offset", float(difference.flat[0]))
    if got.ndim != 2:
        return
    right = np.abs(difference) <= CLOSE * (1e-300 + np.abs(expected).max())
    for axis, name in ((1, "rows"), (0, "columns")):
        whole = right.all(axis=axis)
        wrong = int(np.count_nonzero(~whole))
        if 0 < wrong < len(whole) and 2 * wrong <= len(whole):
            yield Structure(name, wrong)


def _close(got: Array, expected: Array) -> bool:
    return agrees(got, expected, relative=CLOSE, absolute=0.0)


_TESTS: tuple[Callable[[Array, Array, tuple[int, ...]], Iterator[Structure]], ...] = (
    _zeros,
    _shapes,
    _factors,
    _parts,
)
