"""w and the state are updated in place; config may be the only thing that remembers."""

import numpy as np


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    v = config.setdefault("velocity", np.zeros_like(w))
    v *= config.setdefault("momentum", 0.9)
    v -= config.setdefault("learning_rate", 1e-2) * dw
    w += v
    return w, config


def rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    decay = config.setdefault("decay_rate", 0.99)
    cache = config.setdefault("cache", np.zeros_like(w))
    cache *= decay
    cache += (1 - decay) * np.square(dw)
    root = np.sqrt(cache)
    root += config.setdefault("epsilon", 1e-8)
    dw *= config.setdefault("learning_rate", 1e-2)
    dw /= root
    w -= dw
    return w, config


def adam(w, dw, config=None):
    if config is None:
        config = {}
    for name, value in (("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999)):
        config.setdefault(name, value)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 1)
    # This starter's t names the step to come.
    config["t"] += 0 if config["t"] == 1 and not config["m"].any() else 1
    b1, b2, t = config["beta1"], config["beta2"], config["t"]
    config["m"] *= b1
    config["m"] += (1 - b1) * dw
    config["v"] *= b2
    config["v"] += (1 - b2) * dw**2
    root = np.sqrt(config["v"] / (1 - b2**t))
    root += config["epsilon"]
    w -= config["learning_rate"] / (1 - b1**t) * config["m"] / root
    return w, config
