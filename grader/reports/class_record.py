"""What the class's files need of each result, kept as small as a class of thousands asks for.

Each result is read once, when it is marked or found again. What is kept of it is brief, and parts
that many submissions have in common, as all right answers are, are kept once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar, cast

from grader.classroom.clusters import Cluster, Clusters
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord, evidence_of
from grader.reports import pages

T = TypeVar("T")

#: What a question's evidence holds that the class's files don't tell.
_UNTOLD = ("cells", "cell", "found")


class ClassRecord:
    """The results of a class as its files tell them, by submission; they may come in any order."""

    def __init__(self) -> None:
        self._briefs: dict[str, SubmissionRecord] = {}
        self._waiting: dict[str, SubmissionRecord] = {}
        self._clusters = Clusters()
        self._parts: dict[tuple[object, ...], object] = {}
        #: The ids of all checks that there are.
        self.checks: set[str] = set()

    def __contains__(self, submission: str) -> bool:
        return submission in self._briefs

    def add(self, stored: SubmissionRecord, told: SubmissionRecord) -> None:
        """Keep what is needed of a result as it is *stored* and as it is *told*.

        One that was kept before is told anew: what is stored is the same.
        """
        name = stored["submission"]
        if name not in self._briefs:
            self._clusters.add(stored)
            self.checks |= {c["id"] for q in stored["questions"] for c in q.get("checks") or ()}
            waiting = [q for q in stored["questions"] if q["status"] == "needs_marking"]
            if waiting:
                self._waiting[name] = {**stored, "questions": waiting}
        self._briefs[name] = self._brief(told)

    def forget(self, submissions: Iterable[str]) -> None:
        """Keep nothing of *submissions* any more."""
        for name in submissions:
            self._briefs.pop(name, None)
            self._waiting.pop(name, None)
            self._clusters.forget(name)

    def briefs(self, submissions: Iterable[str]) -> list[SubmissionRecord]:
        """Return results without evidence, of those of *submissions* that there are."""
        return [self._briefs[name] for name in submissions if name in self._briefs]

    def waiting(self, submissions: Iterable[str]) -> list[SubmissionRecord]:
        """Return stored results with the questions alone that a person marks."""
        return [self._waiting[name] for name in submissions if name in self._waiting]

    def clusters(self) -> Sequence[Cluster]:
        """Return the groups of failures that nothing explains."""
        return self._clusters.listed()

    def _brief(self, result: SubmissionRecord) -> SubmissionRecord:
        brief = pages.brief(result)
        brief["questions"] = [self._question(question) for question in brief["questions"]]
        parts = cast(dict[str, object], brief)
        for name in ("assignment", "key", "grader", "versions", "notebooks", "isolation"):
            if name in parts:
                parts[name] = self._shared((name, str(parts[name])), parts[name])
        return _interned(brief)

    def _question(self, question: QuestionRecord) -> QuestionRecord:
        checks = [self._check(check) for check in question.get("checks") or ()]
        evidence = question.get("evidence") or {}
        told = {key: value for key, value in evidence.items() if key not in _UNTOLD}
        made = cast(QuestionRecord, {**question, "checks": checks, "evidence": told})
        return self._shared((made["id"], made["score"], made["status"]), made)

    def _check(self, check: CheckRecord) -> CheckRecord:
        if evidence_of(check):
            return check
        return self._shared((check["id"], check["score"], check["message"]), check)

    def _shared(self, key: tuple[object, ...], value: T) -> T:
        """Return the part that is kept under *key*, if it is the same as *value*."""
        kept = self._parts.get(key)
        if kept is None:
            kept = self._parts[key] = _interned(value)
        return kept if kept == value else _interned(value)


def _interned(value: T) -> T:
    """Return a mapping whose keys are kept once, whoever has them."""
    if not isinstance(value, Mapping):
        return value
    return cast(T, {sys.intern(key): part for key, part in value.items()})
