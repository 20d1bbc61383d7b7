"""Texts that are equal or nearly so, in groups: a person then marks them side by side."""

from __future__ import annotations

from collections import Counter
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
    sizes: list[int] = []
    # The groups whose first text has a pair: a text is compared with those alone that share one.
    holders: dict[tuple[str, str], list[int]] = {}
    wordless = -1
    for i, text in enumerate(texts):
        pairs = _pairs(text)
        shared = Counter(group for pair in pairs for group in holders.get(pair, ()))
        alike = [
            group
            for group, both in shared.items()
            if 2 * both >= ALIKE * (len(pairs) + sizes[group])
        ]
        if not pairs and wordless >= 0:
            alike = [wordless]
        if alike:
            made[min(alike)].append(i)
            continue
        if not pairs:
            wordless = len(made)
        for pair in pairs:
            holders.setdefault(pair, []).append(len(made))
        sizes.append(len(pairs))
        made.append([i])
    return sorted(made, key=lambda members: -len(members))


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
    return frozenset(pairwise(["", *words]))
