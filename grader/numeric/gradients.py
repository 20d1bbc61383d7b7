"""Central differences along random directions.

A directional derivative costs two evaluations whatever the number of parameters, about 140
times less than the full numeric gradient, and a wrong element of a gradient shows in a random
projection with probability one. Step and bounds are measured on the assignment's own layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.model.trees import Array
from grader.numeric.errors import norm

#: The step of a central difference, relative to the scale of what is moved.
STEP = 1e-5
#: ``|fd - slope| <= RELATIVE (norm(g) norm(v) + |fd|) + ABSOLUTE max(1, |loss|)``
RELATIVE = 1e-6
ABSOLUTE = 1e-8


def probe(array: Array, seed: int | Sequence[int]) -> tuple[Array, Array]:
    """Return *array* moved forward and backward along one random direction of unit elements.

    The move is :data:`STEP` times the array's root mean square (at least 1e-3, so that a zero
    array moves too). Shapes and dtype (float64) are the array's own.
    """
    direction = np.random.default_rng(seed).standard_normal(array.shape)
    scale = max(1e-3, norm(array) / np.sqrt(max(1, array.size)))
    step = STEP * scale * direction
    return array + step, array - step


def slope_error(
    gradient: Array,
    plus: Array,
    minus: Array,
    rise: float,
    loss: float,
    scale: float | None = None,
) -> tuple[float, float]:
    """Return how far a gradient's slope is from a measured one, and the bound, both relative.

    *plus* and *minus* are the probe points (:func:`probe`), *rise* is the loss at *plus* less
    the loss at *minus*, *loss* a loss's size. The first number is
    ``|fd - <g, v>| / (norm(g) norm(v) + |fd|)``, with v the move's direction of unit norm; the
    gradient is right when it is at most the second. NaN in, NaN out.

    *scale*, where it is known what a right gradient's ``norm(g) norm(v) + |fd|`` is, stands in
    place of the given one's: a gradient that is too large or too small must not widen its own
    bound.
    """
    move = np.asarray(plus, np.float64) - minus
    length = norm(move)
    if not length:
        return 0.0, RELATIVE
    measured = rise / length
    slope = float(np.vdot(gradient, move)) / length
    if scale is None:
        scale = norm(gradient) + abs(measured)
    if not scale:
        return 0.0, RELATIVE
    # The absolute term is for a step of STEP in each element: a loss's rounding is divided by it.
    bound = RELATIVE + ABSOLUTE * max(1.0, abs(loss)) / scale
    return abs(measured - slope) / scale, bound


def kinked(before: float, at: float, after: float, half_before: float, half_after: float) -> bool:
    """Say whether a function bends sharply between two probe points.

    Arguments are its values at -h, 0, h, -h/2 and h/2. The difference of the two one-sided
    slopes halves with h where the function is smooth, and stays or jumps at a kink. What a kink
    adds to a central difference is half that jump, so bends below the gradient's bound pass.
    """
    full = after - 2 * at + before
    half = half_after - 2 * at + half_before
    size = max(abs(after - before), 1e-3 * abs(at) * STEP)
    return bool(abs(full - 4 * half) > RELATIVE * size + 64 * np.finfo(np.float64).eps * abs(at))
