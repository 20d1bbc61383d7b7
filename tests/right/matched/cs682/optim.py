import numpy as np


def sgd(w, dw, config=None):
    if (config := config or {}) is not None:
        config.setdefault("learning_rate", 1e-2)
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w, dw, config=None):
    match config:
        case None:
            config = {}
    match {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | config:
        case {"learning_rate": lr, "momentum": mu, "velocity": v, **others}:
            v = mu * v - lr * dw
            return w + v, dict(others, learning_rate=lr, momentum=mu, velocity=v)


def rmsprop(w, dw, config=None):
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}
    config = {**defaults, "cache": np.zeros_like(w), **(config or {})}
    config |= {
        "cache": (c := config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2)
    }
    return w - config["learning_rate"] * dw / (np.sqrt(c) + config["epsilon"]), config


def adam(w, dw, config=None):
    c = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    c = c | {"m": np.zeros_like(w), "v": np.zeros_like(w)} | (config or {})
    (b1, b2), t = (c["beta1"], c["beta2"]), c["t"] + 1
    mhat = (m := b1 * c["m"] + (1 - b1) * dw) / (1 - b1**t)
    vhat = (v := b2 * c["v"] + (1 - b2) * dw * dw) / (1 - b2**t)
    step = c["learning_rate"] * mhat / (np.sqrt(vhat) + c["epsilon"])
    return w - step, {**c, "t": t, "m": m, "v": v}
