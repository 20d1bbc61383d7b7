"""Known mistakes are named by the arrays that they give, where one alone remains."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.key.fingerprints import FAILED, Misconception, Probe, Signature, signature
from grader.marking.explaining.diagnosis import FailedAnswers, WrongArray, diagnose
from grader.marking.explaining.kinds import kinds, telling
from grader.model.programs import Outcome
from grader.model.verdicts import PASSED, Verdict

RIGHT = {"dx": np.arange(1.0, 7.0), "dw": np.arange(2.0, 5.0), "db": np.arange(4.0)}
#: What each of some mistakes gives in place of what is right.
MEAN = {"dw": RIGHT["dw"] / 3}
BOTH = {"dw": RIGHT["dw"] / 3, "db": RIGHT["db"] / 3}
SIGN = {"dx": -RIGHT["dx"]}
UNKNOWN = {"db": RIGHT["db"] ** 2}


def signed(*wrong: dict[str, Any]) -> Signature:
    """The fingerprints of two examples, of which the second is twice the first."""
    given = {**RIGHT}
    for one in wrong:
        given |= one
    doubled = {name: 2 * array for name, array in given.items()}
    right = [[RIGHT], [{name: 2 * array for name, array in RIGHT.items()}]]
    return signature([Outcome(given), Outcome(doubled)], right)


def verdict(*names: str) -> Verdict:
    """The verdict on a check that fails in these outputs."""
    return Verdict("value", names[0], parts={name: Verdict("value", name) for name in names})


def answers(*wrong: dict[str, Any]) -> FailedAnswers:
    """A submission that gives these in place of what is right, and fails so."""
    found = signed(*wrong)
    failed = {"q.values": verdict(*sorted(found))}
    return FailedAnswers({"q.values": found}, failed, {"q.values": "q.values"})


def known(id: str, *wrong: dict[str, Any], same_as: tuple[str, ...] = ()) -> Probe:
    """A misconception that gives these in place of what is right."""
    given = answers(*wrong)
    words = Misconception(id, "q", id, "Sum.", same_as=same_as)
    return Probe(words, given.runs, kinds(given.verdicts))


def named(probes: list[Probe], given: FailedAnswers) -> dict[str, tuple[str, ...]]:
    """The names in the first check, each with its arrays; ``""``: outputs without a name."""
    naming = diagnose(probes, given)["q.values"]
    found = {one.misconception.id: one.arrays for one in naming.named}
    return found | ({"": naming.unnamed} if naming.unnamed else {})


CATALOGUE = [known("mean", MEAN), known("both", BOTH), known("sign", SIGN)]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ([MEAN], {"mean": ("dw",)}),
        ([BOTH], {"both": ("db", "dw")}),
        ([SIGN, MEAN], {"mean": ("dw",), "sign": ("dx",)}),
        ([MEAN, UNKNOWN], {"mean": ("dw",), "": ("db",)}),
        ([SIGN, BOTH], {"both": ("db", "dw"), "sign": ("dx",)}),
        ([UNKNOWN], {"": ("db",)}),
        ([{"dw": RIGHT["dw"] / 3 * (1 + 1e-6)}], {"": ("dw",)}),
    ],
    ids=["one", "of both", "two", "one and an unknown one", "two of three", "unknown", "nearly"],
)
def test_each_mistake_is_named_by_its_own_arrays(
    wrong: list[dict[str, Any]], found: dict[str, tuple[str, ...]]
) -> None:
    """Two known mistakes are both named, and one beside an unknown one."""
    assert named(CATALOGUE, answers(*wrong)) == found


def test_what_is_right_speaks_against_a_mistake_that_gets_it_wrong() -> None:
    """A mistake in two outputs isn't named where one of them is right."""
    assert named([known("both", BOTH)], answers(MEAN)) == {"": ("dw",)}
    assert named([known("both", BOTH)], answers(MEAN, UNKNOWN)) == {"": ("db", "dw")}


def test_one_example_that_differs_is_enough_to_name_nothing() -> None:
    """A mistake that is made on one of two examples isn't the one that is made on both."""
    right = [[RIGHT], [RIGHT]]
    once = signature([Outcome({**RIGHT, **MEAN}), Outcome(RIGHT)], right)
    given = replace(answers(MEAN), runs={"q.values": once})
    assert named([known("mean", MEAN)], given) == {"": ("dw",)}


def test_of_several_none_is_named_unless_they_are_declared_the_same() -> None:
    """Two that no output tells apart are named by the first, if either says so."""
    one, two = known("mean", MEAN), known("twin", MEAN)
    for given in (answers(MEAN), answers(MEAN, UNKNOWN)):
        assert "mean" not in named([one, two], given)
        assert "mean" in named([one, known("twin", MEAN, same_as=("mean",))], given)
        assert "twin" in named([known("twin", MEAN, same_as=("mean",)), one], given)
        three = [one, known("twin", MEAN, same_as=("mean",)), known("third", MEAN)]
        assert "mean" not in named(three, given)


def test_the_other_outputs_decide_between_mistakes_that_share_one() -> None:
    """Of two that give one array alike, the one that gives the others as well is named."""
    wide = known("wide", MEAN, SIGN)
    assert named([known("mean", MEAN), wide], answers(MEAN, SIGN, UNKNOWN)) == {
        "wide": ("dw", "dx"),
        "": ("db",),
    }
    assert named([known("mean", MEAN), wide], answers(MEAN, UNKNOWN)) == {
        "mean": ("dw",),
        "": ("db",),
    }


def test_a_mistake_that_fails_otherwise_is_not_named() -> None:
    """The same array in another check, or at another stage, speaks against a mistake."""
    given = answers(MEAN, UNKNOWN)
    other = known("mean", MEAN)
    assert "mean" in named([other], given)
    also = replace(other, verdicts={**other.verdicts, "q.more": {"dw": "value dw"}})
    assert "mean" not in named([also], given)
    shape = replace(other, verdicts={"q.values": {"dw": "shape dw"}})
    assert "mean" not in named([shape], given)


def test_zeros_alone_name_no_mistake_beside_another() -> None:
    """Zeros are what many mistakes give: only a mistake that gives everything is named by them."""
    zero = {"dw": 0 * RIGHT["dw"]}
    places = frozenset({WrongArray("q.values", "dw")})
    assert named([known("zero", zero)], replace(answers(zero), zeros=places)) == {"zero": ("dw",)}
    beside = replace(answers(zero, UNKNOWN), zeros=places)
    assert named([known("zero", zero)], beside) == {"": ("db", "dw")}


def test_a_check_without_numbers_follows_what_is_known() -> None:
    """A slope that fails as a named mistake's does is that one's; another property is not."""
    slope = {"q.slope": Verdict("gradient", "dw")}
    own = answers(MEAN)
    probe = known("mean", MEAN)
    probe = replace(probe, verdicts={**probe.verdicts, **kinds(slope)})
    given = answers(MEAN, UNKNOWN)
    given = replace(given, verdicts={**given.verdicts, **slope})
    found = diagnose([probe], given)
    assert [one.misconception.id for one in found["q.slope"].named] == ["mean"]
    other = replace(given, verdicts={**given.verdicts, "q.slope": Verdict("raised", "dw")})
    assert not diagnose([probe], other)["q.slope"].named
    whole = replace(own, verdicts={**own.verdicts, **slope})
    assert [one.misconception.id for one in diagnose([probe], whole)["q.slope"].named] == ["mean"]


def test_what_a_failed_call_leaves_behind_names_nothing() -> None:
    """A config that comes back as it was given is the answer of a rule that stores nothing, too."""
    given = answers(MEAN)
    assert named(CATALOGUE, given) == {"mean": ("dw",)}
    run = {**given.runs["q.values"], FAILED: (1, 0.0, 0.0)}
    failed = FailedAnswers({"q.values": run}, given.verdicts, given.asks)
    assert named(CATALOGUE, failed) == {"": ("dw",)}


def test_a_wrong_value_somewhere_is_no_name() -> None:
    """A mistake of which no example shows a number isn't named by failing alone."""
    failed = {"q.values": Verdict("value", "out")}
    probe = Probe(Misconception("hidden", "q", "t", "m"), {}, kinds(failed))
    assert not diagnose([probe], FailedAnswers({}, failed))["q.values"].named
    shown = {"q.values": Verdict("value", "out", {"property": {"name": "seed_fixed"}})}
    probe = Probe(Misconception("seed", "q", "t", "m"), {}, kinds(shown))
    assert diagnose([probe], FailedAnswers({}, shown))["q.values"].named


def test_arrays_of_a_dict_are_looked_at_one_by_one() -> None:
    """Of grads, W1 can have a name of its own, and another shape is another answer."""
    right = {"grads": {"W1": np.ones((2, 3)), "b1": np.ones(3)}}
    got = {"grads": {"W1": np.ones((2, 3)), "b1": np.full(3, 2.0)}}
    turned = {"grads": {"W1": np.ones((3, 2)), "b1": np.ones(3)}}
    assert [*signature([Outcome(got)], [[right]])] == ["grads.b1"]
    assert [*signature([Outcome(turned)], [[right]])] == ["grads.W1"]
    assert [*signature([Outcome({"grads": None})], [[right]])] == ["grads.W1", "grads.b1"]
    assert not signature([Outcome(right)], [[got, right]])


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict("value", "dx", {"error": 0.5}), "value dx"),
        (
            Verdict("value", "out", {"property": {"name": "mean", "like": "0", "got": 3.0}}),
            "value out mean 0",
        ),
        (
            Verdict("value", "grads", {"property": {"name": "no_gradient", "parameter": "b1"}}),
            "value grads no_gradient b1",
        ),
        (
            Verdict("shape", "dx", {"got_shape": [3, 2], "expected_shape": [2, 3]}),
            "shape dx transposed",
        ),
        (Verdict("shape", "dx", {"got_shape": [3], "expected_shape": [3]}), "shape dx"),
        (
            Verdict("shape", "dx", {"got_shape": [3, 1], "expected_shape": [3]}, True),
            "shape dx right numbers",
        ),
        (Verdict("dtype", "dx", {"got_dtype": "int64"}), "dtype dx int64"),
        (Verdict("value", "dx", {"got_dtype": "int64"}), "value dx"),
        (Verdict("value", "dx", nearly="close"), "value dx"),
        (Verdict("value", "dx", nearly="no-eps"), "value dx no-eps"),
        (
            Verdict("raised", "dx", {"exception": {"type": "KeyError", "target": "f", "line": 3}}),
            "raised dx KeyError f",
        ),
    ],
)
def test_a_failure_s_kind_holds_no_measured_number(verdict: Verdict, words: str) -> None:
    """Stage, output and property tell how a check failed; numbers differ between right forms."""
    output = verdict.output
    assert kinds({"q.values": verdict, "q.other": PASSED}) == {"q.values": {output: words}}


@pytest.mark.parametrize(
    ("property", "told"),
    [
        ({"name": "mean", "like": "scale/2", "got": 3.0}, True),
        ({"name": "mean", "like": "", "got": 3.0}, False),
        ({"name": "mask_scale", "got": 3.0, "expected": 2.0}, False),
        ({"name": "bias_not_zero", "like": ""}, False),
        ({"name": "seed_fixed"}, True),
    ],
)
def test_a_measured_number_tells_a_mistake_only_where_it_is_like_a_known_one(
    property: Any, told: bool
) -> None:
    """A property is known by its name, unless it is a number that could be any."""
    assert telling(Verdict("value", "out", {"property": property})) is told
