import copy
from collections import UserDict
from dataclasses import asdict, dataclass

import numpy as np


class Config(dict):
    """A dict whose entries are attributes, too."""

    __setattr__ = dict.__setitem__

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class AdamDefaults:
    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    t: int = 0


def sgd(w, dw, config=None):
    config = Config(config or {}, learning_rate=(config or {}).get("learning_rate", 1e-2))
    return w - config.learning_rate * dw, config


def sgd_momentum(w, dw, config=None):
    c = Config({"learning_rate": 1e-2, "momentum": 0.9, "velocity": w * 0.0} | (config or {}))
    c.velocity = c.momentum * c.velocity - c.learning_rate * dw
    return w + c.velocity, c


def rmsprop(w, dw, config=None):
    c = Config(learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=np.zeros(w.shape))
    c.update(copy.deepcopy(config) or {})
    c.cache *= c.decay_rate
    c.cache += (1 - c.decay_rate) * np.power(dw, 2)
    return np.subtract(w, c.learning_rate * dw / (np.sqrt(c.cache) + c.epsilon)), c


def adam(w, dw, config=None):
    c = Config(asdict(AdamDefaults()), m=np.zeros_like(w), v=np.zeros_like(w))
    c.update(config or {})
    c.t += 1
    c.m = c.m * c.beta1 + dw * (1 - c.beta1)
    c.v = c.v * c.beta2 + dw**2 * (1 - c.beta2)
    rate = c.learning_rate / (1 - c.beta1**c.t)
    return w - rate * c.m / (np.sqrt(c.v / (1 - c.beta2**c.t)) + c.epsilon), c
