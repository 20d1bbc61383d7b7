"""What a training question's attempt is worth, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from grader.marking.training.attempt import Attempt
from grader.marking.training.decision import Decision, decide
from grader.model.assignment import Scale, Training
from grader.model.programs import Failure
from grader.model.verdicts import QuestionResult

SCALE = Scale(reach=0.5, zero=0.1, cpu_seconds=2, memory_mb=100)
TRAINING = Training(("model",), SCALE, SCALE, layers=3, epochs=2)
RAISED = Failure("raised", type="ValueError")
#: Reaches what is asked in the third epoch of two.
IN_TIME = {"train_acc_history": [0.1, 0.5, 0.6]}
SLOW = {"train_acc_history": [0.1, 0.2, 0.3, 0.9]}


def result(id: str, status: str) -> QuestionResult:
    return QuestionResult(id, "nets", id, 0.0, 1.0, status)


WRONG, UNWRITTEN = result("relu", "failed"), result("adam", "not_implemented")
BLAMES_WRONG = Decision("waiting", "builds_on", blamed=(WRONG,))
BLAMES_UNWRITTEN = Decision("failed", "not_written", "not_implemented", blamed=(UNWRITTEN,))

TABLE: list[tuple[dict[str, Any] | None, tuple[QuestionResult, ...], str, Decision]] = [
    # It reaches what is asked, whatever failed elsewhere, and whatever came after.
    ({"accuracy": 0.5, "histories": IN_TIME}, (), "saved", Decision("passed", "reached")),
    ({"accuracy": 0.5, "layers": 3, "histories": IN_TIME}, (WRONG, UNWRITTEN), "full",
     Decision("passed", "reached")),
    ({"accuracy": 0.5, "ended": RAISED, "cut": True, "histories": IN_TIME}, (), "short",
     Decision("passed", "reached")),
    # Its parameters are no network's, or don't give its scores: however well it answers.
    ({"accuracy": 0.9, "other": "none"}, (), "short", Decision("failed", "no_network", "type")),
    ({"accuracy": 0.9, "other": "none"}, (WRONG,), "short", BLAMES_WRONG),
    ({"accuracy": 0.9, "other": "unread"}, (), "full", Decision("waiting", "other_model")),
    ({"accuracy": 0.3, "other": "differs"}, (), "full", Decision("waiting", "other_model")),
    ({"accuracy": 0.1, "other": "unread"}, (), "full", Decision("scaled", "part")),
    # Nobody can say how many epochs it took.
    ({"accuracy": 0.9, "layers": 3}, (), "full", Decision("waiting", "no_history")),
    # Another model than asked: a fault of this question, unless something else failed.
    ({"accuracy": 0.9, "layers": 2}, (), "short", Decision("failed", "depth", "shape")),
    ({"accuracy": 0.9, "layers": 2}, (WRONG,), "short", BLAMES_WRONG),
    ({"accuracy": 0.9, "histories": SLOW}, (), "short", Decision("waiting", "late")),
    ({"accuracy": 0.9, "histories": SLOW}, (), "full", Decision("failed", "late", "value")),
    ({"accuracy": 0.9, "histories": SLOW}, (WRONG,), "full", BLAMES_WRONG),
    # Misses it where something that it builds on failed: what isn't written comes first.
    ({"accuracy": 0.2}, (WRONG,), "full", BLAMES_WRONG),
    ({"accuracy": 0.2}, (WRONG, UNWRITTEN), "full", BLAMES_UNWRITTEN),
    ({"ended": RAISED}, (UNWRITTEN,), "short", BLAMES_UNWRITTEN),
    # Misses it alone.
    ({"failure": RAISED}, (), "short", Decision("no_model")),
    ({"accuracy": 0.2, "ended": RAISED}, (), "full", Decision("no_model")),
    ({"accuracy": 0.2, "cut": True}, (), "full", Decision("waiting", "cut")),
    ({"accuracy": 0.2}, (), "short", Decision("waiting", "missed")),
    ({"accuracy": 0.2}, (), "saved", Decision("waiting", "missed")),
    ({"accuracy": 0.2}, (), "full", Decision("scaled", "part")),
    # Nothing was run, since what it builds on never ends.
    (None, (WRONG,), "full", BLAMES_WRONG),
    (None, (UNWRITTEN, WRONG), "short",
     Decision("waiting", "builds_on", blamed=(UNWRITTEN, WRONG))),
]  # fmt: skip


@pytest.mark.parametrize(("attempt", "failed", "mode", "expected"), TABLE)
def test_an_attempt_is_decided_by_its_facts(
    attempt: dict[str, Any] | None,
    failed: tuple[QuestionResult, ...],
    mode: str,
    expected: Decision,
) -> None:
    """Each row of the table: an attempt, what failed before, the mode, and the decision."""
    made = None if attempt is None else Attempt(**attempt)
    assert decide(TRAINING, made, failed, mode) == expected
