"""Vectors as rows of shape (1, D) and columns of shape (N, 1), by matrix products with ones."""

import numpy as np


def _ones(n):
    return np.ones((1, n))


def affine_forward(x, w, b):
    X = np.array([example.ravel() for example in x])
    # The bias as the weight of a feature that is always one.
    out = np.hstack([X, _ones(len(X)).T]) @ np.vstack([w, b.reshape(1, -1)])
    return out, (X, x.shape, w)


def affine_backward(dout, cache):
    X, shape, w = cache
    both = np.hstack([X, _ones(len(X)).T]).T @ dout
    dx = np.tensordot(dout, w, axes=([1], [1]))
    return np.reshape(dx, shape), both[:-1], both[-1]


def relu_forward(x):
    return (np.abs(x) + x) / 2, np.sign(x)


def relu_backward(dout, cache):
    return np.clip(cache, 0, 1) * dout


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    old_mean = np.reshape(bn_param.get("running_mean", np.zeros((1, D))), (1, D))
    old_var = np.reshape(bn_param.get("running_var", np.zeros((1, D))), (1, D))
    g, s = gamma[np.newaxis], beta[np.newaxis]
    if mode == "train":
        mean = _ones(N) @ x / N
        centred = x - mean
        var = _ones(N) @ centred**2 / N
        bn_param["running_mean"] = (momentum * old_mean + (1 - momentum) * mean)[0]
        bn_param["running_var"] = (momentum * old_var + (1 - momentum) * var)[0]
        return g * centred / (var + eps) ** 0.5 + s, [centred, var + eps, g]
    if mode == "test":
        return g * (x - old_mean) / (old_var + eps) ** 0.5 + s, None
    raise ValueError("mode")


def batchnorm_backward(dout, cache):
    centred, var, g = cache
    N = len(dout)
    one = _ones(N)
    dgamma = one @ (dout * centred / np.sqrt(var))
    dvar = one @ (dout * g * centred) * -0.5 * var**-1.5
    dmean = one @ (dout * g) * -1 / np.sqrt(var) + dvar * (one @ (-2 * centred)) / N
    dx = dout * g / np.sqrt(var) + dvar * 2 * centred / N + dmean / N
    return dx, dgamma.ravel(), (one @ dout).ravel()


def batchnorm_backward_alt(dout, cache):
    centred, var, g = cache
    N = len(dout)
    one = _ones(N)
    dbeta = one @ dout
    moment = one @ (dout * centred)
    dx = g * (N * dout - dbeta - centred / var * moment) / (N * np.sqrt(var))
    return dx, (moment / np.sqrt(var))[0], dbeta[0]


def layernorm_forward(x, gamma, beta, ln_param):
    D = x.shape[1]
    column = _ones(D).T / D
    centred = x - x @ column
    var = centred**2 @ column + ln_param.get("eps", 1e-5)
    return gamma[None] * centred / np.sqrt(var) + beta[None], [centred, var, gamma[None]]


def layernorm_backward(dout, cache):
    centred, var, g = cache
    N, D = dout.shape
    column = _ones(D).T
    dcentred = dout * g / np.sqrt(var)
    dvar = (dout * g * centred) @ column * -0.5 * var**-1.5
    dcentred = dcentred + dvar * 2 * centred / D
    dx = dcentred - dcentred @ column / D
    dgamma = _ones(N) @ (dout * centred / np.sqrt(var))
    return dx, dgamma.reshape(D), dout.T.dot(np.ones((N, 1))).reshape(D)


def dropout_forward(x, dropout_param):
    keep, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode != "train":
        return 1.0 * x, None
    kept = np.random.choice([0.0, 1.0], size=x.shape, p=[1 - keep, keep])
    return kept * x * (1 / keep), kept * (1 / keep)


def dropout_backward(dout, cache):
    return 1.0 * dout if cache is None else np.multiply(cache, dout)
