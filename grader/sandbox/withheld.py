"""Inputs that the reference gives no answer to: a hidden example's, known by digests alone.

The reference answers for functions that failed, so whoever asked it with a hidden example's inputs
would be told what is right there. The process that may ask it holds none of them. This is the
second line, should they have come to it in another way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from grader.model.trees import Array, Malformed, Packed, Tree, unpack

#: Fewer different numbers than this are compared as they are: their ratios could meet by chance.
_RATIOS = 4
_DIGITS = 5


class Withheld:
    """The digests of the arrays in some *examples*; empty: nothing is withheld.

    An array is known as it is, and (with four numbers or more) in another order, shape, sign, scale
    or precision as well. One of whole numbers alone is never known: masks, ones and labels
    are in every call. Two independent draws of real numbers meet less than once in 10^15 pairs.
    """

    def __init__(self, examples: Iterable[Mapping[str, Tree]] = ()) -> None:
        self._digests: set[bytes] = set()
        self._sizes: set[int] = set()
        for array in arrays([dict(example) for example in examples]):
            found = list(_digests(array))
            self._digests.update(found)
            self._sizes |= {array.size} if found else set()

    def __len__(self) -> int:
        return len(self._digests)

    def holds(self, array: Array) -> bool:
        """Say whether *array* is one of them."""
        return array.size in self._sizes and not self._digests.isdisjoint(_digests(array))

    def asked(self, call: Mapping[str, Packed], data: bytes) -> bool:
        """Say whether an argument of a *call*, with its *data*, is or holds one of them.

        Raises :class:`~grader.model.trees.Malformed` for what is no call.
        """
        if not self._digests:
            return False
        args, kwargs = call.get("args"), call.get("kwargs")
        if not (isinstance(args, list) and isinstance(kwargs, dict)):
            raise Malformed("a call has no arguments")
        for value in (*args, *kwargs.values()):
            if not (isinstance(value, list) and len(value) == 2):
                raise Malformed("an argument has a kind and a value")
            if value[0] == "tree" and any(map(self.holds, arrays(unpack(value[1], data)))):
                return True
        return False


def arrays(tree: Tree) -> Iterator[Array]:
    """Yield the arrays in *tree*."""
    if isinstance(tree, np.ndarray):
        yield tree
    elif isinstance(tree, (list, dict)):
        for child in tree.values() if isinstance(tree, dict) else tree:
            yield from arrays(child)


def _digests(array: Array) -> Iterator[bytes]:
    """Yield what *array* is known by; nothing where it says too little."""
    if array.dtype.kind != "f" or array.size < 2:
        return
    values = np.abs(array.astype(np.float64).ravel())
    if not np.isfinite(values).all() or not (values % 1).any():
        return
    values.sort()
    yield _digest(values)
    ratios = np.round(values / values[-1], _DIGITS)
    if len(np.unique(ratios)) >= _RATIOS:
        yield _digest(ratios)


def _digest(values: Array) -> bytes:
    return hashlib.sha256(values.tobytes()).digest()[:16]
