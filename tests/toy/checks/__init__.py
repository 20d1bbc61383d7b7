"""Rows of the toy assignment: one layer, one update rule."""

import numpy as np
from hypothesis import strategies as st

from grader.kinds.layers import Backward, Forward
from grader.kinds.proof import Case, Published
from grader.kinds.update_rules import Rule
from grader.numeric.strategies import dense, seeds, sizes


@st.composite
def scaled(draw):
    n, d = draw(sizes(2, 5, count=2))
    seed = draw(seeds())
    return {"x": dense((n, d), seed), "a": dense((d,), seed + 1), "dout": dense((n, d), seed + 2)}


@st.composite
def stepped(draw):
    shape = draw(sizes(2, 4, count=2))
    seed = draw(seeds())
    config = {"rate": draw(st.sampled_from([0.1, 0.2])), "sum": dense(shape, seed + 9)}
    steps = {f"dw{t}": dense(shape, seed + t) for t in (1, 2)}
    return {"w": dense(shape, seed), **steps, "config": config}


scale = Forward(
    question="scale-forward",
    function="scale:scale_forward",
    arguments=("x", "a"),
    published=(
        Published(
            row=1,
            inputs={"x": np.array([[1.0, 2.0]]), "a": np.array([2.0, 3.0])},
            outputs={"out": np.array([[2.0, 6.0]])},
            bound=1e-8,
        ),
    ),
    published_points=1,
    cases=(Case("values", "Output", scaled(), 3, ("out",)),),
)

ROWS = (
    scale,
    Backward(
        question="scale-backward",
        function="scale:scale_backward",
        forward=scale,
        wrt=("x", "a"),
        cases=(Case("values", "Gradients", scaled(), 4, ("dx", "da")),),
        gradient_points=2,
    ),
    Rule(
        question="decay",
        function="steps:decay",
        cases=(Case("trajectory", "Two steps", stepped(), 5, ("w1", "w2")),),
    ),
)
