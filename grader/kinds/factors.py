"""The factors by which masks multiply: are they 0 or 1/p, at the right rate, drawn one by one?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from grader.model.evidence import PropertyFacts
from grader.model.trees import Array
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.chance import count_is_off, counts_coincide, patterned
from grader.numeric.errors import agrees

#: How closely a factor is 1/p: as float32 holds it.
SINGLE = 2.0**-23
#: The largest factor of what is kept, and one over the smallest, that a mask may have.
MOST_FACTOR = 1e3
#: How near a measured rate is to one that it is called by, in standard errors.
STANDARD_ERRORS = 5.0


def kept(
    output: str, factor: Array, keep: float, *, seen: Array | None = None, single: bool = False
) -> Verdict:
    """Judge masks by their factors: 0 or 1/keep, at the right rate, each drawn for itself.

    The first axis of *factor* counts masks of different seeds, or it is a *single* one. One that
    comes again says nothing more: that is the seed's. *seen* says which factors are known, where
    not all are. What is wrong comes with ``like``: what the rate and
    the factor are instead, where they are a known function of the probability. The tests are those
    of :mod:`grader.numeric.chance`: right code fails less than once in 10^9 draws.
    """
    masks = factor[np.newaxis] if single else factor if seen is not None else _different(factor)
    known = np.ones(masks.shape, bool) if seen is None else seen
    on = masks != 0
    size, count = int(known.sum()), int(np.count_nonzero(on & known))
    rate = count / size if size else 0.0
    alike, free = _alike(on) if seen is None and 0 < rate < 1 else ("", size)
    error = STANDARD_ERRORS * np.sqrt(keep * (1 - keep) / max(free, 1))
    factors = masks[on & known]
    median = float(np.median(factors)) if count else 0.0
    normal = 0.5 + 0.5 * math.erf(keep / math.sqrt(2))
    rates = {"p": keep, "1-p": 1 - keep, "P(z<p)": normal}
    whole = {0.0: "0", 1.0: "1"}.get(rate)
    named = f"{whole or like(rate, rates, error)}, {like(median, _factors(keep), 2 * SINGLE)}"

    def wrong(name: str, found: tuple[float, float] | None = None) -> Verdict:
        facts: PropertyFacts = {"name": name, "like": named}
        if found is not None:
            facts["got"], facts["expected"] = found
        return Verdict("value", output, {"property": facts})

    if rate == 1.0 and agrees(factors, np.ones_like(factors)):
        return wrong("nothing_dropped")
    if rate == 0.0:
        return wrong("all_dropped")
    if alike:
        return wrong(alike)
    if not agrees(factors, np.full_like(factors, 1 / keep), relative=SINGLE):
        return wrong("mask_scale", (median, 1 / keep))
    if count_is_off(count, size, keep):
        return wrong("keep_rate", (rate, keep))
    if patterned(on, keep, range(1, on.ndim), known) is not None:
        return wrong("patterned")
    if seen is None and not single and _same_share(on, keep):
        return wrong("same_share")
    return PASSED


def _alike(on: Array) -> tuple[str, int]:
    """Return which property it is that all rows, or columns, are one; and how many draws it has."""
    if on.ndim > 2 and min(on.shape[1:]) > 1:
        if (on == on[:, :1]).all():
            return "rows_alike", on[:, 0].size
        if (on == on[:, :, :1]).all():
            return "columns_alike", on[:, :, 0].size
    return "", on.size


def _different(masks: Array) -> Array:
    """Return *masks*, each of them once."""
    found = {mask.tobytes(): mask for mask in masks}
    return masks if len(found) == len(masks) else np.stack(list(found.values()))


def _same_share(on: Array, keep: float) -> bool:
    """Say whether masks keep one number of elements each: as a whole, in each row or column."""
    axes = range(1, on.ndim)
    within = [tuple(axes), *((axis,) for axis in axes if on.ndim > 2)]
    return any(
        counts_coincide(on.sum(axis=some), math.prod(on.shape[axis] for axis in some), keep)
        for some in within
    )


def drops(factor: Array) -> bool:
    """Say whether a mask drops some values and scales what it keeps by one number.

    That number is one of a size that a rate can have: beside a smaller one anything would agree.
    """
    on = factor != 0
    if not on.any() or on.all():
        return False
    scale = float(np.median(factor[on]))
    return 1 / MOST_FACTOR <= abs(scale) <= MOST_FACTOR and agrees(
        factor[on], np.full_like(factor[on], scale)
    )


def other_mask(factor: Array, on: Array, keep: float) -> PropertyFacts | None:
    """Return which property a gradient's factors lack, given where the forward pass kept."""
    mine = factor != 0
    median = float(np.median(factor[mine])) if mine.any() else 0.0
    if not mine.any() or not agrees(factor[mine], np.full_like(factor[mine], median)):
        return None
    same = bool((mine == on).all())
    return {
        "name": "mask_ignored" if mine.all() else "mask_scale" if same else "other_mask",
        "got": median,
        "expected": 1 / keep,
        "like": like(median, _factors(keep)),
    }


def _factors(keep: float) -> dict[str, float]:
    drop = 1 - keep
    return {"1/p": 1 / keep, "1": 1.0, "p": keep, "1/(1-p)": 1 / drop, "1/p^2": keep**-2}


def like(number: float, known: Mapping[str, float], error: float = 1e-9) -> str:
    """Return the names of the known numbers that *number* is within *error*, joined by "|"."""
    return "|".join(name for name, value in known.items() if abs(number - value) <= error)


def alike(likes: Sequence[str]) -> str:
    """Return what all of several findings are like, the first name where several fit; or ""."""
    fields = [[field.split("|") for field in found.split(", ")] for found in likes]
    if len({len(found) for found in fields}) != 1:
        return ""
    common = [
        next((name for name in first if all(name in names for names in others)), None)
        for first, *others in zip(*fields, strict=True)
    ]
    return "" if None in common else ", ".join(name or "" for name in common)
