"""Every quantity of the lecture's slides with a line and a name of its own."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    mu = config["momentum"]
    lr = config["learning_rate"]
    step = lr * dw
    v = mu * v - step
    next_w = w + v
    config["velocity"] = v
    return next_w, config


def rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    lr = config["learning_rate"]
    rho = config["decay_rate"]
    eps = config["epsilon"]
    cache = config["cache"]
    square = dw * dw
    cache = rho * cache + (1 - rho) * square
    root = np.sqrt(cache)
    next_w = w - lr * dw / (root + eps)
    config["cache"] = cache
    return next_w, config


def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    lr = config["learning_rate"]
    b1 = config["beta1"]
    b2 = config["beta2"]
    eps = config["epsilon"]
    m = config["m"]
    v = config["v"]
    t = config["t"] + 1
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * (dw**2)
    mt = m / (1 - b1**t)
    vt = v / (1 - b2**t)
    root = np.sqrt(vt)
    next_w = w - lr * mt / (root + eps)
    config["t"] = t
    config["m"] = m
    config["v"] = v
    return next_w, config
