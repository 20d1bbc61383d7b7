"""Examples, drawn once by Hypothesis strategies and replayed to every submission."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.model.trees import Tree, dumps, pack

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_ROUNDS = 4


def draw(strategy: SearchStrategy[dict[str, Tree]], count: int, seed: str) -> list[dict[str, Tree]]:
    """Return up to *count* different examples of *strategy*, the same ones for the same *seed*.

    The same under one version of Hypothesis, that is: its choices change between releases.
    ``np.random``'s global state is as it was afterwards.
    """
    import hypothesis
    from hypothesis import HealthCheck, Phase, given, settings

    from grader.numeric.strategies import salted

    drawn: dict[bytes, dict[str, Tree]] = {}

    @settings(
        max_examples=count + 5,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: dict[str, Tree]) -> None:
        drawn.setdefault(digest(example), example)

    # Older releases draw the same example more often: then there are more rounds.
    for round in (seed, *(f"{seed}/{i}" for i in range(2, _ROUNDS + 1))):
        if len(drawn) < count:
            number = int.from_bytes(hashlib.sha256(round.encode()).digest()[:8], "big")
            with salted(round), _without_local_constants():
                hypothesis.seed(number)(collect)()
    return list(drawn.values())[:count]


@contextmanager
def _without_local_constants() -> Iterator[None]:
    """Keep Hypothesis from drawing numbers that it finds in the source of loaded modules.

    It takes those of every module outside of site-packages: what is drawn would depend on how the
    grader is installed, and change with any edit of its code. There is no setting for it; a
    test says when this no longer works.
    """
    from unittest.mock import patch

    try:
        from hypothesis.internal.conjecture import providers

        internals: Any = providers  # private parts, without types
        none, cache = internals.Constants(), type(internals.CONSTANTS_CACHE)(1024)
    except (ImportError, AttributeError):
        yield  # a release that doesn't look for them
        return
    with patch.multiple(internals, _get_local_constants=lambda: none, CONSTANTS_CACHE=cache):
        yield


def ladder(
    strategy: SearchStrategy[dict[str, Tree]], count: int, seed: str
) -> list[dict[str, Tree]]:
    """Return *count* small examples, smallest first, to explain a failure with.

    Their arrays are rounded to three digits, so that a person can read and paste them.
    """
    return [readable(e) for e in sorted(draw(strategy, 3 * count, seed), key=size)[:count]]


def readable(tree: Tree) -> Tree:
    """Return *tree* with its float arrays rounded to three significant digits."""
    if isinstance(tree, dict):
        return {name: readable(child) for name, child in tree.items()}
    if isinstance(tree, list):
        return [readable(child) for child in tree]
    if isinstance(tree, np.ndarray) and tree.dtype.kind == "f":
        return np.vectorize(lambda x: float(f"{x:.3g}"), otypes=[np.float64])(tree)
    return tree


def size(example: Mapping[str, Tree]) -> int:
    """Return how many numbers an example holds: what "small" means."""

    def count(node: Tree) -> int:
        if isinstance(node, np.ndarray):
            return int(node.size)
        if isinstance(node, dict):
            return 1 + sum(map(count, node.values()))
        if isinstance(node, list):
            return sum(map(count, node))
        return 1

    return count(dict(example))


def digest(tree: Tree) -> bytes:
    """Return a digest of a tree that is equal for equal trees and arrays."""
    text, data = pack(tree)
    return hashlib.sha256(dumps(text) + data).digest()
