"""One way back for all that people decide: changes, pinned notes, decisions, regrades."""

from __future__ import annotations

from grader.classroom import appeals, overrides, pinning, regrading
from grader.classroom.steps import Steps, Undone
from grader.model.problem import Problem
from grader.wording import decisions as words

#: The tables whose rows are decisions: the log knows of each change of them.
DECISIONS = ("adjustments", "notes", "appeals")


def undo(gradebook: Steps, id: str, why: str = "", by: str = "") -> None:
    """Take back what was done under *id*, which the log names, and log that.

    Raises :class:`~grader.model.problem.Problem` where nothing of that id is in force.
    """
    if any(one.id == id and one.decision for one in gradebook.appeals()):
        appeals.reopen(gradebook, id, why, by)
        return
    done = (
        overrides.take_back(gradebook, id, why, by)
        or pinning.unpin(gradebook, id, why, by)
        or regrading.put_back(gradebook, id, why, by)
    )
    if not done:
        raise Problem(f"{id!r} is no change that was made: `grader adjust --log` lists them")


def log_undone(gradebook: Steps, undone: Undone, by: str) -> None:
    """Log that a step was undone, for each decision of it."""
    for change in undone.changes:
        if change.table in DECISIONS:
            gradebook.log(words.UNDONE.format(what=undone.what, id=change.key[0]), who=by)
