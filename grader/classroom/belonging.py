"""What may go into a folder of results: one assignment, one class, and no less than is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.classroom.gradebook import Gradebook
from grader.model.assignment import KINDS, Assignment
from grader.model.problem import Problem

_ASSIGNMENT = "assignment"


class Elsewhere(Problem, ValueError):
    """What is to be graded belongs into another folder; the message says why."""


def belongs(gradebook: Gradebook, assignment: Assignment) -> None:
    """Keep that *gradebook* is of *assignment*. Raises :class:`Elsewhere` if it is of another."""
    known = gradebook.about(_ASSIGNMENT)
    if not known:
        # One from before this was kept: its results say.
        first = next(iter(gradebook.results(gradebook.submissions()[:1])), None)
        known = first["assignment"] if first is not None and "assignment" in first else ""
    if known and known != assignment.id:
        raise Elsewhere(
            f"{gradebook.path.parent} holds the results of {known}, and this is {assignment.id}: "
            "choose another folder with -o"
        )
    gradebook.tell(_ASSIGNMENT, assignment.id)


def covers(
    gradebook: Gradebook, submissions: Sequence[str], asked: Iterable[str], assignment: Assignment
) -> None:
    """Raise :class:`Elsewhere` if a run that asks *asked* would leave out what is graded already.

    A result holds what one run asked; a smaller one in its place would lose points.
    """
    parts = {*KINDS, *(notebook.name for notebook in assignment.notebooks)}
    now = set(asked) & parts
    for before in gradebook.asked(submissions):
        # Names of notebooks may have spaces in them.
        lost = [part for part in sorted(parts) if _within(part, before) and part not in now]
        if lost:
            raise Elsewhere(
                f"{gradebook.path.parent} holds results that this run would replace without "
                f"{', '.join(lost)}: ask for all of it, or choose another folder with -o"
            )


def _within(part: str, asked: str) -> bool:
    return f" {part} " in f" {asked} "
