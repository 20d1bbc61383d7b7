"""Whether an answer is what a stage says of it: of another shape, not finite, of another type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from oracle import leaves, same

from grader.model.programs import Outcome


def comes_about(stage: str, given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    """Say whether what is *given* for *outputs* fails at that *stage*, beside what is expected."""
    return stage in _LOOKS and _LOOKS[stage](given, expected, outputs)


def _shape(given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    mine, wanted = leaves(given, outputs), leaves(expected, outputs)
    return any(n not in mine or mine[n].shape != wanted[n].shape for n in wanted)


def _not_finite(given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    return any(not np.isfinite(array).all() for array in leaves(given, outputs).values())


def _returned_none(given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    return any(given.gave.get(output) is None for output in outputs)


def _type(given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    return leaves(given, outputs).keys() != leaves(expected, outputs).keys()


def _dtype(given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    kinds = [getattr(given.gave.get(output), "dtype", np.dtype(float)) for output in outputs]
    return any(kind != np.float64 for kind in kinds)


def _off(given: Outcome, expected: Outcome, outputs: Sequence[str]) -> bool:
    mine, wanted = leaves(given, outputs), leaves(expected, outputs)
    return any(n not in mine or not same(mine[n], wanted[n]) for n in wanted)


_LOOKS: Mapping[str, Callable[[Outcome, Outcome, Sequence[str]], bool]] = {
    "shape": _shape,
    "not_finite": _not_finite,
    "returned_none": _returned_none,
    "type": _type,
    "dtype": _dtype,
    "value": _off,
    "gradient": _off,
}
