"""Judges: is one example's answer right, and if not, at which stage does it fail?

One function for each kind of proof, in :data:`JUDGES`. A judge sees arrays only: what was asked,
what came, and what is expected. It never raises for what came.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.kinds.masks import STANDARD_ERRORS, drops, kept, like, other_mask
from grader.model.checks import Check
from grader.model.programs import Inputs, Outcome
from grader.model.trees import Opaque, Tree, clean
from grader.model.verdicts import PASSED, STAGES, Verdict
from grader.numeric.errors import (
    ABSOLUTE,
    RELATIVE,
    Array,
    agrees,
    distance,
    elementwise,
    norm,
    normwise,
    worst,
)
from grader.numeric.gradients import kinked, slope_error
from grader.numeric.structure import structure

Answer = Mapping[str, Tree]
#: (check, inputs, outcome, the answers that are right) -> verdict
Judge = Callable[[Check, Inputs, Outcome, Sequence[Answer]], Verdict]


def match(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every output agrees with the key, norm-wise; with several answers, with one of them."""
    del inputs
    verdicts = [_against(check, outcome, answer, _value) for answer in answers]
    return next((verdict for verdict in verdicts if verdict.passed), verdicts[0])


def published(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every output meets the notebook's bound on its element-wise relative error."""
    del inputs
    bound = float(check.settings["bound"])

    def close(got: Array, expected: Array) -> Mapping[str, Any] | None:
        error = elementwise(got, expected)
        return None if error <= bound else {"error": error, "bound": bound}

    return _against(check, outcome, answers[0], close)


def slope(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each gradient's slope along a random direction is what the student's own forward shows."""
    del answers
    if outcome.failed:
        return _failed(check, outcome)
    weight = np.asarray(inputs.get("dout", 1.0))
    at = _weighed(outcome.gave.get("out", outcome.gave.get("loss")), weight)
    for name in check.settings["wrt"]:
        output = "d" + name if "out" in outcome.gave else f"grads.{name}"
        gradient = _leaf(outcome.gave, output)
        moved = inputs[name] if name in inputs else inputs["params"][name]
        verdict = _shaped(output, gradient, moved)
        # What a wrong shape costs, it costs where values are compared.
        if not verdict.passed and "right_numbers" not in verdict.evidence:
            return verdict
        values = [
            _weighed(outcome.gave.get(name + suffix), weight) for suffix in ("_plus", "_minus")
        ]
        if at is None or None in values:
            return Verdict("value", output, {"property": {"name": "forward_unusable"}})
        after, before = (float(value) for value in values if value is not None)
        error, bound = slope_error(
            np.asarray(gradient).reshape(np.shape(moved)),
            inputs[name + "_plus"],
            inputs[name + "_minus"],
            after - before,
            at,
        )
        if error <= bound:
            continue
        halves = [
            _weighed(outcome.gave.get(name + suffix), weight)
            for suffix in ("_half_minus", "_half_plus")
        ]
        if None not in halves and kinked(
            before, at, after, *(float(h) for h in halves if h is not None)
        ):
            continue
        return Verdict("gradient", output, {"error": error, "bound": bound})
    return PASSED


def own_work(check: Check, inputs: Inputs, outcome: Outcome) -> bool:
    """Say whether a layer that agrees with itself does something with each of its inputs.

    Zeros agree with zeros, and the input handed through has a gradient that is handed through:
    neither is a layer.
    """
    out = outcome.gave.get("out")
    if not isinstance(out, np.ndarray):
        return False
    for name in check.settings["wrt"]:
        gradient = outcome.gave.get("d" + name)
        if not isinstance(gradient, np.ndarray) or not norm(gradient):
            return False
        given = np.asarray(inputs[name])
        if given.size == out.size:
            found = structure(out.reshape(given.shape), given)
            scaled = found is not None and found.kind in ("rows_scaled", "columns_scaled")
            # Normalizing scales each row or column by a number of its own: that is work.
            if agrees(out.reshape(given.shape), given) or (found is not None and not scaled):
                return False
    return True


def linear(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """A backward pass gives zero for zero, is linear in ``dout``, and repeats itself."""
    del inputs, answers
    if outcome.failed:
        return _failed(check, outcome)
    for name in check.outputs:
        given = [outcome.gave.get(f"{name}.{slot}") for slot in "gzhsr"]
        arrays = [a for a in given if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
        if len(arrays) < len(given):
            return Verdict("type", name, {"got": _kind(given[0])})
        g, z, h, s, r = arrays
        if len({a.shape for a in arrays}) > 1:
            return Verdict("shape", name, {"property": {"name": "shape_varies"}})
        for fact, got, expected in (
            ("repeat", r, g),
            ("zero_dout", z, np.zeros_like(g)),
            ("linear", s, 2.0 * g + h),
        ):
            if not agrees(got, expected):
                error = normwise(got, expected)
                return Verdict("value", name, {"property": {"name": fact, "error": error}})
    return PASSED


def initial(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """First weights have the right names, shapes and scale, biases are zero, no weights alike.

    Vectors that the inputs name in ``ones`` are one in place of zero. The scale is judged by five
    standard errors of a standard deviation: ``scale / sqrt(2 n)``.
    """
    del answers
    params = outcome.gave.get("params")
    if outcome.failed or not isinstance(params, dict):
        return _failed(check, outcome)
    scale, ones = float(inputs["scale"]), inputs.get("ones", ())
    for name, shape in inputs["shapes"].items():
        output = f"params.{name}"
        array = params.get(name)
        verdict = _shaped(output, array, np.empty(shape))
        if not verdict.passed:
            return verdict
        assert isinstance(array, np.ndarray)
        wanted = inputs.get("dtype")
        if wanted is not None and array.dtype != np.dtype(wanted):
            return Verdict(
                "dtype", output, {"got_dtype": array.dtype.name, "expected_dtype": wanted}
            )
        flat = np.asarray(array, np.float64).ravel()
        if len(shape) == 1:
            if np.any(flat != (name in ones)):
                wrong = "not_one" if name in ones else "bias_not_zero"
                known = "" if np.any(flat) else "zero"
                return Verdict("value", output, {"property": {"name": wrong, "like": known}})
            continue
        spread, mean = float(flat.std()), float(flat.mean())
        error = STANDARD_ERRORS * scale / np.sqrt(flat.size)
        found = {"got": spread, "expected": scale, "mean": mean}
        if abs(mean) > max(error, STANDARD_ERRORS * spread / np.sqrt(flat.size)):
            known = like(mean, {"scale/2": scale / 2}, error)
            return Verdict("value", output, {"property": {"name": "mean", **found, "like": known}})
        if abs(spread - scale) > error / np.sqrt(2):
            known = like(spread, {"0": 0.0, "1": 1.0}, 0.05 * spread)
            facts = {"name": "weight_scale", **found, "like": known}
            return Verdict("value", output, {"property": facts})
        if np.count_nonzero(np.diff(np.sort(flat))) + 1 < 0.98 * flat.size:
            return Verdict("value", output, {"property": {"name": "weights_alike"}})
    return PASSED


def mask(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Each element is dropped or scaled by 1/p, at the right rate, not row by row."""
    del answers
    x = inputs["x"]
    out = outcome.gave.get("out")
    if "out" not in outcome.gave:
        return _failed(check, outcome)
    verdict = _shaped("out", out, x)
    return verdict if not verdict.passed else kept("out", np.asarray(out) / x, inputs["keep"])


def seeded(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """The same seed gives the same mask, another seed another one."""
    del answers
    if outcome.failed:
        return _failed(check, outcome)
    for name in ("out", "again", "reseeded"):
        verdict = _shaped("out", outcome.gave.get(name), inputs["x"])
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
        return _failed(check, outcome)
    dout, dx, out = inputs["dout"], outcome.gave.get("dx"), outcome.gave.get("out")
    for name, array in (("dx", dx), ("out", out)):
        verdict = _shaped(name, array, dout)
        if not verdict.passed:
            return verdict
    keep = inputs["keep"]
    if keep == 1:
        facts = _value(np.asarray(dx), dout)
        return PASSED if facts is None else Verdict("value", "dx", facts)
    factor = np.asarray(out) / inputs["x"]
    if not kept("out", factor, keep).passed and not drops(factor):
        return Verdict("value", "dx", {"property": {"name": "forward_unusable"}})
    facts = _value(np.asarray(dx), dout * factor)
    if facts is None:
        return PASSED
    wrong = other_mask(np.asarray(dx) / dout, factor != 0, keep)
    return Verdict("value", "dx", {**facts, "property": wrong} if wrong else facts)


def dropped(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """A network's last hidden units, read off its gradients, are dropped or scaled by 1/p.

    With one example and no regularization the gradient of the last weights is the outer product
    of the hidden units and the gradient of the last biases.
    """
    del answers
    if outcome.failed:
        return _failed(check, outcome)
    hidden = {}
    for name in ("plain", "grads", "again"):
        found = []
        for parameter in check.settings["last"]:
            got = _leaf(outcome.gave, f"{name}.{parameter}")
            verdict = _shaped(f"grads.{parameter}", got, inputs["params"][parameter])
            if not verdict.passed:
                return verdict
            found.append(np.asarray(got))
        weights, biases = found
        column = int(np.argmax(np.abs(biases)))
        if not np.all(biases):
            return Verdict("value", "grads", {"property": {"name": "gradient_vanishes"}})
        hidden[name] = weights[:, column] / biases[column]
    on = np.abs(hidden["plain"]) > 1e-6
    if np.count_nonzero(on) < 100:
        return Verdict("value", "grads", {"property": {"name": "units_off"}})
    if not agrees(hidden["grads"], hidden["again"]):
        return Verdict("value", "grads", {"property": {"name": "seed_ignored"}})
    factor = (hidden["grads"][on] / hidden["plain"][on])[:, np.newaxis]
    return kept("grads", factor, inputs["keep"])


def usable(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every output is made of finite numbers. For where no answer is at hand."""
    del inputs, answers
    for name in check.outputs:
        if name not in outcome.gave:
            return _failed(check, outcome)
        got = outcome.gave[name]
        children = got if isinstance(got, dict) else {"": got}
        if not children:
            return Verdict("type", name, {"got": "an empty dict"})
        for key, child in children.items():
            verdict = _shaped(f"{name}.{key}" if key else name, child, child)
            if not verdict.passed:
                return verdict
    return PASSED


def complete(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Every parameter of a model has a gradient of its size, as an optimizer needs it."""
    del inputs, answers
    params, grads = (outcome.gave.get(name) for name in ("params", "grads"))
    if not isinstance(params, dict) or not isinstance(grads, dict):
        return _failed(check, outcome)
    for name, value in params.items():
        gradient = grads.get(name)
        if gradient is None or np.size(gradient) != np.size(value):
            lacking = {"name": "no_gradient", "parameter": clean(name, 40)}
            return Verdict("value", "grads", {"property": lacking})
    return PASSED


JUDGES: Mapping[str, Judge] = {
    "match": match,
    "usable": usable,
    "complete": complete,
    "published": published,
    "slope": slope,
    "linear": linear,
    "initial": initial,
    "mask": mask,
    "seeded": seeded,
    "same_mask": same_mask,
    "dropped": dropped,
}


def judge(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """Return the verdict of the check's own judge."""
    return JUDGES[check.judge](check, inputs, outcome, answers)


# --- stages of one output -------------------------------------------------------------------------


def _against(
    check: Check,
    outcome: Outcome,
    answer: Answer,
    close: Callable[[Array, Array], Mapping[str, Any] | None],
) -> Verdict:
    """Compare every output with one answer; of several that fail, the earliest stage counts."""
    failures = []
    for name in check.outputs:
        if name not in outcome.gave or (outcome.failed and outcome.gave[name] is None):
            failures.append(_failed(check, outcome))
            continue
        for output, got, expected in _leaves(name, outcome.gave[name], answer[name]):
            verdict = _shaped(output, got, expected)
            if verdict.passed or verdict.evidence.get("right_numbers") is not None:
                array = np.asarray(got).reshape(np.shape(expected))
                facts = close(array, np.asarray(expected))
                if facts is not None:
                    verdict = Verdict(
                        "value" if verdict.passed else verdict.stage,
                        output,
                        {**verdict.evidence, **facts, "right_numbers": False},
                    )
                elif not verdict.passed:
                    verdict = Verdict(
                        verdict.stage, output, {**verdict.evidence, "right_numbers": True}
                    )
            if not verdict.passed:
                failures.append(verdict)
    return min(failures, key=_gravity, default=PASSED)


def _gravity(verdict: Verdict) -> tuple[bool, int]:
    # Wrong numbers outweigh right ones in a wrong shape, whatever the order of the stages.
    return bool(verdict.evidence.get("right_numbers")), STAGES.index(verdict.stage or "missing")


def _leaves(name: str, got: Tree, expected: Tree) -> Iterator[tuple[str, Tree, Tree]]:
    if isinstance(expected, dict):
        for key, child in expected.items():
            yield from _leaves(
                f"{name}.{key}", got.get(key) if isinstance(got, dict) else got, child
            )
    else:
        yield name, got, expected


def _leaf(gave: Mapping[str, Tree], output: str) -> Tree:
    name, _, key = output.partition(".")
    value = gave.get(name)
    return value.get(key) if key and isinstance(value, dict) else value


def _shaped(output: str, got: Tree, expected: Tree) -> Verdict:
    """Stages ``returned_none`` to ``not_finite`` of one array."""
    if got is None:
        return Verdict("returned_none", output)
    if isinstance(got, bool) or not isinstance(got, (int, float, np.ndarray)):
        return Verdict("type", output, {"got": _kind(got)})
    array = np.asarray(got)
    shape = list(np.shape(expected))
    sizes = {"got_shape": list(array.shape), "expected_shape": shape}
    if list(array.shape) != shape and array.size != np.size(expected):
        return Verdict("shape", output, sizes)
    # An integer loss of Python's own is a number all the same.
    number = isinstance(got, int) and not shape
    if not number and (array.dtype.kind != "f" or array.dtype == np.float16):
        return Verdict("dtype", output, {"got_dtype": array.dtype.name})
    if not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))[0]
        return Verdict("not_finite", output, {"worst": {"index": [int(i) for i in bad]}})
    if list(array.shape) != shape:
        return Verdict("shape", output, {**sizes, "right_numbers": False})
    return PASSED


def _value(got: Array, expected: Array) -> Mapping[str, Any] | None:
    found = distance(got, expected)
    if found.within():
        return None
    return {
        # Numbers too large for a norm: NaN, which no reader of JSON takes.
        "error": found.relative if math.isfinite(found.relative) else 1.0,
        "bound": RELATIVE + (ABSOLUTE / found.scale if found.scale else 0.0),
        "worst": {"index": list(worst(got, expected))},
    }


def _failed(check: Check, outcome: Outcome) -> Verdict:
    failure = outcome.failed
    output = check.outputs[0] if check.outputs else ""
    if failure is None:
        return Verdict("returned_none", output)
    exception = {
        "type": failure.type,
        "text": failure.text,
        "file": failure.file,
        "line": failure.line,
        "target": failure.target,
    }
    return Verdict(failure.stage, output, {"exception": exception})


def _weighed(value: Tree, weight: Array) -> float | None:
    """Return ``sum(value * weight)``, the loss that ``dout`` stands for; None where it can't be."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.ndarray)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or array.size != weight.size:
        return None
    return float(np.vdot(array.astype(np.float64), weight))


def _kind(value: Tree) -> str:
    if isinstance(value, Opaque):
        return value.type
    return "array" if isinstance(value, np.ndarray) else type(value).__name__
