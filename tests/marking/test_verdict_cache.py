"""What is recalled is what judging in full would say."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.kinds import judge
from grader.marking.verdict_cache import LAYOUTS, VerdictCache
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Program, Run
from grader.model.trees import dumps, pack
from grader.sandbox import Reply

CHECK = Check("q.values", "q", "t", "hidden", "run", "match", ("out", "grads"), 1, "f")
RIGHT = [
    {"out": np.linspace(-1, 2, 6).reshape(2, 3), "grads": {"W": np.ones(4) / 3, "b": np.zeros(0)}},
    {"out": np.array(5.0), "grads": {"W": np.full((2, 2), 1e-7), "b": np.arange(3.0)}},
]
SHEET = AnsweredRun(Run("run", Program((), {}), [{}, {}]), RIGHT)


def replied(text: bytes, data: bytes, count: int = 1) -> Reply:
    """Return the answer to a run that asks for what this module's checks look at."""
    give = {name: {"@": name} for name in ("out", "grads", "x", "scale")}
    return Reply(Run("run", Program((), give), [{"x": 0.0}] * count), text, data, None)


def reply(gave: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()) -> Reply:
    text, data = pack([{"gave": dict(g), "failed": None, "notes": list(notes)} for g in gave])
    return replied(dumps(text), data, len(gave))


def moved(by: float, number: int = 0) -> list[dict[str, Any]]:
    """Return the right answers, one of them moved by *by* relative to its size."""
    gave: list[dict[str, Any]] = [dict(answer) for answer in RIGHT]
    gave[number]["out"] = np.asarray(gave[number]["out"] * (1 + by))
    return gave


def notes(recall: VerdictCache, given: Reply, check: Check = CHECK) -> frozenset[str] | None:
    """Return the notes of a reply that is known to pass; ``None`` of another."""
    known = recall.known(check, given)
    return known.notes if known and all(known.states) else None


def passes(given: Reply, sheet: AnsweredRun = SHEET) -> bool:
    return all(
        judge(CHECK, {}, outcome, [answer]).passed
        for outcome, answer in zip(given.outcomes, sheet.answers, strict=True)
    )


@pytest.fixture
def recall() -> VerdictCache:
    """A recall that has seen one right reply."""
    recall = VerdictCache()
    recall.learn(CHECK, SHEET, reply(RIGHT, ["changed:x"]))
    return recall


def test_nothing_is_known_at_first() -> None:
    """Before anything was judged, everything must be."""
    assert notes(VerdictCache(), reply(RIGHT)) is None


def test_other_last_digits_pass_with_the_notes_of_their_text(recall: VerdictCache) -> None:
    """A reply that differs in its last digits from one that passed is known to pass."""
    near = reply(moved(1e-13), ["changed:x"])
    assert notes(recall, near) == {"changed:x"}


def test_another_text_is_judged_in_full(recall: VerdictCache) -> None:
    """A reply with other notes, shapes or dtypes is not taken for one that passed."""
    flat = [{**RIGHT[0], "out": RIGHT[0]["out"].ravel()}, RIGHT[1]]  # type: ignore[union-attr]
    single = [{**RIGHT[0], "out": np.float32(RIGHT[0]["out"])}, RIGHT[1]]  # type: ignore[arg-type]
    for gave in (flat, single, RIGHT):
        assert notes(recall, reply(gave)) is None


@given(exponent=st.floats(-13, 0), sign=st.sampled_from((-1, 1)), number=st.integers(0, 1))
def test_never_passes_what_judging_fails(exponent: float, sign: int, number: int) -> None:
    """However far one number is off, a recalled pass is a pass."""
    recall = VerdictCache()
    recall.learn(CHECK, SHEET, reply(RIGHT))
    given = reply(moved(sign * 10**exponent, number))
    known = notes(recall, given) is not None
    assert passes(given) or not known
    assert known or exponent > -9.1  # and what is clearly right is recalled


@given(exponent=st.floats(-13, 3), sign=st.sampled_from((-1, 1)), number=st.integers(0, 1))
def test_each_example_is_known_as_judging_finds_it(exponent: float, sign: int, number: int) -> None:
    """What is known of one example is its verdict; what is clear, either way, is known."""
    recall = VerdictCache()
    recall.learn(CHECK, SHEET, reply(RIGHT))
    given = reply(moved(sign * 10**exponent, number))
    known = recall.known(CHECK, given)
    assert known is not None
    for i, state in enumerate(known.states):
        verdict = judge(CHECK, {}, given.outcomes[i], [RIGHT[i]])
        assert state is None or state is verdict.passed
        assert verdict.passed or verdict.stage == "value"
        assert state is not None or (i == number and -9.1 < exponent < -8.1)


def test_an_example_is_wrong_that_is_near_no_right_answer() -> None:
    """Where two forms are right, each example may be near either, and fails if near none."""
    other = [{**a, "out": np.array(np.asarray(a["out"]) + 1)} for a in RIGHT]
    sheet = AnsweredRun(SHEET.run, RIGHT, (other,))
    recall = VerdictCache()
    recall.learn(CHECK, sheet, reply(RIGHT))
    for gave, states in (
        ([RIGHT[0], other[1]], [True, True]),
        ([other[0], {**RIGHT[1], "out": np.array(5.5)}], [True, False]),
    ):
        known = recall.known(CHECK, reply(gave))
        assert known is not None
        assert list(known.states) == states


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_a_number_that_is_none_is_judged_in_full(recall: VerdictCache, value: float) -> None:
    """NaN, infinity and what overflows when squared never pass unseen."""
    gave: list[dict[str, Any]] = [dict(answer) for answer in RIGHT]
    gave[1]["out"] = np.array(value)
    known = recall.known(CHECK, reply(gave, ["changed:x"]))
    assert known is not None
    assert list(known.states) == [True, None]


def test_bytes_that_are_missing_are_judged_in_full(recall: VerdictCache) -> None:
    """A right text with too little data beside it is not recalled."""
    whole = reply(RIGHT, ["changed:x"])
    assert notes(recall, replied(whole.text, bytes(whole.data[:-8]), 2)) is None


def test_a_second_right_answer_is_learned_too() -> None:
    """Where two forms are right, replies near either are known."""
    other = [{**RIGHT[0], "out": RIGHT[0]["out"] + 1}, RIGHT[1]]  # type: ignore[operator]
    sheet = AnsweredRun(SHEET.run, RIGHT, (other,))
    recall = VerdictCache()
    for gave in (RIGHT, other):
        recall.learn(CHECK, sheet, reply(gave))
        assert notes(recall, reply(gave)) == frozenset()


def test_other_judges_recall_the_same_bytes_only() -> None:
    """A check that is not a comparison with the key is known by its very bytes."""
    check = Check("q.slope", "q", "t", "hidden", "run", "slope", ("out",), 1, "f")
    recall = VerdictCache()
    recall.learn(check, SHEET, reply(RIGHT))
    assert notes(recall, reply(RIGHT), check) == frozenset()
    assert notes(recall, reply(moved(1e-15)), check) is None


def test_what_is_kept_is_bounded(recall: VerdictCache) -> None:
    """A class of ever other texts makes room by forgetting the one that was used least lately."""
    for number in range(LAYOUTS):
        recall.learn(CHECK, SHEET, reply(RIGHT, [f"calls:out:x:{number}"]))
    assert notes(recall, reply(RIGHT, ["changed:x"])) is None
    assert notes(recall, reply(RIGHT, ["calls:out:x:3"])) == {"calls:out:x:3"}


@pytest.mark.parametrize(("by", "known"), [(1.5e-9, True), (2e-9, False)])
@pytest.mark.parametrize("path", [(0, "W"), (0, "out"), (1, "out"), (1, "b"), (1, "W")])
def test_every_array_has_a_bound_of_its_own(path: tuple[int, str], by: float, known: bool) -> None:
    """One element that is off, the first of any array, counts against that array's norm alone."""
    recall = VerdictCache()
    recall.learn(CHECK, SHEET, reply(RIGHT))
    number, name = path
    if path == (1, "W"):  # so small that the absolute bound counts
        by = 3e-6 if known else 7e-6
    gave: list[dict[str, Any]] = [{**a, "grads": dict(a["grads"])} for a in RIGHT]
    holder = gave[number] if name == "out" else gave[number]["grads"]
    array = np.array(holder[name])
    array.flat[0] += by * np.linalg.norm(array)
    holder[name] = array
    assert (notes(recall, reply(gave)) is not None) is known


def test_right_replies_of_another_form_are_known_by_their_bytes() -> None:
    """A number of Python's own is no array that could be compared at once."""
    gave = [{**answer, "out": 5.0} for answer in RIGHT]
    recall = VerdictCache()
    recall.learn(CHECK, SHEET, reply(gave))
    assert notes(recall, reply(gave)) == frozenset()
    assert notes(recall, reply([{**gave[0], "out": 5.1}, gave[1]])) is None


def test_a_reply_of_any_length_is_laid_out() -> None:
    """Arrays of one number, eight bytes, are recalled but for their last digits too."""
    check = Check("q.one", "q", "t", "hidden", "run", "match", ("out",), 1, "f")
    sheet = AnsweredRun(Run("run", Program((), {}), [{}]), [{"out": np.array(5.0)}])
    recall = VerdictCache()
    recall.learn(check, sheet, reply([{"out": np.array(5.0)}]))
    assert notes(recall, reply([{"out": np.array(5.0 + 1e-13)}]), check) == frozenset()


def test_as_many_layouts_as_named_are_kept(recall: VerdictCache) -> None:
    """Room is made for one too many, not before."""
    for number in range(LAYOUTS - 1):
        recall.learn(CHECK, SHEET, reply(RIGHT, [f"calls:out:x:{number}"]))
    assert notes(recall, reply(RIGHT, ["changed:x"])) == {"changed:x"}


def test_the_oldest_reply_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests of replies are kept up to their number."""
    monkeypatch.setattr("grader.marking.verdict_cache.REPLIES", 2)
    check = Check("q.slope", "q", "t", "hidden", "run", "slope", ("out",), 1, "f")
    recall = VerdictCache()
    replies = [reply(moved(by)) for by in (0.0, 1.0, 2.0)]
    for one in replies:
        recall.learn(check, SHEET, one)
    assert [notes(recall, one, check) is None for one in replies] == [True, False, False]


def test_a_reply_is_known_by_all_its_bytes() -> None:
    """The same text beside other bytes is not the reply that was found last, nor the other way."""
    check = Check("q.slope", "q", "t", "hidden", "run", "slope", ("out",), 1, "f")
    recall = VerdictCache()
    recall.learn(check, SHEET, reply(RIGHT))
    for _ in range(2):
        assert notes(recall, reply(RIGHT), check) == frozenset()
    assert notes(recall, reply(moved(1e-15)), check) is None
    assert notes(recall, reply(RIGHT, ["changed:x"]), check) is None
