from functools import partial
from operator import mul

import numpy as np

mean0, mean1 = (partial(np.mean, axis=axis, keepdims=True) for axis in (0, 1))
column_sums = partial(np.sum, axis=0)
positive = partial(np.maximum, 0)


def affine_forward(x, w, b):
    return x.reshape(len(x), -1).__matmul__(w) + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (
        np.inner(dout, w).reshape(x.shape),
        np.inner(x.reshape(len(x), -1).T, dout.T),
        column_sums(dout),
    )


def relu_forward(x):
    return positive(x), np.sign(positive(x))


relu_backward = mul


def _forward(mean, x, gamma, beta, eps):
    centred = x - mean(x)
    root = (mean(centred**2) + eps) ** 0.5
    return gamma * (centred / root) + beta, (centred / root, root, gamma)


def _backward(mean, dout, cache):
    xhat, root, gamma = cache
    d = dout * gamma
    return (d - mean(d) - xhat * mean(d * xhat)) / root, column_sums(dout * xhat), column_sums(dout)


def layernorm_forward(x, gamma, beta, ln_param):
    return _forward(mean1, x, gamma, beta, ln_param.get("eps", 1e-5))


layernorm_backward = partial(_backward, mean1)
batchnorm_backward = partial(_backward, mean0)
batchnorm_backward_alt = partial(_backward, mean0)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean, var = (bn_param.get(f"running_{s}", np.zeros(x.shape[1])) for s in ("mean", "var"))
    if bn_param["mode"] == "train":
        share = bn_param.get("momentum", 0.9)
        bn_param["running_mean"] = np.average([mean, x.mean(0)], axis=0, weights=[share, 1 - share])
        bn_param["running_var"] = np.average([var, x.var(0)], axis=0, weights=[share, 1 - share])
        return _forward(mean0, x, gamma, beta, eps)
    return gamma * (x - mean) * (var + eps) ** -0.5 + beta, None


def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    scale = partial(mul, 1)
    if dropout_param["mode"] == "train":
        kept = np.less(np.random.sample(x.shape), dropout_param["p"])
        scale = partial(mul, kept / dropout_param["p"])
    return scale(x), scale


def dropout_backward(dout, scale):
    return scale(dout)
