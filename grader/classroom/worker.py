"""A worker: marks one submission after the other, with a key and a sandbox of its own."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grader.classroom import replays
from grader.classroom.machine import data_folder
from grader.files import WriteError
from grader.key import BadKey, Key, load, sources
from grader.key.checks import judged
from grader.key.public import PublicDraws
from grader.key.sources import manifest
from grader.key.variants import Answers
from grader.marking.marker import MARKED, Marker
from grader.model.assignment import Assignment
from grader.model.literals import Engine, Kind, TrainMode
from grader.model.programs import Outcome, Run
from grader.model.records import SubmissionRecord
from grader.sandbox import Batch, Package, Sandbox
from grader.sandbox.protocol.levels import Level
from grader.submissions import Place, Submission, Unreadable, read_submission

if TYPE_CHECKING:  # who asks for code alone doesn't wait for what reads notebooks
    from grader.classroom.handed_back import ReadNotebook
    from grader.marking.notebooks.alignment import AlignedNotebook


@dataclass(frozen=True)
class Settings:
    """The settings that a worker starts from. ``notebooks`` empty: the manifest's first one.

    ``kinds`` are those of the questions that are asked, ``train`` says how models are trained,
    ``engine`` what runs their notebooks. With ``annotate``, notebooks are given back with the
    result. Nothing below the paths in ``graded`` is ever imported. What was handed in is kept
    below ``keep``, if that is named, so that a result can be replayed. Unless it ``marks``, others
    do that for it, and it needs no kernel.
    """

    assignment: Path
    key: Path
    notebooks: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = MARKED
    train: TrainMode = "saved"
    engine: Engine = "cells"
    level: Level | None = None
    allow_unsandboxed: bool = False
    annotate: bool = False
    graded: tuple[Path, ...] = ()
    keep: Path | None = None
    marks: bool = True


@dataclass(frozen=True)
class Marked:
    """One submission's result, and what the pages need beside it.

    ``result`` is as ``result.json`` holds it; ``stored``: an earlier run found it. ``notebooks``
    are those that were handed in, by name, where the run asks for them. ``fault`` is the traceback
    of an error of the grader's own, if there was one. ``before`` is the result in whose place a new
    one was stored. ``kept`` is the name of the bytes that were kept to replay it.
    """

    result: SubmissionRecord
    notebooks: Mapping[str, ReadNotebook] = field(default_factory=dict)
    fault: str = ""
    stored: bool = False
    before: SubmissionRecord | None = None
    kept: str = ""


class Worker:
    """Marks submissions, one after the other, in a sandbox of its own.

    Raises :class:`~grader.model.problem.Problem` where it can't start: a
    :class:`~grader.model.assignment.ManifestError`, a :class:`~grader.key.BadKey`, or
    :class:`~grader.sandbox.IsolationUnavailable`.
    """

    def __init__(self, settings: Settings) -> None:
        self.assignment: Assignment = manifest(settings.assignment)
        self.assignment.require_notebooks(settings.notebooks)
        self._annotate, self._keep = settings.annotate, settings.keep
        self.sandbox = Sandbox(
            self.assignment.limits,
            level=settings.level,
            allow_unsandboxed=settings.allow_unsandboxed,
            wait=False,
        )
        try:
            # The zygote starts meanwhile.
            self.key: Key = judged(load(settings.key), settings.assignment, settings.graded)
            if self.key.assignment != self.assignment.id:
                raise BadKey(
                    f"the key in {settings.key} is of {self.key.assignment}, and the assignment "
                    f"is {self.assignment.id}: name its own with --key"
                )
            reference = _reference(settings.assignment, self.assignment, self.key)
            self.marker = Marker(
                self.assignment,
                self.key,
                self.sandbox,
                settings.notebooks,
                reference,
                settings.kinds,
                settings.train,
                _data(self.assignment),
                settings.engine,
                self._draws(settings, reference),
            )
            self.marker.code.prepare()
            self.sandbox.settle()
            self.marker.code.preload()
            if settings.engine == "kernel" and settings.marks:
                self.sandbox.try_kernel()
        except BaseException:
            self.sandbox.close()
            raise

    def _draws(
        self, settings: Settings, reference: Mapping[str, bytes] | None
    ) -> PublicDraws | None:
        """Return what draws further public examples, where the course's own code is at hand."""
        witness = sources.package(settings.assignment / "witness")
        if reference is None or not witness:
            return None

        def answers(files: Mapping[str, bytes]) -> Answers:
            package = Package(self.assignment.package, files, self.key.given, self.assignment.given)

            def ask(runs: Sequence[Run]) -> list[list[Outcome]]:
                with self.sandbox.start(package, bare=True) as session:
                    return [reply.outcomes for reply in session.ask(Batch(runs))]

            return ask

        return PublicDraws(
            settings.assignment, answers(reference), answers(witness), settings.graded
        )

    def mark(self, place: Place, submission: Submission | None = None) -> Marked:
        """Mark the submission at *place*. Never raises: each failure becomes a result.

        The submission is read here, unless *submission* is what was read of it before.
        """
        notebooks: Mapping[str, ReadNotebook] = {}
        try:
            submission = submission or read_submission(place, self.assignment)
            kept = self._kept(submission)
            submission = self.marker.chosen(submission)
            aligned = self.marker.align(submission)
            notebooks = self.notebooks(submission, aligned)
            result = self.marker.mark(submission, aligned).to_json()
            return Marked(result, notebooks, "\n".join(self.marker.code.faults), kept=kept)
        except Unreadable as unreadable:
            lost = self.marker.unreadable(place.name, place.source, str(unreadable))
            return Marked(lost.to_json())
        except Exception as error:
            # A mistake of the grader's own: this submission says so, the others go on.
            reason = f"The grader failed: {type(error).__name__}: {error}"
            broken = self.marker.broken(place.name, place.source, reason)
            return Marked(broken.to_json(), notebooks, traceback.format_exc())

    def _kept(self, submission: Submission) -> str:
        """Keep what was handed in, if the run does; a full disk costs the replay alone."""
        if self._keep is None:
            return ""
        try:
            return replays.keep_submission(self._keep, submission)
        except WriteError:
            return ""

    def lost(self, place: Place, reason: str = "") -> Marked:
        """Return the result of a submission whose processes ended before it was marked.

        *reason* says how, where they aren't of this machine.
        """
        reason = reason or (
            "The process that marked it has ended, twice, perhaps for want of memory: run the same "
            "command again, with fewer of them (-j)."
        )
        return Marked(self.marker.broken(place.name, place.source, reason).to_json())

    def notebooks(
        self, submission: Submission, aligned: Mapping[str, AlignedNotebook] | None = None
    ) -> Mapping[str, ReadNotebook]:
        """Return the notebooks of *submission* if the run asks for them.

        *aligned* are those that marking needs, which are none where it asks for code alone.
        """
        if not self._annotate:
            return {}
        from grader.classroom.handed_back import read_notebook

        submission = self.marker.chosen(submission)
        found = aligned or self.marker.aligner.align(submission.notebooks)
        return {
            name: read_notebook(
                submission.notebooks[name], each.matching, self.sandbox, self.key.secret
            )
            for name, each in found.items()
        }

    def close(self) -> None:
        self.sandbox.close()


def _data(assignment: Assignment) -> str | None:
    """Return the folder of the assignment's data set; ``None`` unless all of it is there."""
    if assignment.data is None:
        return None
    found = data_folder(assignment.data)
    return None if found.missing else str(found.folder)


def _reference(folder: Path, assignment: Assignment, key: Key) -> dict[str, bytes] | None:
    """Return the course's own package; ``None`` where there are only the students' stubs."""
    files = sources.package(folder / assignment.package)
    solved = any(
        path in files and files[path] != key.given[path] for path in assignment.files.student
    )
    return files if solved else None
