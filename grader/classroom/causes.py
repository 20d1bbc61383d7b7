"""The causes of a class's lost points: a known mistake, a line with one repair, or like output.

Each failed check of a submission counts for one cause; those of one question that no misconception
explains count together, as in :mod:`grader.classroom.clusters`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from grader.classroom.clusters import group_of, shows_most, there_is_code
from grader.model.records import CheckRecord, QuestionRecord, SubmissionRecord, evidence_of
from grader.wording import labels

#: What tells one cause from another: a misconception, a line and the kind of its repair, what came;
#: and, where no code ran, the stage at which it ended.
Kind = Literal["mistake", "line", "output", "stage"]


class LostPoints(NamedTuple):
    """The points that one check of a submission has lost by a cause."""

    check: str
    points: float


@dataclass(frozen=True)
class Occurrence:
    """One submission's share in a cause.

    ``cause`` is the cause's id, the same in every run with one key; it is unique within its
    question only. ``text`` says what happened; it is empty for a misconception, whose words are the
    key's. ``lost`` are the failed checks that show it.
    """

    question: str
    title: str
    cause: str
    kind: Kind
    text: str
    lost: tuple[LostPoints, ...]


@dataclass
class Cause:
    """One cause of lost points of one question, with all who share it."""

    question: str
    title: str
    id: str
    kind: Kind
    text: str
    #: What each submission has lost by it, by the submission's name.
    lost: dict[str, tuple[LostPoints, ...]] = field(default_factory=dict)

    @property
    def submissions(self) -> Sequence[str]:
        return tuple(self.lost)

    @property
    def points(self) -> float:
        """The points that all of them have lost by it."""
        every = (one.points for entries in self.lost.values() for one in entries)
        return round(math.fsum(every), 6)

    @property
    def checks(self) -> Sequence[str]:
        """The ids of the checks that show it."""
        every = (one.check for entries in self.lost.values() for one in entries)
        return tuple(dict.fromkeys(every))


def occurrences(result: SubmissionRecord) -> list[Occurrence]:
    """Return the causes of what a submission has lost, as a result holds it; questions in order."""
    found = (entry for question in result["questions"] for entry in _of_question(question))
    return list(found)


def causes(found: Mapping[str, Sequence[Occurrence]]) -> list[Cause]:
    """Return the causes of a class from each submission's occurrences, by the submission's name.

    Questions stand in order, and of one question the cause that costs most comes first.
    """
    made: dict[tuple[str, str], Cause] = {}
    order: dict[str, int] = {}
    for submission, entries in found.items():
        for one in entries:
            order.setdefault(one.question, len(order))
            cause = made.setdefault(
                (one.question, one.cause),
                Cause(one.question, one.title, one.cause, one.kind, one.text),
            )
            cause.lost[submission] = one.lost
    return sorted(made.values(), key=lambda c: (order[c.question], -c.points, -len(c.lost)))


def _of_question(question: QuestionRecord) -> Iterator[Occurrence]:
    failed = [check for check in question.get("checks") or () if check["status"] == "failed"]
    id, title = question["id"], question["title"]
    rest: list[CheckRecord] = []
    absent: dict[tuple[str, str], list[LostPoints]] = {}
    known: dict[str, list[LostPoints]] = {}
    for check in failed:
        mistakes = _mistakes(check)
        if mistakes:
            for mistake, lost in _charged(check, mistakes).items():
                known.setdefault(mistake, []).extend(lost)
        elif there_is_code(check):
            rest.append(check)
        else:
            absent.setdefault(_stage(check), []).append(_lost(check))
    for mistake, entries in known.items():
        yield Occurrence(id, title, mistake, "mistake", "", tuple(entries))
    for (stage, text), entries in absent.items():
        yield Occurrence(id, title, f"{id}@{stage}", "stage", text, tuple(entries))
    losses = tuple(map(_lost, rest))
    # What costs nothing beside a known mistake is mostly another sight of that mistake.
    if (most := shows_most(rest)) and (not known or any(one.points > 0 for one in losses)):
        group, repair = group_of(most)
        yield Occurrence(
            *(id, title, group),
            kind="line" if repair else "output",
            text=repair or most.get("message") or labels.stage(most.get("stage")),
            lost=losses,
        )


def _mistakes(check: CheckRecord) -> dict[str, list[str]]:
    """Return the misconceptions that a check names, by id, with the outputs that each is about."""
    found: dict[str, list[str]] = {}
    if diagnosis := check.get("diagnosis"):
        found[diagnosis] = []
    for told in evidence_of(check).get("explanations") or ():
        if mistake := told.get("misconception"):
            found.setdefault(mistake, []).extend(told.get("outputs") or ())
    return found


def _charged(
    check: CheckRecord, mistakes: Mapping[str, Sequence[str]]
) -> dict[str, list[LostPoints]]:
    """Return what each of a check's *mistakes* has cost it.

    An output is charged to the mistake that is known of it, all else to the first.
    """
    first = next(iter(mistakes))
    charged = dict.fromkeys(mistakes, 0.0)
    for output in check.get("outputs") or ():
        of = (mistake for mistake, outputs in mistakes.items() if output["name"] in outputs)
        charged[next(of, first)] += output["max_score"] - output["score"]
    others = math.fsum(charged.values()) - charged[first]
    charged[first] = _lost(check).points - others
    return {of: [LostPoints(check["id"], round(points, 6))] for of, points in charged.items()}


def _lost(check: CheckRecord) -> LostPoints:
    return LostPoints(check["id"], round(check["max_score"] - check["score"], 6))


def _stage(check: CheckRecord) -> tuple[str, str]:
    """Return why a check ran no code: as a word that stays the same, and in words to be read."""
    stage = check.get("stage")
    exception = evidence_of(check).get("exception")
    kind = exception.get("type") if exception and stage == "raised" else None
    label = labels.stage(stage)
    return kind or stage or "failed", f"{label}: {kind}" if kind else label
