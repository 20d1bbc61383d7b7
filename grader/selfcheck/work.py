"""A student's own work, opened for the public checks: the files of a folder, or live objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.key import dependence, examples, sources
from grader.key.checks import course_checks
from grader.model.assignment import KINDS, Assignment, Question
from grader.model.literals import Kind
from grader.model.problem import Problem
from grader.model.programs import Failure, Program, Run
from grader.model.steps import Call
from grader.sandbox import Batch, InProcess, Package, Sandbox
from grader.selfcheck.attempts import FailureCounts, hinted, home
from grader.selfcheck.questions import CheckedQuestion, check
from grader.selfcheck.readiness import Line, ready
from grader.selfcheck.rows_process import search
from grader.selfcheck.search import Budget
from grader.submissions import Unreadable, find, read_submission


def own_folder(place: Path, start: Path | None = None) -> Path:
    """Return the folder of the work to check: *start*, or else that of the assignment, *place*.

    From within the folder of the assignment, in the package say, it is the one that holds the
    package. *start* is the working directory where it isn't given.
    """
    start, assignment = start or Path.cwd(), sources.manifest(place)
    for folder in (start, *start.parents):
        if any((folder / name).is_dir() for name in assignment.package_names):
            return folder
        if folder.resolve() == place.resolve():
            break
    holds = any((place / name).is_dir() for name in assignment.package_names)
    return place if holds and not _flat(start, assignment) else start


def _flat(folder: Path, assignment: Assignment) -> bool:
    """Say whether *folder* holds student files at its top."""
    return any((folder / path).is_file() for path in assignment.files.student)


#: How a part begins that isn't written yet, as the download has it.
_STUB = rb"raise NotImplementedError\([^\n]*question %s\b(?!-)"

#: A name that no module has: asking for it imports the module, and does nothing else.
_ABSENT = "there_is_no_such_name"


class Opened:
    """The work in *folder*, in a process of its own; the rows of the assignment in another.

    The rows are those of *place*. Neither is imported here: the folder may be a student's.

    Raises :class:`grader.model.assignment.ManifestError` where there is nothing to check.
    """

    def __init__(self, place: Path, folder: Path) -> None:
        self.assignment = sources.manifest(place)
        self._place, self._tries = place, FailureCounts(folder)
        (found,) = find([folder], self.assignment, as_="one").places
        try:
            self.submission = read_submission(found, self.assignment)
        except Unreadable as reason:
            from grader.model.assignment import ManifestError

            raise ManifestError(f"{folder} can't be checked: {reason}") from None
        self.folder, self.source = folder, str(folder)
        public = examples.folder(place, self.assignment)
        self._public = public if (public / examples.JSON).is_file() else None
        self._released = sources.released(place) or sources.released(public.parent)
        given = _given(place, self.assignment.package)
        # One's own code on one's own machine: limits are for loops, not for attacks.
        limits = replace(self.assignment.limits, submission_cpu_seconds=600.0)
        self._sandbox = Sandbox(limits, allow_unsandboxed=True)
        self.level = self._sandbox.level
        self._package = Package(
            self.submission.package,
            self.submission.files,
            given,
            self.assignment.given,
            self.assignment.package_names,
            absent=self.submission.absent,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found otherwise than expected, as sentences: files under other names."""
        return self.submission.notes

    @property
    def questions(self) -> tuple[str, ...]:
        """The code questions of the notebooks that stand in the folder, else of the first."""
        return tuple(question.id for question in self._asked(("code",)))

    def named(self, questions: Sequence[str]) -> tuple[list[str], list[Question]]:
        """Return the code questions to check, and the others; all of them where none is named.

        Raises :class:`~grader.model.problem.Problem` for a name that no question has.
        """
        known = {question.id: question for question in self.assignment.questions}
        if unknown := sorted(set(questions) - set(known)):
            raise Problem(
                f"there is no question {', '.join(unknown)}: choose from {', '.join(known)}"
            )
        asked = [known[id] for id in questions] or list(self._asked(KINDS))
        code = [question.id for question in asked if question.kind == "code"]
        return code, [question for question in asked if question.kind != "code"]

    def _asked(self, kinds: Sequence[Kind]) -> tuple[Question, ...]:
        names = [notebook.name for notebook in self.assignment.notebooks]
        there = tuple(name for name in names if name in self.submission.notebooks)
        return self.assignment.asked(there or (names[0],), kinds)

    @property
    def meaning(self) -> str:
        """What a pass says, and what it leaves to the grade."""
        if self._public is None:
            return (
                "There are no public examples here, so values were compared with the notebook's "
                "own figures alone."
            )
        return (
            "What is ok agrees with the public examples to rounding; grading asks the same of "
            "others, which nobody has seen."
        )

    def check(self, questions: Sequence[str], budget: Budget) -> Iterator[CheckedQuestion]:
        """Yield what is found of each of *questions*, in the manifest's order."""
        with self._sandbox.start(self._package) as session:
            place = self._public or self._place / examples.FOLDER
            for checked in search(self._place, place, questions, session, budget, self.stubs):
                yield hinted(checked, self.assignment.hints, self._tries)

    @cached_property
    def stubs(self) -> list[str]:
        """Return the questions of which a part still raises what the download raises."""
        files = self.submission.files
        return [
            question.id
            for question in self.assignment.questions
            if re.search(_STUB % re.escape(question.id.encode()), files.get(question.file, b""))
        ]

    def prepared(self, questions: Sequence[Question]) -> list[Line]:
        """Return what is said of *questions* that are no code: answered or not, found or not."""
        if not questions or not self._released:
            return []
        with self._sandbox.start(self._package) as session:
            return ready(self.assignment, questions, self.submission, self._released, session)

    def remember(self) -> None:
        """Note which code was checked; `grader collect` compares it with what is handed in."""
        self._tries.remember(self.submission.files)

    def imported(self) -> dict[str, Failure]:
        """Return, by file, why a fresh process can't import it; empty where it can."""
        found = {}
        with self._sandbox.start(self._package) as session:
            for path in self.submission.files:
                if path.startswith("../"):
                    continue  # beside the package: what needs it says so
                module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
                program = Program((Call("f", f"{module}:{_ABSENT}", []),), {"f": {"@": "f"}})
                (reply,) = session.ask(Batch([Run(f"import {path}", program, [{}])]))
                failed = reply.outcomes[0].failed
                if failed is not None and _ABSENT not in failed.text:
                    found[path] = failed
        return found

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
        self._place, self._tries = place, FailureCounts(folder)
        self._folder = folder
        self._here = InProcess(self.assignment.package_names, folder, objects)

    @property
    def questions(self) -> tuple[str, ...]:
        """The code questions of every notebook."""
        names = tuple(notebook.name for notebook in self.assignment.notebooks)
        return tuple(q.id for q in self.assignment.code_questions(names))

    def check(self, questions: Sequence[str], budget: Budget) -> Iterator[CheckedQuestion]:
        """Yield what is found of each of *questions*, in the manifest's order."""
        budget = replace(budget, home=home(self._folder))
        place = examples.folder(self._place, self.assignment)
        public = examples.load(place, self.assignment.id)
        found = check(
            self.assignment,
            self.checks,
            public,
            questions,
            self._here,
            budget,
            tables=cache(lambda: dependence.load(place, self.assignment.id)),
        )
        for checked in found:
            yield hinted(checked, self.assignment.hints, self._tries)


def _given(place: Path, package: str) -> dict[str, bytes]:
    """Return the package that stands beside the manifest: the course's, or the student's copy."""
    return sources.package(place / package) if (place / package).is_dir() else {}
