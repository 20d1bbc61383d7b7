"""In the child: a run as the grader sends it.

It comes from the trusted side, so the bounds that :func:`grader.model.trees.unpack` keeps with a
stranger's text aren't checked: the decoder of the standard library makes the arrays as it goes.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from grader.model.trees import DTYPES

_ndarray = np.ndarray
_DTYPES = dict(DTYPES)


class Inputs:
    """Decodes the JSON text of a run; arrays are read-only views of the bytes beside it."""

    def __init__(self) -> None:
        self._data: bytes | memoryview = b""
        self._decode = json.JSONDecoder(object_hook=self._node).decode

    def read(self, text: bytes, data: bytes | memoryview) -> Any:
        """Return the tree of *text* and *data*, which the grader's own ``pack`` made."""
        self._data = data
        return self._decode(text.decode("ascii"))

    def _node(self, node: dict[str, Any]) -> Any:
        if "$array" in node:
            name, shape, offset = node["$array"]
            return _ndarray(shape, _DTYPES[name], self._data, offset if 0 not in shape else 0)
        return float(node["$float"]) if "$float" in node else node
