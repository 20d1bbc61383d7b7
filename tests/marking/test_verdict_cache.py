"""A cached mark is the mark that judging everything gives."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.kinds import JUDGES
from grader.marking.looking import judge_reply
from grader.marking.verdict_cache import VerdictCache
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Program, Run
from grader.model.trees import dumps, pack
from grader.sandbox import Reply

CHECK = Check("q.values", "q", "t", "hidden", "run", "match", ("out", "grads"), 1, "f")
RIGHT = [
    {"out": np.linspace(-1, 2, 6).reshape(2, 3), "grads": {"W": np.ones(4) / 3, "b": np.zeros(0)}},
    {"out": np.array(5.0), "grads": {"W": np.full((2, 2), 1e-7), "b": np.arange(3.0)}},
]
ANSWERED = AnsweredRun(Run("run", Program((), {}), [{}, {}]), RIGHT)


def replied(text: bytes, data: bytes, count: int = 2) -> Reply:
    """Return the answer to a run that asks for what the check looks at."""
    give = {name: {"@": name} for name in ("out", "grads")}
    return Reply(Run("run", Program((), give), [{"x": 0.0}] * count), text, data, None)


def reply(gave: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()) -> Reply:
    text, data = pack([{"gave": dict(g), "failed": None, "notes": list(notes)} for g in gave])
    return replied(dumps(text), data, len(gave))


def moved(by: float, number: int = 0) -> list[dict[str, Any]]:
    """Return the right answers, one of them moved by *by* relative to its size."""
    gave: list[dict[str, Any]] = [dict(answer) for answer in RIGHT]
    gave[number]["out"] = np.asarray(gave[number]["out"] * (1 + by))
    return gave


def judging_everything(given: Reply) -> Any:
    """Return what is found of a reply where nothing is cached."""
    return judge_reply(CHECK, ANSWERED, given, JUDGES, VerdictCache())


REPLIES = st.builds(
    lambda exponent, sign, number, notes, bits: (
        reply(moved(sign * 10**exponent, number), notes)
        if bits is None
        else flipped(reply(RIGHT, notes), bits)
    ),
    st.sampled_from((-16.0, -13.0, -9.5, -9.0, -8.5, -3.0, 0.0)),
    st.sampled_from((-1, 1)),
    st.integers(0, 1),
    st.sampled_from(((), ("changed:x",))),
    st.none() | st.integers(0, 63),
)


def flipped(given: Reply, bit: int) -> Reply:
    """Return a reply that differs from *given* in one bit of its first number."""
    data = bytearray(given.data)
    data[bit // 8] ^= 1 << bit % 8
    return replied(given.text, bytes(data))


@pytest.mark.filterwarnings("ignore:overflow")
@given(st.lists(REPLIES, min_size=1, max_size=12))
def test_a_cached_mark_is_what_judging_everything_gives(replies: list[Reply]) -> None:
    """In whatever order replies come, each is found as it is without the cache, notes included."""
    cache = VerdictCache()
    for one in [*replies, *replies]:
        assert judge_reply(CHECK, ANSWERED, one, JUDGES, cache) == judging_everything(one)


def test_a_reply_that_passed_is_known_by_its_bytes() -> None:
    """The same bytes are known with their notes, again and again."""
    cache = VerdictCache()
    assert cache.lookup(CHECK, reply(RIGHT)) is None
    judge_reply(CHECK, ANSWERED, reply(RIGHT, ["changed:x"]), JUDGES, cache)
    for _ in range(2):
        assert cache.lookup(CHECK, reply(RIGHT, ["changed:x"])) == {"changed:x"}


def test_a_reply_that_failed_is_never_known() -> None:
    """Only what passed is remembered."""
    cache = VerdictCache()
    judge_reply(CHECK, ANSWERED, reply(moved(1.0)), JUDGES, cache)
    assert cache.lookup(CHECK, reply(moved(1.0))) is None


def test_any_other_byte_is_judged_in_full() -> None:
    """Another text, other last digits, or missing bytes: none is taken for the reply that passed.

    So also after that reply was found, when it is compared byte by byte.
    """
    cache = VerdictCache()
    whole = reply(RIGHT)
    judge_reply(CHECK, ANSWERED, whole, JUDGES, cache)
    cut = replied(whole.text, bytes(whole.data[:-8]))
    shifted = replied(whole.text + bytes(whole.data[:8]), bytes(whole.data[8:]))
    for _ in range(2):
        for other in (reply(moved(1e-15)), reply(RIGHT, ["changed:x"]), cut, shifted):
            assert cache.lookup(CHECK, other) is None
        assert cache.lookup(CHECK, whole) == frozenset()


def test_what_passed_one_check_is_not_known_for_another() -> None:
    """Checks of one run have replies of the same bytes, and verdicts of their own."""
    other = Check("q.other", "q", "t", "hidden", "run", "slope", ("out",), 1, "f")
    cache = VerdictCache()
    cache.store(CHECK, reply(RIGHT), frozenset())
    assert cache.lookup(other, reply(RIGHT)) is None


def test_the_oldest_reply_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests of replies are kept up to their number."""
    monkeypatch.setattr("grader.marking.verdict_cache.REPLIES", 2)
    cache = VerdictCache()
    replies = [reply(moved(by)) for by in (0.0, 1.0, 2.0)]
    for one in replies:
        cache.store(CHECK, one, frozenset())
    assert [cache.lookup(CHECK, one) is None for one in replies] == [True, False, False]
