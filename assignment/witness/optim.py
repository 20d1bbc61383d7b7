"""Update rules, with the state unrolled into plain variables."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    step = config["learning_rate"] * dw
    velocity = config.get("velocity", np.zeros(w.shape)) * config["momentum"]
    config["velocity"] = velocity - step
    return w - step + velocity, config


def rmsprop(w, dw, config=None):
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    before = config.get("cache", np.zeros(w.shape))
    config["cache"] = before + (1 - config["decay_rate"]) * (np.square(dw) - before)
    rate = config["learning_rate"] / (config["cache"] ** 0.5 + config["epsilon"])
    return w - rate * dw, config


def rmsprop_guarded(w, dw, config=None):
    """The same with a guard against a root of zero, far below what epsilon does: as right."""
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **(config or {})}
    before = config.get("cache", np.zeros(w.shape))
    config["cache"] = before + (1 - config["decay_rate"]) * (np.square(dw) - before)
    root = (config["cache"] + 1e-16) ** 0.5
    return w - config["learning_rate"] / (root + config["epsilon"]) * dw, config


def _moments(w, dw, config):
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    config = {**defaults, **(config or {})}
    m, v = config.get("m", np.zeros(w.shape)), config.get("v", np.zeros(w.shape))
    config["m"] = m + (1 - config["beta1"]) * (dw - m)
    config["v"] = v + (1 - config["beta2"]) * (np.square(dw) - v)
    config["t"] += 1
    return config


def adam(w, dw, config=None):
    """Kingma and Ba (2015), algorithm 1: epsilon is added to the corrected root."""
    config = _moments(w, dw, config)
    first = config["m"] / (1 - config["beta1"] ** config["t"])
    second = config["v"] / (1 - config["beta2"] ** config["t"])
    step = config["learning_rate"] * first / (second**0.5 + config["epsilon"])
    return w - step, config


def adam_guarded(w, dw, config=None):
    """The same with a guard against a root of zero, far below what epsilon does: as right."""
    config = _moments(w, dw, config)
    first = config["m"] / (1 - config["beta1"] ** config["t"])
    second = config["v"] / (1 - config["beta2"] ** config["t"])
    root = (second + 1e-16) ** 0.5
    return w - config["learning_rate"] * first / (root + config["epsilon"]), config


def adam_folded(w, dw, config=None):
    """The same paper, end of section 2: the corrections folded into the rate, epsilon in v's root.

    It differs from algorithm 1 in what epsilon is added to, and is as right.
    """
    config = _moments(w, dw, config)
    correction = (1 - config["beta2"] ** config["t"]) ** 0.5 / (1 - config["beta1"] ** config["t"])
    rate = config["learning_rate"] * correction
    return w - rate * config["m"] / (config["v"] ** 0.5 + config["epsilon"]), config
