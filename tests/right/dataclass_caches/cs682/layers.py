from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class AffineCache:
    x: np.ndarray
    w: np.ndarray
    shape: tuple[int, ...] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "shape", self.x.shape)

    @property
    def rows(self):
        return self.x.reshape(self.shape[0], -1)


class ReluCache(NamedTuple):
    positive: np.ndarray


@dataclass
class NormCache:
    xhat: Any = None
    std: Any = None
    gamma: Any = None
    axis: int = 0

    def backward(self, dout):
        d = dout * self.gamma
        m = lambda a: a.mean(axis=self.axis, keepdims=True)
        return (d - m(d) - self.xhat * m(d * self.xhat)) / self.std


@dataclass(slots=True)
class DropCache:
    param: dict
    mask: np.ndarray | float = 1.0


def affine_forward(x, w, b):
    cache = AffineCache(x, w)
    return cache.rows @ w + b[None], cache


def affine_backward(dout, cache):
    return (dout @ cache.w.T).reshape(cache.shape), cache.rows.T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.clip(x, 0, None), ReluCache(x > 0)


def relu_backward(dout, cache):
    (positive,) = cache
    return dout * positive


def normalized(x, eps, cache):
    std = np.sqrt(x.var(axis=cache.axis, keepdims=True) + eps)
    return replace(cache, xhat=(x - x.mean(axis=cache.axis, keepdims=True)) / std, std=std)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    mean = bn_param.setdefault("running_mean", np.zeros_like(x[0]))
    var = bn_param.setdefault("running_var", np.zeros_like(x[0]))
    if bn_param["mode"] == "test":
        return (x - mean) / np.sqrt(var + eps) * gamma + beta, None
    cache = normalized(x, eps, NormCache(gamma=gamma))
    rate = 1 - bn_param.get("momentum", 0.9)
    bn_param.update(
        running_mean=mean + rate * (x.mean(axis=0) - mean),
        running_var=var + rate * (x.var(axis=0) - var),
    )
    return cache.xhat * gamma + beta, cache


def layernorm_forward(x, gamma, beta, ln_param):
    cache = normalized(x, ln_param.get("eps", 1e-5), NormCache(gamma=gamma, axis=1))
    return cache.xhat * gamma + beta, cache


def batchnorm_backward(dout, cache):
    return cache.backward(dout), (dout * cache.xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


layernorm_backward = batchnorm_backward


def dropout_forward(x, dropout_param):
    cache = DropCache(dropout_param)
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "train":
        p = dropout_param["p"]
        cache.mask = np.random.choice([0.0, 1 / p], size=x.shape, p=[1 - p, p])
    return x * cache.mask, cache


def dropout_backward(dout, cache):
    return dout * cache.mask
