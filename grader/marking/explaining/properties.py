"""In which property the hidden examples that failed differ from all that passed.

A fixed list of properties, each a word for the whole example: none gives a digit of it away. What
a failing function can choose is which of these words is said, once for a check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from grader.model.literals import InputProperty
from grader.model.programs import Inputs
from grader.model.trees import Array, Tree

#: Beyond what scores and activations of small examples reach.
_LARGE = 100.0
#: A column whose numbers lie closer together than this, relative to one.
_CLOSE = 1e-2


def _arrays(tree: Tree) -> Iterator[Array]:
    if isinstance(tree, np.ndarray):
        if tree.dtype.kind == "f" and tree.size:
            yield tree
    elif isinstance(tree, Mapping):
        for child in tree.values():
            yield from _arrays(child)


def _data(inputs: Inputs) -> Array | None:
    """Return the examples that a call is about: the first input that is an array of rows."""
    for value in inputs.values():
        if isinstance(value, np.ndarray) and value.ndim >= 2 and value.size:
            return value
    return None


def _of_data(says: Callable[[Array], bool]) -> Callable[[Inputs], bool]:
    def test(inputs: Inputs) -> bool:
        data = _data(inputs)
        return data is not None and says(data)

    return test


def _any(says: Callable[[Array], bool]) -> Callable[[Inputs], bool]:
    return lambda inputs: any(map(says, _arrays(dict(inputs))))


def _close(data: Array) -> bool:
    if data.ndim != 2 or len(data) < 2 or data.dtype.kind != "f":
        return False
    return bool((np.ptp(data, axis=0) < _CLOSE).any())


#: From the most particular to the most general: the first that fits is said.
TESTS: Mapping[InputProperty, Callable[[Inputs], bool]] = {
    "one_row": _of_data(lambda data: len(data) == 1),
    "one_column": _of_data(lambda data: data.ndim == 2 and data.shape[1] == 1),
    "four_dimensions": _of_data(lambda data: data.ndim == 4),
    "three_dimensions": _of_data(lambda data: data.ndim == 3),
    "close": _of_data(_close),
    "large": _any(lambda array: bool(np.abs(array).max() > _LARGE)),
    "zeros": _any(lambda array: bool((array == 0).any())),
    "wide": _of_data(lambda data: len(data) < data[0].size),
    "tall": _of_data(lambda data: len(data) > data[0].size),
}


def differing(failed: Sequence[Inputs], passed: Sequence[Inputs]) -> InputProperty | None:
    """Return a property that all examples that *failed* have and none that *passed* has."""
    if not failed or not passed:
        return None
    for name, has in TESTS.items():
        if all(map(has, failed)) and not any(map(has, passed)):
            return name
    return None
