"""From what was marked to the number that counts: a pure function, and how the number came about.

A result goes through three steps: what its questions are worth
(:func:`grader.classroom.scoring.scored`), what a person changed
(:func:`grader.classroom.adjustments.adjusted`), and lateness and excuses (:func:`grade`). None of
them stores anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.classroom.adjustments import Adjustment
from grader.classroom.policy import Policy
from grader.classroom.roster import plain
from grader.classroom.scoring import rounded
from grader.classroom.times import lateness
from grader.model.records import GradeLine, GradeRecord, SubmissionRecord


@dataclass(frozen=True)
class Handed:
    """When something was handed in, as far as that is known, and by whom, as people call them."""

    when: str = ""
    late: bool = False
    said: frozenset[str] = frozenset()


def grade(
    result: SubmissionRecord,
    policy: Policy,
    handed: Handed,
    adjustments: Iterable[Adjustment] = (),
    lines: Sequence[GradeLine] = (),
) -> GradeRecord:
    """Return the number that counts for *result*, and the lines that add up to it.

    *lines* are a person's changes to the whole. Of an excused submission there is no number.
    """
    mine = [one for one in adjustments if one.about(result, handed.said)]
    own = frozenset({plain(result["submission"]), *handed.said})
    made: list[GradeLine] = [{"what": "All questions", "points": result["score"]}, *lines]
    maximum = result["max_score"]
    earned = math.fsum(line["points"] for line in made)
    limit = (
        maximum
        + policy.bonus
        + sum(one.points for one in mine if one.change == "bonus" and one.points > 0)
    )
    highest = max((one.points for one in mine if one.change == "set"), default=0.0)
    limit = max(limit, result["score"], highest)
    bounded = min(max(0.0, earned), limit)
    if rounded(bounded - earned):
        what = "No more than the maximum" if bounded < earned else "No less than nothing"
        made.append({"what": what, "points": rounded(bounded - earned)})
    notes: list[str] = []
    late, steps = _lateness(policy, handed, own, notes)
    if late is not None:
        lost = _lost(policy, bounded, steps, late)
        if lost:
            what = _spoken(policy, steps, late)
            made.append({"what": what, "points": -rounded(lost)})
    excused = bool(policy.excused & own) or any(one.change == "excuse" for one in mine)
    if excused:
        notes.append("Excused: no number counts.")
    points = rounded(math.fsum(line["points"] for line in made))
    return {
        "points": None if excused else points,
        "max_points": maximum,
        "excused": excused,
        "late": late is not None or handed.late,
        "lines": made,
        "notes": notes,
    }


def _lateness(
    policy: Policy, handed: Handed, own: frozenset[str], notes: list[str]
) -> tuple[timedelta | None, int]:
    """Return how late work is beyond what is forgiven, and how many steps that is."""
    due = policy.extended(own)
    if due is None:
        return None, 0
    when = policy.time(handed.when) if handed.when else None
    if when is None:
        if handed.late and policy.due == due:
            notes.append("Late by the system's mark; by how much isn't known: one step counts.")
            return timedelta(), 1
        if handed.when:
            notes.append(f"The time {handed.when!r} can't be read: it counts as in time.")
        elif not handed.late:
            notes.append("When it was handed in isn't known: it counts as in time.")
        return None, 0
    if due != policy.due:
        notes.append(f"Due {_shown(due)}, by an extension.")
    # An extension lowers nothing, whatever clocks do between the one time and the other.
    late = min(lateness(one, when, policy.late.per) for one in (due, policy.due) if one)
    if late <= policy.grace:
        return None, 0
    late -= timedelta(days=min(policy.late_days, 36_500))
    if late <= timedelta():
        notes.append("Late within the days that are free.")
        return None, 0
    return late, math.ceil(late / policy.late.per)


def _lost(policy: Policy, earned: float, steps: int, late: timedelta) -> float:
    """Return the points that lateness takes of those *earned*."""
    rule = policy.late
    if rule.until is not None and late > rule.until:
        return earned
    lost = steps * (rule.points or earned * rule.penalty)
    return min(lost, earned * (1 - rule.floor))


def _spoken(policy: Policy, steps: int, late: timedelta) -> str:
    rule = policy.late
    if rule.until is not None and late > rule.until:
        return "Handed in after the last day that counts"
    each = f"{rule.points:g} points" if rule.points else f"{100 * rule.penalty:g} %"
    floor = f", down to {100 * rule.floor:g} % at most" if rule.floor else ""
    by = f" by {_length(late)}" if late else ""
    return f"Late{by}: {steps} × {each}{floor}"


def _length(span: timedelta) -> str:
    minutes = math.ceil(span.total_seconds() / 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min"]
    return " ".join(part for part in parts if part)


def _shown(when: datetime) -> str:
    return when.isoformat(sep=" ", timespec="minutes")
