import math

import numpy as np


def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    out = np.zeros((x.shape[0], w.shape[1]))
    for n in range(x.shape[0]):
        for m in range(w.shape[1]):
            out[n, m] = rows[n : n + 1].dot(w[:, m : m + 1]) + b[m]
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx, dw, db = np.zeros(rows.shape), np.zeros(w.shape), np.zeros(b.shape)
    for d in range(w.shape[0]):
        for m in range(w.shape[1]):
            dw[d, m] = rows[:, d : d + 1].T.dot(dout[:, m : m + 1])
    for m in range(w.shape[1]):
        db[m] += dout[:, m : m + 1].sum(axis=0)
        dx += np.outer(dout[:, m], w[:, m])
    return dx.reshape(x.shape), dw, db


def relu_forward(x):
    out = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        out[index] = float(max(x[index].reshape(1), np.zeros(1)))
    return out, x


def relu_backward(dout, cache):
    dx = np.zeros(dout.shape)
    for index, value in np.ndenumerate(cache):
        if value > 0:
            dx[index] = dout[index].reshape(1, 1)
    return dx


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    xhat, stds = np.zeros(x.shape), np.zeros(len(x))
    for n in range(len(x)):
        row = x[n : n + 1]
        mean = float(np.mean(row, axis=1))
        stds[n] = math.sqrt(np.mean((row - mean) ** 2, axis=1) + eps)
        xhat[n] = (row - mean) / stds[n]
    return gamma * xhat + beta, (xhat, stds, gamma)


def layernorm_backward(dout, cache):
    xhat, stds, gamma = cache
    dx = np.zeros(xhat.shape)
    for n in range(len(xhat)):
        d = dout[n] * gamma
        inner = float(np.dot(d.reshape(1, -1), xhat[n].reshape(-1, 1)))
        dx[n] = (d - d.mean() - xhat[n] * inner / len(d)) / stds[n]
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, cache = np.zeros(x.shape), None
    if mode == "train":
        xhat, stds = np.zeros(x.shape), np.zeros(D)
        for d in range(D):
            column = x[:, d : d + 1]
            mean, var = column.mean(axis=0), column.var(axis=0)
            stds[d] = np.sqrt(var + eps)
            xhat[:, d : d + 1] = (column - mean) / stds[d]
            running_mean[d] = momentum * running_mean[d] + (1 - momentum) * mean
            running_var[d] = momentum * running_var[d] + (1 - momentum) * var
        out, cache = gamma * xhat + beta, (xhat, stds, gamma)
    elif mode == "test":
        for d in range(D):
            out[:, d] = (x[:, d] - running_mean[d]) / math.sqrt(running_var[d : d + 1] + eps)
        out = out * gamma + beta
    else:
        raise ValueError("Invalid forward batchnorm mode %s" % mode)
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, stds, gamma = cache
    dx, dgamma, dbeta = np.zeros(dout.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    for d in range(len(gamma)):
        dgamma[d] = dout[:, d : d + 1].T.dot(xhat[:, d : d + 1])
        dbeta[d] = np.sum(dout[:, d : d + 1], axis=0)
        g = dout[:, d] * gamma[d]
        dx[:, d] = (g - g.mean() - xhat[:, d] * (g * xhat[:, d]).mean()) / stds[d]
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    if mode == "train":
        mask = np.zeros(x.shape)
        draws = np.random.rand(x.size, 1)
        for i in range(x.size):
            mask.flat[i] = float(draws[i] < p) / p
        print("kept %.2f of it" % np.mean(mask, keepdims=True).ravel())
        return x * mask, (dropout_param, mask)
    return x, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout * mask if dropout_param["mode"] == "train" else dout
