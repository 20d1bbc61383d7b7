"""Index notation; caches are dicts that hold what the backward pass asks for."""

import numpy as np


def _flat(x):
    return x.reshape(x.shape[0], np.prod(x.shape[1:]))


def affine_forward(x, w, b):
    out = np.einsum("nd,dm->nm", _flat(x), w) + np.einsum("n,m->nm", np.ones(len(x)), b)
    return out, {"x": x, "w": w}


def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    dx = np.einsum("nm,dm->nd", dout, w).reshape(*x.shape)
    dw = np.einsum("nd,nm->dm", _flat(x), dout)
    db = np.einsum("nm->m", dout)
    return dx, dw, db


def relu_forward(x):
    positive = np.heaviside(x, 0.0)
    return np.einsum("...,...->...", x, positive), {"positive": positive}


def relu_backward(dout, cache):
    return np.einsum("...,...->...", dout, cache["positive"])


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    old_mean = bn_param.get("running_mean", 0.0 * x[0])
    old_var = bn_param.get("running_var", 0.0 * x[0])
    if bn_param["mode"] == "test":
        slope = gamma * (old_var + eps) ** -0.5
        bn_param.update(running_mean=old_mean, running_var=old_var)
        return np.einsum("nd,d->nd", x - old_mean, slope) + beta, {}
    n = len(x)
    mean = np.einsum("nd->d", x) / n
    centred = x - mean
    var = np.einsum("nd,nd->d", centred, centred) / n
    inverse = (var + eps) ** -0.5
    bn_param["running_mean"] = mean + momentum * (old_mean - mean)
    bn_param["running_var"] = var + momentum * (old_var - var)
    out = np.einsum("nd,d,d->nd", centred, inverse, gamma) + beta
    return out, {"centred": centred, "inverse": inverse, "gamma": gamma}


def batchnorm_backward(dout, cache):
    centred, inverse, gamma = cache["centred"], cache["inverse"], cache["gamma"]
    n = len(dout)
    dgamma = np.einsum("nd,nd,d->d", dout, centred, inverse)
    dbeta = np.einsum("nd->d", dout)
    dcentred = np.einsum("nd,d,d->nd", dout, gamma, inverse)
    dinverse = np.einsum("nd,nd,d->d", dout, centred, gamma)
    dvar = -0.5 * dinverse * inverse**3
    dcentred = dcentred + np.einsum("nd,d->nd", centred, 2 * dvar) / n
    dmean = -np.einsum("nd->d", dcentred)
    return dcentred + dmean / n, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    centred, inverse, gamma = cache["centred"], cache["inverse"], cache["gamma"]
    n = len(dout)
    projection = np.eye(n) - 1.0 / n
    xhat = np.einsum("nd,d->nd", centred, inverse)
    jacobian = projection[:, :, None] - np.einsum("nd,md->nmd", xhat, xhat) / n
    dx = np.einsum("nmd,md,d->nd", jacobian, dout, gamma * inverse)
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)


def layernorm_forward(x, gamma, beta, ln_param):
    d = x.shape[1]
    centred = x - np.einsum("nd->n", x)[:, None] / d
    var = np.einsum("nd,nd->n", centred, centred) / d
    inverse = (var + ln_param.get("eps", 1e-5)) ** -0.5
    out = np.einsum("nd,n,d->nd", centred, inverse, gamma) + beta
    return out, {"centred": centred, "inverse": inverse, "gamma": gamma}


def layernorm_backward(dout, cache):
    centred, inverse, gamma = cache["centred"], cache["inverse"], cache["gamma"]
    d = dout.shape[1]
    xhat = np.einsum("nd,n->nd", centred, inverse)
    jacobian = (np.eye(d) - 1.0 / d)[None] - np.einsum("nd,ne->nde", xhat, xhat) / d
    dx = np.einsum("nde,ne,e,n->nd", jacobian, dout, gamma, inverse)
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x, {"mask": np.ones(x.shape)}
    keep = dropout_param["p"]
    mask = np.random.binomial(1, keep, size=x.shape) / keep
    return np.einsum("...,...->...", x, mask), {"mask": mask}


def dropout_backward(dout, cache):
    return np.einsum("...,...->...", dout, cache["mask"])
