"""Masks of layers that drop at random: what is wrong with one, and what it looks like instead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.model.verdicts import PASSED, Verdict
from grader.numeric.errors import Array, agrees

#: How far a measured rate or mean may be from its expectation, in standard errors.
STANDARD_ERRORS = 5.0


def kept(output: str, factor: Array, keep: float) -> Verdict:
    """Judge a mask by its factors: each 0 or 1/keep, at the right rate, rows unlike each other.

    What is wrong comes with ``like``: what the rate and the factor are instead, where they are a
    known function of the probability.
    """
    on = factor != 0
    rate = float(on.mean())
    error = STANDARD_ERRORS * np.sqrt(keep * (1 - keep) / factor.size)
    median = float(np.median(factor[on])) if on.any() else 0.0
    normal = 0.5 + 0.5 * math.erf(keep / math.sqrt(2))
    rates = {"p": keep, "1-p": 1 - keep, "P(z<p)": normal}
    whole = {0.0: "0", 1.0: "1"}.get(rate)
    known = f"{whole or like(rate, rates, error)}, {like(median, _factors(keep))}"

    def wrong(name: str, **facts: float) -> Verdict:
        return Verdict("value", output, {"property": {"name": name, "like": known, **facts}})

    if rate == 1.0 and agrees(factor, np.ones_like(factor)):
        return wrong("nothing_dropped")
    if rate == 0.0:
        return wrong("all_dropped")
    if len(factor) > 1 and factor.shape[1] > 1:
        if (on == on[0]).all() and rate < 1:
            return wrong("rows_alike")
        if (on == on[:, :1]).all() and rate < 1:
            return wrong("columns_alike")
    if not agrees(factor[on], np.full_like(factor[on], 1 / keep)):
        return wrong("mask_scale", got=median, expected=1 / keep)
    if abs(rate - keep) > error:
        return wrong("keep_rate", got=rate, expected=keep)
    return PASSED


def drops(factor: Array) -> bool:
    """Say whether a mask drops some values and scales what it keeps by one number."""
    on = factor != 0
    return bool(on.any() and not on.all()) and agrees(
        factor[on], np.full_like(factor[on], np.median(factor[on]))
    )


def other_mask(factor: Array, on: Array, keep: float) -> dict[str, Any] | None:
    """Return which property a gradient's factors lack, given where the forward pass kept."""
    mine = factor != 0
    median = float(np.median(factor[mine])) if mine.any() else 0.0
    if not mine.any() or not agrees(factor[mine], np.full_like(factor[mine], median)):
        return None
    facts = {"got": median, "expected": 1 / keep, "like": like(median, _factors(keep))}
    if mine.all():
        return {"name": "mask_ignored", **facts}
    same = bool((mine == on).all())
    return {"name": "mask_scale" if same else "other_mask", **facts}


def _factors(keep: float) -> dict[str, float]:
    drop = 1 - keep
    return {"1/p": 1 / keep, "1": 1.0, "p": keep, "1/(1-p)": 1 / drop, "1/p^2": keep**-2}


def like(number: float, known: Mapping[str, float], error: float = 1e-9) -> str:
    """Return the name of the known number that *number* is within *error*, or ""."""
    return next((name for name, value in known.items() if abs(number - value) <= error), "")
