"""In what way an array is wrong: by a factor, a sign, a transpose, a mean for a sum, an axis.

Each test compares the array with one transform of what was expected. They name the difference;
the cause is for a catalogue to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from grader.model.literals import StructureKind
from grader.model.programs import Inputs
from grader.model.trees import Array
from grader.numeric.errors import agrees, norm

#: A structure is named when the transformed arrays agree this closely.
CLOSE = 1e-7


@dataclass(frozen=True)
class Structure:
    """What relates a wrong array to the right one; ``value`` is a factor, an axis or a column."""

    kind: StructureKind
    value: float | int | None = None


def structure(got: Array, expected: Array, inputs: Inputs | None = None) -> Structure | None:
    """Return the first known relation between two arrays that differ, or None.

    *inputs* are what both were computed from: a factor of 1/n is called a mean where n is the
    size of an axis of one of them, and a sum over an axis of one is recognized. Works on any two
    shapes; values that aren't finite are related to nothing.
    """
    got = np.asarray(got, np.float64)
    expected = np.asarray(expected, np.float64)
    if not (np.isfinite(got).all() and np.isfinite(expected).all()) or not got.size:
        return None
    given = [
        v for v in (inputs or {}).values() if isinstance(v, np.ndarray) and v.dtype.kind == "f"
    ]
    return next((found for test in _TESTS for found in test(got, expected, given)), None)


def _zeros(got: Array, expected: Array, given: list[Array]) -> Iterator[Structure]:
    if not got.any() and expected.any():
        yield Structure("zeros")


def _shapes(got: Array, expected: Array, given: list[Array]) -> Iterator[Structure]:
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


def _factors(got: Array, expected: Array, given: list[Array]) -> Iterator[Structure]:
    # Any two numbers are related by a factor: only arrays say something by it.
    if got.shape != expected.shape or got.size < 2 or not got.any() or not expected.any():
        return
    factor = float(np.vdot(got, expected)) / norm(expected) ** 2
    if not _close(got, factor * expected):
        return
    if abs(factor + 1) < CLOSE:
        yield Structure("sign")
    for size in sorted({size for array in given for size in array.shape}):
        if size > 1 and abs(factor * size - 1) < CLOSE:
            yield Structure("mean", size)
        if size > 1 and abs(factor / size - 1) < CLOSE:
            yield Structure("sum", size)
    if abs(factor - 1) > CLOSE:
        yield Structure("factor", factor)


def _parts(got: Array, expected: Array, given: list[Array]) -> Iterator[Structure]:
    """One row or column wrong and the rest right, or a constant added."""
    if got.shape != expected.shape:
        return
    difference = got - expected
    if got.size > 1 and _close(difference, np.full_like(difference, difference.flat[0])):
        yield Structure("offset", float(difference.flat[0]))
    if got.ndim != 2:
        return
    right = np.abs(difference) <= CLOSE * (1e-300 + np.abs(expected).max())
    name: StructureKind
    for axis, name in ((1, "rows"), (0, "columns")):
        whole = right.all(axis=axis)
        wrong = int(np.count_nonzero(~whole))
        if 0 < wrong < len(whole) and 2 * wrong <= len(whole):
            yield Structure(name, wrong)


def _axes(got: Array, expected: Array, given: list[Array]) -> Iterator[Structure]:
    """A sum over one axis of an input, or of the product of two, where another one is asked."""
    products = [a * b for i, a in enumerate(given) for b in given[:i] if a.shape == b.shape]
    for array in given + products:
        if array.ndim != 2:
            continue
        for axis in (0, 1):
            asked, taken = array.sum(axis=axis), array.sum(axis=1 - axis)
            sized = asked.size == expected.size and taken.size == got.size
            if sized and _close(expected.ravel(), asked) and _close(got.ravel(), taken):
                yield Structure("axis", 1 - axis)


def _scaled(got: Array, expected: Array, given: list[Array]) -> Iterator[Structure]:
    """Every column, or every row, right but for a factor of its own (and a constant)."""
    if got.shape != expected.shape or got.ndim != 2 or min(got.shape) < 3:
        return
    name: StructureKind
    for axis, name in ((0, "columns_scaled"), (1, "rows_scaled")):
        one = got - got.mean(axis=axis, keepdims=True)
        other = expected - expected.mean(axis=axis, keepdims=True)
        square = (other * other).sum(axis=axis, keepdims=True)
        if not square.all() or not one.any():
            continue
        factors = (one * other).sum(axis=axis, keepdims=True) / square
        if _close(one, factors * other) and np.ptp(factors) > CLOSE * np.abs(factors).max():
            yield Structure(name)


def _close(got: Array, expected: Array) -> bool:
    return agrees(got, expected, relative=CLOSE, absolute=0.0)


_TESTS: tuple[Callable[[Array, Array, list[Array]], Iterator[Structure]], ...] = (
    _zeros,
    _shapes,
    _factors,
    _axes,
    _parts,
    _scaled,
)
