"""In the child: whatever a student's function returned, as a tree that can cross.

Unlike :func:`grader.model.trees.pack` this never raises and is bounded throughout: what can't
cross becomes ``{"$object": its type's name}``. Functions of numpy are held by reference, since
a submission may have patched the module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.model.trees import DTYPES, MAX_DEPTH, MAX_NDIM, Opaque

MAX_BYTES = 1 << 26
MAX_NODES = 50_000
MAX_STRING = 1000

_ndarray, _generic = np.ndarray, np.generic
_ascontiguousarray, _asarray = np.ascontiguousarray, np.asarray
_view, _tobytes = np.ndarray.view, np.ndarray.tobytes
_DTYPES = dict(DTYPES)
# A dtype's name costs more to ask for than its array to copy.
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


class Packer:
    """Collects the arrays of one run's outcomes in one stretch of bytes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.nodes = 0

    def pack(self, value: Any, depth: int = 0) -> Any:
        """Return the JSON-able form of *value*."""
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH - 2:
            return {"$object": "something too large or too deep"}
        kind = type(value)
        if kind is _ndarray:
            return self._array(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else {"$object": "an integer beyond 64 bits"}
        if kind is Opaque:
            return {"$object": value.type[:80]}
        if kind is float:
            return value if math.isfinite(value) else {"$float": repr(value)}
        try:
            if isinstance(value, _ndarray):
                return self._array(value)
            if isinstance(value, _generic):
                return self._array(_asarray(value))
            # By the base's own methods: a subclass may iterate without end.
            if isinstance(value, list):
                return self._sequence(list.__len__(value), list.__iter__(value), depth)
            if isinstance(value, tuple):
                return self._sequence(tuple.__len__(value), tuple.__iter__(value), depth)
            if isinstance(value, dict):
                pairs = dict.items(value)
                values = self._sequence(dict.__len__(value), (v for _, v in pairs), depth)
                return dict(zip((_key(key) for key, _ in pairs), values, strict=True))
            if isinstance(value, str):
                return str.__str__(value)[:MAX_STRING]
            if isinstance(value, float):
                return self.pack(float.__add__(value, 0.0), depth)
            if isinstance(value, int):
                return self.pack(int.__add__(value, 0), depth)
        except Exception:
            pass
        return {"$object": _name(kind)}

    def _sequence(self, length: int, children: Iterator[Any], depth: int) -> list[Any]:
        if self.nodes + length > MAX_NODES:
            raise ValueError("too many values")
        return [self.pack(child, depth + 1) for child in children]

    def _array(self, value: Any) -> Any:
        if type(value) is not _ndarray:
            value = _view(value, _ndarray)
        name = _NAMES.get(value.dtype)
        if name is None:  # another byte order, or nothing that can cross
            name = value.dtype.name
            if name not in _DTYPES:
                return {"$object": f"an array of dtype {name[:40]}"}
            value = _ascontiguousarray(value, dtype=_DTYPES[name])
        length = value.nbytes
        if value.ndim > MAX_NDIM or self.size + length > MAX_BYTES:
            return {"$object": "an array too large to compare"}
        shape = list(value.shape)
        raw = _tobytes(value)
        offset = self.size
        padding = -length % 8
        self.parts.append(raw)
        if padding:
            self.parts.append(b"\0" * padding)
        self.size += length + padding
        return {"$array": [name, shape, offset]}


def _key(key: Any) -> str:
    text = key if type(key) is str else repr(key)
    return "_" + text[:80] if text.startswith("$") else text[:80]


def _name(kind: type) -> str:
    try:
        return str(kind.__name__)[:80]
    except BaseException:
        return "object"
