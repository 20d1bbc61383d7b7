from functools import partial

import numpy as np


def _update(rule, w, dw, config=None, **defaults):
    config = config if config is not None else {}
    for name, value in defaults.items():
        config.setdefault(name, np.zeros_like(w) if value is None else value)
    return rule(w, dw, config), config


def _momentum(w, dw, c):
    c["velocity"] = c["momentum"] * c["velocity"] - c["learning_rate"] * dw
    return w + c["velocity"]


def _rmsprop(w, dw, c):
    c["cache"] = c["cache"] + (1 - c["decay_rate"]) * (dw**2 - c["cache"])
    return w - c["learning_rate"] * dw / (c["cache"] ** 0.5 + c["epsilon"])


def _adam(w, dw, c):
    c["t"] = c["t"] + 1
    c["m"] = c["m"] + (1 - c["beta1"]) * (dw - c["m"])
    c["v"] = c["v"] + (1 - c["beta2"]) * (dw**2 - c["v"])
    mhat, vhat = c["m"] / (1 - c["beta1"] ** c["t"]), c["v"] / (1 - c["beta2"] ** c["t"])
    return w - c["learning_rate"] * mhat / (vhat**0.5 + c["epsilon"])


sgd = partial(_update, lambda w, dw, c: w - c["learning_rate"] * dw, learning_rate=1e-2)
sgd_momentum = partial(_update, _momentum, learning_rate=1e-2, momentum=0.9, velocity=None)
rmsprop = partial(
    _update, _rmsprop, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=None
)
adam = partial(
    _update,
    _adam,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    m=None,
    v=None,
    t=0,
)
