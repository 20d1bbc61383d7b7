"""Hypothesis strategies for dense arrays, for use in an assignment's checks.

Every strategy here draws a few small numbers (sizes, a seed, a scale, flags) and builds dense
data from them. Hypothesis's own ``arrays()`` fills most of an array with one value, which makes
constant columns that a right batch normalization can't pass; and a drawn seed shrinks as well
as a drawn array does, since what is looked for is a small *shape* that fails.

``sizes(2, 6, count=3)``
    distinct sizes, so that no two axes can be taken for one another.
``seeds()``
    a seed of :func:`dense`.
``dense(shape, seed, scale=1.0, shift=0.0)``
    a function, not a strategy: normal data of that scale around that shift.
``integers(high, size, seed)``
    the same for labels: whole numbers in [0, high).
``salted(text)``
    a context in which every seed means other data. Hypothesis likes to draw 0 and 1, so that
    without it some of a secret key's examples could be foretold from the public strategies.
``away_from_zero(array, margin)``
    the same array with every element at least *margin* from zero, signs kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.model.trees import Array


def sizes(low: int, high: int, *, count: int) -> SearchStrategy[list[int]]:
    """Draw *count* distinct sizes in [low, high]; shrinks to the smallest ones."""
    return st.lists(st.integers(low, high), min_size=count, max_size=count, unique=True)


def seeds() -> SearchStrategy[int]:
    """Draw a seed for :func:`dense`; shrinks to 0."""
    return st.integers(0, 2**31 - 1)


_salt: ContextVar[int] = ContextVar("salt", default=0)


def salt() -> int:
    """Return the number that seeds are mixed with here: 0 but within :func:`salted`."""
    return _salt.get()


@contextmanager
def salted(text: str) -> Iterator[None]:
    """Make :func:`dense` and :func:`integers` depend on *text*, a secret, within the block."""
    digest = hashlib.sha256(text.encode()).digest()
    token = _salt.set(int.from_bytes(digest[:16], "big"))
    try:
        yield
    finally:
        _salt.reset(token)


def _generator(seed: int) -> np.random.Generator:
    # Local, so that np.random's global state stays as it was.
    return np.random.default_rng((_salt.get(), seed))


def integers(high: int, size: int, seed: int) -> Array:
    """Return *size* whole numbers in [0, high) as int64."""
    return _generator(seed).integers(high, size=size)


def dense(shape: Sequence[int], seed: int, scale: float = 1.0, shift: float = 0.0) -> Array:
    """Return normal float64 data of *shape*: ``shift + scale * z``."""
    return shift + scale * _generator(seed).standard_normal(tuple(shape))


def away_from_zero(array: Array, margin: float) -> Array:
    """Return *array* with its elements moved away from zero by *margin*, for a kink there."""
    return np.asarray(array + np.where(array < 0, -margin, margin))
