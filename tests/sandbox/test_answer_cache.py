"""Sealed answers: the call opens its own, nothing else does, and nothing shows through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest_sandbox import call, package
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model.checks import Replaceable
from grader.model.programs import Outcome
from grader.sandbox import Batch, Bounds, Sandbox, Terms
from grader.sandbox.guest.reference.answer_cache import SealedAnswers, seal

REFERENCE = """
def forward(x):
    return 2 * x, (x, "the reference's own")

def backward(dout, cache):
    return dout * cache[0]
"""
PARTS = (Replaceable("layers:forward", handle=1), Replaceable("layers:backward"))
REPLACED = {"layers": ("forward", "backward")}
CALLS = """
def f(x):
    out, cache = forward(x)
    return out, backward(out, cache)
"""
X = np.arange(3.0)
OUT = [[0.0, 2.0, 4.0], [0.0, 2.0, 8.0]]

Asks = Callable[..., Outcome]


@settings(max_examples=200)
@given(st.binary(min_size=1), st.binary(min_size=1), st.binary(), st.binary(), st.data())
def test_a_sealed_answer_opens_for_its_call_alone(
    text: bytes, arrays: bytes, answer: bytes, more: bytes, data: st.DataObject
) -> None:
    """The very call gets the answer; one with a bit changed, or divided elsewhere, gets none."""
    sealed_answers = SealedAnswers(
        seal(b"another", b"call", b"no", b"") + seal(text, arrays, answer, more)
    )
    assert sealed_answers.open(text, arrays) == (answer, more)
    changed = bytearray(text + arrays)
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    assert sealed_answers.open(bytes(changed[: len(text)]), bytes(changed[len(text) :])) is None
    assert sealed_answers.open(text + arrays[:1], arrays[1:]) is None


@given(st.binary(min_size=8), st.binary(), st.binary(min_size=8), st.binary(min_size=8))
def test_no_answer_shows_through(call: bytes, arrays: bytes, answer: bytes, more: bytes) -> None:
    """Neither an answer nor the call that it answers stands in a sealed answer."""
    sealed = seal(call, arrays, answer, more)
    for part in (call, answer, more):
        assert part not in sealed


@pytest.fixture
def asks(sandbox: Sandbox) -> Asks:
    """Ask ``nets.f`` of a text with sealed answers and a reference that takes so many *calls*."""

    def asks(text: str, sealed: bytes, calls: int = 9) -> Outcome:
        files = {"layers.py": "", "nets.py": "from .layers import *\n" + text}
        handed = package(files, replaced=REPLACED, sealed=sealed)
        reference = package({"layers.py": REFERENCE})
        with (
            sandbox.reference_session(
                reference, PARTS, Terms(Bounds(calls=calls))
            ) as reference_session,
            sandbox.start(handed, reference_session) as session,
        ):
            return session.ask(Batch([call("nets:f", X)]))[0].outcomes[0]

    return asks


@pytest.fixture
def sealed(sandbox: Sandbox) -> bytes:
    """Sealed answers to what :data:`CALLS` calls."""
    files = {"layers.py": REFERENCE, "nets.py": "from .layers import *\n" + CALLS}
    handles = {part.target: part.handle for part in PARTS}
    with sandbox.start(package(files, replaced=REPLACED, prefilled=handles)) as session:
        outcome = session.ask(Batch([call("nets:f", X)]))[0].outcomes[0]
        found = session.sealed_answers()
    assert values(outcome) == OUT
    assert list(found) == list(handles)
    return b"".join(found.values())


def values(outcome: Outcome) -> list[Any]:
    assert outcome.failed is None, outcome.failed
    return [np.asarray(value).tolist() for value in outcome.gave["out"]]


def test_what_is_in_the_cache_is_not_asked(asks: Asks, sealed: bytes) -> None:
    """The same calls have the same answers, from a reference that takes none."""
    assert values(asks(CALLS, b"", calls=2)) == OUT
    assert asks(CALLS, b"", calls=1).failed is not None
    assert values(asks(CALLS, sealed, calls=0)) == OUT


def test_another_call_after_opened_ones_is_asked(asks: Asks, sealed: bytes) -> None:
    """A handle out of the cache serves a call that isn't in it: the reference makes it first."""
    text = """
def f(x):
    out, cache = forward(x)
    return out, backward(10 * out, cache), backward(20 * out, cache)
"""
    right = [[0.0, 2.0, 4.0], [0.0, 20.0, 80.0], [0.0, 40.0, 160.0]]
    # Forward once, for the cache, and both backwards.
    assert values(asks(text, sealed, calls=3)) == right
    assert asks(text, sealed, calls=2).failed is not None


def test_what_comes_out_may_be_written_into(asks: Asks, sealed: bytes) -> None:
    """An array out of the cache is the caller's own, and the cache stays as it was."""
    text = """
def f(x):
    out, _ = forward(x)
    out += 1
    again, _ = forward(x)
    return out, again
"""
    assert values(asks(text, sealed)) == [[1.0, 3.0, 5.0], [0.0, 2.0, 4.0]]


def test_a_process_finds_no_answer_that_it_cannot_call_for(asks: Asks, sealed: bytes) -> None:
    """Whoever looks through all that the process was sent finds the answers to its calls alone."""
    text = """
def f(x):
    from grader.sandbox.guest import worker
    import gc, struct
    answer = struct.pack("<3d", 0.0, 2.0, 4.0)
    caches = [o for o in gc.get_objects() if type(o).__name__ == "SealedAnswers"]
    found = [bytes(one) for o in caches for _, one in o._sealed.values()]
    return len(found), sum(answer in one for one in found), sum(b"array" in one for one in found)
"""
    count, answers, texts = values(asks(text, sealed))
    assert (answers, texts) == (0, 0)
    assert count >= 2


@pytest.mark.parametrize("spoiled", ["out._call = None", "cache._call = None", "cache._number = 7"])
def test_a_forged_cache_gives_nothing(asks: Asks, sealed: bytes, spoiled: str) -> None:
    """A cache that the reference was never asked to make stands for nothing."""
    text = f"""
def f(x):
    _, cache = forward(x)
    out = type(cache)(7)
    {spoiled}
    return backward(x + 1, out if "out" in "{spoiled}" else cache)
"""
    outcome = asks(text, sealed)
    assert outcome.failed is not None
    assert outcome.failed.type == "KeyError"
