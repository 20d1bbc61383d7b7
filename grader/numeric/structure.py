"""In what way an array is wrong: by a factor, a sign, a transpose, a mean for a sum, an axis.

Each test compares the array with one transform of what was expected. They name the difference;
the cause is for a catalogue to say. A difference is named that every example shows, and one of them
*surely* at least: any two numbers are related by a factor, and any two rows by one a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.model.literals import StructureKind
from grader.model.programs import Inputs
from grader.model.trees import Array
from grader.numeric.errors import agrees, norm

#: A structure is named when the transformed arrays agree this closely.
CLOSE = 1e-7

Given = Mapping[str, Array]


@dataclass(frozen=True)
class Structure:
    """What relates a wrong array to the right one; ``value`` is a factor, an axis or a column.

    ``axes`` are those of inputs, by name, that have the size which ``value`` is.
    """

    kind: StructureKind
    value: float | int | None = None
    axes: frozenset[tuple[str, int]] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class WrongPair:
    """A wrong array and the right one, and the inputs that both were computed from."""

    got: Array
    expected: Array
    inputs: Inputs = field(default_factory=dict)


def structure(got: Array, expected: Array, inputs: Inputs | None = None) -> Structure | None:
    """Return the first known relation between two arrays that differ, or None.

    *inputs* are what both were computed from: a factor of 1/n is called a mean where n is the
    size of an axis of one of them, and a sum over an axis of one is recognized. Works on any two
    shapes; values that aren't finite are related to nothing.
    """
    return common([WrongPair(got, expected, inputs or {})])


def common(pairs: Sequence[WrongPair]) -> Structure | None:
    """Return the first known relation that all pairs have and one of them surely, or None.

    Its value is that of the first pair.
    """
    related = [[*_related(pair, sure=False)] for pair in pairs]
    sure = [found for pair in pairs for found in _related(pair, sure=True)]
    return next(
        (
            one
            for one in (related[0] if related else ())
            if _within(one, related[1:]) and any(_same(one, other) for other in sure)
        ),
        None,
    )


def _within(one: Structure, others: Sequence[Sequence[Structure]]) -> bool:
    """Say whether a relation is among those of all *others*: a size as that of one same axis."""
    axes = one.axes
    for found in others:
        same = [other for other in found if _same(one, other)]
        if not same:
            return False
        axes &= frozenset(axis for other in same for axis in other.axes)
    return bool(axes) or not one.axes


def _same(one: Structure, other: Structure) -> bool:
    if one.kind in ("factor", "offset", "axis"):
        return one.kind == other.kind and bool(np.isclose(one.value or 0, other.value or 0, CLOSE))
    return one.kind == other.kind and bool(one.axes & other.axes or not one.axes)


def _related(pair: WrongPair, *, sure: bool) -> Iterator[Structure]:
    got = np.asarray(pair.got, np.float64)
    expected = np.asarray(pair.expected, np.float64)
    if not (np.isfinite(got).all() and np.isfinite(expected).all()) or not got.size:
        return
    if sure and np.count_nonzero(expected) < 2:
        return
    given = {
        k: v for k, v in pair.inputs.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f"
    }
    for test in _TESTS:
        yield from test(got, expected, given, sure)


def _zeros(got: Array, expected: Array, given: Given, sure: bool) -> Iterator[Structure]:
    if not got.any() and expected.any():
        yield Structure("zeros")


def _shapes(got: Array, expected: Array, given: Given, sure: bool) -> Iterator[Structure]:
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


def _factors(got: Array, expected: Array, given: Given, sure: bool) -> Iterator[Structure]:
    # Any two numbers are related by a factor: only arrays say something by it.
    if (
        got.shape != expected.shape
        or (sure and got.size < 2)
        or not got.any()
        or not expected.any()
    ):
        return
    factor = float(np.vdot(got, expected)) / norm(expected) ** 2
    if not _close(got, factor * expected):
        return
    if abs(factor + 1) < CLOSE:
        yield Structure("sign")
    for size, axes in sorted(_sizes(given).items()):
        if size > 1 and abs(factor * size - 1) < CLOSE:
            yield Structure("mean", size, axes)
        if size > 1 and abs(factor / size - 1) < CLOSE:
            yield Structure("sum", size, axes)
    if abs(factor - 1) > CLOSE:
        yield Structure("factor", factor)


def _sizes(given: Given) -> dict[int, frozenset[tuple[str, int]]]:
    """Return which axes of which inputs have a size."""
    found: dict[int, set[tuple[str, int]]] = {}
    for name, array in given.items():
        for axis, size in enumerate(array.shape):
            found.setdefault(size, set()).add((name, axis))
    return {size: frozenset(axes) for size, axes in found.items()}


def _parts(got: Array, expected: Array, given: Given, sure: bool) -> Iterator[Structure]:
    """One row or column wrong and the rest right, or a constant added."""
    if got.shape != expected.shape:
        return
    difference = got - expected
    if (got.size > 1 or not sure) and _close(
        difference, np.full_like(difference, difference.flat[0])
    ):
        yield Structure("offset", float(difference.flat[0]))
    if got.ndim != 2:
        return
    right = np.abs(difference) <= CLOSE * (1e-300 + np.abs(expected).max())
    name: StructureKind
    for axis, name in ((1, "rows"), (0, "columns")):
        whole = right.all(axis=axis)
        wrong = int(np.count_nonzero(~whole))
        few = 2 * wrong <= len(whole) or (len(whole) < 3 and not sure)
        if wrong and few:
            yield Structure(name, wrong)


def _axes(got: Array, expected: Array, given: Given, sure: bool) -> Iterator[Structure]:
    """A sum over one axis of an input, or of the product of two, where another one is asked."""
    arrays = [*given.values()]
    products = [a * b for i, a in enumerate(arrays) for b in arrays[:i] if a.shape == b.shape]
    for array in arrays + products:
        if array.ndim != 2:
            continue
        for axis in (0, 1):
            asked, taken = array.sum(axis=axis), array.sum(axis=1 - axis)
            sized = asked.size == expected.size and taken.size == got.size
            if sized and _close(expected.ravel(), asked) and _close(got.ravel(), taken):
                yield Structure("axis", 1 - axis)


def _scaled(got: Array, expected: Array, given: Given, sure: bool) -> Iterator[Structure]:
    """Every column, or every row, right but for a factor of its own (and a constant)."""
    if got.shape != expected.shape or got.ndim != 2:
        return
    name: StructureKind
    for axis, name in ((0, "columns_scaled"), (1, "rows_scaled")):
        if min(got.shape) < 3:
            if not sure and (got.shape[axis] < 3 or _scaled_alone(got, expected, axis)):
                yield Structure(name)
            continue
        one = got - got.mean(axis=axis, keepdims=True)
        other = expected - expected.mean(axis=axis, keepdims=True)
        square = (other * other).sum(axis=axis, keepdims=True)
        if not square.all() or not one.any():
            continue
        factors = (one * other).sum(axis=axis, keepdims=True) / square
        if _close(one, factors * other) and np.ptp(factors) > CLOSE * np.abs(factors).max():
            yield Structure(name)


def _scaled_alone(got: Array, expected: Array, axis: int) -> bool:
    """Say whether every column, or row, is right but for a factor and a constant of its own."""
    one = got - got.mean(axis=axis, keepdims=True)
    other = expected - expected.mean(axis=axis, keepdims=True)
    square = (other * other).sum(axis=axis, keepdims=True)
    factors = (one * other).sum(axis=axis, keepdims=True) / np.where(square == 0, 1, square)
    return _close(one, factors * other)


def _close(got: Array, expected: Array) -> bool:
    return agrees(got, expected, relative=CLOSE, absolute=0.0)


_TESTS: tuple[Callable[[Array, Array, Given, bool], Iterator[Structure]], ...] = (
    _zeros,
    _shapes,
    _factors,
    _axes,
    _parts,
    _scaled,
)
