"""When a class handed in, and how often, as far as a download or a roster tells."""

from __future__ import annotations

from dataclasses import dataclass

from grader.classroom.telling import Telling


@dataclass(frozen=True)
class HandedIn:
    """One submission: ``hours`` before its own due date, negative ones late, where that is known.

    ``share`` of the points that were judged, before lateness; ``attempts`` as far as they are told.
    """

    submission: str
    hours: float | None
    attempts: int | None
    share: float


def handed_in(telling: Telling, shares: dict[str, float]) -> list[HandedIn]:
    """Return when each submission of *shares* was handed in, by the names there."""
    policy = telling.policy
    made = []
    for name, share in shares.items():
        handed = telling.handed(name)
        when = policy.time(handed.when) if handed.when else None
        due = policy.extended(handed.said)
        hours = (due - when).total_seconds() / 3600 if when is not None and due else None
        made.append(HandedIn(name, hours, telling.attempts(name), share))
    return made
