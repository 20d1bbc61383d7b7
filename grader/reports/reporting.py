"""Writes the report on a class beside its page, from results as they are read for that one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.classroom.comparison import RunComparison, Snapshot, compared, matched, snapshot
from grader.classroom.next_step import builds
from grader.classroom.punctuality import handed_in
from grader.classroom.roster import Person
from grader.classroom.tally import Tally
from grader.classroom.telling import Telling
from grader.files import write
from grader.model.assignment import Assignment
from grader.model.records import SubmissionRecord
from grader.reports import curves
from grader.reports.class_report import ClassFacts, class_report
from grader.reports.findings import Diagnosis

REPORT, SHARED = "report.html", "report-shared.html"
#: A class of so many submissions has a report without being asked.
CLASS = 10


class Reporting:
    """The report on one class. ``asked``: it is written for any class.

    ``shared``: so is the version that may be passed on. ``then`` is what an earlier run found, by
    its submissions, and ``people`` whose those were: with it, the report says what has changed.
    """

    def __init__(self, output: Path, assignment: Assignment) -> None:
        self._output, self._assignment = output, assignment
        self.asked = self.shared = False
        self.then: Mapping[str, Snapshot] | None = None
        self.people: Mapping[str, Sequence[Person]] = {}
        self._now: dict[str, Snapshot] = {}
        kinds = {question.id: question.kind for question in assignment.questions}
        self._tally = Tally(kinds, builds(assignment))

    def add(self, result: SubmissionRecord, telling: Telling) -> None:
        """Count one result as it is told, in the place of what was counted of it before."""
        self._tally.add(result, late=telling.handed(result["submission"]).late)
        if self.then is not None:
            self._now[result["submission"]] = snapshot(result)

    def forget(self, submissions: Iterable[str]) -> None:
        """Count *submissions* no more."""
        for name in submissions:
            self._tally.forget(name)
            self._now.pop(name, None)

    def due(self, count: int) -> bool:
        """Say whether a class of *count* submissions has a report; one that is there stays new."""
        return self.asked or count >= CLASS or (self._output / REPORT).exists()

    def write(
        self,
        results: Sequence[SubmissionRecord],
        telling: Telling,
        diagnoses: Mapping[str, Diagnosis],
    ) -> None:
        """Write what is due. Raises :class:`grader.files.WriteError` if a file can't be written."""
        if not self.due(len(results)):
            return
        names = [result["submission"] for result in results]
        shares = {r.submission: r.score / r.max_score for r in self._tally.graded if r.max_score}
        facts = ClassFacts(
            self._assignment.title,
            self._tally,
            missing=len(telling.missing(names)),
            handed=handed_in(telling, shares),
            before=self._compared(telling),
            diagnoses=diagnoses,
            trained=bool(curves.trainings(results)),
        )
        write(self._output / REPORT, class_report(facts))
        if self.shared:
            write(self._output / SHARED, class_report(facts, shared=True))

    def _compared(self, telling: Telling) -> RunComparison | None:
        if self.then is None:
            return None
        now = {name: telling.people(name) for name in self._now}
        return compared(self.then, self._now, matched(self.people, now))
