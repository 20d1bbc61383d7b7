"""Relations between a wrong array and the right one, written down anew: what a structure claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from oracle import same

from grader.model.programs import Inputs

_Value = float | int | None


def holds(
    kind: str, value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs
) -> bool | None:
    """Say whether *got* is related to *expected* as *kind* says; None for a kind unknown here.

    *value* is of the example that was shown: where it depends on the example (the size of an axis,
    how many rows), any is admitted.
    """
    test = _TESTS.get(kind)
    return None if test is None else bool(test(value, got, expected, inputs))


def _zeros(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return not got.any()


def _transposed(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return same(got.T, expected)


def _reshaped(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return got.size == expected.size and same(got.ravel(), expected.ravel())


def _sign(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return same(got, -expected)


def _mean(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return any(same(got * size, expected) for size in _sizes(inputs))


def _sum(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return any(same(got, expected * size) for size in _sizes(inputs))


def _factor(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    if got.shape != expected.shape or not expected.any():
        return False
    return same(got, expected * (np.vdot(expected, got) / np.vdot(expected, expected)))


def _offset(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    return got.shape == expected.shape and same(got, expected + np.mean(got - expected))


def _axis(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
    taken = int(value or 0)
    arrays = [a for a in _arrays(inputs) if a.ndim == 2]
    products = [a * b for a in arrays for b in arrays if a.shape == b.shape]
    return any(
        same(got.ravel(), a.sum(axis=taken)) and same(expected.ravel(), a.sum(axis=1 - taken))
        for a in arrays + products
    )


def _some(axis: int) -> Callable[..., bool]:
    def test(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
        if got.shape != expected.shape or got.ndim != 2:
            return False
        whole = np.isclose(got, expected, rtol=1e-7, atol=1e-9).all(axis=axis)
        return bool(whole.any()) or got.shape[1 - axis] == 1

    return test


def _scaled(axis: int) -> Callable[..., bool]:
    def test(value: _Value, got: np.ndarray, expected: np.ndarray, inputs: Inputs) -> bool:
        if got.shape != expected.shape or got.ndim != 2:
            return False
        pairs = zip(np.moveaxis(got, axis, -1), np.moveaxis(expected, axis, -1), strict=True)
        return all(same(one, _fitted(one, other)) for one, other in pairs)

    return test


def _fitted(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    columns = np.stack([expected, np.ones_like(expected)], axis=1)
    fitted: np.ndarray = columns @ np.linalg.lstsq(columns, got, rcond=None)[0]
    return fitted


_TESTS: Mapping[str, Callable[..., bool]] = {
    "zeros": _zeros,
    "transposed": _transposed,
    "reshaped": _reshaped,
    "sign": _sign,
    "mean": _mean,
    "sum": _sum,
    "factor": _factor,
    "offset": _offset,
    "axis": _axis,
    "rows": _some(1),
    "columns": _some(0),
    "columns_scaled": _scaled(0),
    "rows_scaled": _scaled(1),
}


def _sizes(inputs: Inputs) -> set[int]:
    return {size for array in _arrays(inputs) for size in array.shape if size > 1}


def _arrays(tree: object) -> Iterator[np.ndarray] | list[np.ndarray]:
    if isinstance(tree, np.ndarray):
        return [tree] if tree.dtype.kind == "f" else []
    if isinstance(tree, Mapping):
        return [array for child in tree.values() for array in _arrays(child)]
    return []
