"""Groups of texts are those that comparing each with each would make, however they are found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.classroom import similar

TEXTS = st.lists(st.lists(st.sampled_from("abcd."), max_size=8).map(" ".join), max_size=14)


def compared(texts: list[str]) -> list[list[int]]:
    """Compare each text with the first of every group."""
    made: list[list[int]] = []
    firsts: list[frozenset[tuple[str, str]]] = []
    for i, text in enumerate(texts):
        pairs = similar._pairs(text)
        for members, first in zip(made, firsts, strict=True):
            if 2 * len(pairs & first) >= similar.ALIKE * (len(pairs) + len(first)):
                members.append(i)
                break
        else:
            firsts.append(pairs)
            made.append([i])
    return sorted(made, key=lambda members: -len(members))


@given(TEXTS)
def test_groups_are_those_of_every_comparison(texts: list[str]) -> None:
    """Texts without words, too, which are alike."""
    assert similar.groups(texts) == compared(texts)
