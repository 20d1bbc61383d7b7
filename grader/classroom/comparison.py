"""Before and after: which mistakes and failed checks a class had then, and has now.

Those who are in both runs are told apart from those in one: what a class gains by who left or
joined is nothing that was learned.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from grader.classroom.gradebook import Gradebook
from grader.classroom.replays import ReplayRow
from grader.classroom.roster import Person
from grader.model.records import SubmissionRecord, evidence_of
from grader.numeric.items import wilson


class Fact(NamedTuple):
    """A known mistake, by its id, or a failed check by its own, of a question."""

    kind: Literal["mistake", "check"]
    id: str
    question: str


@dataclass(frozen=True)
class Snapshot:
    """What was found of one submission: what went wrong, and what was judged.

    ``judged`` are ids of checks, and those of the questions that they are of.
    """

    wrong: frozenset[Fact]
    judged: frozenset[str]


@dataclass
class Movement:
    """What became of one fact. Of those in both: ``mended`` + ``kept`` had it then."""

    fact: Fact
    then: int = 0
    now: int = 0
    mended: int = 0
    kept: int = 0
    new: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share that mended it, of those who had it."""
        return wilson(self.mended, self.mended + self.kept)


@dataclass(frozen=True)
class RunComparison:
    """Two runs of one class: how many are in each and in both, and what moved, the most first."""

    then: int
    now: int
    both: int
    movements: Sequence[Movement]
    titles: Mapping[str, str] = field(default_factory=dict)


def snapshot(result: SubmissionRecord) -> Snapshot:
    """Return what a result says of known mistakes and failed checks."""
    wrong, judged = set(), set()
    for question in result["questions"]:
        for check in question.get("checks") or ():
            if check["status"] == "error":
                continue
            judged |= {check["id"], question["id"]}
            if check["status"] == "passed":
                continue
            wrong.add(Fact("check", check["id"], question["id"]))
            told = evidence_of(check).get("explanations") or ()
            named = [check.get("diagnosis"), *(one.get("misconception") for one in told)]
            wrong |= {Fact("mistake", id, question["id"]) for id in named if id}
    return Snapshot(frozenset(wrong), frozenset(judged))


def from_verdicts(row: ReplayRow) -> Snapshot:
    """Return what stored verdicts say of an earlier hand-in: of checks, and of no mistake."""
    wrong, judged = set(), set()
    for name, verdict in json.loads(row.verdicts).items():
        question, slash, check = name.partition("/")
        status = verdict.rpartition(", ")[2]
        if slash and status != "error":
            judged |= {check, question}
            wrong |= {Fact("check", check, question)} if status == "failed" else set()
    return Snapshot(frozenset(wrong), frozenset(judged))


def earlier(gradebook: Gradebook) -> dict[str, Snapshot]:
    """Return, by submission, what was found of the hand-in before the one that counts now."""
    current = {r["submission"]: r.get("replay", "") for r in gradebook.all()}
    found = {}
    for row in gradebook.replays():  # the last one kept stands last
        if row.submission in current and row.code != current[row.submission]:
            found[row.submission] = from_verdicts(row)
    return found


def matched(
    then: Mapping[str, Sequence[Person]], now: Mapping[str, Sequence[Person]]
) -> dict[str, str]:
    """Return the name that a submission of *now* had *then*: that of the same people.

    People are told by their ids; where neither run knows any, by the submission's own name.
    """
    by_id = {id: name for name, people in then.items() for person in people for id in _ids(person)}
    found = {}
    for name, people in now.items():
        ids = [id for person in people for id in _ids(person)]
        before = next((by_id[id] for id in ids if id in by_id), None)
        if before is None and name in then and not (ids and any(map(_ids, then[name]))):
            before = name
        if before is not None:
            found[name] = before
    return found


def compared(
    then: Mapping[str, Snapshot], now: Mapping[str, Snapshot], names: Mapping[str, str]
) -> RunComparison:
    """Compare two runs; *names* gives the earlier name of those that are in both.

    Of those in both, what both runs judged counts: a mistake in code that isn't there any more is
    not mended.
    """
    moved: dict[Fact, Movement] = {}

    def at(fact: Fact) -> Movement:
        return moved.setdefault(fact, Movement(fact))

    for one in then.values():
        for fact in one.wrong:
            at(fact).then += 1
    for one in now.values():
        for fact in one.wrong:
            at(fact).now += 1
    pairs = [(then[old], now[new]) for new, old in names.items() if old in then and new in now]
    for before, after in pairs:
        for fact in before.wrong | after.wrong:
            asked = fact.id if fact.kind == "check" else fact.question
            if asked not in before.judged & after.judged:
                continue
            if fact not in after.wrong:
                at(fact).mended += 1
            elif fact in before.wrong:
                at(fact).kept += 1
            else:
                at(fact).new += 1
    order = sorted(moved.values(), key=lambda m: (-max(m.then, m.now), m.fact))
    return RunComparison(len(then), len(now), len(pairs), order)


def _ids(person: Person) -> Iterable[tuple[str, str]]:
    return [(kind, id) for kind, id in person.ids.items() if id]
