"""Element by element, in plain loops that fill preallocated arrays."""

import numpy as np


def affine_forward(x, w, b):
    N, M = x.shape[0], w.shape[1]
    out = np.zeros((N, M))
    for i in range(N):
        row = x[i].flatten()
        for j in range(M):
            total = 0.0
            for k in range(len(row)):
                total += row[k] * w[k, j]
            out[i, j] = total + b[j]
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.zeros(x.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for i in range(x.shape[0]):
        row = x[i].flatten()
        drow = np.zeros(len(row))
        for j in range(w.shape[1]):
            db[j] += dout[i, j]
            for k in range(len(row)):
                drow[k] += dout[i, j] * w[k, j]
                dw[k, j] += dout[i, j] * row[k]
        dx[i] = drow.reshape(x[i].shape)
    return dx, dw, db


def relu_forward(x):
    out = np.zeros(x.shape)
    flat, source = out.reshape(-1), x.reshape(-1)
    for i in range(len(flat)):
        if source[i] > 0:
            flat[i] = source[i]
    return out, x


def relu_backward(dout, cache):
    dx = np.zeros(dout.shape)
    for index in np.ndindex(*dout.shape):
        if cache[index] > 0:
            dx[index] = dout[index]
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out = np.zeros((N, D))
    cache = None
    if mode == "train":
        xhat = np.zeros((N, D))
        stds = np.zeros(D)
        new_mean, new_var = np.zeros(D), np.zeros(D)
        for d in range(D):
            mu = sum(x[:, d]) / N
            var = sum((value - mu) ** 2 for value in x[:, d]) / N
            stds[d] = (var + eps) ** 0.5
            for n in range(N):
                xhat[n, d] = (x[n, d] - mu) / stds[d]
                out[n, d] = gamma[d] * xhat[n, d] + beta[d]
            new_mean[d] = momentum * running_mean[d] + (1 - momentum) * mu
            new_var[d] = momentum * running_var[d] + (1 - momentum) * var
        running_mean, running_var = new_mean, new_var
        cache = (xhat, stds, gamma)
    elif mode == "test":
        for n in range(N):
            for d in range(D):
                value = (x[n, d] - running_mean[d]) / (running_var[d] + eps) ** 0.5
                out[n, d] = gamma[d] * value + beta[d]
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, stds, gamma = cache
    N, D = dout.shape
    dx = np.zeros((N, D))
    dgamma, dbeta = np.zeros(D), np.zeros(D)
    for d in range(D):
        for n in range(N):
            dgamma[d] += dout[n, d] * xhat[n, d]
            dbeta[d] += dout[n, d]
        for n in range(N):
            # How each input of the column moves each output of it.
            for m in range(N):
                own = 1.0 if m == n else 0.0
                slope = (own - 1.0 / N - xhat[n, d] * xhat[m, d] / N) / stds[d]
                dx[n, d] += gamma[d] * dout[m, d] * slope
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xhat, stds, gamma = cache
    N, D = dout.shape
    dgamma = np.array([sum(dout[:, d] * xhat[:, d]) for d in range(D)])
    dbeta = np.array([sum(dout[:, d]) for d in range(D)])
    dx = np.zeros((N, D))
    for d in range(D):
        factor = gamma[d] / (N * stds[d])
        dx[:, d] = factor * (N * dout[:, d] - dbeta[d] - xhat[:, d] * dgamma[d])
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    N, D = x.shape
    out, xhat, stds = np.zeros((N, D)), np.zeros((N, D)), np.zeros(N)
    for n in range(N):
        mu = sum(x[n]) / D
        stds[n] = (sum((value - mu) ** 2 for value in x[n]) / D + eps) ** 0.5
        for d in range(D):
            xhat[n, d] = (x[n, d] - mu) / stds[n]
            out[n, d] = gamma[d] * xhat[n, d] + beta[d]
    return out, (xhat, stds, gamma)


def layernorm_backward(dout, cache):
    xhat, stds, gamma = cache
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for n in range(N):
        first = second = 0.0
        for d in range(D):
            dgamma[d] += dout[n, d] * xhat[n, d]
            dbeta[d] += dout[n, d]
            first += dout[n, d] * gamma[d]
            second += dout[n, d] * gamma[d] * xhat[n, d]
        for d in range(D):
            dx[n, d] = (dout[n, d] * gamma[d] - first / D - xhat[n, d] * second / D) / stds[n]
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = np.ones(x.shape)
    if mode == "train":
        for index in np.ndindex(*x.shape):
            mask[index] = 1 / p if np.random.random() < p else 0.0
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    dx = dout.copy()
    for index in np.ndindex(*dout.shape):
        if mask[index] == 0:
            dx[index] = 0
        elif dropout_param["mode"] == "train":
            dx[index] = dout[index] / dropout_param["p"]
    return dx
