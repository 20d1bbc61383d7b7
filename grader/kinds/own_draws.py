"""The judge of networks on masks that they draw themselves.

Each hidden layer's mask is read from the gradients, and looked at as a draw. Loss and gradients are
then worked out from these masks (:mod:`grader.kinds.masks`), and compared by value: no particular
draw is ever asked, and nothing is held against what a student's code says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from grader.kinds.arrays import Answer, against, failed, leaf, shaped, value_facts
from grader.kinds.factors import SINGLE, kept
from grader.kinds.masks import read, read_rows, worked_out
from grader.model.checks import Check
from grader.model.evidence import CheckEvidence
from grader.model.programs import Inputs, Outcome
from grader.model.trees import Array, Tree
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.chance import alike
from grader.numeric.errors import RELATIVE, agrees

#: How many seeds a network draws masks from.
SEEDS = 6
#: The largest gradient that is looked at. Right ones are about one.
LARGEST = 1e4


def names(network: str) -> tuple[str, str]:
    """Return the outputs of a network's loss; the first one's are what an example shows."""
    return ("loss", "grads") if network == "own0" else (f"{network}_loss", f"{network}_grads")


def own(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The masks that the gradients show are good draws, and loss and gradients are theirs."""
    del answers
    kind = check.settings["kind"]
    if kind == "plain":
        return _own_draws(check, inputs, outcome)
    named = "params" if kind == "regularized" else "normalized_params"
    params = inputs[named]
    reg = float(inputs["reg"]) if kind == "regularized" else 0.0
    x, y = inputs["X"], inputs["y"]
    ones = [np.ones((1, units)) for units in inputs["arguments"][0]]
    plain = _compared(check, outcome, f"plain_{kind}", worked_out(params, x, y, ones, reg))
    if not plain.passed:
        return PASSED
    verdict = _gave(check, inputs, outcome, kind, named)
    if not verdict.passed:
        return verdict
    masks = read(params, x, outcome.gave[names(kind)[1]], reg)
    if masks is None:
        return _vanishes()
    for mask in masks:
        verdict = kept("grads", mask, inputs["keep"], seen=~np.isnan(mask))
        if not verdict.passed:
            return verdict
    return _compared(
        check, outcome, kind, worked_out(params, x, y, [_snapped(m) for m in masks], reg)
    )


def _own_draws(check: Check, inputs: Inputs, outcome: Outcome) -> Verdict:
    """Judge the draws of all seeds, of one example and of several, then what came of them."""
    found: dict[str, list[Array]] = {}
    for i in range(SEEDS):
        for name, of in ((f"own{i}", ""), (f"rows{i}", "rows_")):
            verdict = _gave(check, inputs, outcome, name, f"{of}params")
            if not verdict.passed:
                return verdict
            params, x = inputs[f"{of}params"], inputs[f"{of}X"]
            grads = outcome.gave[names(name)[1]]
            if of:
                found[name] = [read_rows(params, x, inputs["rows_y"], grads)]
                continue
            masks = read(params, x, grads)
            if masks is None:
                return _vanishes()
            found[name] = masks
    verdict = _gave(check, inputs, outcome, "again", "params")
    if not verdict.passed:
        return verdict
    for first, again in zip(names("own0"), names("again"), strict=True):
        if not _same(outcome.gave[first], outcome.gave[again]):
            return Verdict("value", "grads", {"property": {"name": "seed_ignored"}})
    layers = range(len(found["own0"]))
    stacks = [np.stack([found[f"own{i}"][layer] for i in range(SEEDS)]) for layer in layers]
    stacks.append(np.stack([found[f"rows{i}"][0] for i in range(SEEDS)]))
    for stack in stacks:
        verdict = kept("grads", stack, inputs["keep"], seen=~np.isnan(stack))
        if not verdict.passed:
            return verdict
    on = [stack[~np.isnan(stack)] != 0 for stack in stacks[-1]]
    if any(alike(one, other, inputs["keep"]) for one, other in zip(on[::2], on[1::2], strict=True)):
        return Verdict("value", "grads", {"property": {"name": "seed_fixed"}})
    for name, masks in found.items():
        of = "rows_" if name.startswith("rows") else ""
        right = worked_out(
            inputs[f"{of}params"],
            inputs[f"{of}X"],
            inputs[f"{of}y"],
            [_snapped(mask) for mask in masks],
        )
        verdict = _compared(check, outcome, name, right)
        if not verdict.passed:
            return verdict
    return PASSED


def _gave(check: Check, inputs: Inputs, outcome: Outcome, network: str, params: str) -> Verdict:
    """Return the first verdict on a network that gave no loss, or no gradient of some shape.

    *params* is the input that its parameters are.
    """
    loss, grads = names(network)
    if loss not in outcome.gave or grads not in outcome.gave:
        return failed(check, outcome)
    verdict = shaped("loss", outcome.gave[loss], 0.0)
    for name, value in inputs[params].items():
        if not verdict.passed:
            break
        gradient = leaf(outcome.gave, f"{grads}.{name}")
        verdict = shaped(f"grads.{name}", gradient, value)
        if verdict.passed and np.max(np.abs(np.asarray(gradient))) > LARGEST:
            # No mask can be read from it; and it is wrong, whatever the mask.
            verdict = Verdict("value", f"grads.{name}", {"error": 1.0, "bound": RELATIVE})
    return verdict


def _compared(
    check: Check, outcome: Outcome, network: str, right: tuple[float, Mapping[str, Array]]
) -> Verdict:
    """Compare what a network gave with what is right, in the outputs that the check asks for."""
    loss, grads = names(network)
    gave = {"loss": outcome.gave.get(loss), "grads": outcome.gave.get(grads)}
    wanted = tuple(name for name in check.outputs if name in gave)
    answer = {"loss": np.asarray(right[0]), "grads": dict(right[1])}

    def close(got: Array, expected: Array) -> CheckEvidence | None:
        # A factor that float32 holds, in each of three layers and on the way back, is right.
        near = agrees(got, expected, relative=4 * SINGLE)
        return None if near else value_facts(got, expected)

    return against(replace(check, outputs=wanted), Outcome(gave, outcome.failed), answer, close)


def _snapped(factors: Array) -> Array:
    """Return a mask of one factor, which all that it keeps has but for rounding."""
    on = np.nan_to_num(factors) != 0
    factor = float(np.median(factors[on])) if on.any() else 0.0
    return np.where(on, factor, 0.0)


def _same(one: Tree, other: Tree) -> bool:
    if isinstance(one, dict):
        return all(_same(value, other.get(name)) for name, value in one.items())
    return np.shape(one) == np.shape(other) and agrees(np.asarray(one), np.asarray(other))


def _vanishes() -> Verdict:
    return Verdict("value", "grads", {"property": {"name": "gradient_vanishes"}})
