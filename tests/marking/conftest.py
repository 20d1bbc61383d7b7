"""A toy assignment, built once, and a marker for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.authoring import building
from grader.key import load, sources
from grader.marking.marker import Marker
from grader.model.verdicts import SubmissionResult
from grader.sandbox import Sandbox
from grader.submissions import Submission

Mark = Callable[[dict[str, str]], SubmissionResult]


@pytest.fixture(scope="session")
def marker(toy_course: Path) -> Iterator[Marker]:
    """A marker of the toy assignment."""
    assignment = sources.manifest(toy_course)
    key = load(toy_course.parent / building.OUTPUTS)
    with Sandbox(assignment.limits, level="process", allow_unsandboxed=True) as sandbox:
        yield Marker(assignment, key, sandbox)


@pytest.fixture
def mark(marker: Marker, toy_course: Path) -> Mark:
    """Mark the reference's files, some of them replaced."""

    def run(changed: dict[str, str]) -> SubmissionResult:
        files = {
            name: (toy_course / "scales" / name).read_bytes() for name in ("scale.py", "steps.py")
        }
        files |= {name: text.encode() for name, text in changed.items()}
        return marker.mark(
            Submission(
                name="s",
                source="s",
                package="scales",
                files=files,
                notebooks={},
                content="sha256:0",
                notes=(),
            )
        )

    return run


@pytest.fixture(scope="session")
def course_marker(root: Path, assignment_folder: Path) -> Iterator[Marker]:
    """A marker of the real assignment, with the committed key and the reference at hand."""
    assignment = sources.manifest(assignment_folder)
    reference = sources.package(assignment_folder / assignment.package)
    with Sandbox(assignment.limits) as sandbox:
        key = load(root / building.OUTPUTS)
        yield Marker(assignment, key, sandbox, reference=reference, kinds=("code",))


@pytest.fixture
def mark_edited(course_marker: Marker, assignment_folder: Path) -> Callable[..., SubmissionResult]:
    """Mark the reference with edits, each (file, what stands there, what is to)."""

    def run(*edits: tuple[str, str, str]) -> SubmissionResult:
        package = course_marker.assignment.package
        files = dict(sources.package(assignment_folder / package))
        for file, old, new in edits:
            assert files[file].count(old.encode()) == 1, (file, old)
            files[file] = files[file].replace(old.encode(), new.encode())
        taken = {path: files[path] for path in course_marker.assignment.files.taken}
        return course_marker.mark(Submission("s", "s", package, taken, {}, "sha256:0"))

    return run
