"""Update rules: the first step, and the second where the first is right."""

import numpy as np

from grader.kinds.terms import OutputTerms, Product, Sum

#: The defaults of each rule's config.
SGD = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": 0.0}
RMSPROP = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": 0.0}
ADAM = {
    "learning_rate": 1e-3,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "m": 0.0,
    "v": 0.0,
    "t": 0,
}


def settings(given, defaults):
    return {**defaults, **(given["config"] or {})}


def named(config, *names):
    """Return settings as symbols: none of them is a size."""
    return {name: float(config[name]) for name in names}


# SGD with momentum.


def velocity_terms(step):
    def terms(given, _):
        config = settings(given, SGD)
        rate, momentum, w = config["learning_rate"], config["momentum"], given["w"]
        before = velocity = config["velocity"] + 0 * w
        for t in range(1, step):
            before, velocity = velocity, momentum * velocity - rate * given[f"dw{t}"]
            w = w + velocity
        instead = (
            {
                "what was given at first stands there, not what the step before left": momentum
                * before
            }
            if step > 1
            else {}
        )
        return OutputTerms(
            {
                "w": w,
                "the velocity so far": momentum * velocity,
                "the gradient": -rate * given[f"dw{step}"],
            },
            instead={"the velocity so far": instead},
            symbols=named(config, "learning_rate", "momentum"),
            places=(next_w(step),),
        )

    return terms


def next_w(step):
    return "next_w" if step == 1 else "next_w of the second step"


def behind(name, step):
    """Return how a quantity is called that isn't shown, but that next_w is made with."""
    return f"{name} behind next_w" if step == 1 else f"{name} of the second step"


# RMSProp.


class RmspropStep:
    """What the first step of RMSProp, or the second, computes on its way."""

    def __init__(self, given, step):
        self.config = settings(given, RMSPROP)
        self.rate, self.eps = self.config["learning_rate"], self.config["epsilon"]
        self.decay, self.w = self.config["decay_rate"], given["w"]
        self.cache = self.config["cache"] + 0 * self.w
        self.take(given["dw1"])
        if step == 2:
            self.w = self.w - self.rate * self.dw / (np.sqrt(self.cache) + self.eps)
            self.take(given["dw2"])

    def take(self, dw):
        self.dw, self.old = dw, self.cache
        self.cache = self.decay * self.cache + (1 - self.decay) * dw**2


def rmsprop_factors(step):
    def terms(given, _):
        own = RmspropStep(given, step)
        root = "the division by the root of the cache"
        return OutputTerms(
            {
                "the learning rate": own.rate + 0 * own.w,
                "the gradient": own.dw,
                root: 1 / (np.sqrt(own.cache) + own.eps),
            },
            instead={
                root: {
                    "the cache there is that from before the step": nonzero(
                        lambda: 1 / (np.sqrt(own.old) + own.eps), own.old
                    ),
                }
            },
            read=(("minus", own.w), ("times", -1.0)),
            places=("the step to next_w" if step == 1 else "the second step to next_w",),
        )

    return terms


def nonzero(value, array):
    """Return *value()*, or NaN where *array* vanishes: there the form says nothing."""
    return value() if np.all(array) else np.full(np.shape(array), np.nan)


def cache_terms(step):
    def terms(given, _):
        own = RmspropStep(given, step)
        squared = "the squared gradient"
        return OutputTerms(
            {
                "the cache so far": own.decay * own.old,
                squared: (1 - own.decay) * own.dw**2,
            },
            instead={
                squared: {
                    "its absolute value stands there, not its square": (1 - own.decay)
                    * np.abs(own.dw),
                    "it stands there without a square": (1 - own.decay) * own.dw,
                }
            },
            symbols=named(own.config, "learning_rate", "decay_rate"),
            read=(
                ("minus", own.w),
                ("into", -own.rate * own.dw),
                ("minus", own.eps),
                ("power", 2.0),
            ),
            places=(behind("the cache", step),),
        )

    return terms


# Adam.


class AdamStep:
    """What the first step of Adam, or the second, computes on its way."""

    def __init__(self, given, step):
        self.config = settings(given, ADAM)
        self.rate, self.eps = self.config["learning_rate"], self.config["epsilon"]
        self.beta1, self.beta2 = self.config["beta1"], self.config["beta2"]
        self.w, self.t = given["w"], self.config["t"]
        self.m, self.v = self.config["m"] + 0 * self.w, self.config["v"] + 0 * self.w
        self.take(given["dw1"])
        if step == 2:
            self.m_hat, self.v_hat = self.m / self.right1, self.v / self.right2
            self.w = self.w - self.rate * self.m_hat / (np.sqrt(self.v_hat) + self.eps)
            self.take(given["dw2"])

    def take(self, dw):
        self.t += 1
        self.dw, self.old_m, self.old_v = dw, self.m, self.v
        self.m = self.beta1 * self.m + (1 - self.beta1) * dw
        self.v = self.beta2 * self.v + (1 - self.beta2) * dw**2
        self.right1, self.right2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t

    @property
    def root(self):
        return np.sqrt(self.v / self.right2) + self.eps


M, V = "the average of gradients", "the division by the root of the average of squares"
TOO_FAR = "t is one too large there"
CORRECTED_M = "the bias correction of m (1 - beta1^t)"
CORRECTED_V = "the bias correction of v (1 - beta2^t)"


def adam_factors(step):
    def terms(given, _):
        own = AdamStep(given, step)
        whole = np.ones_like(own.w)
        m, v = {}, {}
        if step == 2:
            kept_m = own.beta1 * own.m_hat + (1 - own.beta1) * own.dw
            kept_v = own.beta2 * own.v_hat + (1 - own.beta2) * own.dw**2
            kept = "the step before left it corrected, and it is asked as it was"
            m, v = {kept: kept_m}, {kept: 1 / np.sqrt(kept_v)}
        else:
            m = {
                "the average from before the step stands there": nonzero(
                    lambda: own.old_m, own.old_m
                )
            }
            v = {
                "the average from before the step stands there": nonzero(
                    lambda: 1 / np.sqrt(own.old_v), own.old_v
                )
            }
        return OutputTerms(
            {
                "the learning rate": own.rate * whole,
                M: own.m,
                V: 1 / np.sqrt(own.v) * np.sqrt(own.v / own.right2) / own.root,
                CORRECTED_M: whole / own.right1,
                CORRECTED_V: np.sqrt(own.right2) * whole,
            },
            instead={
                M: m,
                V: v,
                CORRECTED_M: {
                    "t stands there as a factor, and is asked as an exponent": whole
                    / (1 - own.beta1 * own.t),
                    "beta2 stands there": whole / own.right2,
                    TOO_FAR: whole / (1 - own.beta1 ** (own.t + 1)),
                },
                CORRECTED_V: {
                    "t stands there as a factor, and is asked as an exponent": np.sqrt(
                        np.abs(1 - own.beta2 * own.t)
                    )
                    * whole,
                    "beta1 stands there": np.sqrt(own.right1) * whole,
                    TOO_FAR: np.sqrt(1 - own.beta2 ** (own.t + 1)) * whole,
                    "no root is taken of it": own.right2 * whole,
                },
            },
            read=(("minus", own.w), ("times", -1.0)),
            places=("the step to next_w" if step == 1 else "the second step to next_w",),
        )

    return terms


def adam_m(step):
    def terms(given, _):
        own = AdamStep(given, step)
        return OutputTerms(
            {
                "the average so far": own.beta1 * own.old_m,
                "the gradient": (1 - own.beta1) * own.dw,
            },
            symbols=named(own.config, "learning_rate", "beta1", "beta2"),
            read=(("minus", own.w), ("times", -own.root * own.right1 / own.rate)),
            places=(behind("m", step),),
        )

    return terms


def adam_v(step):
    def terms(given, _):
        own = AdamStep(given, step)
        squared = "the squared gradient"
        return OutputTerms(
            {
                "the average so far": own.beta2 * own.old_v,
                squared: (1 - own.beta2) * own.dw**2,
            },
            instead={
                squared: {
                    "its absolute value stands there, not its square": (1 - own.beta2)
                    * np.abs(own.dw),
                    "it stands there without a square": (1 - own.beta2) * own.dw,
                    "m stands there where the gradient is asked": (1 - own.beta2) * own.m**2,
                }
            },
            symbols=named(own.config, "learning_rate", "beta1", "beta2"),
            read=(
                ("minus", own.w),
                ("into", -own.rate * own.m / own.right1),
                ("minus", own.eps),
                ("power", 2.0),
                ("times", own.right2),
            ),
            places=(behind("v", step),),
        )

    return terms


TERMS = tuple(
    declared
    for step, before in ((1, ""), (2, "w1"))
    for declared in (
        Sum("sgd-momentum", f"w{step}", velocity_terms(step), after=before),
        Product("rmsprop", f"w{step}", rmsprop_factors(step), after=before),
        Sum("rmsprop", f"w{step}", cache_terms(step), after=before),
        Product("adam", f"w{step}", adam_factors(step), after=before),
        Sum("adam", f"w{step}", adam_m(step), after=before),
        Sum("adam", f"w{step}", adam_v(step), after=before),
    )
)
