import functools
import time
from contextlib import suppress

import numpy as np

CALLS = {}


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            with suppress(KeyError):
                CALLS[function.__name__] += time.perf_counter() - start

    CALLS[function.__name__] = 0.0
    return wrapper


def finite(name):
    """Check that an output holds no NaN."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            result = function(*args)
            first = result[0] if isinstance(result, tuple) else result
            assert np.all(np.isfinite(first)), name
            return result

        return wrapper

    return decorate


@timed
@finite("affine")
def affine_forward(x, w, b):
    return np.tensordot(x.reshape(len(x), -1), w, axes=1) + b, (x, w)


@timed
def affine_backward(dout, cache):
    x, w = cache
    dx = np.tensordot(dout, w, axes=([1], [1])).reshape(x.shape)
    return dx, np.tensordot(x.reshape(len(x), -1), dout, axes=([0], [0])), np.add.reduce(dout)


@timed
@finite("relu")
def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, out > 0


@timed
def relu_backward(dout, cache):
    dx = dout.copy()
    dx[~cache] = 0
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if mode == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    if mode != "train":
        raise ValueError(mode)
    xhat, inverse = _norm(x, 0, eps)
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(0)
    bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(0)
    return gamma * xhat + beta, (xhat, inverse, gamma)


def batchnorm_backward(dout, cache):
    xhat, inverse, gamma = cache
    dx = _back(dout * gamma, xhat, inverse, 0)
    return dx, (dout * xhat).sum(0), dout.sum(0)


batchnorm_backward_alt = batchnorm_backward


def layernorm_forward(x, gamma, beta, ln_param):
    xhat, inverse = _norm(x, 1, ln_param.get("eps", 1e-5))
    return gamma * xhat + beta, (xhat, inverse, gamma)


def layernorm_backward(dout, cache):
    xhat, inverse, gamma = cache
    dx = _back(dout * gamma, xhat, inverse, 1)
    return dx, (dout * xhat).sum(0), dout.sum(0)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "test":
        return x, (dropout_param, None)
    mask = np.random.random_sample(x.shape) < p
    return x * mask / p, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout if dropout_param["mode"] == "test" else dout * mask / dropout_param["p"]


def svm_loss(x, y):
    raise NotImplementedError


def softmax_loss(x, y):
    raise NotImplementedError


@timed
def _norm(x, axis, eps):
    xhat = x - np.average(x, axis=axis, keepdims=True)
    inverse = (np.average(np.square(xhat), axis=axis, keepdims=True) + eps) ** -0.5
    return xhat * inverse, inverse


@timed
def _back(d, xhat, inverse, axis):
    n = d.shape[axis]
    return inverse / n * (n * d - d.sum(axis, keepdims=True) - xhat * (d * xhat).sum(axis, keepdims=True))
