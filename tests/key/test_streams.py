"""One secret, many streams."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.key import streams

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_two_uses_have_two_streams(one: str, other: str, purpose: str, another: str) -> None:
    """Whatever the secret and the purpose are called: also where their texts run together."""
    same = (one, purpose) == (other, another)
    assert (streams.derived(one, purpose) == streams.derived(other, another)) == same
    if len(purpose) > 1:
        shifted = streams.derived(one + purpose[:1], purpose[1:])
        assert streams.derived(one, purpose) != shifted


def test_a_stream_is_the_same_again() -> None:
    """Any mark can be repeated from the key."""
    first, second = (streams.stream("s", "order").integers(1 << 60, size=4) for _ in range(2))
    assert (first == second).all()
    assert (first != streams.stream("s", "noise").integers(1 << 60, size=4)).all()


def test_older_generators_take_all_of_a_seed() -> None:
    """Every word counts: 256 bits, where a single number would have 32."""
    words = streams.words("s", "images")
    assert (words.dtype, words.size) == (np.uint32, 8)
    drawn = {np.random.RandomState(words).bytes(16)}
    for i in range(len(words)):
        other = words.copy()
        other[i] ^= 1
        drawn.add(np.random.RandomState(other).bytes(16))
    assert len(drawn) == 9


def test_fresh_secrets_are_long_and_differ() -> None:
    """As many bits as a secret has at least, and more."""
    made = {streams.fresh() for _ in range(20)}
    assert len(made) == 20
    assert all(4 * len(secret) >= streams.LEAST_BITS for secret in made)
