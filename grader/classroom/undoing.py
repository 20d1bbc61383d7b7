"""One way back for all that people decide: changes, pinned notes, decisions, regrades."""

from __future__ import annotations

from grader.classroom import appeals, overrides, pinning, regrading
from grader.classroom.gradebook import Gradebook
from grader.model.problem import Problem


def undo(gradebook: Gradebook, id: str, why: str = "", by: str = "") -> None:
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
