"""What questions are worth: a stored result scored anew by a course's points and shares."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

from grader.classroom.policy import Policy
from grader.model.literals import QuestionStatus
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord

#: Digits of points that are kept: sums of thirds come out even.
_DIGITS = 6


#: Questions without a score: a person, or another run, has yet to give one.
OPEN = ("needs_marking", "not_graded")


def scored(result: SubmissionRecord, policy: Policy) -> SubmissionRecord:
    """Return *result* with the points and shares that *policy* gives to questions and checks.

    A question's share of its points is that of its checks, weighed; one whose checks carry no
    points keeps its share.
    """
    if not policy.scores:
        return result
    made = copy.deepcopy(result)
    for question in made["questions"]:
        checks = question.get("checks") or []
        if question["id"] in policy.points or any(c["id"] in policy.shares for c in checks):
            _weigh(question, checks, policy)
    return totalled(made)


def _weigh(question: QuestionRecord, checks: Sequence[CheckRecord], policy: Policy) -> None:
    before = question["max_score"]
    worth = policy.points.get(question["id"], before)
    share = question["score"] / before if before else 0.0
    carrying = [check for check in checks if check["max_score"]]
    if carrying and question["status"] not in OPEN:
        # Best marks are kept by check: their sum is the question's, but for rounding.
        weights = [policy.shares.get(c["id"], c["max_score"]) for c in carrying]
        whole = sum(weights)
        shares = [c["score"] / c["max_score"] for c in carrying]
        share = sum(w * s for w, s in zip(weights, shares, strict=True)) / whole if whole else 0.0
        for check, weight, own in zip(carrying, weights, shares, strict=True):
            before_it = check["max_score"]
            check["max_score"] = rounded(worth * weight / whole) if whole else 0.0
            for output in check.get("outputs") or ():
                output["score"] = rounded(output["score"] * check["max_score"] / before_it)
                output["max_score"] = rounded(output["max_score"] * check["max_score"] / before_it)
            check["score"] = rounded(check["max_score"] * own)
        worth = worth if whole else 0.0
    question["max_score"] = worth
    if question["status"] not in OPEN:
        question["score"] = rounded(worth * share)
        question["status"] = status_of(question)


def status_of(question: QuestionRecord) -> QuestionStatus:
    if question["score"] >= question["max_score"]:
        return "passed"
    was = question["status"]
    if question["score"] > 0:
        return "partial"
    return was if was in ("failed", "not_implemented") else "failed"


def totalled(result: SubmissionRecord) -> SubmissionRecord:
    """Return *result* with its sums made anew."""
    counted = [q for q in result["questions"] if q["status"] not in OPEN]
    waiting = [q for q in result["questions"] if q["status"] == "needs_marking"]
    lost = [q for q in result["questions"] if q["status"] == "not_graded"]
    result["score"] = rounded(math.fsum(q["score"] for q in counted))
    result["max_score"] = rounded(math.fsum(q["max_score"] for q in [*counted, *lost]))
    result["pending"] = rounded(math.fsum(q["max_score"] for q in waiting))
    for name, total in result["notebooks"].items():
        own = [q for q in [*counted, *lost] if q["notebook"] == name]
        total["score"] = rounded(math.fsum(q["score"] for q in own if q not in lost))
        total["max_score"] = rounded(math.fsum(q["max_score"] for q in own))
    return result


def rounded(value: float) -> float:
    """Return points without the noise of sums."""
    return round(value, _DIGITS) + 0.0
