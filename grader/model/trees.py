"""Trees of plain values and arrays, and their one encoding: a JSON text and raw bytes.

The key on disk and the messages of the sandbox use the same encoding. A tree is built of
``None``, ``bool``, ``int``, ``float``, ``str``, ``list``, ``dict`` with string keys, and
:class:`numpy.ndarray` with a dtype of :data:`DTYPES`. In the JSON text an array is
``{"$array": [dtype, shape, offset]}``, an offset being one into the bytes; a float that JSON
has no word for is ``{"$float": "nan"}``; an object that is none of these is
``{"$object": "its type's name"}``, and reads back as :class:`Opaque`.

Reading is strict, since the text may come from a stranger's process: every bound is checked
before anything is allocated, and nothing but the types above can come out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

#: An array of any shape and dtype.
Array = np.ndarray[Any, Any]

#: The dtypes that may cross, by name: all little-endian, none that holds Python objects.
DTYPES: Mapping[str, np.dtype[Any]] = {
    name: np.dtype(name).newbyteorder("<")
    for name in (
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    )
}

# By reference: in a student's process the module may have been patched.
_ndarray = np.ndarray
#: What JSON has besides lists and objects.
_PLAIN = frozenset((type(None), bool, int, float, str))

MAX_DEPTH = 8
MAX_NDIM = 8
MAX_NODES = 200_000
_MAX_SIZE = 1 << 40

#: Read for its own type by whoever looks into it: a union of all that a tree may hold would make
#: each reader test for what its program or its key rules out.
Tree = Any
#: A tree as JSON, beside the bytes of its arrays.
Packed = Any


class Malformed(ValueError):
    """A text or its bytes are no tree; the message says which bound or rule was broken."""


@dataclass(frozen=True)
class Opaque:
    """Stands for an object that can't cross; ``type`` is the name of its class, cleaned."""

    type: str


def pack(tree: Tree) -> tuple[Packed, bytes]:
    """Return *tree* as a JSON-able object and the bytes that its arrays refer to.

    Arrays are written little-endian in C order, each at a multiple of 8 bytes.
    Raises :class:`TypeError` for a value that is no tree.
    """
    parts: list[bytes] = []
    size = 0

    def write(node: Tree) -> Packed:
        nonlocal size
        if node is None or isinstance(node, (bool, int, str)):
            return node
        if isinstance(node, float):
            return node if math.isfinite(node) else {"$float": repr(node)}
        if isinstance(node, np.ndarray):
            name = node.dtype.name
            if name not in DTYPES:
                raise TypeError(f"an array of dtype {name} can't be packed")
            raw = np.ascontiguousarray(node, dtype=DTYPES[name]).tobytes()
            offset = size
            padding = -len(raw) % 8
            parts.append(raw + b"\0" * padding)
            size += len(raw) + padding
            return {"$array": [name, list(node.shape), offset]}
        if isinstance(node, Opaque):
            return {"$object": node.type}
        if isinstance(node, (list, tuple)):
            return [write(child) for child in node]
        if isinstance(node, dict):
            return {_key(key): write(child) for key, child in node.items()}
        if isinstance(node, np.generic):
            return write(np.asarray(node))
        raise TypeError(f"a {type(node).__name__} can't be packed")

    return write(tree), b"".join(parts)


def unpack(text: Packed, data: bytes | memoryview, *, max_bytes: int = 1 << 28) -> Tree:
    """Return the tree of a JSON object *text* and its *data*; arrays are read-only views of it.

    Raises :class:`Malformed` when a bound of this module is passed, an array lies outside of
    *data*, or its arrays together claim more than *max_bytes*.
    """
    nodes = 0
    claimed = 0

    def array(spec: object) -> Array:
        nonlocal claimed
        if not (isinstance(spec, list) and len(spec) == 3):
            raise Malformed("an array's header has three fields")
        name, shape, offset = spec
        dtype = DTYPES.get(name) if type(name) is str else None
        if dtype is None:
            raise Malformed("an array's dtype is not on the list")
        if type(shape) is not list or len(shape) > MAX_NDIM:
            raise Malformed("an array's shape is not a short list of sizes")
        length = dtype.itemsize
        for size in shape:
            if type(size) is not int or not 0 <= size < _MAX_SIZE:
                raise Malformed("an array's shape is not a short list of sizes")
            length *= size
        if type(offset) is not int or not 0 <= offset < _MAX_SIZE:
            raise Malformed("an array's offset is not a size")
        claimed += length
        if claimed > max_bytes or offset + length > len(data):
            raise Malformed("an array is larger than what came with it")
        return _ndarray(shape, dtype, data, offset if length else 0)

    def read(node: Packed, depth: int) -> Tree:
        nonlocal nodes
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise Malformed("a tree is too large or too deep")
        kind = type(node)
        if kind in _PLAIN:
            return node
        if kind is list:
            return [read(child, depth + 1) for child in node]
        if "$array" in node:
            return array(node["$array"])
        if "$object" in node:
            return Opaque(clean(str(node["$object"]), 80))
        if "$float" in node:
            if node["$float"] not in ("nan", "inf", "-inf"):
                raise Malformed("a float has no such name")
            return float(node["$float"])
        return {key: read(child, depth + 1) for key, child in node.items()}

    return read(text, 0)


def dumps(text: object) -> bytes:
    """Return a packed tree's JSON as compact ASCII bytes."""
    return json.dumps(text, separators=(",", ":"), allow_nan=False).encode("ascii")


def clean(text: str, limit: int) -> str:
    """Return *text* without control, direction and surrogate characters, cut to *limit*.

    Newlines stay; tabs become spaces. Meant for anything that a stranger wrote and a person
    or a terminal will read.
    """
    cut = text[: 4 * limit]
    if not cut.isprintable():  # most are, and then every character stays
        cut = _printable(cut)
    return cut if len(cut) <= limit else cut[: limit - 1] + "…"


def _printable(text: str) -> str:
    import unicodedata

    kept = []
    for char in text:
        if char == "\n":
            kept.append(char)
        elif char == "\t":
            kept.append(" ")
        elif unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            kept.append(char)
    return "".join(kept)


def _key(key: object) -> str:
    if not isinstance(key, str) or key.startswith("$"):
        raise TypeError(f"{key!r} can't be a key of a packed dict")
    return key
