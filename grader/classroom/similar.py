"""Texts that are equal or nearly so, in groups: a person then marks them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

#: The share of their pairs of neighbouring words that two texts have in common, 0 to 1. A word
#: that was changed takes two pairs with it.
ALIKE = 0.6


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Return the places of *texts* in groups, the largest first, each in its texts' order.

    A text joins the first group whose first text it is like. Capitals, spaces and signs don't
    count.
    """
    made: list[list[int]] = []
    firsts: list[frozenset[tuple[str, str]]] = []
    for i, text in enumerate(texts):
        pairs = _pairs(text)
        for members, first in zip(made, firsts, strict=True):
            if 2 * len(pairs & first) >= ALIKE * (len(pairs) + len(first)):
                members.append(i)
                break
        else:
            firsts.append(pairs)
            made.append([i])
    return sorted(made, key=lambda members: -len(members))


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
    return frozenset(pairwise(["", *words]))
