"""The causes of a class and how each question stands, kept in memory; a result is read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from grader.classroom.causes import Cause, Occurrence, causes, occurrences
from grader.classroom.gradebook import Gradebook
from grader.classroom.policy import Policy
from grader.classroom.scoring import scored
from grader.model.literals import QuestionStatus
from grader.model.records import SubmissionRecord


class Standing(NamedTuple):
    """How one question of one submission was marked, before a person changed anything."""

    title: str
    status: QuestionStatus
    score: float
    max_score: float


class _Read(NamedTuple):
    version: int
    occurrences: Sequence[Occurrence]
    standings: Mapping[str, Standing]
    code: str


class CauseIndex:
    """What was read of each result. :meth:`refresh` reads those that are new.

    Points are those of the course's *policy*.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._read: dict[str, _Read] = {}
        self._causes: list[Cause] | None = None
        self._reading = Lock()

    def refresh(self, gradebook: Gradebook) -> None:
        """Bring the index up to date with the gradebook. Raises what a gradebook raises.

        Threads may call it at once: one reads, the others wait.
        """
        with self._reading:
            self._refresh(gradebook)

    def _refresh(self, gradebook: Gradebook) -> None:
        there = gradebook.versions()
        before = {name: read.version for name, read in self._read.items()}
        if there == before:
            return
        fresh = [name for name, version in there.items() if before.get(name) != version]
        read = {name: self._read[name] for name in there.keys() - set(fresh)}
        for result in gradebook.results(fresh):
            name = result["submission"]
            read[name] = self._brief(there[name], scored(result, self._policy))
        # A row that is damaged has no causes, and isn't read again while it stays.
        self._read = {name: read.get(name) or _Read(there[name], (), {}, "") for name in there}
        self._causes = None

    def _brief(self, version: int, result: SubmissionRecord) -> _Read:
        standings = {
            q["id"]: Standing(q["title"], q["status"], q["score"], q["max_score"])
            for q in result["questions"]
        }
        return _Read(version, occurrences(result), standings, result.get("replay", ""))

    def causes(self) -> Sequence[Cause]:
        """Return every cause, questions in order, the costliest of each first."""
        if self._causes is None:
            self._causes = causes({name: read.occurrences for name, read in self._read.items()})
        return self._causes

    def cause(self, question: str, id: str) -> Cause | None:
        """Return one cause; ``None`` where nobody has it (any more)."""
        return next((c for c in self.causes() if (c.question, c.id) == (question, id)), None)

    def submissions(self) -> Sequence[str]:
        """Return the names of all submissions."""
        return tuple(self._read)

    def standings(self, question: str) -> dict[str, Standing]:
        """Return how a question of each submission was marked that it was asked of."""
        found = ((name, read.standings.get(question)) for name, read in self._read.items())
        return {name: standing for name, standing in found if standing is not None}

    def questions(self) -> Sequence[str]:
        """Return the ids of all questions that were asked of anybody."""
        return tuple(dict.fromkeys(id for read in self._read.values() for id in read.standings))

    def of(self, submission: str) -> Sequence[Occurrence]:
        """Return the causes of what one submission has lost."""
        read = self._read.get(submission)
        return read.occurrences if read else ()

    def code(self, submission: str) -> str:
        """Return the code on a submission's page; "" where it has none."""
        read = self._read.get(submission)
        return read.code if read else ""
