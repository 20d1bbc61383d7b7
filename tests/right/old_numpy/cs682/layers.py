import numpy as np


def affine_forward(x, w, b):
    N, D = x.shape[0], np.product(x.shape[1:])
    out = np.reshape(x, newshape=(N, int(D))).dot(w) + b
    assert np.alltrue(np.in1d(out.shape, [N, b.size]))
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    rows = np.reshape(x, newshape=(x.shape[0], -1), order="C")
    dx = np.array(dout.dot(w.T), copy=False, dtype=np.float_).reshape(x.shape)
    return dx, np.asfarray(rows.T.dot(dout)), np.sum(d for d in dout)


def relu_forward(x):
    out = np.array(x, copy=True)
    out[np.nonzero(x < np.float_(0))] = np.float64(0)
    return out, x


def relu_backward(dout, cache):
    return np.cast["float64"](cache > 0) * dout


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=np.float_))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=np.float_))
    if mode == "train":
        mean, var = np.mean(x, 0), np.var(x, 0)
        if np.sometrue(np.isnan(var)) or var.max() == np.Inf or var.min() == np.NINF:
            mean = np.NaN * mean
        xhat = (x - mean) / np.sqrt(var + eps)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
        cache = xhat, np.sqrt(var + eps), gamma
        bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
        return np.round_(1.0) * gamma * xhat + beta, cache
    xhat = (x - running_mean) / np.sqrt(running_var + eps)
    return np.row_stack([gamma * row + beta for row in xhat]), None


def batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    N = np.math.floor(dout.shape[0])
    dgamma, dbeta = np.sum(dout * xhat, 0), np.sum(dout, 0)
    return gamma / std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    std = np.sqrt(np.var(x, 1, keepdims=True) + eps)
    xhat = (x - np.mean(x, 1, keepdims=True)) / std
    return gamma * xhat + beta, (xhat, std, gamma)


def layernorm_backward(dout, cache):
    xhat, std, gamma = cache
    D = np.float_(dout.shape[1])
    d = dout * gamma
    dx = d - np.add.reduce(d, 1, keepdims=True) / D
    dx = (dx - xhat * np.add.reduce(d * xhat, 1, keepdims=True) / D) / std
    return dx, np.sum(dout * xhat, 0), np.sum(dout, 0)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "test":
        return x, (dropout_param, None)
    mask = np.asfarray(np.random.random_sample(np.shape(x)) < p) / p
    return np.array(x * mask, copy=False), (dropout_param, mask)


def dropout_backward(dout, cache):
    return dout if cache[1] is None else np.multiply(dout, cache[1])
