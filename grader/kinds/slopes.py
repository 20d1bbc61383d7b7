"""The judge of gradients by central differences of the student's own forward pass or loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from grader.kinds.arrays import Answer, Judge, failed, gathered, leaf, shaped, weighed
from grader.model.checks import Check
from grader.model.programs import Inputs, Outcome
from grader.model.trees import Array, Tree
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.errors import norm
from grader.numeric.gradients import kinked, slope_error

#: How many times larger or smaller than the reference's a loss or a gradient may be for its
#: differences to say anything of it.
TIMES = 1e3
#: The largest loss that bounds are taken from where no reference's is at hand.
LARGEST = 1e6


def slope(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each gradient's slope along a random direction is what the student's own forward shows.

    With the reference's *answers* at hand, how far the two may be apart follows from its loss and
    gradients, and the student's own must be of their size: nothing that the student scales moves
    the bound.
    """
    if outcome.failed:
        return failed(check, outcome)
    weight = np.asarray(inputs.get("dout", 1.0))
    at = _loss(outcome.gave, weight)
    right = answers[0] if answers else None
    size = at if right is None else _loss(right, weight)
    verdicts: dict[str, Verdict] = {}
    for name in check.settings["wrt"]:
        output = "d" + name if "out" in outcome.gave else f"grads.{name}"
        # A network's gradients are one output: the first of them that fails counts.
        verdicts.setdefault(output.partition(".")[0], PASSED)
        if verdicts[output.partition(".")[0]].passed:
            found = _slope_of(name, output, inputs, outcome, at, size, right)
            verdicts[output.partition(".")[0]] = found
    return gathered(verdicts)


def _slope_of(
    name: str,
    output: str,
    inputs: Inputs,
    outcome: Outcome,
    at: float | None,
    size: float | None,
    right: Answer | None,
) -> Verdict:
    """Return the verdict on the gradient *output* by the input *name*.

    *at* is the student's own loss; *size* that which bounds are taken from: the reference's, whose
    answers are *right*, if they are at hand.
    """
    weight = np.asarray(inputs.get("dout", 1.0))
    gradient = leaf(outcome.gave, output)
    moved = inputs[name] if name in inputs else inputs["params"][name]
    verdict = shaped(output, gradient, moved)
    # A wrong shape is charged by the value check, not again here.
    if not verdict.passed and verdict.right_numbers is None:
        return verdict
    values = [weighed(outcome.gave.get(name + suffix), weight) for suffix in ("_plus", "_minus")]
    known = [value for value in (at, *values) if value is not None and math.isfinite(value)]
    if len(known) < 3 or size is None:
        return Verdict("value", output, {"property": {"name": "forward_unusable"}})
    _, after, before = known
    array = np.asarray(gradient, np.float64).reshape(np.shape(moved))
    scale = None
    if right is None:
        size = min(abs(size), LARGEST)
    else:
        scale = 2.0 * norm(np.asarray(leaf(right, output)))
        if max(map(abs, known)) > TIMES * max(1.0, abs(size)) or not _of_size(array, scale):
            return Verdict("value", output, {"property": {"name": "forward_unusable"}})
    error, bound = slope_error(
        array, inputs[name + "_plus"], inputs[name + "_minus"], after - before, size, scale
    )
    if error <= bound:
        return PASSED
    halves = [
        weighed(outcome.gave.get(name + suffix), weight) for suffix in ("_half_minus", "_half_plus")
    ]
    bends = [half for half in halves if half is not None]
    if len(bends) == 2 and kinked(before, known[0], after, *bends):
        return PASSED
    return Verdict("gradient", output, {"error": error, "bound": bound})


def _loss(gave: Mapping[str, Tree], weight: Array) -> float | None:
    return weighed(gave.get("out", gave.get("loss")), weight)


def _of_size(gradient: Array, scale: float) -> bool:
    """Say whether a gradient is about as large as the reference's, whose *scale* is given."""
    return not scale or scale / TIMES <= 2.0 * norm(gradient) <= scale * TIMES


JUDGES: Mapping[str, Judge] = {"slope": slope}
