"""Element by element."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    next_w, next_v = np.zeros(w.shape), np.zeros(w.shape)
    for index in np.ndindex(*w.shape):
        next_v[index] = config["momentum"] * v[index] - config["learning_rate"] * dw[index]
        next_w[index] = w[index] + next_v[index]
    config["velocity"] = next_v
    return next_w, config


def rmsprop(x, dx, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(x))
    next_x, cache = np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        rate = config["decay_rate"]
        cache[index] = rate * config["cache"][index] + (1 - rate) * dx[index] * dx[index]
        step = config["learning_rate"] * dx[index]
        next_x[index] = x[index] - step / (cache[index] ** 0.5 + config["epsilon"])
    config["cache"] = cache
    return next_x, config


def adam(x, dx, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(x))
    config.setdefault("v", np.zeros_like(x))
    config.setdefault("t", 0)
    config["t"] += 1
    b1, b2, t = config["beta1"], config["beta2"], config["t"]
    power1 = power2 = 1.0
    for _ in range(t):
        power1, power2 = power1 * b1, power2 * b2
    next_x, m, v = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        m[index] = b1 * config["m"][index] + (1 - b1) * dx[index]
        v[index] = b2 * config["v"][index] + (1 - b2) * dx[index] ** 2
        first, second = m[index] / (1 - power1), v[index] / (1 - power2)
        step = config["learning_rate"] * first / (second**0.5 + config["epsilon"])
        next_x[index] = x[index] - step
    config["m"], config["v"] = m, v
    return next_x, config
