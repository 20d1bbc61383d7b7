"""A known mistake is named when it gives exactly these answers, and only one does."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grader.key.fingerprints import Misconception
from grader.marking.explaining.diagnosis import diagnose, kinds, probe
from grader.model.programs import Outcome
from grader.model.verdicts import PASSED, Verdict

MEAN = Misconception("mean", "q", "a mean", "Sum.")
TWIN = Misconception("twin", "q", "its twin", "Sum.")
RUNGS = {"run": [Outcome({"dx": np.arange(3.0)}), Outcome({"dx": np.arange(4.0)})]}
WRONG = {"q.values": Verdict("value", "dx"), "q.other": PASSED}


def test_the_only_one_that_answers_so_is_named() -> None:
    """The same answers and the same failures are the misconception's own."""
    assert diagnose([probe(MEAN, RUNGS, WRONG)], RUNGS, WRONG) is MEAN
    assert diagnose([], RUNGS, WRONG) is None


@pytest.mark.parametrize(
    "rungs",
    [
        {},
        {"other": RUNGS["run"]},
        {"run": RUNGS["run"][:1]},
        {"run": [RUNGS["run"][0], Outcome({"dx": np.ones(4)})]},
    ],
    ids=["no run", "another run", "fewer rungs", "another answer"],
)
def test_other_answers_are_not_its_own(rungs: dict[str, Any]) -> None:
    """One rung that differs is enough to name nothing."""
    assert diagnose([probe(MEAN, RUNGS, WRONG)], rungs, WRONG) is None


@pytest.mark.parametrize(
    "verdicts", [{}, {"q.values": Verdict("shape", "dx")}, {"q.values": Verdict("value", "dw")}]
)
def test_other_failures_are_not_its_own(verdicts: dict[str, Verdict]) -> None:
    """The same answers, failing elsewhere or otherwise, name nothing."""
    assert diagnose([probe(MEAN, RUNGS, WRONG)], RUNGS, verdicts) is None


def test_of_several_none_is_named_unless_they_are_declared_the_same() -> None:
    """Two that no output tells apart are named by the first, if either says so."""
    one, two = probe(MEAN, RUNGS, WRONG), probe(TWIN, RUNGS, WRONG)
    assert diagnose([one, two], RUNGS, WRONG) is None
    same = replace(TWIN, same_as=("mean",))
    assert diagnose([one, replace(two, misconception=same)], RUNGS, WRONG) is MEAN
    assert diagnose([replace(two, misconception=same), one], RUNGS, WRONG) is same
    third = probe(Misconception("third", "q", "t", "m"), RUNGS, WRONG)
    assert diagnose([one, replace(two, misconception=same), third], RUNGS, WRONG) is None


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
        (Verdict("shape", "dx", {"got_shape": [3, 1], "expected_shape": [3]}), "shape dx"),
        (Verdict("dtype", "dx", {"got_dtype": "int64"}), "dtype dx int64"),
        (Verdict("value", "dx", {"got_dtype": "int64"}), "value dx"),
        (
            Verdict("raised", "dx", {"exception": {"type": "KeyError", "target": "f", "line": 3}}),
            "raised dx KeyError f",
        ),
    ],
)
def test_a_failure_s_kind_holds_no_measured_number(verdict: Verdict, words: str) -> None:
    """Stage, output and property tell how a check failed; numbers differ between right forms."""
    assert kinds({"q.values": verdict, "q.other": PASSED}) == {"q.values": words}
