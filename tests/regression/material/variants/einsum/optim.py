"""Each rule as one expression for the step; the state in a new dict."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    c = dict(learning_rate=1e-2, momentum=0.9, velocity=np.zeros_like(w))
    c.update(config or {})
    c["velocity"] = np.einsum(",...->...", c["momentum"], c["velocity"]) - c["learning_rate"] * dw
    return w + c["velocity"], c


def rmsprop(w, dw, config=None):
    c = dict(learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=np.zeros_like(w))
    c.update(config or {})
    square = np.einsum("...,...->...", dw, dw)
    c["cache"] = square + c["decay_rate"] * (c["cache"] - square)
    scale = np.power(c["cache"], 0.5) + c["epsilon"]
    return w - np.divide(c["learning_rate"] * dw, scale), c


def adam(w, dw, config=None):
    c = dict(learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, t=0)
    c.update(m=np.zeros_like(w), v=np.zeros_like(w))
    c.update(config or {})
    c["t"] = c["t"] + 1
    c["m"] = dw + c["beta1"] * (c["m"] - dw)
    c["v"] = dw * dw + c["beta2"] * (c["v"] - dw * dw)
    # The corrections folded into the rate: epsilon is added to the root of v itself.
    rate = c["learning_rate"] * np.sqrt(1 - c["beta2"] ** c["t"]) / (1 - c["beta1"] ** c["t"])
    return w - rate * c["m"] / (np.sqrt(c["v"]) + c["epsilon"]), c
