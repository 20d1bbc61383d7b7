from numpy import *
from numpy import random as rnd

__all__ = [
    "affine_forward",
    "affine_backward",
    "relu_forward",
    "relu_backward",
    "batchnorm_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "layernorm_forward",
    "layernorm_backward",
    "dropout_forward",
    "dropout_backward",
    "softmax_loss",
    "svm_loss",
]


def affine_forward(x, w, b):
    return c_[x.reshape(x.shape[0], -1), ones(x.shape[0])] @ r_[w, b[newaxis]], (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    both = c_[x.reshape(x.shape[0], -1), ones(x.shape[0])].T @ dout
    return (dout @ w.T).reshape(x.shape), both[:-1], both[-1]


def relu_forward(x):
    return maximum(x, 0), x


def relu_backward(dout, cache):
    return select([cache > 0], [dout], 0)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    seen = {s: bn_param.get("running_" + s, zeros(x.shape[1])) for s in ("mean", "var")}
    if bn_param["mode"] == "test":
        return gamma / sqrt(seen["var"] + eps) * (x - seen["mean"]) + beta, None
    for s in seen:
        batch = {"mean": mean, "var": var}[s](x, axis=0)
        bn_param["running_" + s] = momentum * seen[s] + (1 - momentum) * batch
    std_ = sqrt(var(x, axis=0) + eps)
    xhat = (x - mean(x, axis=0)) / std_
    return gamma * xhat + beta, (xhat, std_, gamma)


def batchnorm_backward(dout, cache):
    xhat, std_, gamma = cache
    dgamma, dbeta = sum(dout * xhat, axis=0), sum(dout, axis=0)
    return gamma / std_ * (dout - (dbeta + xhat * dgamma) / len(dout)), dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def layernorm_forward(x, gamma, beta, ln_param):
    out, cache = batchnorm_forward(x.T, 1, 0, {"mode": "train", "eps": ln_param.get("eps", 1e-5)})
    return gamma * out.T + beta, (cache, gamma)


def layernorm_backward(dout, cache):
    inner, gamma = cache
    dx, _, _ = batchnorm_backward((dout * gamma).T, inner)
    return dx.T, sum(dout * inner[0].T, axis=0), sum(dout, axis=0)


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        rnd.seed(dropout_param["seed"])
    mask = ones(x.shape)
    if dropout_param["mode"] == "train":
        mask = where(rnd.rand(*x.shape) < dropout_param["p"], 1 / dropout_param["p"], 0)
    return x * mask, mask


def dropout_backward(dout, cache):
    return dout * cache


def svm_loss(x, y):
    pass


def softmax_loss(x, y):
    pass
