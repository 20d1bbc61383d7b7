"""Masks of hidden units: read from a network's gradients, and what the network makes of them.

The networks are affine layers, each but the last with an optional layer normalization, a ReLU and a
mask behind it; a softmax loss at the end. Everything is worked out here from the masks alone, so
that nothing of a student's is held against itself. Parameters are W1, b1, ... and, where it
normalizes, gamma1, beta1, ....
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grader.model.trees import Array

Arrays = Mapping[str, Array]

_EPS = 1e-5
#: How often the rows' gradients are worked out anew from the units that they gave.
_ROUNDS = 12


def worked_out(
    params: Arrays, x: Array, y: Array, masks: Sequence[Array], reg: float = 0.0
) -> tuple[float, dict[str, Array]]:
    """Return the loss and the gradients of a network whose hidden units are multiplied by *masks*.

    x: (N, D); y: (N,); a mask: (N, units). *reg* is the strength of L2 regularization.
    """
    last = len(masks) + 1
    inputs, backs = [x], []
    for layer, mask in enumerate(masks, start=1):
        h, normed = _units(params, layer, inputs[-1])
        backs.append((h > 0, normed))
        inputs.append(h * mask)
    d = _softmax(inputs[-1] @ params[f"W{last}"] + params[f"b{last}"])
    loss = -float(np.mean(np.log(d[np.arange(len(y)), y])))
    d[np.arange(len(y)), y] -= 1
    d /= len(y)
    grads: dict[str, Array] = {}
    for layer in range(last, 0, -1):
        w = params[f"W{layer}"]
        loss += 0.5 * reg * float(np.vdot(w, w))
        grads[f"W{layer}"] = inputs[layer - 1].T @ d + reg * w
        grads[f"b{layer}"] = d.sum(axis=0)
        if layer > 1:
            on, normed = backs[layer - 2]
            d = (d @ w.T) * masks[layer - 2] * on
            if normed is not None:
                z, std = normed
                grads[f"gamma{layer - 1}"] = (d * z).sum(axis=0)
                grads[f"beta{layer - 1}"] = d.sum(axis=0)
                d = d * params[f"gamma{layer - 1}"]
                d = d - d.mean(axis=1, keepdims=True) - z * (d * z).mean(axis=1, keepdims=True)
                d = d / std
    return loss, grads


def read(params: Arrays, x: Array, grads: Arrays, reg: float = 0.0) -> list[Array] | None:
    """Return the factor of each hidden unit, (1, units) a layer; NaN where the unit is off.

    *x* is one example, (1, D): the gradient of a layer's weights is then the outer product of what
    goes into it and the gradient of its biases. ``None`` where a bias's gradient all but vanishes.
    """
    below, factors = x, []
    for layer in range(1, _depth(params)):
        d = grads[f"b{layer + 1}"]
        size = float(d @ d)
        if not size:
            return None
        with np.errstate(all="ignore"):
            own = ((grads[f"W{layer + 1}"] - reg * params[f"W{layer + 1}"]) @ d / size)[np.newaxis]
        if not np.isfinite(own).all():
            return None
        factors.append(_factors(own, _units(params, layer, below)[0]))
        below = own
    return factors


def read_rows(params: Arrays, x: Array, y: Array, grads: Arrays) -> Array:
    """Return the same, (N, units), of several examples through one hidden layer.

    The labels *y* differ, there are more classes than examples, and the last weights are so small
    that the gradients of the scores are nearly known; from the units that these give, they are
    worked out anew.
    """
    classes = np.eye(len(params["b2"]))[y]
    own: Array = np.zeros((len(x), len(params["W2"])))
    for _ in range(_ROUNDS):
        d = (_softmax(own @ params["W2"] + params["b2"]) - classes) / len(y)
        own = np.linalg.lstsq(d.T, grads["W2"].T, rcond=None)[0]
    return _factors(own, _units(params, 1, x)[0])


def _units(params: Arrays, layer: int, below: Array) -> tuple[Array, tuple[Array, Array] | None]:
    """Return the hidden units of a layer, and what its normalization made of what came."""
    a = below @ params[f"W{layer}"] + params[f"b{layer}"]
    if f"gamma{layer}" not in params:
        return np.maximum(a, 0), None
    std = np.sqrt(a.var(axis=1, keepdims=True) + _EPS)
    z = (a - a.mean(axis=1, keepdims=True)) / std
    return np.maximum(params[f"gamma{layer}"] * z + params[f"beta{layer}"], 0), (z, std)


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _factors(own: Array, units: Array) -> Array:
    """Return by what *units* were multiplied; what is no more than rounding is zero."""
    on = units > 1e-6
    factors = np.where(on, own / np.where(on, units, 1.0), np.nan)
    return np.where(np.abs(factors) < 1e-8, 0.0, factors)


def _depth(params: Arrays) -> int:
    return sum(name.startswith("W") for name in params)
