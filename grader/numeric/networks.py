"""A fully-connected network as arrays, and its scores in float64: trained models are judged by it.

``affine - [normalization] - relu`` for each hidden layer, then an affine layer; batch normalization
by its running averages, and nothing dropped. What a model's own method returns isn't asked here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Sizes = list[int]

#: The largest model that is scored, in numbers: as many multiplications for each input.
MAX_NUMBERS = 1 << 24
#: The most arrays that a model may consist of.
MAX_ARRAYS = 400
#: What batch and layer normalization add to a variance, where a model doesn't say.
EPSILON = 1e-5
_LETTERS, _NUMBER = re.compile(r"[A-Za-z]+"), re.compile(r"\d+")
#: What a parameter is for, by how its name begins; the first that fits counts.
_ROLES = {
    "gamma": ("gamma", "scale", "gain", "g"),
    "beta": ("beta", "shift", "offset"),
    "bias": ("bias", "b"),
}
#: The orders of a hidden layer's vectors where names don't tell, by how many it has.
_ORDERS = {2: (("gamma", "beta"),), 3: tuple(permutations(_ROLES))}


@dataclass(frozen=True)
class Averages:
    """The running mean and variance (H,) of a batch normalization; its epsilon."""

    mean: Floats
    variance: Floats
    epsilon: float = EPSILON


@dataclass(frozen=True)
class Layer:
    """One layer: weights (D, H), bias (H,), and gamma and beta (H,) where it normalizes.

    With *running* averages the normalization is that of a batch, else that of a layer.
    """

    weights: Floats
    bias: Floats
    gamma: Floats | None = None
    beta: Floats | None = None
    running: Averages | None = None

    def normalized(self, h: Floats, epsilon: float) -> Floats:
        if self.gamma is None or self.beta is None:
            return h
        if self.running is not None:
            mean, variance = self.running.mean, self.running.variance
            epsilon = self.running.epsilon
        else:
            mean, variance = h.mean(axis=1, keepdims=True), h.var(axis=1, keepdims=True)
        scaled: Floats = (h - mean) / np.sqrt(variance + epsilon)
        return self.gamma * scaled + self.beta


@dataclass(frozen=True)
class ReadNetwork:
    """A network's layers, first to last; *epsilon* is layer normalization's."""

    layers: tuple[Layer, ...]
    epsilon: float = EPSILON

    def scores(self, X: npt.ArrayLike) -> Floats:
        """Return the scores (N, C) of inputs (N, d_1, ..., d_k)."""
        h: Floats = np.asarray(X, np.float64)
        h = h.reshape(len(h), -1)
        with np.errstate(all="ignore"):
            for layer in self.layers[:-1]:
                h = layer.normalized(h @ layer.weights + layer.bias, self.epsilon)
                h = np.maximum(h, 0)
            return np.asarray(h @ self.layers[-1].weights + self.layers[-1].bias)


def readings(
    params: Mapping[str, object], running: Sequence[Averages | None], features: int, classes: int
) -> Iterator[ReadNetwork]:
    """Yield the networks that *params* can be read as, likeliest first; none where it is none.

    *features* is the size of an input, *classes* that of its scores (0: any). *running* are the
    batch normalizations' averages, by hidden layer. Names tell what an array is for; where they
    differ from ``W1, b1, gamma1, beta1``, shapes and order do. Weights may stand on their side, and
    biases may be matrices of one row.
    """
    arrays = _usable(params)
    if arrays is None:
        return
    matrices = {n: a for n, a in arrays.items() if a.ndim == 2 and 1 not in a.shape}
    vectors = {n: a.ravel() for n, a in arrays.items() if a.size == max(a.shape, default=0)}
    for chain in _chains(matrices, features, classes):
        sizes = [weights.shape[1] for weights in chain]
        for layers in _with_vectors(chain, vectors, sizes):
            yield from _normalized(layers, running)


def _usable(params: Mapping[str, object]) -> dict[str, Floats] | None:
    """Return arrays of finite numbers as float64; ``None`` where there is anything else."""
    if not 0 < len(params) <= MAX_ARRAYS:
        return None
    arrays, numbers = {}, 0
    for name, value in params.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
            return None
        numbers += value.size
        if numbers > MAX_NUMBERS or not np.isfinite(value).all():
            return None
        arrays[name] = value.astype(np.float64)
    return arrays


def _chains(matrices: Mapping[str, Floats], features: int, classes: int) -> Iterator[list[Floats]]:
    """Yield weights in an order in which they lead from *features* to *classes*."""
    seen = []
    for kept in (matrices, _of_most(matrices)):
        for names in (sorted(kept, key=_numbered), list(kept), list(kept)[::-1]):
            for turned in (False, True):
                chain = [kept[name].T if turned else kept[name] for name in names]
                if _leads(chain, features, classes) and (names, turned) not in seen:
                    seen.append((names, turned))
                    yield chain


def _leads(chain: Sequence[Floats], features: int, classes: int) -> bool:
    """Say whether weights lead from *features* to *classes* (0: to any number of them)."""
    rows, columns = [w.shape[0] for w in chain], [w.shape[1] for w in chain]
    ends = [*rows[1:], classes or columns[-1]] if chain else []
    return bool(chain) and rows[0] == features and columns == ends


def _of_most(matrices: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the matrices whose names begin like those of most others: a spare one is left out."""
    letters = [_letters(name) for name in matrices]
    most = max(letters, key=letters.count, default="")
    return {name: matrix for name, matrix in matrices.items() if _letters(name) == most}


def _with_vectors(
    chain: Sequence[Floats], vectors: Mapping[str, Floats], sizes: Sizes
) -> Iterator[tuple[Layer, ...]]:
    """Yield *chain* with the vectors that belong to each of its weights."""
    seen: list[dict[str, list[str]]] = []
    for roles in (_by_name(vectors), *_by_order(vectors, len(sizes))):
        if roles in seen:
            continue
        seen.append(roles)
        biases = _fitting(roles.get("bias", []), vectors, sizes)
        gammas = _fitting(roles.get("gamma", []), vectors, sizes[:-1])
        betas = _fitting(roles.get("beta", []), vectors, sizes[:-1])
        if biases is None or gammas is None or betas is None or len(gammas) != len(betas):
            continue
        biases = biases or [np.zeros(size) for size in sizes]
        layers = [Layer(*pair) for pair in zip(chain, biases, strict=True)]
        for place, (gamma, beta) in enumerate(zip(gammas, betas, strict=True)):
            layers[place] = replace(layers[place], gamma=gamma, beta=beta)
        yield tuple(layers)


def _by_name(vectors: Mapping[str, Floats]) -> dict[str, list[str]]:
    """Return the names of the vectors of each role, in the order of their numbers."""
    roles: dict[str, list[str]] = {}
    for name in sorted(vectors, key=_numbered):
        letters = _letters(name)
        for role, starts in _ROLES.items():
            if letters.startswith(starts):
                roles.setdefault(role, []).append(name)
                break
    return roles


def _by_order(vectors: Mapping[str, Floats], layers: int) -> Iterator[dict[str, list[str]]]:
    """Yield roles of vectors whose names tell none: each role's stand in the order of layers."""
    names = list(vectors)
    if len(names) == layers:
        yield {"bias": names}
    for count, orders in _ORDERS.items():
        hidden, last = names[: count * (layers - 1)], names[count * (layers - 1) :]
        if len(hidden) != count * (layers - 1) or len(last) > 1:
            continue
        for order in orders:
            roles = {role: hidden[place::count] for place, role in enumerate(order)}
            if "bias" in roles:
                roles["bias"] = roles["bias"] + last
            yield roles


def _fitting(
    names: Sequence[str], vectors: Mapping[str, Floats], sizes: Sizes
) -> list[Floats] | None:
    """Return one vector for each of *sizes*; an empty list where there are no *names*.

    ``None`` where they don't fit. One that is left over at the end isn't used.
    """
    if not names:
        return []
    found = [vectors[name] for name in names[: len(sizes)]]
    return found if [len(vector) for vector in found] == sizes else None


def _normalized(
    layers: tuple[Layer, ...], running: Sequence[Averages | None]
) -> Iterator[ReadNetwork]:
    """Yield a network with the normalization that its arrays are for, then with the others."""
    if len(layers) > 1 and layers[0].gamma is not None:
        pairs = list(zip(layers, [*running, None], strict=False))
        fits = len(running) == len(layers) - 1 and all(
            kept is not None and kept.mean.shape == kept.variance.shape == layer.bias.shape
            for layer, kept in pairs[:-1]
        )
        if fits:
            yield ReadNetwork(tuple(replace(layer, running=kept) for layer, kept in pairs))
        yield ReadNetwork(layers)
        layers = tuple(replace(layer, gamma=None, beta=None) for layer in layers)
    yield ReadNetwork(layers)


def _letters(name: str) -> str:
    found = _LETTERS.search(name)
    return found[0].lower() if found else ""


def _numbered(name: str) -> tuple[float, ...]:
    """Return what sorts names by their numbers; those without one stay in their order."""
    numbers = [int(number) for number in _NUMBER.findall(name)[:4] if len(number) < 10]
    return tuple(numbers) or (math.inf,)
