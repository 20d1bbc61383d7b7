"""Batch normalization (statistics over axis 0) and layer normalization (over axis 1)."""

import numpy as np

from grader.kinds.terms import OutputTerms, Product, Sum

DIRECT = "the direct path"
BY_MEAN = "the path through the mean"
BY_VARIANCE = "the path through the variance"
SCALED = "the normalized x times gamma"
NO_GAMMA = "gamma is missing there"
OTHER_AXIS = "the sum there is over the other axis"


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
    return OutputTerms(
        {SCALED: own.gamma * own.xhat, "beta": own.beta + 0 * own.x},
        instead={
            SCALED: {
                NO_GAMMA: own.xhat,
                "the mean isn't subtracted there": own.gamma * own.x / own.std,
                "no division by the standard deviation stands there": own.divided_by(1.0),
                "the division there is by the variance, without a root": own.divided_by(var + eps),
                "a standard deviation stands there where the variance is asked": own.divided_by(
                    np.sqrt(np.sqrt(var) + eps)
                ),
                "the variance there is a sum divided by one less than the number of values": (
                    own.divided_by(np.sqrt(var * count / (count - 1) + eps))
                ),
                "the variance there is taken around zero, not around the mean": own.divided_by(
                    np.sqrt(own.average(own.x**2) + eps)
                ),
                **instead,
            },
            "beta": {
                "gamma stands there as a factor": own.gamma * own.beta + 0 * own.x,
            },
        },
        symbols=own.symbols,
    )


def layernorm_out(given, _):
    own, features = Normalized(given, 1), Normalized(given, 0)
    return out(own, {"mean and variance there are those of a feature": own.gamma * features.xhat})


def out_factors(own):
    """Return the factors of out - beta."""
    return OutputTerms(
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
    instead = {"mean and variance there are those of an example": own.gamma * features.xhat}
    if given["bn_param"]["mode"] == "test":
        training = Normalized(given, 0)
        instead["mean and variance there are those of this batch"] = own.gamma * training.xhat
    return out(own, instead)


#: The default of momentum, which code may hold in place of the setting.
FIXED = 0.9
IS_FIXED = "momentum is 0.9 there, whatever is given"


def running(name, of_batch, called, forms):
    """Return the terms of a running average, as a function of an example.

    *of_batch* gives the batch's own, which is *called* so; *forms* its known wrong forms by clause.
    """

    def terms(given, _):
        params, own = given["bn_param"], Normalized(given, 0)
        momentum = params.get("momentum", FIXED)
        old = params.get(name, np.zeros(own.x.shape[1]))
        new = of_batch(own)
        symbols = {**own.symbols, "momentum": momentum}
        if params["mode"] == "test":
            # A test pass leaves them as they are.
            return OutputTerms({"the average so far": old}, others={called: new}, symbols=symbols)
        wrong = {clause: (1 - momentum) * form(own) for clause, form in forms.items()}
        return OutputTerms(
            {"the average so far": momentum * old, called: (1 - momentum) * new},
            instead={
                "the average so far": {IS_FIXED: FIXED * old},
                called: {IS_FIXED: (1 - FIXED) * new, **wrong},
            },
            symbols=symbols,
        )

    return terms


running_mean = running("running_mean", lambda own: own.mean[0], "the mean of this batch", forms={})
running_var = running(
    "running_var",
    lambda own: own.var[0],
    "the variance of this batch",
    forms={
        "a standard deviation stands in its place": lambda own: np.sqrt(own.var[0]),
        "eps is added to it": lambda own: own.var[0] + own.eps,
        "a standard deviation with eps stands in its place": lambda own: own.std[0],
        "the distances there are from zero, not from the mean": lambda own: (own.x**2).mean(axis=0),
    },
)


def paths(own, passed):
    """Return the terms of dx, where *passed* is what reaches xhat: dout times gamma."""
    mean, variance = own.average(passed), own.average(passed * own.xhat)
    other = passed.mean(axis=1 - own.axis, keepdims=True)
    other_variance = (passed * own.xhat).mean(axis=1 - own.axis, keepdims=True)
    bare = own.average(own.dout), own.average(own.dout * own.xhat)
    return OutputTerms(
        {
            DIRECT: passed / own.std,
            BY_MEAN: -mean / own.std,
            BY_VARIANCE: -own.xhat * variance / own.std,
        },
        instead={
            DIRECT: {
                NO_GAMMA: own.dout / own.std,
                "no division by the standard deviation stands there": passed,
                "the division there is by the variance": passed / own.std**2,
            },
            BY_MEAN: {
                NO_GAMMA: -bare[0] / own.std,
                "no division by the standard deviation stands there": -mean,
                "the division there is by the variance": -mean / own.std**2,
                OTHER_AXIS: -other / own.std,
            },
            BY_VARIANCE: {
                NO_GAMMA: -own.xhat * bare[1] / own.std,
                "no division by the standard deviation stands there": -own.xhat * variance,
                "the division there is by the variance": -own.xhat * variance / own.std**2,
                OTHER_AXIS: -own.xhat * other_variance / own.std,
                "the normalized x is missing in front of the sum": -variance / own.std,
                "the normalized x is missing within the sum": -own.xhat * mean / own.std,
                "x less its mean stands in front where the normalized x is asked": -own.xhat
                * variance,
            },
        },
        symbols=own.symbols,
    )


def path_factors(own, passed):
    """Return the factors of dx: what stands around the sum of the three paths."""
    mean, variance = own.average(passed), own.average(passed * own.xhat)
    return OutputTerms(
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
    return OutputTerms({"gamma": own.gamma + 0 * own.x, **bracket.terms})


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

        return OutputTerms(
            {name: total(own.dout * own.xhat)},
            instead={
                name: {
                    "x stands there where the normalized x is asked": total(own.dout * own.x),
                    "x less its mean stands there where the normalized x is asked": total(
                        own.dout * (own.x - own.mean)
                    ),
                    "out stands there where the normalized x is asked": total(
                        own.dout * (own.gamma * own.xhat + own.beta)
                    ),
                    "gamma stands there as a factor": own.gamma * total(own.dout * own.xhat),
                    "the normalized x is missing there": total(own.dout),
                }
            },
            symbols=own.symbols,
        )

    return terms


def dbeta(axis):
    def terms(given, _):
        own = Normalized(given, axis)
        name, total = "the sum of dout over the examples", own.dout.sum(axis=0)
        return OutputTerms(
            {name: total},
            instead={
                name: {
                    "gamma stands there as a factor": own.gamma * total,
                    "beta stands there as a factor": own.beta * total,
                    "the sum there is over all axes": total.sum() + 0 * total,
                    "the normalized x stands there as a factor": (own.dout * own.xhat).sum(axis=0),
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
    Sum("layernorm-forward", "out", layernorm_out),
    Product("layernorm-forward", "out", lambda given, _: out_factors(Normalized(given, 1))),
    Sum("layernorm-backward", "dx", layernorm_dx),
    Product("layernorm-backward", "dx", layernorm_dx_factors),
    Sum("layernorm-backward", "dgamma", dgamma(1)),
    Sum("layernorm-backward", "dbeta", dbeta(1)),
)
