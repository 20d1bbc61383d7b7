"""What a regrade changed, for whom, and why: another hand-in, key, grader, or other options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.classroom.spreadsheets import guarded, table
from grader.model.records import SubmissionRecord

CSV = "changes.csv"


@dataclass(frozen=True)
class Regraded:
    """One submission of which a result has taken the place of an earlier one.

    ``questions`` are those whose points or status differ, by id, with both. ``because`` names what
    differs between the two: nothing, where the same work was marked in the same way again.
    """

    submission: str
    before: float
    after: float
    questions: tuple[tuple[str, str, str], ...]
    because: tuple[str, ...]

    @property
    def line(self) -> str:
        """The change in one line, for a terminal."""
        why = f" ({', '.join(self.because)})" if self.because else " (nothing else differs)"
        parts = "; ".join(f"{id}: {old} → {new}" for id, old, new in self.questions)
        return f"{self.submission}: {self.before:g} → {self.after:g}{why}: {parts}"


def compared(old: SubmissionRecord, new: SubmissionRecord) -> Regraded | None:
    """Return what differs between two results of one submission; ``None`` if no question does."""
    before = {q["id"]: _told(q["score"], q["status"]) for q in old["questions"]}
    after = {q["id"]: _told(q["score"], q["status"]) for q in new["questions"]}
    ids = dict.fromkeys((*after, *before))
    questions = tuple(
        (id, before.get(id, "not asked"), after.get(id, "not asked"))
        for id in ids
        if before.get(id) != after.get(id)
    )
    if not questions and old["status"] == new["status"]:
        return None
    return Regraded(
        new["submission"], old["score"], new["score"], questions, tuple(_because(old, new))
    )


def changes_table(changes: Iterable[Regraded]) -> str:
    """Return ``changes.csv``: a row for each question that changed."""
    head = ["submission", "question", "before", "after", "because"]
    rows = [
        [guarded(one.submission), id, old, new, ", ".join(one.because)]
        for one in changes
        for id, old, new in one.questions or (("", f"{one.before:g}", f"{one.after:g}"),)
    ]
    return table([head, *rows])


def _told(score: float, status: str) -> str:
    return f"{score:g} {status}"


def _because(old: SubmissionRecord, new: SubmissionRecord) -> Iterator[str]:
    if old["content"] != new["content"]:
        yield "another hand-in"
    if old["key"] != new["key"]:
        yield "another key"
    if old["grader"] != new["grader"]:
        yield f"grader {old['grader']}, now {new['grader']}"
    if old.get("engine") != new.get("engine") or set(old["notebooks"]) != set(new["notebooks"]):
        yield "other options"
