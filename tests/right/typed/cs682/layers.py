from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, MutableMapping
from enum import Enum, StrEnum, auto
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    Generic,
    Literal,
    NamedTuple,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypedDict,
    TypeVar,
    assert_never,
    cast,
    overload,
)

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

Array: TypeAlias = npt.NDArray[np.floating[Any]]
T = TypeVar("T")
P = ParamSpec("P")
EPS: Final = 1e-5


class Mode(StrEnum):
    TRAIN = "train"
    TEST = "test"


class Axis(Enum):
    EXAMPLES = 0
    FEATURES = auto()


class DropoutParam(TypedDict, total=False):
    p: float
    mode: Literal["train", "test"]
    seed: int


class Cache(NamedTuple, Generic[T]):
    value: T
    extra: Any = None


class Reduces(Protocol):
    def __call__(self, a: Array, /) -> Array: ...


def keeping(axis: Axis) -> Reduces:
    def mean(a: Array, /) -> Array:
        return a.mean(axis=axis.value, keepdims=True)

    return mean


def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, Cache[tuple[Array, Array]]]:
    n, *_ = x.shape
    return x.reshape(n, -1) @ w + b, Cache((x, w))


def affine_backward(dout: Array, cache: Cache[tuple[Array, Array]]) -> tuple[Array, ...]:
    (x, w), _ = cache
    flat: Array = x.reshape(len(x), -1)
    dx: Array
    dw: Array
    dx, dw = (dout @ w.T).reshape(x.shape), flat.T @ dout
    return (dx, dw, dout.sum(0))


def relu_forward(x: Array) -> tuple[Array, Cache[npt.NDArray[np.bool_]]]:
    return np.fmax(x, 0), Cache(x > 0)


def relu_backward(dout: Array, cache: Cache[npt.NDArray[np.bool_]]) -> Array:
    return cast("Array", dout * cache.value)


def _forward(axis: Axis, x: Array, gamma: Array, beta: Array, eps: float) -> tuple[Array, Cache]:
    mean: Reduces = keeping(axis)
    centred = x - mean(x)
    std = np.sqrt(mean(centred**2) + eps)
    return gamma * (xhat := centred / std) + beta, Cache((xhat, std, gamma), axis)


def _backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array]:
    (xhat, std, gamma), axis = cache
    mean, d = keeping(axis), dout * gamma
    return (d - mean(d) - xhat * mean(d * xhat)) / std, (dout * xhat).sum(0), dout.sum(0)


def batchnorm_forward(
    x: Array, gamma: Array, beta: Array, bn_param: MutableMapping[str, Any]
) -> tuple[Array, Cache | None]:
    eps: float = bn_param.get("eps", EPS)
    mean, var = (bn_param.get(f"running_{n}", np.zeros(x.shape[1])) for n in ("mean", "var"))
    mode: Mode = Mode(bn_param["mode"])
    if mode is Mode.TRAIN:
        m: float = bn_param.get("momentum", 0.9)
        bn_param |= {
            "running_mean": m * mean + (1 - m) * x.mean(0),
            "running_var": m * var + (1 - m) * x.var(0),
        }
        return _forward(Axis.EXAMPLES, x, gamma, beta, eps)
    elif mode is Mode.TEST:
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    else:
        assert_never(mode)


batchnorm_backward: Callable[[Array, Cache], tuple[Array, Array, Array]] = _backward
batchnorm_backward_alt: Callable[..., tuple[Array, Array, Array]] = _backward
layernorm_backward = _backward


def layernorm_forward(
    x: Array, gamma: Array, beta: Array, ln_param: Mapping[str, float]
) -> tuple[Array, Cache]:
    return _forward(Axis.FEATURES, x, gamma, beta, ln_param.get("eps", EPS))


def dropout_forward(x: Array, dropout_param: DropoutParam) -> tuple[Array, Cache[Array | None]]:
    if (seed := dropout_param.get("seed")) is not None:
        np.random.seed(seed)
    if Mode(dropout_param["mode"]) is Mode.TEST:
        return x, Cache(None)
    mask = np.array(np.random.rand(*x.shape) < (p := dropout_param["p"]), dtype=x.dtype) / p
    return x * mask, Cache(mask)


def dropout_backward(dout: Array, cache: Cache[Array | None]) -> Array:
    return dout if cache.value is None else dout * cache.value
