"""Every attack is real: it works where nothing holds it back, or it beats a naive grader.

A case whose control doesn't work is no case. Takes minutes: runs with ``GRADER_HOSTILE`` set.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from cases import Case, cases
from trial import Trial

pytestmark = pytest.mark.skipif(
    not os.environ.get("GRADER_HOSTILE"), reason="set GRADER_HOSTILE for the attacks' controls"
)
CASES = cases()
AT_PROCESS = [case for case in CASES if case.where == "process"]
NAIVELY = [case for case in CASES if case.where not in ("process", "public key")]
Files = dict[str, bytes]


def _ids(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", AT_PROCESS, ids=_ids)
def test_the_attack_works_where_nothing_holds_it_back(
    unconfined: Trial, reference: Files, case: Case
) -> None:
    """The positive control at the level ``process``."""
    assert case.effect in unconfined.hostile(case, reference).effects


@pytest.mark.parametrize("case", NAIVELY, ids=_ids)
def test_the_attack_beats_a_naive_grader(naively: Callable[[Case], set[str]], case: Case) -> None:
    """The positive control for what a process of its own stops."""
    assert case.effect in naively(case)


@pytest.mark.parametrize(
    "style", sorted({case.where for case in NAIVELY if case.effect == "points"})
)
def test_a_naive_grader_marks_wrong_code_wrong(
    naively: Callable[[Case], set[str]], style: str
) -> None:
    """Without an attack it gives no point: the controls show attacks, not a broken grader."""
    wrong = {
        "optim.py": "def rmsprop(w, dw, config=None):\n    return w + 1, config\n",
        "layers.py": "def affine_backward(*args):\n    return 1, 1, 1\n"
        "def dropout_forward(x, dropout_param):\n    return x, None\n",
        "classifiers/fc_net.py": "class TwoLayerNet:\n    def __init__(self, *a, **k):\n"
        "        self.params = {'W1': np.zeros(9)}\n",
    }
    if style == "shape":
        wrong["optim.py"] = "def rmsprop(w, dw, config=None):\n    return w[1:], config\n"
    case = Case("controls", style, (), style, "none", "", wrong)
    assert "points" not in naively(case)
