"""Layers, one operation at a time."""

import numpy as np


def affine_forward(x, w, b):
    out = np.einsum("nd,dm->nm", x.reshape(len(x), -1), w)
    for m in range(out.shape[1]):
        out[:, m] += b[m]
    return out, {"x": x, "w": w}


def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    rows = x.reshape(len(x), -1)
    dw = sum(np.outer(row, d) for row, d in zip(rows, dout, strict=True))
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    return dx, dw, np.einsum("nm->m", dout)


def relu_forward(x):
    return np.where(x > 0, x, 0.0), x > 0


def relu_backward(dout, cache):
    return np.where(cache, dout, 0.0)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    n, d = x.shape
    mean = bn_param.get("running_mean", np.zeros(d))
    var = bn_param.get("running_var", np.zeros(d))
    if bn_param["mode"] == "test":
        return gamma / np.sqrt(var + eps) * (x - mean) + beta, None
    mu = np.einsum("nd->d", x) / n
    centred = x - mu
    variance = np.einsum("nd,nd->d", centred, centred) / n
    root = np.sqrt(variance + eps)
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * mu
    bn_param["running_var"] = momentum * var + (1 - momentum) * variance
    return centred * (gamma / root) + beta, (centred, root, gamma)


def batchnorm_backward(dout, cache):
    centred, root, gamma = cache
    n = len(dout)
    dgamma = np.einsum("nd,nd->d", dout, centred) / root
    # out = scaled * centred, scaled = gamma / root, root = sqrt(variance + eps)
    dscaled = np.einsum("nd,nd->d", dout, centred)
    droot = -dscaled * gamma / root**2
    dvariance = droot / (2 * root)
    dcentred = dout * (gamma / root) + (2 / n) * centred * dvariance
    return dcentred - dcentred.mean(axis=0), dgamma, dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    rows, roots = [], []
    for row in x:
        centred = row - sum(row) / len(row)
        roots.append(np.sqrt(sum(centred * centred) / len(row) + eps))
        rows.append(centred / roots[-1])
    normalized = np.array(rows)
    return normalized * gamma + beta, (normalized, roots, gamma)


def layernorm_backward(dout, cache):
    normalized, roots, gamma = cache
    dx = np.empty_like(dout)
    for i, (d, row, root) in enumerate(zip(dout * gamma, normalized, roots, strict=True)):
        # The Jacobian of one normalized row, written out.
        size = len(row)
        jacobian = (np.eye(size) - 1 / size - np.outer(row, row) / size) / root
        dx[i] = jacobian @ d
    return dx, np.einsum("nd,nd->d", dout, normalized), np.einsum("nd->d", dout)


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x.copy(), np.ones_like(x)
    keep = dropout_param["p"]
    factor = np.where(np.random.rand(*x.shape) < keep, 1 / keep, 0.0)
    return x * factor, factor


def dropout_backward(dout, cache):
    return dout * cache


def softmax_loss(x, y):
    n = len(x)
    shifted = x - x.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    totals = exps.sum(axis=1, keepdims=True)
    dx = exps / totals
    loss = 0.0
    for i in range(n):
        loss += np.log(totals[i, 0]) - shifted[i, y[i]]
        dx[i, y[i]] -= 1
    return loss / n, dx / n
