"""The one thing that a submission's owner does next: the first broken part, or the largest loss.

A question that builds on another one that isn't right waits for it. Of the rest, what gives most is
first: the points that are missing there, and those of all that builds on it. Of equal ones, and of
all that isn't written yet, the first in the notebook's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.model.assignment import Assignment
from grader.model.records import QuestionRecord, SubmissionRecord

#: The statuses of questions at which a student can still do something.
_OPEN = ("failed", "partial", "not_implemented")

#: By a question's id, those that it builds on.
Builds = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class NextStep:
    """The question to go to, what is missing in it, and which others wait for it."""

    question: QuestionRecord
    missing: float
    waiting: tuple[QuestionRecord, ...]


def builds(assignment: Assignment) -> Builds:
    """Return what each question builds on, by ids: directly or by way of others."""
    direct = {question.id: question.builds_on for question in assignment.questions}

    def every(id: str, seen: dict[str, None]) -> dict[str, None]:
        for other in direct.get(id, ()):
            if other not in seen:
                seen[other] = None
                every(other, seen)
        return seen

    return {id: tuple(every(id, {})) for id in direct}


def next_step(result: SubmissionRecord, builds_on: Builds) -> NextStep | None:
    """Return what to do next; ``None`` where no question is a student's to mend."""
    broken = {q["id"]: q for q in result["questions"] if q["status"] in _OPEN and _missing(q) > 0}
    waiting: dict[str, list[QuestionRecord]] = {id: [] for id in broken}
    for id, question in broken.items():
        for other in builds_on.get(id, ()):
            if other in broken:
                waiting[other].append(question)
    free = [id for id in broken if not any(o in broken for o in builds_on.get(id, ()))]
    if not free:  # none, or a circle, which no manifest has
        return None
    unwritten = [id for id in free if broken[id]["status"] == "not_implemented"]
    offered = [id for id in free if id not in unwritten[1:]]

    def gain(id: str) -> float:
        return _missing(broken[id]) + sum(map(_missing, waiting[id]))

    chosen = max(offered, key=gain)  # the first of equal ones
    return NextStep(broken[chosen], _missing(broken[chosen]), tuple(waiting[chosen]))


def _missing(question: QuestionRecord) -> float:
    return question["max_score"] - question["score"]
