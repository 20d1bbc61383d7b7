"""Update rules: ``rule(w, dw, config) -> (next_w, config)``.

w is an array of weights and dw the gradient of the loss with respect to it. config is a dict
with the rule's hyperparameters and its state, which the rule returns for the next step; what is
missing in it gets a default.
"""

import numpy as np


def sgd(w, dw, config=None):
    """Stochastic gradient descent. config: ``learning_rate`` (1e-2)."""
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w, dw, config=None):
    """Gradient descent with momentum (Polyak, 1964).

    config: ``learning_rate`` (1e-2), ``momentum`` (0.9; 0 is plain sgd), ``velocity``, of the
    shape of w, the decaying sum of the steps so far.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    # TODO (sgd-momentum): update velocity, then step by it to next_w.
    velocity = config["momentum"] * velocity - config["learning_rate"] * dw
    next_w = w + velocity
    config["velocity"] = velocity
    return next_w, config


def rmsprop(w, dw, config=None):
    """RMSProp: each weight's step is divided by the root of its mean square gradient.

    Source: Tieleman and Hinton, 2012 (lecture 6.5). config: ``learning_rate`` (1e-2),
    ``decay_rate`` (0.99), ``epsilon`` (1e-8, added to the root), ``cache``, of the shape of w,
    the decaying mean of squared gradients.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    # TODO (rmsprop): update config["cache"], then compute next_w with it.
    decay = config["decay_rate"]
    config["cache"] = decay * config["cache"] + (1 - decay) * dw**2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return next_w, config


def adam(w, dw, config=None):
    """Adam, with both bias corrections (Kingma and Ba, 2015, algorithm 1).

    config: ``learning_rate`` (1e-3), ``beta1`` (0.9), ``beta2`` (0.999), ``epsilon`` (1e-8,
    added to the root), ``m`` and ``v``, of the shape of w, the decaying means of the gradient
    and of its square, and ``t``, the number of steps taken, which is counted up before use.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    # TODO (adam): count t up; update m and v; correct both; compute next_w.
    config["t"] += 1
    t, beta1, beta2 = config["t"], config["beta1"], config["beta2"]
    config["m"] = beta1 * config["m"] + (1 - beta1) * dw
    config["v"] = beta2 * config["v"] + (1 - beta2) * dw**2
    m_hat = config["m"] / (1 - beta1**t)
    v_hat = config["v"] / (1 - beta2**t)
    next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
    return next_w, config
