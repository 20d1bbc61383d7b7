"""Search: an answer that makes the reader or a judge raise, or that costs them too much."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from budget import cases, tried
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from grader.key import Key
from grader.kinds import Judge
from grader.marking.looking import judge_reply
from grader.marking.verdict_cache import VerdictCache
from grader.model.checks import AnsweredRun, Check
from grader.model.trees import DTYPES
from grader.model.verdicts import PASSED
from grader.sandbox import Reply
from grader.sandbox.reply import MAX_NODES

#: Calls of Python functions that a reply may cost: per value that was asked for, and in any case.
PER_VALUE, LEAST = 150, 60_000

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([10**30, 1e300, -0.0, 5e-324, "NaN", 2**63])
)  # fmt: skip
WORDS = st.sampled_from(["$array", "$object", "$float", "W1", "b1", "velocity", "out", "a" * 65])
SPECS = st.fixed_dictionaries({"$array": st.tuples(
    st.sampled_from([*DTYPES, "object", 3]),
    st.lists(st.sampled_from([0, 1, 2, 3, 5, -1, 1 << 41]), max_size=9),
    st.sampled_from([0, 8, 16, -8, 1 << 40]),
)})  # fmt: skip
TREES = st.recursive(
    PLAIN | SPECS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)
FAILED = st.none() | TREES | st.fixed_dictionaries(
    {"stage": st.sampled_from(["raised", "missing", "passed", 3])},
    optional={"type": TREES, "text": TREES, "file": TREES, "line": TREES, "target": TREES},
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn, answered: AnsweredRun, right: Reply) -> tuple[bytes, bytes]:
    """Draw the text and bytes of a reply: a right one in which something is replaced, or not."""
    said = json.loads(right.text)
    for _ in range(draw(st.integers(1, 3))):
        outcome = said[draw(st.integers(0, len(said) - 1))]
        if not isinstance(outcome, dict):
            continue
        part = draw(st.sampled_from(["gave", "output", "failed", "notes", "all"]))
        if part == "output" and isinstance(outcome.get("gave"), dict) and outcome["gave"]:
            outcome["gave"][draw(st.sampled_from(sorted(outcome["gave"])))] = draw(TREES)
        elif part == "failed":
            outcome["failed"] = draw(FAILED)
        elif part in ("gave", "notes"):
            outcome[part] = draw(TREES)
        elif part == "all":
            said[draw(st.integers(0, len(said) - 1))] = draw(TREES)
    data = bytes(right.data)
    cut = draw(st.sampled_from([len(data), len(data), 0, 8, len(data) // 2]))
    return json.dumps(said).encode(), data[:cut] + draw(st.binary(max_size=16))


@contextmanager
def calls() -> Iterator[list[int]]:
    """Count the calls of functions in the block: what it costs, on any machine."""
    count = [0]

    def called(frame: Any, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            count[0] += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield count
    finally:
        sys.setprofile(before)


def trouble(
    check: Check, answered: AnsweredRun, text: bytes, data: bytes, judges: Mapping[str, Judge]
) -> str:
    """Return what is wrong with how a reply was judged, or ""."""
    with calls() as count:
        reply = Reply(answered.run, text, data, {"layers.py": 9})
        found = judge_reply(check, answered, reply, judges, VerdictCache())
    values = text.count(b",") + 1
    if found.fault:
        return found.fault
    if count[0] > LEAST + PER_VALUE * min(values, MAX_NODES):
        return f"{count[0]} calls for {values} values"
    return ""


@pytest.fixture(scope="session")
def asked(key: Key, right: Mapping[str, Reply]) -> list[tuple[Check, AnsweredRun, Reply]]:
    """Each check that is judged on what a student's process says, with the right reply."""
    return [
        (check, key.sheets[check.run], right[check.run])
        for check in key.checks
        if check.visibility != "property"
    ]


Asked = list[tuple[Check, AnsweredRun, Reply]]


@cases(30)
@given(data=st.data())
def test_no_answer_makes_a_judge_raise_or_work_long(
    key: Key, asked: Asked, data: st.DataObject
) -> None:
    """Any JSON in the place of any part of a right answer, to any check of the key."""
    check, answered, reply = data.draw(st.sampled_from(asked))
    tried["replies to the reader and the judges"] += 1
    assert trouble(check, answered, *data.draw(answers(answered, reply)), key.judges) == ""


def test_right_answers_pass_without_trouble(key: Key, asked: Asked) -> None:
    """The control: what is replaced in is right, and within the bounds."""
    for check, answered, reply in asked:
        if answered.first is None:
            assert not trouble(check, answered, reply.text, bytes(reply.data), key.judges), check.id


def _raises(check: Check, inputs: Any, gave: Any, answers: Any) -> Any:
    """Add up what came, whatever it is."""
    for value in gave.values():
        sum(value)
    return PASSED


def _slow(check: Check, inputs: Any, gave: Any, answers: Any) -> Any:
    """Work far longer than a reply of this size takes."""
    for _ in range(20_000):
        abs(1)
    return PASSED


@pytest.mark.parametrize("judge", [_raises, _slow])
def test_the_search_finds_a_bad_judge(key: Key, asked: Asked, judge: Callable[..., Any]) -> None:
    """One that trusts the type of what came, and one that takes too long."""
    check, answered, reply = next(entry for entry in asked if entry[0].judge == "match")
    judges = {**key.judges, "match": judge}
    assert find(
        answers(answered, reply),
        lambda said: trouble(check, answered, *said, judges) != "",
        settings=settings(cases(50), phases=[Phase.generate]),
    )
