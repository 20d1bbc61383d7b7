"""What is told of a class: results with marks, rules and changes in them, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader.classroom import hand_marks
from grader.classroom.adjustments import ALL, Adjustment, adjusted
from grader.classroom.gradebook import Gradebook
from grader.classroom.grading import Handed, grade
from grader.classroom.page_notes import decided, pinned, shared
from grader.classroom.policy import Policy
from grader.classroom.roster import Person, Roster, plain
from grader.classroom.scoring import scored
from grader.model.records import GradeRecord, SubmissionRecord

_NO_RULES = Policy()


class Telling:
    """Results as they are told. What people did in the gradebook is read when this is made."""

    def __init__(self, gradebook: Gradebook, policy: Policy = _NO_RULES) -> None:
        self._gradebook, self._policy = gradebook, policy
        self._marks = hand_marks.marks(gradebook)
        self._adjustments = [Adjustment.of(row) for row in gradebook.adjustments()]
        self._notes, self._appeals = gradebook.notes(), gradebook.appeals()
        self._owners: Mapping[str, Any] = gradebook.owners()
        self.roster = Roster([Person.of(text) for text in gradebook.enrolled()])
        self._people: dict[str, list[Person]] = {}

    @property
    def policy(self) -> Policy:
        return self._policy

    @property
    def ruled(self) -> bool:
        """Whether anything makes a grade differ from a score."""
        rules = replace(self._policy, feedback_after=None)  # that changes no number
        return bool(self._adjustments) or rules != _NO_RULES

    def results(self, submissions: Iterable[str]) -> Iterator[SubmissionRecord]:
        """Yield the stored results of *submissions* as they are told."""
        for result in self._gradebook.results(submissions):
            yield self.told(result)

    def changed_since(self, earlier: Telling) -> list[str]:
        """Return the submissions of which people changed a mark or anything else since *earlier*.

        A change that is for all counts for all, and so does the first of any: from then on every
        result is told with the number that counts.
        """
        names = {where[0] for where, _ in set(self._marks.items()) ^ set(earlier._marks.items())}
        names |= {one.submission for one in {*self._adjustments} ^ {*earlier._adjustments}}
        names |= {one.submission for one in {*self._appeals} ^ {*earlier._appeals}}
        if notes := {*self._notes} ^ {*earlier._notes}:
            names |= {
                r["submission"] for r in self._gradebook.all() if shared(self.scored(r), notes)
            }
        there = self._gradebook.submissions()
        return (
            there
            if ALL in names or self.ruled != earlier.ruled
            else [name for name in there if name in names]
        )

    def told(self, stored: SubmissionRecord) -> SubmissionRecord:
        """Return a stored result with a person's marks, a course's points, and its grade in it."""
        result = pinned(self.scored(stored), self._notes)
        if not self.ruled:
            return decided(result, self._appeals)
        handed = self.handed(result["submission"])
        result, lines = adjusted(result, self._adjustments, handed.said)
        number = grade(result, self._policy, handed, self._adjustments, lines)
        return decided({**result, "grade": number}, self._appeals)

    def scored(self, stored: SubmissionRecord) -> SubmissionRecord:
        """Return a stored result with a person's marks and a course's points, and no more."""
        return scored(hand_marks.applied(stored, self._marks), self._policy)

    def people(self, submission: str) -> list[Person]:
        """Return whose a submission is: by the roster, else as the download names them."""
        if submission not in self._people:
            about = self._owners.get(submission, {})
            found = self.roster.of(submission, about)
            if not found and about:
                ids = {kind: id for kind, id in about["ids"].items() if kind != "whole"}
                found = [Person(about["name"] or about.get("label", ""), ids)]
            self._people[submission] = found
        return self._people[submission]

    def missing(self, submissions: Iterable[str]) -> list[Person]:
        """Return who of the roster handed in none of *submissions*."""
        there = {id(person) for name in submissions for person in self.people(name)}
        return [person for person in self.roster.people if id(person) not in there]

    def strangers(self, submissions: Iterable[str]) -> list[str]:
        """Return which of *submissions* belong to nobody on the roster."""
        known = set(map(id, self.roster.people))
        return [
            name
            for name in submissions
            if self.roster.people and not any(id(one) in known for one in self.people(name))
        ]

    def nobodys(self, submissions: Iterable[str]) -> list[str]:
        """Return the names in the rules that stand for nobody: neither here nor on the roster."""
        named = {*self._policy.extensions, *self._policy.excused}
        if not named:
            return []
        said = set().union(*(person.said for person in self.roster.people))
        for name in submissions:
            said |= {plain(name)}.union(*(person.said for person in self.people(name)))
        return sorted(named - said)

    def attempts(self, submission: str) -> int | None:
        """Return how many attempts of a submission a download held; ``None`` if none is known."""
        found = self._owners.get(submission, {}).get("attempts")
        return int(found) if found else None

    def handed(self, submission: str) -> Handed:
        """Return when a submission was handed in, as far as that is known, and by whom."""
        about = self._owners.get(submission, {})
        people = self.people(submission)
        said = frozenset[str]().union(*(person.said for person in people))
        when = about.get("when") or next((p.submitted for p in people if p.submitted), "")
        return Handed(when, bool(about.get("late")), said)


def number(result: SubmissionRecord) -> GradeRecord:
    """Return the number that counts of a told result, ruled or not."""
    if "grade" in result:
        return result["grade"]
    return {
        "points": result["score"],
        "max_points": result["max_score"],
        "excused": False,
        "late": False,
        "lines": [{"what": "All questions", "points": result["score"]}],
        "notes": [],
    }
