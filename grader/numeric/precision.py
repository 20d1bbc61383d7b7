"""Which precision below that of float64 do the numbers of an answer show?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.model.literals import Precision
from grader.model.trees import Array
from grader.numeric.errors import distance

#: How far off, norm-wise, rounding to it may leave an answer that a few operations lead to.
_FURTHEST: Mapping[Precision, float] = {"float16": 2.0**-9, "float32": 2.0**-21}
#: Rounding to float32 on the way leaves an answer further off than this.
_NEAREST = 2.0**-29


def precision(got: Array, expected: Array) -> Precision | None:
    """Return the precision that *got* shows, which differs from *expected*; ``None``: no other.

    Both arrays have one shape. A precision shows in the array's dtype, in elements that it holds as
    they are, or, for float32 on the way, in how far off the numbers are.
    """
    if got.dtype.kind != "f" or not np.size(got) or not np.isfinite(got).all():
        return None
    apart = distance(got, expected).relative
    for name, furthest in _FURTHEST.items():
        dtype = np.dtype(name)
        if apart <= furthest and (got.dtype == dtype or _held(got, dtype)):
            return name
    return "float32" if _NEAREST < apart <= _FURTHEST["float32"] else None


def _held(array: Array, dtype: np.dtype[Any]) -> bool:
    """Say whether a precision holds all elements of an array as they are."""
    with np.errstate(over="ignore", under="ignore"):
        return np.array_equal(array.astype(dtype).astype(array.dtype), array)
