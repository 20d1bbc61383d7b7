"""Students as the desk's pages name them: by a mark of their own, or by name once that is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property

from starlette.concurrency import run_in_threadpool

from grader.classroom.cause_index import CauseIndex
from grader.classroom.telling import Telling
from grader.web import refusals
from grader.web.desk import Desk
from grader.web.refusals import Refusal

#: Characters of a student's mark in an address, and of the part that pages show.
_LONG, _SHOWN = 16, 4


class Students:
    """The submissions of a class; ``names`` says whether they are called by their students."""

    def __init__(self, desk: Desk, names: bool) -> None:
        self._desk, self._names = desk, names
        self._seed = desk.gradebook.seed()

    @cached_property
    def _by_mark(self) -> dict[str, str]:
        return {self.mark(name): name for name in self._desk.causes.submissions()}

    def mark(self, submission: str) -> str:
        """Return what stands for a submission in addresses: no name can be read from it."""
        return hashlib.sha256(f"{self._seed} {submission}".encode()).hexdigest()[:_LONG]

    def named(self, mark: str) -> str:
        """Return the submission of a mark. Raises :class:`Refusal` where there is none."""
        if mark not in self._by_mark:
            raise Refusal(404, refusals.MISSING)
        return self._by_mark[mark]

    def called(self, submission: str) -> str:
        """Return what a page calls a submission."""
        if not self._names:
            return f"Student {self.mark(submission)[:_SHOWN]}"
        people = self._telling.people(submission)
        names = ", ".join(person.name for person in people if person.name)
        return f"{names} ({submission})" if names and names != submission else submission

    @cached_property
    def _telling(self) -> Telling:
        return self._desk.telling()

    def ordered(self, submissions: Iterable[str]) -> list[str]:
        """Return submissions by name where names are shown, else in an order that tells none."""
        return sorted(submissions) if self._names else sorted(submissions, key=self.mark)


async def causes_of(desk: Desk) -> CauseIndex:
    """Return the desk's causes, brought up to date; other pages are served meanwhile."""
    desk.refresh()
    await run_in_threadpool(_refresh, desk)
    return desk.causes


def _refresh(desk: Desk) -> None:
    desk.causes.refresh(desk.gradebook)
