"""Each layer is one generator: it yields its output, is sent dout, and yields the gradients."""

import itertools

import numpy as np


def layer(steps):
    def forward(*inputs):
        running = steps(*inputs)
        return next(running), running

    def backward(dout, running):
        return running.send(dout)

    return forward, backward


def _affine(x, w, b):
    rows = x.reshape(len(x), -1)
    dout = yield rows @ w + b
    yield (dout @ w.T).reshape(x.shape), rows.T @ dout, sum(dout)


def _relu(x):
    dout = yield np.where(x > 0, x, 0)
    yield np.where(x > 0, dout, 0)


def _normalize(x, axis, eps):
    mean = x.mean(axis, keepdims=True)
    std = np.sqrt(((x - mean) ** 2).mean(axis, keepdims=True) + eps)
    xhat = (x - mean) / std
    d = yield xhat
    yield (d - d.mean(axis, keepdims=True) - xhat * (d * xhat).mean(axis, keepdims=True)) / std


def _scaled(x, gamma, beta, axis, eps):
    inner = _normalize(x, axis, eps)
    xhat = next(inner)
    dout = yield gamma * xhat + beta
    yield inner.send(dout * gamma), (dout * xhat).sum(0), dout.sum(0)


def _layernorm(x, gamma, beta, param):
    yield from _scaled(x, gamma, beta, 1, param.get("eps", 1e-5))


def _batchnorm(x, gamma, beta, param):
    eps, momentum = param.get("eps", 1e-5), param.get("momentum", 0.9)
    if param["mode"] == "test":
        centred = x - param.get("running_mean", 0)
        yield gamma * centred / np.sqrt(param.get("running_var", np.zeros(x.shape[1])) + eps) + beta
        return
    for name, value in zip(("running_mean", "running_var"), (x.mean(0), x.var(0))):
        param[name] = momentum * param.get(name, 0) + (1 - momentum) * value
    yield from _scaled(x, gamma, beta, 0, eps)


def _dropout(x, param):
    if "seed" in param:
        np.random.seed(param["seed"])
    factor = np.ones(x.shape)
    if param["mode"] == "train":
        draws = (np.random.rand() for _ in itertools.repeat(None, x.size))
        factor = np.fromiter((u < param["p"] for u in draws), bool, x.size).reshape(x.shape)
        factor = factor / param["p"]
    dout = yield x * factor
    yield dout * factor


affine_forward, affine_backward = layer(_affine)
relu_forward, relu_backward = layer(_relu)
batchnorm_forward, batchnorm_backward = layer(_batchnorm)
batchnorm_backward_alt = batchnorm_backward
layernorm_forward, layernorm_backward = layer(_layernorm)
dropout_forward, dropout_backward = layer(_dropout)
