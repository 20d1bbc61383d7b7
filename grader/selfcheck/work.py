"""A student's own work, opened for the public checks: the files of a folder, or live objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.key import sources
from grader.key.checks import course_checks
from grader.model.verdicts import CheckResult
from grader.sandbox import InProcess, Package, Sandbox
from grader.selfcheck.attempts import FailureCounts, hinted, home
from grader.selfcheck.rows_process import search
from grader.selfcheck.search import Budget, check
from grader.submissions import Unreadable, find, read_submission


class Opened:
    """The work in *folder*, in a process of its own; the rows of the assignment in another.

    The rows are those of *place*. Neither is imported here: the folder may be a student's.

    Raises :class:`grader.model.assignment.ManifestError` where there is nothing to check.
    """

    def __init__(self, place: Path, folder: Path) -> None:
        self.assignment = sources.manifest(place)
        self._place, self._folder, self._tries = place, folder, FailureCounts(folder)
        (found,) = find([folder], self.assignment, as_="one").places
        try:
            self._submission = read_submission(found, self.assignment)
        except Unreadable as reason:
            from grader.model.assignment import ManifestError

            raise ManifestError(f"{folder} can't be checked: {reason}") from None
        self.source = str(folder)
        given = _given(place, self.assignment.package)
        # One's own code on one's own machine: limits are for loops, not for attacks.
        limits = replace(self.assignment.limits, submission_cpu_seconds=600.0)
        self._sandbox = Sandbox(limits, allow_unsandboxed=True)
        self.level = self._sandbox.level
        self._package = Package(
            self._submission.package,
            self._submission.files,
            given,
            self.assignment.given,
            self.assignment.package_names,
            absent=self._submission.absent,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found otherwise than expected, as sentences: files under other names."""
        return self._submission.notes

    @property
    def questions(self) -> tuple[str, ...]:
        """The code questions of the notebooks that stand in the folder, else of the first."""
        names = [notebook.name for notebook in self.assignment.notebooks]
        there = tuple(name for name in names if name in self._submission.notebooks)
        return tuple(q.id for q in self.assignment.code_questions(there or (names[0],)))

    def check(self, questions: Sequence[str], budget: Budget) -> Iterator[CheckResult]:
        """Yield a result for each public check of *questions*."""
        with self._sandbox.start(self._package) as session:
            results = search(self._place, questions, session, budget)
            yield from hinted(results, self.assignment.hints, self._tries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sandbox.close()


class Live:
    """The package as it is imported in this process, a notebook's kernel; no process is started.

    *objects* are asked in place of the package's own functions and classes of their names.
    """

    def __init__(self, place: Path, folder: Path, objects: Mapping[str, object]) -> None:
        self.assignment = sources.manifest(place)
        self.checks = course_checks(place)
        self._folder, self._tries = folder, FailureCounts(folder)
        self._here = InProcess(self.assignment.package_names, folder, objects)

    @property
    def questions(self) -> tuple[str, ...]:
        """The code questions of every notebook."""
        names = tuple(notebook.name for notebook in self.assignment.notebooks)
        return tuple(q.id for q in self.assignment.code_questions(names))

    def check(self, questions: Sequence[str], budget: Budget) -> Iterator[CheckResult]:
        """Yield a result for each public check of *questions*."""
        budget = replace(budget, home=home(self._folder))
        results = check(self.checks, questions, self._here, budget)
        yield from hinted(results, self.assignment.hints, self._tries)


def _given(place: Path, package: str) -> dict[str, bytes]:
    """Return the package that stands beside the manifest: the course's, or the student's copy."""
    return sources.package(place / package) if (place / package).is_dir() else {}
