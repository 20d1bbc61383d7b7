"""A key of the course's own with the probes of its misconceptions, and one sandbox, for all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.key import Key, load, sources
from grader.key.fingerprints import Misconception
from grader.marking.judging import Judging
from grader.marking.marker import Marker
from grader.model.assignment import Assignment
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import Package, Sandbox
from grader.submissions import Submission


@dataclass(frozen=True)
class Course:
    """The course, a key of it, and ways to mark."""

    folder: Path
    assignment: Assignment
    key: Key
    sandbox: Sandbox
    judging: Judging
    marker: Marker

    def mark(self, files: Mapping[str, bytes]) -> SubmissionResult:
        """Mark a package in all notebooks."""
        return self.marker.mark(
            Submission(
                name="s",
                source="s",
                package=self.assignment.package,
                files=files,
                notebooks={},
                content="sha256:0",
                notes=(),
            )
        )

    def examine(self, question: str, files: Mapping[str, bytes]) -> QuestionResult:
        """Mark one question of a package, as it stands."""
        assignment = self.assignment
        package = Package(assignment.package, files, self.key.given, assignment.given)
        (asked,) = [q for q in assignment.questions if q.id == question]
        with self.sandbox.start(package) as session:
            return self.judging.mark(asked, session).result


@pytest.fixture(scope="session")
def course(assignment_folder: Path, drawn_key: Path) -> Iterator[Course]:
    """The course with a key; making it proves that each misconception fails its question.

    Not the demonstration key: the catalogue must hold for any key that a course draws.
    """
    assignment = sources.manifest(assignment_folder)
    key = load(drawn_key)
    notebooks = [notebook.name for notebook in assignment.notebooks]
    reference = sources.package(assignment_folder / assignment.package)
    with Sandbox(assignment.limits, level="process", allow_unsandboxed=True) as sandbox:
        marker = Marker(assignment, key, sandbox, notebooks, reference, ("code",))
        yield Course(assignment_folder, assignment, key, sandbox, Judging(key), marker)


@pytest.fixture(scope="session")
def catalogue(course: Course) -> dict[str, Misconception]:
    """The misconceptions by id."""
    probes = [probe for entries in course.key.probes.values() for probe in entries]
    return {probe.misconception.id: probe.misconception for probe in probes}


Variant = Callable[[str], dict[str, bytes]]


@pytest.fixture(scope="session")
def variant(root: Path) -> Variant:
    """Read the package of a right implementation by name."""
    return lambda name: sources.package(root / "tests" / "variants" / name)
