"""The figures that the course's notebooks publish, with the inputs they belong to.

``published.json`` holds the figures and the row of each in its notebook; the inputs are recipes.
"""

import json
from pathlib import Path

import numpy as np

from grader.kinds.proof import Published

_FIGURES = json.loads(Path(__file__).with_name("published.json").read_text("utf-8"))


def figure(name: str) -> np.ndarray:
    """Return a published figure as a float64 array."""
    return np.array(_FIGURES[name]["value"], dtype=np.float64)


def spread(low: float, high: float, *shape: int) -> np.ndarray:
    """Return evenly spaced values from *low* to *high*, laid out in C order."""
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


AFFINE_FORWARD = Published(
    row=2,
    inputs={
        "x": spread(-0.1, 0.5, 2, 4, 5, 6),
        "w": spread(-0.2, 0.3, 120, 3),
        "b": spread(-0.3, 0.1, 3),
    },
    outputs={"out": figure("affine_forward.out")},
    bound=1e-8,
)

RELU_FORWARD = Published(
    row=4,
    inputs={"x": spread(-0.5, 0.5, 3, 4)},
    outputs={"out": figure("relu_forward.out")},
    bound=1e-7,
)

_TWO_LAYER_NET = {
    "arguments": [],
    "options": {"input_dim": 5, "hidden_dim": 50, "num_classes": 7, "weight_scale": 1e-3},
    "params": {
        "W1": spread(-0.7, 0.3, 5, 50),
        "b1": spread(-0.1, 0.9, 50),
        "W2": spread(-0.3, 0.4, 50, 7),
        "b2": spread(-0.9, 0.1, 7),
    },
    "X": np.ascontiguousarray(spread(-5.5, 4.5, 5, 3).T),
}

TWO_LAYER_NET_SCORES = Published(
    row=11,
    inputs=_TWO_LAYER_NET,
    outputs={"scores": figure("two_layer_net.scores")},
    bound=1e-7,
)

TWO_LAYER_NET_LOSS = Published(
    row=12,
    inputs={**_TWO_LAYER_NET, "y": np.array([0, 5, 1]), "new_reg": 1.0},
    outputs={
        "loss": figure("two_layer_net.loss.reg_0"),
        "new_loss": figure("two_layer_net.loss.reg_1"),
    },
    bound=1e-10,
)

_STEP = {"w": spread(-0.4, 0.6, 4, 5), "dw": spread(-0.6, 0.4, 4, 5)}
_STATE = spread(0.6, 0.9, 4, 5)

SGD_MOMENTUM = Published(
    row=21,
    inputs={**_STEP, "config": {"learning_rate": 1e-3, "velocity": _STATE}},
    outputs={
        "next_w": figure("sgd_momentum.next_w"),
        "velocity": figure("sgd_momentum.velocity"),
    },
    bound=1e-7,
)

RMSPROP = Published(
    row=23,
    inputs={**_STEP, "config": {"learning_rate": 1e-2, "cache": _STATE}},
    outputs={"next_w": figure("rmsprop.next_w"), "cache": figure("rmsprop.cache")},
    bound=1e-6,
)

ADAM = Published(
    row=24,
    inputs={
        **_STEP,
        "config": {"learning_rate": 1e-2, "m": _STATE, "v": spread(0.7, 0.5, 4, 5), "t": 5},
    },
    outputs={"next_w": figure("adam.next_w"), "v": figure("adam.v"), "m": figure("adam.m")},
    bound=1e-6,
)


def _normalized_net() -> dict:
    """Return what the notebook on normalization draws after its seed, for its first network."""
    draw = np.random.RandomState(231)
    X, y = draw.randn(2, 15), draw.randint(10, size=2)
    params = {}
    for i, (fan_in, fan_out) in enumerate([(15, 20), (20, 30), (30, 10)], start=1):
        params[f"W{i}"] = 5e-2 * draw.randn(fan_in, fan_out)
        params[f"b{i}"] = np.zeros(fan_out)
        if i < 3:
            params[f"gamma{i}"], params[f"beta{i}"] = np.ones(fan_out), np.zeros(fan_out)
    options = {"input_dim": 15, "num_classes": 10, "normalization": "batchnorm"}
    return {
        "arguments": [[20, 30]],
        "options": {**options, "dtype": {"dtype": "float64"}},
        "params": params,
        "X": X,
        "y": np.array(y, np.int64),
    }


NORMALIZED_NET_LOSS = Published(
    row=7,
    inputs=_normalized_net(),
    outputs={"loss": figure("normalized_net.initial_loss.reg_0")},
    bound=1e-9,
)
