"""Masks that a network draws are read from its gradients, and all else is worked out from them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from grader.kinds import judge
from grader.kinds.masks import read, read_rows, worked_out
from grader.kinds.own_draws import SEEDS, names
from grader.model.checks import Check
from grader.model.programs import Outcome
from grader.model.verdicts import Verdict
from grader.numeric.strategies import dense

KEEP = 0.6
HIDDEN = [40, 50]
Gave = dict[str, Any]


def parameters(dims: list[int], seed: int, *, norm: bool = False) -> dict[str, np.ndarray]:
    """Parameters with biases that keep four units of five on, whatever is dropped."""
    params = {}
    for i, (inside, outside) in enumerate(pairwise(dims), start=1):
        params[f"W{i}"] = 0.1 * dense((inside, outside), seed + i) / np.sqrt(inside)
        params[f"b{i}"] = np.where(np.arange(outside) % 5 > 0, 3.0, -3.0)
        if norm and i < len(dims) - 1:
            params[f"gamma{i}"] = 1 + dense((outside,), seed + 10 + i, 0.3)
            params[f"beta{i}"] = dense((outside,), seed + 20 + i, 0.3)
    return params


INPUTS: dict[str, Any] = {
    "arguments": [HIDDEN],
    "keep": KEEP,
    "params": parameters([5, *HIDDEN, 6], 0),
    "normalized_params": parameters([5, *HIDDEN, 6], 40, norm=True),
    "X": dense((1, 5), 60),
    "y": np.array([2]),
    "reg": 0.5,
    "rows_params": parameters([4, 120, 12], 80),
    "rows_X": dense((9, 4), 90),
    "rows_y": np.arange(9),
}
INPUTS["rows_params"]["W2"] *= 0.1


def drawn(seed: int, shape: tuple[int, ...], keep: float = KEEP) -> np.ndarray:
    return (np.random.default_rng(seed).random(shape) < keep) / KEEP


def gave(draw: Callable[..., np.ndarray] = drawn, **wrong: Any) -> Gave:
    """Return what a right network gives that *draws* its masks so, with some outputs *wrong*."""
    found: Gave = {}

    def add(name: str, of: str, masks: list[np.ndarray], reg: float = 0.0) -> None:
        params = INPUTS["normalized_params" if "normalized" in name else f"{of}params"]
        loss, grads = names(name)
        x, y = INPUTS[f"{of}X"], INPUTS[f"{of}y"]
        found[loss], found[grads] = worked_out(params, x, y, masks, reg)

    for i in range(SEEDS):
        masks = [draw(10 * i + layer, (1, units)) for layer, units in enumerate(HIDDEN)]
        add(f"own{i}", "", masks)
        if i == 0:
            add("again", "", masks)
            add("regularized", "", masks, INPUTS["reg"])
            add("normalized", "", masks)
            ones = [np.ones_like(mask) for mask in masks]
            add("plain_regularized", "", ones, INPUTS["reg"])
            add("plain_normalized", "", ones)
        add(f"rows{i}", "rows_", [draw(10 * i + 5, (9, 120))])
    return found | wrong


def judged(
    found: Gave, kind: str = "plain", outputs: tuple[str, ...] = ("loss", "grads")
) -> Verdict:
    row = Check("q.own", "q", "t", "hidden", "r", "own", outputs, 1, "f", settings={"kind": kind})
    return judge(row, INPUTS, Outcome(found), [])


def name(verdict: Verdict) -> str:
    return str(verdict.evidence.get("property", {}).get("name", verdict.stage or ""))


@pytest.mark.parametrize("norm", [False, True])
def test_what_is_worked_out_is_the_slope_of_its_own_loss(norm: bool) -> None:
    """By central differences, with masks, regularization and normalization, several examples."""
    params = parameters([4, 7, 6, 5], 3, norm=norm)
    x, y = dense((3, 4), 7), np.array([0, 4, 2])
    masks = [drawn(1, (3, 7)), drawn(2, (3, 6))]
    grads = worked_out(params, x, y, masks, 0.7)[1]
    assert grads.keys() == params.keys()
    for parameter, value in params.items():
        v = dense(value.shape, 9)
        after, before = (
            worked_out({**params, parameter: value + h * v}, x, y, masks, 0.7)[0]
            for h in (1e-5, -1e-5)
        )
        assert (after - before) / 2e-5 == pytest.approx(float(np.sum(grads[parameter] * v)), 1e-6)


@pytest.mark.parametrize(("params", "reg"), [("params", 0.5), ("normalized_params", 0.0)])
def test_masks_are_read_from_gradients(params: str, reg: float) -> None:
    """Those of every hidden layer, where a unit is on."""
    masks = [drawn(layer, (1, units)) for layer, units in enumerate(HIDDEN)]
    grads = worked_out(INPUTS[params], INPUTS["X"], INPUTS["y"], masks, reg)[1]
    found = read(INPUTS[params], INPUTS["X"], grads, reg)
    assert found is not None
    for mask, factors in zip(masks, found, strict=True):
        known = ~np.isnan(factors)
        assert 10 < known.sum() < known.size
        assert np.allclose(factors[known], mask[known], rtol=1e-9)
    assert read(INPUTS[params], INPUTS["X"], {**grads, "b3": 0 * grads["b3"]}, reg) is None
    assert read(INPUTS[params], INPUTS["X"], {**grads, "b3": 1e-300 * grads["b3"]}, reg) is None


def test_masks_of_several_examples_are_read_from_gradients() -> None:
    """Of one hidden layer, whose last weights are small."""
    params, x, y = (INPUTS[f"rows_{each}"] for each in ("params", "X", "y"))
    mask = drawn(3, (9, 120))
    factors = read_rows(params, x, y, worked_out(params, x, y, [mask])[1])
    known = ~np.isnan(factors)
    assert known.mean() == pytest.approx(0.8)
    assert np.allclose(factors[known], mask[known], rtol=1e-9)


@pytest.mark.parametrize("kind", ["plain", "regularized", "normalized"])
def test_right_networks_pass_whatever_they_draw(kind: str) -> None:
    """Other seeds, and a factor as float32 holds it."""
    assert judged(gave(), kind).passed
    assert judged(gave(lambda seed, shape: drawn(seed + 1000, shape)), kind).passed
    single = gave(lambda seed, shape: drawn(seed, shape).astype(np.float32).astype(float))
    assert judged(single, kind).passed


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda seed, shape: np.ones(shape), "nothing_dropped"),
        (lambda seed, shape: np.ones(shape) / KEEP, "keep_rate"),
        (lambda seed, shape: drawn(seed, shape) * KEEP, "mask_scale"),
        (lambda seed, shape: drawn(seed, shape, 1 - KEEP), "keep_rate"),
        (lambda seed, shape: drawn(seed, shape, KEEP - 0.1), "keep_rate"),
        (lambda seed, shape: np.broadcast_to(drawn(seed, shape[1:]), shape), "patterned"),
        (
            lambda seed, shape: np.broadcast_to(drawn(seed, shape[:1])[:, None], shape),
            "gradient_vanishes",
        ),
        (lambda seed, shape: drawn(seed % 10, shape), "seed_fixed"),
    ],
    ids=["never", "scaled", "unscaled", "complement", "rate", "rows", "columns", "fixed"],
)
def test_what_is_no_draw_fails(draw: Callable[..., np.ndarray], expected: str) -> None:
    """Rate, factor, patterns and seeds, whatever loss and gradients are."""
    assert name(judged(gave(draw))) in (expected, "keep_rate")
    assert not judged(gave(draw), outputs=("draws",)).passed


def test_another_mask_for_the_same_seed_fails() -> None:
    """Loss and gradients of the second pass are held against the first."""
    found = gave()
    loss, grads = names("again")
    for output, other in ((loss, "own1_loss"), (grads, "own1_grads")):
        assert name(judged({**found, output: found[other]})) == "seed_ignored"


@pytest.mark.parametrize("kind", ["plain", "regularized", "normalized"])
@pytest.mark.parametrize("scale", [1.00001, 1e300, np.inf, np.nan])
def test_a_loss_that_is_not_that_of_the_mask_fails(kind: str, scale: float) -> None:
    """However large; gradients are judged apart."""
    output = names("own3" if kind == "plain" else kind)[0]
    found = gave()
    found[output] = found[output] * scale
    assert not judged(found, kind, ("loss",)).passed
    if np.isfinite(scale):
        assert judged(found, kind, ("grads",)).passed


@pytest.mark.parametrize("kind", ["plain", "regularized", "normalized"])
@pytest.mark.filterwarnings("error")
def test_gradients_that_are_not_those_of_the_mask_fail(kind: str) -> None:
    """Each of them, off by a thousandth, random, huge, or of another mask."""
    output = names("own3" if kind == "plain" else kind)[1]
    found = gave()
    right = found[output]
    for parameter, value in right.items():
        bent = np.array(value)
        bent.flat[np.argmax(np.abs(bent))] *= 1.001
        noise = dense(value.shape, 5)
        for wrong in (bent, noise, 1e-300 * noise, 1e3 * noise, 1e300 * noise, 0 * noise, None):
            changed = {**found, output: {**right, parameter: wrong}}
            assert not judged(changed, kind, ("grads",)).passed, (parameter, wrong)
    other = {**found, output: gave(lambda seed, shape: drawn(seed + 50, shape))[output]}
    assert not judged(other, kind, ("loss",)).passed


@pytest.mark.parametrize("kind", ["regularized", "normalized"])
def test_what_is_wrong_without_dropping_is_not_blamed_on_it(kind: str) -> None:
    """A network that is wrong with the option alone loses its points elsewhere."""
    found = gave()
    for output in (kind, f"plain_{kind}"):
        for each in names(output):
            found[each] = found[each] * 2 if isinstance(found[each], float) else {}
    assert judged(found, kind).passed
    assert not judged({**found, **dict.fromkeys(names("own0"))}).passed
