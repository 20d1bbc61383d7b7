"""A person's changes of points, of one student or of all who share a cause, and taken back."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from grader.classroom.adjustments import Adjustment, Change
from grader.classroom.causes import Cause
from grader.classroom.gradebook import Gradebook, person
from grader.classroom.steps import RowChange, Steps
from grader.model.problem import Problem
from grader.wording import decisions as words
from grader.wording import labels

#: What may be done about a cause: give back what it has cost, add points, or set them.
CauseChange = Literal["back", "add", "set"]
CAUSE_CHANGES: tuple[CauseChange, ...] = get_args(CauseChange)
#: What one change may be of: sums of such points stay numbers.
MAX_POINTS = 1_000_000.0


def new_id(kind: str) -> str:
    """Return a fresh id that begins with the letter *kind*."""
    return f"{kind}{secrets.token_hex(3)}"


def change_points(
    gradebook: Steps,
    submission: str,
    question: str,
    change: Change,
    points: float,
    reason: str,
    *,
    check: str = "",
    by: str = "",
    id: str = "",
) -> Adjustment:
    """Change the points of a submission, or of one of its questions or checks, and log it.

    Under an *id* that is in force already nothing more is done: a form may come twice.

    Raises :class:`~grader.model.problem.Problem` where there is no *reason*, or the number of
    points can't be.
    """
    made = Adjustment(
        id=id or new_id("c"),
        submission=submission,
        question=question,
        check=check,
        change=change,
        points=points,
        reason=reason,
        by=by or person(),
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
    )
    check_changes([made])
    if found := _in_force(gradebook, made.id):
        return found[0]
    gradebook.step(made.by, words.POINTS.format(of=_of(made)), map(row_change, [made]))
    log_changes(gradebook, [made])
    return made


def change_cause(
    gradebook: Steps,
    cause: Cause,
    change: CauseChange,
    points: float,
    reason: str,
    *,
    by: str = "",
    id: str = "",
) -> str:
    """Change the points of exactly the submissions that share a *cause* now; return the id of all.

    ``back`` gives back what the cause has cost each of them; otherwise *points* are added to each,
    or set for each, of the whole question. Raises as :func:`change_points`.
    """
    id, at = id or new_id("b"), datetime.now(UTC).isoformat(timespec="microseconds")
    if _in_force(gradebook, id):
        return id
    made: list[Adjustment] = []

    def add(submission: str, check: str, change: Change, points: float) -> None:
        own = f"{id}.{len(made) + 1}"
        row = (own, submission, cause.question, check, change, points, reason, by or person(), at)
        made.append(Adjustment.of(row))

    for submission, lost in cause.lost.items():
        if change == "back":
            for one in lost:
                if one.points > 0:
                    add(submission, one.check, "add", one.points)
        else:
            add(submission, "", change, points)
    if not made:
        raise Problem("this cause has cost nobody any points: there are none to give back")
    check_changes(made)
    students = labels.count(len(cause.lost), "student")
    what = words.POINTS_OF_ALL.format(students=students, of=cause.question)
    gradebook.step(by or person(), what, map(row_change, made))
    log_changes(gradebook, made)
    return id


def of(adjustments: Iterable[Adjustment], id: str) -> list[Adjustment]:
    """Return those of *adjustments* that were made under *id*: one, or all of a batch."""
    return [one for one in adjustments if one.id == id or one.id.startswith(f"{id}.")]


def take_back(gradebook: Steps, id: str, why: str = "", by: str = "") -> list[str]:
    """Take back what was changed under *id*, and log it; return whose points it was."""
    found = _in_force(gradebook, id)
    if found:
        what = words.TAKEN_BACK.format(change=words.POINTS.format(of=_of(found[0])), id=id)
        gradebook.step(by or person(), what, map(removal, found))
    for one in found:
        what = words.TAKEN_BACK.format(change=one.change, id=one.id)
        gradebook.log(what, one.submission, one.question, why, by)
    return list(dict.fromkeys(one.submission for one in found))


def _in_force(gradebook: Gradebook, id: str) -> list[Adjustment]:
    return of(map(Adjustment.of, gradebook.adjustments()), id)


def row_change(one: Adjustment) -> RowChange:
    """Return the step's change that keeps an adjustment."""
    return RowChange("adjustments", (one.id,), one.row)


def removal(one: Adjustment) -> RowChange:
    """Return the step's change that takes an adjustment back."""
    return RowChange("adjustments", (one.id,), None)


def check_changes(made: Sequence[Adjustment]) -> None:
    """Raise :class:`~grader.model.problem.Problem` for a change that can't be made."""
    for one in made:
        if not one.reason.strip():
            raise Problem("say why: the reason stands on the student's page and in the log")
        if one.change == "set" and one.points < 0:
            raise Problem("points that are set are a number that isn't negative")
        if not math.isfinite(one.points) or abs(one.points) > MAX_POINTS:
            raise Problem(f"points are a number of at most {MAX_POINTS:,.0f}")


def log_changes(gradebook: Steps, made: Sequence[Adjustment]) -> None:
    """Log changes that were made, each for its submission."""
    for one in made:
        number = f" {one.points:g}" if one.change in ("set", "add", "bonus") else ""
        what = words.CHANGED.format(change=f"{one.change}{number}", id=one.id)
        gradebook.log(what, one.submission, _of(one), one.reason, one.by)


def _of(one: Adjustment) -> str:
    return f"{one.question}/{one.check}" if one.check else one.question
