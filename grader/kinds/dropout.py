"""Layers that drop at random: their two passes, and the judges of masks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.kinds.arrays import Answer, Judge, failed, shaped, value_facts
from grader.kinds.proof import Case, Proof, ReplaceableGroup, row_check
from grader.model.checks import Check, Replaceable
from grader.model.programs import Inputs, Outcome, Program
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.errors import Array, agrees


@dataclass(frozen=True)
class Mask:
    """A layer that drops at random, ``function(x, param) -> (out, cache)``.

    ``param`` is the name of its dict of parameters, with ``mode``, ``p`` (the probability of
    keeping) and ``seed``; inputs hold a param ``other`` with another seed, and ``keep``, which is
    p, or 1 in test mode. Never compared with the key while it draws.
    """

    question: str
    function: str
    param: str
    cases: tuple[Case, ...]
    backward: str = ""
    backward_question: str = ""
    backward_cases: tuple[Case, ...] = ()

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the proofs of both passes. The same wherever they are asked."""
        del live
        arguments = [{"$": "x"}, {"$": self.param}]
        other = [{"$": "x"}, {"$": "other"}]
        forward = Program(
            (
                ["call", "f", self.function, arguments, {}],
                ["call", "g", self.function, arguments, {}],
                ["call", "h", self.function, other, {}],
            ),
            {
                "out": {"@": "f", "item": 0},
                "again": {"@": "g", "item": 0},
                "reseeded": {"@": "h", "item": 0},
            },
        )
        test = Program((forward.steps[0],), {"out": {"@": "f", "item": 0}})
        for case in self.cases:
            compared = case.name == "test"
            yield Proof(
                f"{self.question}.{case.name}",
                test if compared else forward,
                (
                    row_check(
                        self.question, case, None, self.function, "match" if compared else case.name
                    ),
                ),
                case.inputs,
                case.count,
                compared=compared,
                ladder=compared,
            )
        backward = Program(
            (
                forward.steps[0],
                ["call", "b", self.backward, [{"$": "dout"}, {"@": "f", "item": 1}], {}],
            ),
            {"out": {"@": "f", "item": 0}, "dx": {"@": "b"}},
        )
        for case in self.backward_cases:
            yield Proof(
                f"{self.backward_question}.{case.name}",
                backward,
                (row_check(self.backward_question, case, None, self.backward, "same_mask"),),
                case.inputs,
                case.count,
                compared=False,
            )

    def replaceable(self) -> ReplaceableGroup:
        parts = {self.question: Replaceable(self.function, handle=1)}
        if self.backward:
            parts[self.backward_question] = Replaceable(self.backward)
        return ReplaceableGroup(self.function, parts)


def mask(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each element is dropped or scaled by 1/p, at the right rate, not row by row."""
    del answers
    x = inputs["x"]
    out = outcome.gave.get("out")
    if "out" not in outcome.gave:
        return failed(check, outcome)
    verdict = shaped("out", out, x)
    return verdict if not verdict.passed else kept("out", np.asarray(out) / x, inputs["keep"])


def seeded(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The same seed gives the same mask, another seed another one."""
    del answers
    if outcome.failed:
        return failed(check, outcome)
    for name in ("out", "again", "reseeded"):
        verdict = shaped("out", outcome.gave.get(name), inputs["x"])
        if not verdict.passed:
            return verdict
    out, again, other = (outcome.gave[name] for name in ("out", "again", "reseeded"))
    if not np.array_equal(out, again):
        return Verdict("value", "out", {"property": {"name": "seed_ignored"}})
    if np.array_equal(out, other):
        return Verdict("value", "out", {"property": {"name": "seed_fixed"}})
    return PASSED


def same_mask(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The gradient goes through the mask that the forward pass shows; in test mode, unchanged.

    A forward pass with another rate or factor costs its own points only: what it dropped shows.
    """
    del answers
    if outcome.failed:
        return failed(check, outcome)
    dout, dx, out = inputs["dout"], outcome.gave.get("dx"), outcome.gave.get("out")
    for name, array in (("dx", dx), ("out", out)):
        verdict = shaped(name, array, dout)
        if not verdict.passed:
            return verdict
    keep = inputs["keep"]
    if keep == 1:
        facts = value_facts(np.asarray(dx), dout)
        return PASSED if facts is None else Verdict("value", "dx", facts)
    factor = np.asarray(out) / inputs["x"]
    if not kept("out", factor, keep).passed and not drops(factor):
        return Verdict("value", "dx", {"property": {"name": "forward_unusable"}})
    facts = value_facts(np.asarray(dx), dout * factor)
    if facts is None:
        return PASSED
    wrong = other_mask(np.asarray(dx) / dout, factor != 0, keep)
    return Verdict("value", "dx", {**facts, "property": wrong} if wrong else facts)


#: How far a measured rate or mean may be from its expectation, in standard errors.
STANDARD_ERRORS = 5.0


def kept(output: str, factor: Array, keep: float) -> Verdict:
    """Judge a mask by its factors: each 0 or 1/keep, at the right rate, rows unlike each other.

    Evidence of a wrong one includes ``like``: the names of the known formulas (1-p or 1/p², say)
    that the measured rate and factor equal, if any.
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


JUDGES: Mapping[str, Judge] = {"mask": mask, "seeded": seeded, "same_mask": same_mask}
