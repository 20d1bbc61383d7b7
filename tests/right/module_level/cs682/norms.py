import numpy as np

from ._helpers import standardize, standardize_back


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if mode == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    if mode != "train":
        raise ValueError(mode)
    xhat, inverse = standardize(x, 0, eps)
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(0)
    bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(0)
    return gamma * xhat + beta, (xhat, inverse, gamma)


def batchnorm_backward(dout, cache):
    xhat, inverse, gamma = cache
    dx = standardize_back(dout * gamma, xhat, inverse, 0)
    return dx, (dout * xhat).sum(0), dout.sum(0)


batchnorm_backward_alt = batchnorm_backward


def layernorm_forward(x, gamma, beta, ln_param):
    xhat, inverse = standardize(x, 1, ln_param.get("eps", 1e-5))
    return gamma * xhat + beta, (xhat, inverse, gamma)


def layernorm_backward(dout, cache):
    xhat, inverse, gamma = cache
    dx = standardize_back(dout * gamma, xhat, inverse, 1)
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
