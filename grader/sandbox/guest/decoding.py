"""In the child: decodes runs, and answers of the reference, that the grader sends.

They come from the trusted side, so the bounds that :func:`grader.model.trees.unpack` keeps with a
stranger's text aren't checked: the standard library's decoder makes the arrays as it goes.
"""

from __future__ import annotations

import json

import numpy as np

from grader.model.trees import DTYPES, Tree

_ndarray = np.ndarray
_DTYPES = dict(DTYPES)
#: What an argument may be by name: a program and its inputs are JSON.
_TYPES = {name: getattr(np, name) for name in ("float16", "float32", "float64", "int64", "int32")}


class Inputs:
    """Decodes the JSON text of a run; arrays are read-only views of the bytes beside it."""

    def __init__(self) -> None:
        self._data: bytes | memoryview = b""
        self._decode = json.JSONDecoder(object_hook=self._node).decode

    def read(self, text: bytes, data: bytes | memoryview) -> Tree:
        """Return the tree of *text* and *data*, which the grader's own ``pack`` made."""
        self._data = data
        return self._decode(text.decode("ascii"))

    def _node(self, node: dict[str, Tree]) -> Tree:
        if "$array" in node:
            name, shape, offset = node["$array"]
            return _ndarray(shape, _DTYPES[name], self._data, offset if 0 not in shape else 0)
        if "$float" in node:
            return float(node["$float"])
        return _TYPES[node["dtype"]] if _is_type(node) else node


def typed(tree: Tree) -> Tree:
    """Return *tree* as :meth:`Inputs.read` gives it: numpy's type for ``{"dtype": name}``."""
    if type(tree) is dict:
        if _is_type(tree):
            return _TYPES[tree["dtype"]]
        return {key: typed(child) for key, child in tree.items()}
    return [typed(child) for child in tree] if type(tree) in (list, tuple) else tree


def _is_type(node: dict[str, Tree]) -> bool:
    return len(node) == 1 and isinstance(node.get("dtype"), str) and node["dtype"] in _TYPES
