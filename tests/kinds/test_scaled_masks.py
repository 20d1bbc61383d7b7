"""A pair of dropout functions whose numbers are too small to be compared earns nothing."""

from __future__ import annotations

import numpy as np
import pytest

from grader.kinds import judge
from grader.kinds.dropout_networks import called
from grader.model.checks import Check
from grader.model.programs import Outcome

CHECK = Check("q.mask", "q", "t", "hidden", "r", "same_mask", ("dx",), 1, "f")
DICE = np.random.default_rng(3)
X, DOUT = DICE.uniform(1, 2, (8, 9)), DICE.normal(size=(8, 9))
MASK = DICE.random((8, 9)) < 0.6


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e-14, 1e-6, 1e6, 1e300])
def test_a_tiny_forward_pass_makes_no_gradient_right(scale: float) -> None:
    """Beside numbers of such a size, zeros would be near enough."""
    with np.errstate(all="ignore"):
        outcome = Outcome({"out": X * MASK * scale, "dx": np.zeros_like(X)})
        inputs = {"x": X, "dout": DOUT, "keep": 0.6}
        assert not judge(CHECK, inputs, outcome, []).passed


@pytest.mark.parametrize("scale", [0.6, 1.0, 0.6**-2])
def test_a_forward_pass_with_another_factor_is_usable(scale: float) -> None:
    """Its own points are lost; the gradient through its mask is right."""
    outcome = Outcome({"out": X * MASK * scale, "dx": DOUT * MASK * scale})
    assert judge(CHECK, {"x": X, "dout": DOUT, "keep": 0.6}, outcome, []).passed


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300])
@pytest.mark.parametrize("name", ["p", "train", "seed", "fits", "backward"])
def test_a_record_of_calls_is_one_of_numbers(name: str, number: float) -> None:
    """A forged record is none: no judge raises for what is in it."""
    record = {key: np.ones(2) for key in ("p", "train", "seed", "fits")} | {"backward": 2.0}
    record[name] = np.full(2, number) if name != "backward" else number
    check = Check("q.c", "q", "t", "hidden", "r", "called", ("calls",), 1, "f")
    inputs = {"masks": [MASK, MASK], "options": {"dropout": 1.0, "seed": 1.0}}
    gave = {"loss": 1.0, "grads": {}, "calls": record}
    verdict = called(check, inputs, Outcome(gave), [{}])
    assert verdict.passed == (number == 1e300 and name in ("fits", "backward"))
