"""Flattened to rows of shape (1, n), and back; state kept in the caller's dict only."""

import numpy as np


def _row(array):
    return np.reshape(array, (1, -1))


def sgd_momentum(w, dw, config=None):
    config = config if config is not None else {}
    rate, mu = config.get("learning_rate", 1e-2), config.get("momentum", 0.9)
    both = np.vstack([_row(config.get("velocity", 0 * w)), _row(dw)])
    config["velocity"] = (np.array([[mu, -rate]]) @ both).reshape(w.shape)
    return np.add(w, config["velocity"]), config


def rmsprop(w, dw, config=None):
    config = config if config is not None else {}
    decay = config.get("decay_rate", 0.99)
    both = np.vstack([_row(config.get("cache", 0 * w)), _row(dw) ** 2])
    config["cache"] = np.average(both, axis=0, weights=[decay, 1 - decay]).reshape(w.shape)
    divisor = config["cache"] ** (1 / 2) + config.get("epsilon", 1e-8)
    return w + -config.get("learning_rate", 1e-2) / divisor * dw, config


def adam(w, dw, config=None):
    config = config if config is not None else {}
    t = config["t"] = config.get("t", 0) + 1
    hats = []
    for name, beta, power in (("m", "beta1", 1), ("v", "beta2", 2)):
        b = config.get(beta, {"beta1": 0.9, "beta2": 0.999}[beta])
        old = config.get(name, np.zeros(w.shape))
        config[name] = np.average([old, dw**power], axis=0, weights=[b, 1 - b])
        hats.append(config[name] / -np.expm1(t * np.log(b)))
    divisor = np.sqrt(hats[1]) + config.get("epsilon", 1e-8)
    return w - config.get("learning_rate", 1e-3) * (hats[0] / divisor), config
