"""In the child: which models were there before an answer's own cells ran.

A model counts for the question whose cells made it. One that was there before doesn't, nor does
another object with the same weights; one that the cells have trained further does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import numpy as np

from grader.sandbox.guest.plotting import Nothing

#: How many entries of a list or a dict of models are looked at.
_ENTRIES = 100

_blake2b, _ascontiguousarray, _ndarray = hashlib.blake2b, np.ascontiguousarray, np.ndarray


class Earlier:
    """The *values* of a notebook's variables at one moment, of which models have a *method*."""

    def __init__(self, values: Iterable[object] = (), method: str = "") -> None:
        # They are kept, so that no later object gets the place, and so the id, of one. Arrays are
        # no models, and may be large.
        self._values = [each for each in entries(values) if not isinstance(each, _ndarray)]
        found = [each for value in self._values for each in models(value, method)]
        self._ids = {id(value) for value in (*self._values, *found)}
        self._weights = {weights(model) for model in found} - {None}

    def holds(self, value: object) -> bool:
        """Say whether *value* was there, whatever has become of it."""
        return id(value) in self._ids

    def has(self, model: object) -> bool:
        """Say whether *model* is as it was, or has the weights of one that was there."""
        found = weights(model)
        return self.holds(model) if found is None else found in self._weights


def entries(values: Iterable[object]) -> Iterator[object]:
    """Yield *values* and, of lists, tuples and dicts among them, the entries."""
    for value in values:
        yield value
        if isinstance(value, Mapping):
            yield from islice(value.values(), _ENTRIES)
        elif isinstance(value, (list, tuple)):
            yield from islice(value, _ENTRIES)


def models(value: object, method: str) -> Iterator[object]:
    """Yield *value* if it is a model, which has the *method*; then what it has as ``model``."""
    for candidate in (value, _attribute(value, "model")):
        if not isinstance(candidate, (type, Nothing)) and callable(_attribute(candidate, method)):
            yield candidate


def weights(model: object) -> bytes | None:
    """Return a digest of the arrays in a model's ``params``; ``None`` where it has none."""
    params = _attribute(model, "params")
    if not isinstance(params, Mapping):
        return None
    try:
        arrays = [a for a in params.values() if isinstance(a, _ndarray)]
        if not arrays or any(array.dtype.hasobject for array in arrays):
            return None
        digests = [_blake2b(_ascontiguousarray(array).tobytes()).digest() for array in arrays]
    except Exception:
        return None
    return b"".join(sorted(digests))


def _attribute(value: object, name: str) -> object:
    """Return an attribute; ``None`` where there is none, or a student's own code raises."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None
