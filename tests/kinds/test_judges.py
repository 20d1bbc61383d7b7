"""Each judge passes what is right and names the first thing that is wrong."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from grader.kinds import judge
from grader.kinds.layers import own_work
from grader.model.checks import Check
from grader.model.programs import Failure, Outcome
from grader.model.trees import Opaque
from grader.model.verdicts import Verdict
from grader.numeric.gradients import probe
from grader.numeric.strategies import dense

RIGHT = dense((2, 3), 1)


def check(judge: str, outputs: tuple[str, ...] = (), **settings: Any) -> Check:
    return Check("q.c", "q", "t", "hidden", "r", judge, outputs, 1, "f", settings=settings)


def judged(
    check: Check,
    inputs: Mapping[str, Any],
    gave: Mapping[str, Any],
    *answers: Mapping[str, Any],
) -> Verdict:
    return judge(check, inputs, Outcome(gave), answers)


def fact(verdict: Verdict) -> tuple[str | None, str, str]:
    return verdict.stage, verdict.output, verdict.evidence.get("property", {}).get("name", "")


# --- comparison with the key ----------------------------------------------------------------------

OUT = check("match", ("out",))


@pytest.mark.parametrize(
    ("got", "stage", "evidence"),
    [
        (None, "returned_none", {}),
        ("text", "type", {"got": "str"}),
        (True, "type", {"got": "bool"}),
        (Opaque("Model"), "type", {"got": "Model"}),
        (RIGHT[:1], "shape", {"got_shape": [1, 3], "expected_shape": [2, 3]}),
        (RIGHT.astype(int), "dtype", {"got_dtype": "int64"}),
        (RIGHT.astype(complex), "dtype", {"got_dtype": "complex128"}),
        (RIGHT.astype(np.float16), "dtype", {"got_dtype": "float16"}),
        (RIGHT * [1, 1, np.inf], "not_finite", {"worst": {"index": [0, 2]}}),
    ],
)
def test_the_first_stage_that_fails_is_told(got: Any, stage: str, evidence: dict[str, Any]) -> None:
    """What isn't an array of floats of the right size and finite fails before any comparison."""
    verdict = judged(OUT, {}, {"out": got}, {"out": RIGHT})
    assert verdict == Verdict(stage, "out", evidence)


@pytest.mark.parametrize("got", [3, 3.0, np.float64(3), np.array(3.0)])
def test_a_number_may_be_any_kind_of_number(got: Any) -> None:
    """A loss may be Python's own whole number."""
    assert judged(OUT, {}, {"out": got}, {"out": np.array(3.0)}).passed


def test_wrong_numbers_come_with_the_size_of_the_error() -> None:
    """The error is relative to both norms, beside the bound and the worst element."""
    wrong = np.array([3.0, 4.0, 1.0])
    verdict = judged(OUT, {}, {"out": wrong}, {"out": np.array([3.0, 4.0, 0.0])})
    assert (verdict.stage, verdict.output) == ("value", "out")
    facts = dict(verdict.evidence)
    scale = 5 + np.sqrt(26)
    assert facts.pop("error") == pytest.approx(1 / scale)
    assert facts.pop("bound") == pytest.approx(1e-9 + 1e-12 / scale, rel=1e-12)
    assert facts == {"worst": {"index": [2]}}
    assert verdict.right_numbers is False


def test_the_error_of_huge_numbers_is_a_number() -> None:
    """Where even a norm overflows, an answer is all wrong, and the result stays JSON."""
    verdict = judged(OUT, {}, {"out": np.full(3, 1.7e308)}, {"out": np.ones(3)})
    assert (verdict.stage, verdict.evidence["error"]) == ("value", 1.0)
    json.dumps(verdict.evidence, allow_nan=False)


def test_right_numbers_in_a_wrong_shape_are_told_from_wrong_ones() -> None:
    """The stage is the shape either way; whether the numbers are right stands beside it."""
    for got, right in ((RIGHT.reshape(1, 6), True), (RIGHT.reshape(3, 2) + 1, False)):
        verdict = judged(OUT, {}, {"out": got}, {"out": RIGHT})
        assert verdict.stage == "shape"
        assert verdict.right_numbers is right
        assert verdict.facts["right_numbers"] is right


def test_of_several_outputs_the_earliest_stage_counts_and_wrong_numbers_before_shapes() -> None:
    """A wrong value outweighs right numbers in a wrong shape, and nothing outweighs a None."""
    three, answer = check("match", ("a", "b", "c")), {"a": RIGHT, "b": RIGHT, "c": RIGHT}
    flat, wrong = RIGHT.ravel(), RIGHT + 1
    gave = {"a": flat, "b": wrong, "c": RIGHT}
    assert fact(judged(three, {}, gave, answer)) == ("value", "b", "")
    assert fact(judged(three, {}, {**gave, "c": None}, answer)) == ("returned_none", "c", "")
    assert fact(judged(three, {}, {**gave, "b": RIGHT}, answer)) == ("shape", "a", "")


def test_one_of_several_right_answers_is_enough() -> None:
    """Two forms may be right; what is neither is held against the first."""
    answers = ({"out": RIGHT}, {"out": RIGHT + 1})
    assert judged(OUT, {}, {"out": RIGHT + 1}, *answers).passed
    wrong = judged(OUT, {}, {"out": RIGHT + 2}, *answers)
    alone = judged(OUT, {}, {"out": RIGHT + 2}, answers[0])
    assert wrong == alone != judged(OUT, {}, {"out": RIGHT + 2}, answers[1])


def test_every_entry_of_a_dict_is_an_output() -> None:
    """An entry that is missing, or a dict that is none, fails under the entry's name."""
    grads, answer = check("match", ("grads",)), {"grads": {"W": RIGHT, "b": RIGHT[0]}}
    assert judged(grads, {}, answer, answer).passed
    some = {"grads": {"W": RIGHT}}
    assert fact(judged(grads, {}, some, answer)) == ("returned_none", "grads.b", "")
    assert fact(judged(grads, {}, {"grads": RIGHT}, answer)) == ("shape", "grads.b", "")


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("match", {}),
        ("published", {"bound": 1e-7}),
        ("slope", {"wrt": ["x"]}),
        ("linear", {}),
        ("initial", {}),
        ("mask", {}),
        ("seeded", {}),
        ("same_mask", {}),
        ("masked", {}),
        ("called", {}),
        ("tested", {}),
        ("own", {"kind": "plain"}),
        ("usable", {}),
        ("complete", {}),
    ],
)
def test_what_raised_is_told_by_every_judge(name: str, settings: dict[str, Any]) -> None:
    """A failed call is the verdict, with the exception's facts."""
    failure = Failure("raised", "f", "KeyError", "'x'", "layers.py", 7)
    inputs = {"x": RIGHT}
    verdict = judge(check(name, ("out",), **settings), inputs, Outcome({}, failure), [{}])
    assert (verdict.stage, verdict.output) == ("raised", "out")
    facts = {"type": "KeyError", "text": "'x'", "file": "layers.py", "line": 7, "target": "f"}
    assert verdict.evidence == {"exception": facts}


def test_published_figures_are_compared_as_the_notebook_does() -> None:
    """The element-wise error may be the bound, and no more."""
    row = check("published", ("out",), bound=0.5)
    assert judged(row, {}, {"out": np.array([3.0])}, {"out": np.array([1.0])}).passed
    verdict = judged(row, {}, {"out": np.array([4.0])}, {"out": np.array([1.0])})
    assert verdict.facts == {"error": 0.6, "bound": 0.5, "right_numbers": False}


# --- slopes ---------------------------------------------------------------------------------------

SLOPE = check("slope", ("dx",), wrt=["x"])
PLUS, MINUS = probe(RIGHT, 5)
DOUT = dense((2, 3), 6)
MOVED = {"x": RIGHT, "x_plus": PLUS, "x_minus": MINUS, "dout": DOUT}
CUBES = {"out": RIGHT**3, "x_plus": PLUS**3, "x_minus": MINUS**3}


def test_a_slope_that_the_forward_shows_is_right() -> None:
    """A gradient is right when the layer's own forward pass rises so, whatever the layer is."""
    right = 3 * RIGHT**2 * DOUT
    assert judged(SLOPE, MOVED, {**CUBES, "dx": right}).passed
    # What a wrong shape costs, it costs elsewhere.
    assert judged(SLOPE, MOVED, {**CUBES, "dx": right.reshape(3, 2)}).passed
    verdict = judged(SLOPE, MOVED, {**CUBES, "dx": right * 1.001})
    assert (verdict.stage, verdict.output) == ("gradient", "dx")
    assert verdict.evidence["error"] > verdict.evidence["bound"] > 1e-6


def test_a_network_s_slope_is_its_loss_s() -> None:
    """Without ``out`` the loss is moved, along the parameters, and weighs one."""
    inputs = {"params": {"W": RIGHT}, "W_plus": PLUS, "W_minus": MINUS}
    gave = {
        "loss": float(np.sum(RIGHT**3)),
        "W_plus": float(np.sum(PLUS**3)),
        "W_minus": float(np.sum(MINUS**3)),
    }
    network = check("slope", ("grads",), wrt=["W"])
    right = {"grads": {"W": 3 * RIGHT**2}}
    assert judged(network, inputs, {**gave, **right}).passed
    wrong = {"grads": {"W": 3.01 * RIGHT**2}}
    assert fact(judged(network, inputs, {**gave, **wrong})) == ("gradient", "grads.W", "")
    none = {"grads": {"b": RIGHT}}
    assert fact(judged(network, inputs, {**gave, **none})) == ("returned_none", "grads.W", "")


@pytest.mark.parametrize("name", ["out", "x_plus", "x_minus"])
@pytest.mark.parametrize("value", [None, True, "text", RIGHT[:1], RIGHT.astype(complex)])
def test_a_forward_that_is_no_number_has_no_slope(name: str, value: Any) -> None:
    """Differences need three values of the forward pass that add up to numbers."""
    gave = {**CUBES, "dx": 3 * RIGHT**2 * DOUT, name: value}
    assert fact(judged(SLOPE, MOVED, gave)) == ("value", "dx", "forward_unusable")


def test_a_kink_between_the_probe_points_decides_nothing() -> None:
    """Where the halves show a bend, a slope that isn't met is no fault."""
    inputs = {"x": np.zeros(1), "x_plus": np.array([1e-8]), "x_minus": np.array([-1e-8])}
    halves = {"x_half_plus": np.array([5e-9]), "x_half_minus": np.zeros(1)}
    gave = {"out": np.zeros(1), "x_plus": np.array([1e-8]), "x_minus": np.zeros(1), **halves}
    bent = {**gave, "dx": np.ones(1)}
    assert judged(SLOPE, inputs, bent).passed
    straight = {**bent, "x_minus": np.array([-1e-8]), "x_half_minus": np.array([-5e-9])}
    assert judged(SLOPE, inputs, {**straight, "dx": np.full(1, 0.5)}).stage == "gradient"
    del bent["x_half_plus"]
    assert judged(SLOPE, inputs, bent).stage == "gradient"


def test_every_input_s_slope_is_looked_at() -> None:
    """One right slope, or a kink, doesn't end the search: the next one may be wrong."""
    two = check("slope", ("dx", "dw"), wrt=["x", "w"])
    inputs = {**MOVED, "w": RIGHT, "w_plus": PLUS, "w_minus": MINUS}
    right = 3 * RIGHT**2 * DOUT
    gave = {**CUBES, "w_plus": PLUS**3, "w_minus": MINUS**3, "dx": right, "dw": right}
    assert judged(two, inputs, gave).passed
    assert fact(judged(two, inputs, {**gave, "dw": 2 * right})) == ("gradient", "dw", "")
    kink = {"x_half_plus": PLUS**3, "x_half_minus": MINUS**3 + 1, "dx": 2 * right, "dw": 2 * right}
    assert fact(judged(two, inputs, {**gave, **kink})) == ("gradient", "dw", "")


def test_a_layer_that_does_nothing_is_no_work_of_one_s_own() -> None:
    """Zeros, the input and a multiple of it agree with themselves and are no layer."""
    layer, x = check("slope", ("dx",), wrt=["x"]), dense((4, 5), 2)

    def works(out: Any, dx: Any) -> bool:
        return own_work(layer, {"x": x}, Outcome({"out": out, "dx": dx}))

    assert works(x**3, 3 * x**2)
    assert works(x * np.arange(1, 6), x)  # as normalizing does, column by column
    assert works(x @ dense((5, 2), 3), x)
    assert not works(x, x)
    assert not works(2 * x, x)
    assert not works(x**3, np.zeros_like(x))
    assert not works(x**3, None)
    assert not works(None, x)


# --- layers without an answer ---------------------------------------------------------------------

G, H = dense((3,), 1), dense((3,), 2)
LINEAR = {"dx.g": G, "dx.z": 0 * G, "dx.h": H, "dx.s": 2 * G + H, "dx.r": G}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, (None, "", "")),
        ({"dx.r": G + 1}, ("value", "dx", "repeat")),
        ({"dx.z": G}, ("value", "dx", "zero_dout")),
        ({"dx.s": G + H}, ("value", "dx", "linear")),
        ({"dx.h": H[:2]}, ("shape", "dx", "shape_varies")),
        ({"dx.h": None}, ("type", "dx", "")),
        ({"dx.g": np.arange(3)}, ("type", "dx", "")),
    ],
)
def test_a_backward_pass_is_linear(changed: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Zero for zero, twice for twice, and the same again."""
    verdict = judged(check("linear", ("dx",)), {}, {**LINEAR, **changed})
    assert fact(verdict) == expected
    if verdict.stage == "value":
        assert 0 < verdict.evidence["property"]["error"] <= 1
    if verdict.stage == "type":
        assert verdict.evidence["got"] == "array"


SHAPES = {"W": (100, 200), "b": (50,), "gamma": (20,)}
START = {"shapes": SHAPES, "scale": 0.01, "ones": ("gamma",), "dtype": "float64"}
WEIGHTS = 0.01 * dense((100, 200), 9)
ORDERED = ("value", "params.W", "weights_ordered")
RAMP = 0.01 * np.sqrt(3) * np.linspace(-1, 1, 20_000).reshape(100, 200)
UNIFORM = 0.01 * np.sqrt(3) * np.random.default_rng(3).uniform(-1, 1, (100, 200))
POSITIVE = 0.01 * np.random.default_rng(4).uniform(0, 1, (100, 200))
FIRST = {"W": WEIGHTS, "b": np.zeros(50), "gamma": np.ones(20)}


@pytest.mark.parametrize(
    ("changed", "expected", "known"),
    [
        ({}, (None, "", ""), None),
        ({"b": np.ones(50)}, ("value", "params.b", "bias_not_zero"), ""),
        ({"b": 0.01 * dense((50,), 3)}, ("value", "params.b", "bias_not_zero"), "drawn"),
        ({"b": 0.05 * dense((50,), 3)}, ("value", "params.b", "bias_not_zero"), ""),
        ({"b": 0.01 * np.sign(dense((50,), 3))}, ("value", "params.b", "bias_not_zero"), ""),
        ({"b": np.linspace(-0.017, 0.017, 50)}, ("value", "params.b", "bias_not_zero"), ""),
        ({"gamma": np.zeros(20)}, ("value", "params.gamma", "not_one"), "zero"),
        ({"gamma": np.full(20, 2.0)}, ("value", "params.gamma", "not_one"), ""),
        ({"W": WEIGHTS + 0.005}, ("value", "params.W", "mean"), ""),
        ({"W": POSITIVE}, ("value", "params.W", "mean"), "scale/2"),
        ({"W": np.full((100, 200), 0.005)}, ("value", "params.W", "weights_alike"), None),
        ({"W": WEIGHTS + 0.002}, ("value", "params.W", "mean"), ""),
        ({"W": WEIGHTS * 100}, ("value", "params.W", "weight_scale"), "1"),
        ({"W": 0 * WEIGHTS}, ("value", "params.W", "weight_scale"), "0"),
        ({"W": WEIGHTS * 1.05}, ("value", "params.W", "weight_scale"), ""),
        ({"W": WEIGHTS * 0.95}, ("value", "params.W", "weight_scale"), ""),
        ({"W": np.tile(WEIGHTS[:50], (2, 1))}, ("value", "params.W", "weights_alike"), None),
        ({"W": np.sort(WEIGHTS, axis=None).reshape(100, 200)}, ORDERED, None),
        ({"W": np.sort(WEIGHTS, axis=0)}, ORDERED, None),
        ({"W": RAMP}, ORDERED, None),
        ({"W": RAMP.T.reshape(100, 200)}, ORDERED, None),
        ({"W": 0.01 * np.sign(WEIGHTS) + 1e-6 * WEIGHTS}, (None, "", ""), None),
        ({"W": UNIFORM}, (None, "", ""), None),
        ({"W": WEIGHTS.astype(np.float32)}, ("dtype", "params.W", ""), None),
        ({"W": WEIGHTS[:9]}, ("shape", "params.W", ""), None),
        ({"W": None}, ("returned_none", "params.W", ""), None),
    ],
)
def test_first_weights_are_held_to_their_statistics(
    changed: dict[str, Any], expected: tuple[str, ...], known: str | None
) -> None:
    """Names, shapes, scale, mean, zero biases, ones where asked, and no two weights alike."""
    verdict = judged(check("initial", ("params",)), START, {"params": {**FIRST, **changed}})
    assert fact(verdict) == expected
    assert verdict.evidence.get("property", {}).get("like") == known


def test_what_first_weights_measure_stands_in_the_evidence() -> None:
    """The spread, the scale that was asked, and the mean."""
    start = {"shapes": {"W": (100, 200)}, "scale": 0.01}
    verdict = judged(check("initial", ("params",)), start, {"params": {"W": 3 * WEIGHTS}})
    found = verdict.evidence["property"]
    assert found["got"] == pytest.approx(0.03, rel=0.02)
    assert found["expected"] == 0.01
    assert found["mean"] == pytest.approx(3 * WEIGHTS.mean())
    assert judged(check("initial"), start, {"params": {"W": WEIGHTS.astype(np.float32)}}).passed


# --- layers that draw -----------------------------------------------------------------------------

X = 1 + np.abs(dense((40, 50), 3))
ON = (np.random.default_rng(0).random(X.shape) < 0.4) / 0.4
OTHER = (np.random.default_rng(1).random(X.shape) < 0.4) / 0.4
OTHERS = {
    f"out{i}": X * (np.random.default_rng(i).random(X.shape) < 0.4) / 0.4 for i in range(1, 8)
}
D = 1 + np.abs(dense((40, 50), 4))


def test_a_mask_is_read_off_the_output() -> None:
    """The output over the input is the mask."""
    row, inputs = check("mask", ("out",)), {"x": X, "keep": 0.4}
    gave = {"out": X * ON, **OTHERS}
    assert judged(row, inputs, gave).passed
    nothing = dict.fromkeys(gave, X)
    assert fact(judged(row, inputs, nothing)) == ("value", "out", "nothing_dropped")
    assert fact(judged(row, inputs, {**gave, "out7": X[:1]})) == ("shape", "out", "")


def test_a_seed_fixes_the_mask_and_another_changes_it() -> None:
    """The same seed draws again what it drew, others something that has nothing to do with it."""
    row, inputs = check("seeded", ("out",)), {"x": X}
    gave = {"out": X * ON, "again": X * ON, **OTHERS}
    assert judged(row, inputs, gave).passed
    again = {**gave, "again": X * OTHER}
    assert fact(judged(row, inputs, again)) == ("value", "out", "seed_ignored")
    for fixed in (X * ON, X * (ON == 0)):
        verdict = judged(row, inputs, {**gave, "out1": fixed})
        assert fact(verdict) == ("value", "out", "seed_fixed")
    for name in gave:
        verdict = judged(row, inputs, {**gave, name: None})
        assert fact(verdict) == ("returned_none", "out", "")


@pytest.mark.parametrize(
    ("out", "dx", "expected"),
    [
        (X * ON, D * ON, (None, "", "")),
        (X * ON, D, ("value", "dx", "mask_ignored")),
        (X * ON, D * OTHER, ("value", "dx", "other_mask")),
        (X * ON, D * (ON > 0), ("value", "dx", "mask_scale")),
        (X * ON, X, ("value", "dx", "")),
        (X * (ON > 0), D * (ON > 0), (None, "", "")),
        (X * ON, D * ON.astype(np.float32), (None, "", "")),
        (X * ON.astype(np.float32), D * ON, (None, "", "")),
        (X * X, D * X, ("value", "dx", "forward_unusable")),
        (None, D * ON, ("returned_none", "out", "")),
        (X * ON, None, ("returned_none", "dx", "")),
    ],
)
def test_a_gradient_goes_through_the_mask_of_its_forward(
    out: Any, dx: Any, expected: tuple[str, ...]
) -> None:
    """What the forward pass dropped and scaled, the backward pass drops and scales."""
    inputs = {"x": X, "dout": D, "keep": 0.4}
    assert fact(judged(check("same_mask", ("dx",)), inputs, {"out": out, "dx": dx})) == expected


def test_in_test_mode_a_gradient_passes_unchanged() -> None:
    """Where everything is kept, the gradient is the one that came."""
    row, inputs = check("same_mask", ("dx",)), {"x": X, "dout": D, "keep": 1}
    assert judged(row, inputs, {"out": X, "dx": D}).passed
    assert fact(judged(row, inputs, {"out": X, "dx": D * ON})) == ("value", "dx", "")


# --- models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gave", "expected"),
    [
        ({"loss": 1.0, "grads": {"W": RIGHT}}, (None, "", "")),
        ({"loss": 1.0}, ("returned_none", "loss", "")),
        ({"loss": np.nan, "grads": {"W": RIGHT}}, ("not_finite", "loss", "")),
        ({"loss": 1.0, "grads": {}}, ("type", "grads", "")),
        ({"loss": 1.0, "grads": {"W": "text"}}, ("type", "grads.W", "")),
    ],
)
def test_outputs_are_usable_when_they_are_finite_numbers(
    gave: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """Where no answer is at hand, every output and every entry must be finite numbers."""
    verdict = judged(check("usable", ("loss", "grads")), {}, gave)
    assert fact(verdict) == expected
    if gave.get("grads") == {}:
        assert verdict.evidence == {"got": "an empty dict"}


def test_some_gradients_are_compared_and_others_are_not() -> None:
    """Of the parameters that the settings name all must agree; the rest may be anything."""
    row = check("part", ("grads",), only=["gamma"])
    key = {"grads": {"gamma1": RIGHT, "gamma12": 2 * RIGHT, "W1": RIGHT}}
    gave = {"grads": {"gamma1": RIGHT, "gamma12": 2 * RIGHT, "W1": 7 * RIGHT}}
    assert judged(row, {}, gave, key).passed
    wrong = {"grads": {**gave["grads"], "gamma12": RIGHT}}
    assert fact(judged(row, {}, wrong, key)) == ("value", "grads.gamma12", "")
    assert judged(row, {}, gave).passed
    unusable = {"grads": {**gave["grads"], "W1": None}}
    assert fact(judged(row, {}, unusable)) == ("returned_none", "grads.W1", "")


def test_every_parameter_has_a_gradient_of_its_size() -> None:
    """An optimizer needs a gradient for each parameter."""
    row, params = check("complete", ("grads",)), {"W": RIGHT, "b": np.zeros(3)}
    assert judged(row, {}, {"params": params, "grads": params}).passed
    for grads in ({"W": RIGHT}, {"W": RIGHT, "b": np.zeros(2)}):
        verdict = judged(row, {}, {"params": params, "grads": grads})
        found = {"name": "no_gradient", "parameter": "b"}
        assert verdict == Verdict("value", "grads", {"property": found})
    assert judged(row, {}, {"params": params, "grads": None}).stage == "returned_none"
    assert judged(row, {}, {"params": None, "grads": params}).stage == "returned_none"
