"""What the desk's pages show of a cause: its words, an example, and what was done about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from grader.classroom.adjustments import Adjustment
from grader.classroom.causes import Cause
from grader.classroom.decisions import Note, Replaced
from grader.model.records import CheckRecord
from grader.reports.findings import Diagnosis, Finding, finding
from grader.web.desk import Desk

#: How pages call the kinds of causes.
KINDS = {
    "mistake": "Known mistake",
    "line": "One line",
    "output": "Like output",
    "stage": "No code ran",
}


@dataclass(frozen=True)
class ShownCause:
    """A cause as pages show it."""

    cause: Cause
    title: str
    note: str
    href: str
    pinned: Sequence[Note]
    #: Changes of points that were made for several at once, by their id.
    batches: dict[str, list[Adjustment]]

    @property
    def kind(self) -> str:
        return KINDS[self.cause.kind]

    @property
    def digest(self) -> str:
        """What a form says of whom it is about: another one once the class has changed."""
        names = "\n".join(sorted(self.cause.lost))
        return hashlib.sha256(names.encode()).hexdigest()[:16]


def href(question: str, cause: str) -> str:
    """Return the address of a cause's page."""
    return f"/cause?{urlencode({'question': question, 'id': cause})}"


def shown(
    cause: Cause,
    words: Mapping[str, Diagnosis],
    notes: Sequence[Note],
    batches: Mapping[str, list[Adjustment]],
) -> ShownCause:
    known = words.get(cause.id) if cause.kind == "mistake" else None
    mine = {
        id: of_it
        for id, of_it in batches.items()
        if all(one.question == cause.question and one.submission in cause.lost for one in of_it)
    }
    return ShownCause(
        cause,
        known.title if known else cause.text or cause.id,
        known.note if known else "",
        href(cause.question, cause.id),
        [note for note in notes if (note.question, note.cause) == (cause.question, cause.id)],
        mine,
    )


def batches_of(desk: Desk) -> dict[str, list[Adjustment]]:
    """Return the changes that were made for several at once, by their common id."""
    found: dict[str, list[Adjustment]] = {}
    for one in map(Adjustment.of, desk.gradebook.adjustments()):
        id, dot, _ = one.id.partition(".")
        if dot and id.startswith("b"):
            found.setdefault(id, []).append(one)
    return found


def regrades_of(desk: Desk) -> dict[str, list[Replaced]]:
    """Return what regrades have replaced, by the regrade's id."""
    found: dict[str, list[Replaced]] = {}
    for row in desk.gradebook.replaced():
        found.setdefault(row.id, []).append(row)
    return found


def example_of(desk: Desk, cause: Cause, words: Mapping[str, Diagnosis]) -> Finding | None:
    """Return what a page shows of the first student's failed check of a cause."""
    ids = {lost.check for lost in cause.lost[cause.submissions[0]]}
    for result in desk.gradebook.results(cause.submissions[:1]):
        checks: list[CheckRecord] = [
            check
            for question in result["questions"]
            if question["id"] == cause.question
            for check in question.get("checks") or ()
            if check["id"] in ids and check["status"] != "passed"
        ]
        checks.sort(key=lambda check: "source" not in (check.get("evidence") or {}))
        if checks:
            return finding(checks[0], words)
    return None
