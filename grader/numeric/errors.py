"""How far two arrays are apart, and how far they may be.

Values are compared by norms, not element by element: measured on these layers, an element-wise
relative error is 10 to 10,000 times noisier, since it divides by elements that cancel.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from grader.model.trees import Array

#: ``norm(a - b) <= ABSOLUTE + RELATIVE * (norm(a) + norm(b))``
ABSOLUTE = 1e-12
RELATIVE = 1e-9
#: In place of ``RELATIVE``: up to here an answer that isn't right is nearly right.
NEARLY = 1e-6


class Distance(NamedTuple):
    """How far two arrays are apart, and how large they are together, by their norms."""

    apart: float
    scale: float

    @property
    def relative(self) -> float:
        """Their relative error; 0 where both vanish."""
        return self.apart / self.scale if self.scale else 0.0

    def within(self, relative: float = RELATIVE, absolute: float = ABSOLUTE) -> bool:
        """Say whether the two arrays agree. NaN never agrees with anything."""
        bound = absolute + relative * self.scale
        # In the positive form, so that a NaN compares as wrong; and an infinite bound, which would
        # let anything pass, is no bound.
        return bound < math.inf and self.apart <= bound


def distance(got: Array, expected: Array) -> Distance:
    """Return how far two arrays of one shape are apart, by three norms; NaN if one isn't finite."""
    scale = norm(got) + norm(expected)
    return Distance(norm(got - expected) if scale < math.inf else math.nan, scale)


def normwise(got: Array, expected: Array) -> float:
    """Return ``norm(got - expected) / (norm(got) + norm(expected))``; 0 where both vanish.

    Both arrays have one shape. The result lies in [0, 1], or is NaN where an element is.
    """
    return distance(got, expected).relative


def agrees(
    got: Array, expected: Array, *, relative: float = RELATIVE, absolute: float = ABSOLUTE
) -> bool:
    """Say whether two arrays of one shape agree, norm-wise. NaN never agrees with anything."""
    return distance(got, expected).within(relative, absolute)


def elementwise(got: Array, expected: Array) -> float:
    """Return the largest of ``|x - y| / max(1e-8, |x| + |y|)``, as the notebook prints it."""
    if not np.size(got):
        return 0.0
    scale = np.maximum(1e-8, np.abs(got) + np.abs(expected))
    return float(np.max(np.abs(got - expected) / scale))


def worst(got: Array, expected: Array) -> tuple[int, ...]:
    """Return the index of the element that is furthest off; a NaN counts as furthest."""
    difference = np.abs(np.asarray(got, np.float64) - expected)
    flat = int(np.argmax(np.where(np.isnan(difference), np.inf, difference)))
    return tuple(int(i) for i in np.unravel_index(flat, difference.shape))


def norm(array: Array) -> float:
    """Return the Euclidean norm over all elements; overflow gives inf, never a warning."""
    flat = np.asarray(array, np.float64).ravel()
    # Unlike ``@``, ``vdot`` never warns; to hold warnings back costs more than a small product.
    square = float(np.vdot(flat, flat))
    if 1e-280 < square < math.inf or (square == 0 and not flat.any()):
        return math.sqrt(square)
    # Squares that overflow or vanish: scale by the largest element, never zero here, first.
    with np.errstate(over="ignore", invalid="ignore"):
        largest = float(np.max(np.abs(flat)))
        if not np.isfinite(largest):
            return largest
        scaled = flat / largest
        return largest * math.sqrt(np.vdot(scaled, scaled))
