from numpy import sqrt, zeros_like

import rules


def sgd(w, dw, config=None):
    return rules.sgd(w, dw, config or {})


def sgd_momentum(w, dw, config=None):
    config = rules.with_defaults(config, learning_rate=1e-2, momentum=0.9, velocity=zeros_like(w))
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + config["velocity"], config


def rmsprop(w, dw, config=None):
    config = rules.with_defaults(
        config, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=zeros_like(w)
    )
    config["cache"] = rules.mix(config["cache"], dw * dw, config["decay_rate"])
    step = config["learning_rate"] * dw / (sqrt(config["cache"]) + config["epsilon"])
    return w - step, config


def adam(w, dw, config=None):
    config = rules.with_defaults(
        config,
        learning_rate=1e-3,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-8,
        m=zeros_like(w),
        v=zeros_like(w),
        t=0,
    )
    config["t"] += 1
    for name, beta, new in (("m", "beta1", dw), ("v", "beta2", dw * dw)):
        config[name] = rules.mix(config[name], new, config[beta])
    m = config["m"] / (1 - config["beta1"] ** config["t"])
    v = config["v"] / (1 - config["beta2"] ** config["t"])
    return w - config["learning_rate"] * m / (sqrt(v) + config["epsilon"]), config
