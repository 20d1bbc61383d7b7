"""Search: a mark with the cache of verdicts that isn't the mark without it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from budget import cases, tried
from hypothesis import find, given
from hypothesis import strategies as st

from grader.kinds import JUDGES
from grader.marking import verdict_cache
from grader.marking.looking import judge_reply
from grader.marking.scoring import Judged
from grader.marking.verdict_cache import VerdictCache
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Program, Run
from grader.sandbox import Reply
from grader.sandbox import reply as reading

RIGHT = {"out": np.array([0.5, -1.25]), "w": np.array([3.0, 0.1])}
RUN = Run("run", Program((), {name: {"@": name} for name in RIGHT}), [{"x": 0.0}])
ANSWERED = AnsweredRun(RUN, [RIGHT])
CHECKS = [
    Check(f"q.{name}", "q", "t", "hidden", "run", "match", outputs, 1, "f")
    for name, outputs in (("out", ("out",)), ("w", ("w",)), ("both", ("out", "w")))
]
#: Names as they are, cleaned to others, repeated, unasked for.
NAMES = st.sampled_from(["out", "w", "out\u200b", "o\u202eut", "W", "more", "$array"])
SPECS = [
    {"$array": ["float64", [2], 0]},
    {"$array": ["float64", [2], 16]},
    {"$array": ["float32", [2], 0]},
    {"$array": ["float64", [1], 8]},
    1.0,
    None,
]
VALUES = st.sampled_from(SPECS)
NOTES = st.lists(st.sampled_from(["changed:x", "changed:y", "0.25"]), max_size=2)


def text(pairs: Sequence[tuple[str, Any]], notes: Sequence[str]) -> bytes:
    """Return a reply's text, whose names may stand twice."""
    gave = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs)
    return f'[{{"gave":{{{gave}}},"failed":null,"notes":{json.dumps(list(notes))}}}]'.encode()


RIGHT_PAIRS = [("out", SPECS[0]), ("w", SPECS[1])]
PAIRS = st.just(RIGHT_PAIRS) | st.permutations(RIGHT_PAIRS) | st.lists(
    st.tuples(NAMES, VALUES), max_size=4
)  # fmt: skip
NUMBERS = st.sampled_from([0.5, -1.25, 3.0, 0.1, 0.1 + 1e-15, float("nan"), 1e300])
RIGHT_NUMBERS = [0.5, -1.25, 3.0, 0.1]


def data(changes: Sequence[tuple[int, float]], cut: int, padding: int) -> bytes:
    """Return a reply's bytes: the right ones with some changed, cut off or added."""
    numbers = list(RIGHT_NUMBERS)
    for place, number in changes:
        numbers[place] = number
    return np.array(numbers).tobytes()[:cut] + bytes(padding)


BYTES = st.builds(
    data,
    st.lists(st.tuples(st.integers(0, 3), NUMBERS), max_size=2),
    st.sampled_from([32, 32, 32, 24, 0]),
    st.sampled_from([0, 0, 0, 8, 3]),
)
ASKED = st.tuples(
    st.sampled_from(CHECKS), st.builds(text, PAIRS, NOTES), BYTES
)  # fmt: skip
Asked = tuple[Check, bytes, bytes]


def judged(asked: Asked, cache: VerdictCache) -> Judged:
    check, said, data = asked
    return judge_reply(check, ANSWERED, Reply(RUN, said, data, None), JUDGES, cache)


def differs(make: Callable[[], VerdictCache], asked: Sequence[Asked]) -> bool:
    """Say whether one of the replies is judged otherwise by a cache that has seen the others."""
    cache = make()
    for one in [*asked, *asked]:
        found = judged(one, cache)
        layouts, reading._LAYOUTS = reading._LAYOUTS, reading._Layouts()
        try:
            if found != judged(one, VerdictCache()):
                return True
        finally:
            reading._LAYOUTS = layouts
    return False


@cases(60)
@given(st.lists(ASKED, min_size=1, max_size=8))
def test_no_mark_depends_on_the_cache(asked: list[Asked]) -> None:
    """Whatever replies come, in whatever order, to whatever checks."""
    tried["replies with the cache and without"] += len(asked)
    assert not differs(VerdictCache, asked)


class _OfBytesAlone(VerdictCache):
    """Knows a reply by its arrays, whatever their names are."""

    def lookup(self, check: Check, reply: Reply) -> Any:
        return self._passed.get((check.id, bytes(reply.data)))

    def store(self, check: Check, reply: Reply, notes: Any) -> None:
        self._passed[check.id, bytes(reply.data)] = notes


class _OfAnyCheck(VerdictCache):
    """Knows a reply by itself, whichever check it passed."""

    def lookup(self, check: Check, reply: Reply) -> Any:
        return self._passed.get(("", verdict_cache._digest(reply)))

    def store(self, check: Check, reply: Reply, notes: Any) -> None:
        self._passed["", verdict_cache._digest(reply)] = notes


def test_the_search_finds_caches_that_know_too_much() -> None:
    """One that ignores names, and one that ignores the check."""
    for careless in (_OfBytesAlone, _OfAnyCheck):
        assert find(
            st.lists(ASKED, min_size=2, max_size=8),
            lambda asked, careless=careless: differs(careless, asked),  # type: ignore[misc]
            settings=cases(3000),
        )
