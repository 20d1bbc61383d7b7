"""Files for learning systems: a module for each, and the table of all."""

from __future__ import annotations

from grader.exports import (
    autograder,
    canvas,
    classroom50,
    gradescope,
    moodle,
    prairielearn,
    reports,
    tables,
)
from grader.exports.outgoing import Outgoing, Target

#: Every target by its name; a new one is a row in its module's table.
TARGETS: dict[str, Target] = {
    target.name: target
    for module in (
        canvas,
        moodle,
        gradescope,
        autograder,
        classroom50,
        prairielearn,
        reports,
        tables,
    )
    for target in module.TARGETS
}

__all__ = ["TARGETS", "Outgoing", "Target"]
