import numpy as np

fill = lambda config, **defaults: [
    config.setdefault(k, v() if callable(v) else v) for k, v in defaults.items()
] and config
given = lambda config: {} if config is None else config
sgd = lambda w, dw, config=None: (
    w - given(config).setdefault("learning_rate", 1e-2) * dw,
    given(config),
)


def rule(step, **defaults):
    def update(w, dw, config=None):
        config = fill(given(config), **defaults)
        for name in ("velocity", "cache", "m", "v"):
            if name in defaults and np.ndim(config[name]) == 0:
                config[name] = np.zeros_like(w)
        return w + step(dw, config), config

    return update


def put(config, name, value):
    config[name] = value
    return value


sgd_momentum = rule(
    lambda g, c: put(c, "velocity", c["momentum"] * c["velocity"] - c["learning_rate"] * g),
    learning_rate=1e-2,
    momentum=0.9,
    velocity=0.0,
)
rmsprop = rule(
    lambda g, c: -c["learning_rate"]
    * g
    / (
        np.sqrt(put(c, "cache", c["decay_rate"] * c["cache"] + (1 - c["decay_rate"]) * g**2))
        + c["epsilon"]
    ),
    learning_rate=1e-2,
    decay_rate=0.99,
    epsilon=1e-8,
    cache=0.0,
)


def _adam(g, c):
    t = put(c, "t", c["t"] + 1)
    m = put(c, "m", c["beta1"] * c["m"] + (1 - c["beta1"]) * g)
    v = put(c, "v", c["beta2"] * c["v"] + (1 - c["beta2"]) * g**2)
    root = np.sqrt(v / (1 - c["beta2"] ** t)) + c["epsilon"]
    return -c["learning_rate"] * (m / (1 - c["beta1"] ** t)) / root


adam = rule(
    _adam, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, m=0.0, v=0.0, t=0
)
