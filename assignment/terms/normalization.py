"""Batch normalization (statistics over axis 0) and layer normalization (over axis 1)."""

import numpy as np

from grader.kinds.terms import Product, Sum, Terms

DIRECT = "the direct path"
BY_MEAN = "the path through the mean"
BY_VARIANCE = "the path through the variance"
SCALED = "the normalized x times gamma"
NO_GAMMA = "gamma is missing from it"


class Normalized:
    """What a normalization of an example computes on its way, over one axis."""

    def __init__(self, given, axis, mean=None, var=None):
        x = given["x"]
        self.axis, self.x, self.gamma, self.beta = axis, x, given["gamma"], given["beta"]
        self.dout = given["dout"]
        params = given.get("bn_param", given.get("ln_param"))
        self.eps = params.get("eps", 1e-5)
        self.mean = self.average(x) if mean is None else mean + 0 * x
        self.var = self.average((x - self.mean) ** 2) if var is None else var + 0 * x
        self.std = np.sqrt(self.var + self.eps)
        self.xhat = (x - self.mean) / self.std
        self.symbols = {"N": x.shape[0], "D": x.shape[1]}

    def average(self, values):
        return values.mean(axis=self.axis, keepdims=True) + 0 * values

    def divided_by(self, deviation):
        return self.gamma * (self.x - self.mean) / deviation


def out(own, instead):
    """Return the terms of gamma * xhat + beta."""
    var, eps, count = own.var, own.eps, own.x.shape[own.axis]
    return Terms(
        {SCALED: own.gamma * own.xhat, "beta": own.beta + 0 * own.x},
        instead={
            SCALED: {
                NO_GAMMA: own.xhat,
                "the mean isn't subtracted in it": own.gamma * own.x / own.std,
                "x isn't divided in it": own.divided_by(1.0),
                "it is divided by the variance, without a root": own.divided_by(var + eps),
                "a standard deviation stands in it where the variance is asked": own.divided_by(
                    np.sqrt(np.sqrt(var) + eps)
                ),
                "the variance in it is divided by one less than the number of values": (
                    own.divided_by(np.sqrt(var * count / (count - 1) + eps))
                ),
                "the variance in it is taken around zero, not around the mean": own.divided_by(
                    np.sqrt(own.average(own.x**2) + eps)
                ),
                **instead,
            },
            "beta": {
                "gamma comes in as a factor": own.gamma * own.beta + 0 * own.x,
                "it is subtracted": -own.beta + 0 * own.x,
            },
        },
        symbols=own.symbols,
    )


def out_factors(own):
    """Return the factors of out - beta."""
    return Terms(
        {
            "gamma": own.gamma + 0 * own.x,
            "the division by the standard deviation": 1 / own.std,
            "the distance of x from the mean": own.x - own.mean,
        },
        read=(("minus", own.beta + 0 * own.x),),
    )


def batch(given):
    """Return the normalization by the batch, or by the running averages when testing."""
    params = given["bn_param"]
    if params["mode"] == "train":
        return Normalized(given, 0)
    return Normalized(given, 0, params["running_mean"], params["running_var"])


def batchnorm_out(given, _):
    own = batch(given)
    features = Normalized(given, 1)
    instead = {"it is normalized over the features of an example": own.gamma * features.xhat}
    if given["bn_param"]["mode"] == "test":
        training = Normalized(given, 0)
        instead["the statistics of this batch stand in it"] = own.gamma * training.xhat
    return out(own, instead)


def running(given, name, of_batch):
    params, own = given["bn_param"], Normalized(given, 0)
    momentum = params.get("momentum", 0.9)
    old = params.get(name, np.zeros(own.x.shape[1]))
    new = of_batch(own)
    symbols = {**own.symbols, "momentum": momentum}
    if params["mode"] == "test":
        # A test pass leaves them as they are.
        word = "mean" if name == "running_mean" else "variance"
        others = {f"the {word} of this batch": new}
        return Terms({"the average so far": old}, others=others, symbols=symbols)
    return momentum, old, new, symbols


def running_mean(given, _):
    found = running(given, "running_mean", lambda own: own.mean[0])
    if isinstance(found, Terms):
        return found
    momentum, old, new, symbols = found
    return Terms(
        {"the average so far": momentum * old, "the mean of this batch": (1 - momentum) * new},
        symbols=symbols,
    )


def running_var(given, _):
    found = running(given, "running_var", lambda own: own.var[0])
    if isinstance(found, Terms):
        return found
    momentum, old, new, symbols = found
    name = "the variance of this batch"
    eps = given["bn_param"].get("eps", 1e-5)
    return Terms(
        {"the average so far": momentum * old, name: (1 - momentum) * new},
        instead={
            name: {
                "a standard deviation stands in its place": (1 - momentum) * np.sqrt(new),
                "eps is added to it": (1 - momentum) * (new + eps),
                "a standard deviation with eps stands in its place": (1 - momentum)
                * np.sqrt(new + eps),
                "it is taken around zero, not around the mean": (1 - momentum)
                * (given["x"] ** 2).mean(axis=0),
            }
        },
        symbols=symbols,
    )


def paths(own, passed):
    """Return the terms of dx, where *passed* is what reaches xhat: dout times gamma."""
    mean, variance = own.average(passed), own.average(passed * own.xhat)
    bare = own.average(own.dout), own.average(own.dout * own.xhat)
    return Terms(
        {
            DIRECT: passed / own.std,
            BY_MEAN: -mean / own.std,
            BY_VARIANCE: -own.xhat * variance / own.std,
        },
        instead={
            DIRECT: {
                NO_GAMMA: own.dout / own.std,
                "it isn't divided by the standard deviation": passed,
                "it is divided by the variance": passed / own.std**2,
            },
            BY_MEAN: {
                NO_GAMMA: -bare[0] / own.std,
                "it isn't divided by the standard deviation": -mean,
                "it is divided by the variance": -mean / own.std**2,
            },
            BY_VARIANCE: {
                NO_GAMMA: -own.xhat * bare[1] / own.std,
                "it isn't divided by the standard deviation": -own.xhat * variance,
                "it is divided by the variance": -own.xhat * variance / own.std**2,
                "it is the same for all values, without the normalized x in front": -variance
                / own.std,
                "the sum in it lacks the normalized x": -own.xhat * mean / own.std,
                "x less its mean stands in front where the normalized x is asked": -own.xhat
                * variance,
            },
        },
        symbols=own.symbols,
    )


def path_factors(own, passed):
    """Return the factors of dx: what stands around the sum of the three paths."""
    mean, variance = own.average(passed), own.average(passed * own.xhat)
    return Terms(
        {
            "the division by the standard deviation": 1 / own.std,
            "the sum of the three paths": passed - mean - own.xhat * variance,
        },
    )


def batchnorm_dx(given, _):
    own = Normalized(given, 0)
    return paths(own, own.dout * own.gamma)


def batchnorm_dx_factors(given, _):
    own = Normalized(given, 0)
    bracket = path_factors(own, own.dout)
    return Terms({"gamma": own.gamma + 0 * own.x, **bracket.terms})


def layernorm_dx(given, _):
    own = Normalized(given, 1)
    return paths(own, own.dout * own.gamma)


def layernorm_dx_factors(given, _):
    own = Normalized(given, 1)
    return path_factors(own, own.dout * own.gamma)


def dgamma(axis):
    def terms(given, _):
        own = Normalized(given, axis)
        name = "the sum of dout times the normalized x"

        def total(values):
            return values.sum(axis=0)

        return Terms(
            {name: total(own.dout * own.xhat)},
            instead={
                name: {
                    "x stands in it where the normalized x is asked": total(own.dout * own.x),
                    "x less its mean stands in it where the normalized x is asked": total(
                        own.dout * (own.x - own.mean)
                    ),
                    "out stands in it where the normalized x is asked": total(
                        own.dout * (own.gamma * own.xhat + own.beta)
                    ),
                    "gamma comes in as a factor": own.gamma * total(own.dout * own.xhat),
                    "the normalized x is missing from it": total(own.dout),
                }
            },
            symbols=own.symbols,
        )

    return terms


def dbeta(axis):
    def terms(given, _):
        own = Normalized(given, axis)
        name, total = "the sum of dout over the examples", own.dout.sum(axis=0)
        return Terms(
            {name: total},
            instead={
                name: {
                    "gamma comes in as a factor": own.gamma * total,
                    "beta comes in as a factor": own.beta * total,
                    "it is summed over all axes": total.sum() + 0 * total,
                    "the normalized x comes in as a factor": (own.dout * own.xhat).sum(axis=0),
                }
            },
            symbols=own.symbols,
        )

    return terms


TERMS = (
    Sum("batchnorm-forward", "out", batchnorm_out),
    Product("batchnorm-forward", "out", lambda given, _: out_factors(batch(given))),
    Sum("batchnorm-forward", "running_mean", running_mean),
    Sum("batchnorm-forward", "running_var", running_var),
    *(
        declared
        for question in ("batchnorm-backward", "batchnorm-backward-alt")
        for declared in (
            Sum(question, "dx", batchnorm_dx),
            Product(question, "dx", batchnorm_dx_factors),
            Sum(question, "dgamma", dgamma(0)),
            Sum(question, "dbeta", dbeta(0)),
        )
    ),
    Sum(
        "layernorm-forward",
        "out",
        lambda given, _: out(
            own := Normalized(given, 1),
            {"it is normalized over the batch": own.gamma * Normalized(given, 0).xhat},
        ),
    ),
    Product("layernorm-forward", "out", lambda given, _: out_factors(Normalized(given, 1))),
    Sum("layernorm-backward", "dx", layernorm_dx),
    Product("layernorm-backward", "dx", layernorm_dx_factors),
    Sum("layernorm-backward", "dgamma", dgamma(1)),
    Sum("layernorm-backward", "dbeta", dbeta(1)),
)
