"""Marks one submission: every question by the examiner of its kind, then the totals."""

from __future__ import annotations

import platform
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from grader.key import Key
from grader.marking import results
from grader.marking.code_questions import CodeExaminer
from grader.marking.examiner import Examiner, HandIn
from grader.marking.explaining.drawing import Draws
from grader.model.assignment import KINDS, Assignment
from grader.model.literals import Engine, Kind, TrainMode
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import Fault, Package, Sandbox
from grader.version import __version__

if TYPE_CHECKING:
    from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
    from grader.submissions import Submission

#: How often a submission is marked whose fork server ends.
_ATTEMPTS = 3
#: The kinds of questions that are asked unless a run names others.
MARKED = KINDS


class Marker:
    """Marks submissions of one assignment with one key in one sandbox.

    *reference* are the files of the course's own package, by path: with them, a question that
    builds on a failed one is marked as if that one were right. *kinds* are those of the
    questions to ask, *train* is how models are trained (``saved``, ``short`` or ``full``), *data*
    the folder of the whole data set where that is at hand. *engine* runs notebooks: ``cells`` runs
    those of each training question, ``kernel`` the whole notebook in a Jupyter kernel. *draws* has
    further public examples, for what only hidden ones show.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        sandbox: Sandbox,
        notebooks: Sequence[str] = (),
        reference: Mapping[str, bytes] | None = None,
        kinds: Collection[Kind] = MARKED,
        train: TrainMode = "saved",
        data: str | None = None,
        engine: Engine = "cells",
        draws: Draws | None = None,
    ) -> None:
        self.assignment, self.key, self.sandbox, self.engine = assignment, key, sandbox, engine
        self.questions = assignment.asked(
            tuple(notebooks) or (assignment.notebooks[0].name,), kinds
        )
        course = None
        if reference is not None:
            course = Package(assignment.package, reference, key.given, assignment.given)
        code = [question for question in self.questions if question.kind == "code"]
        self.code = CodeExaminer(assignment, key, sandbox, code, course, draws)
        #: By kind, in the order in which they are asked: training builds on code.
        self._examiners: dict[Kind, Examiner] = {"code": self.code}
        # Who asks for code alone waits for no notebook to be read, nor for what reads them.
        self._aligns = bool(set(kinds) - {"code"})
        if self._aligns:
            from grader.marking.notebooks.written import WrittenExaminer

            self._examiners["written"] = WrittenExaminer(self.aligner)
        training = [question for question in self.questions if question.kind == "training"]
        if training:
            from grader.marking.training.examiner import TrainingExaminer
            from grader.marking.training.trainer import Trainer

            trainer = Trainer(assignment, key, sandbox, train, data, course)
            self._examiners["training"] = TrainingExaminer(trainer, self.aligner, training, engine)

    @cached_property
    def aligner(self) -> Aligner:
        """Aligns notebooks with the released ones, which the key holds."""
        from grader.marking.notebooks.alignment import Aligner

        images = self.assignment.images
        variable = images.variable if images else ""
        return Aligner(self.key.notebooks, self.assignment.questions, variable)

    def chosen(self, submission: Submission) -> Submission:
        """Return *submission* with what counts of several files or notebooks for the same."""
        if not submission.attempts:
            return submission
        from grader.submissions.attempts import choose

        return choose(submission, self.aligner.released, self.key.given)

    def align(self, submission: Submission) -> dict[str, AlignedNotebook]:
        """Return the notebooks of *submission* beside the released ones; none for code alone."""
        return self.aligner.align(submission.notebooks) if self._aligns else {}

    def mark(
        self, submission: Submission, aligned: Mapping[str, AlignedNotebook] | None = None
    ) -> SubmissionResult:
        """Return the result of *submission*. Nothing that its code does can make this raise.

        *aligned* are its notebooks as :meth:`align` returns them, where they are at hand. When the
        sandbox's fork server ends meanwhile, it is started again and the submission marked anew.
        """
        for _ in range(_ATTEMPTS):
            with suppress(Fault):  # asking meets it again, and says so of each question
                self.sandbox.mend()
            result = self._marked(submission, aligned)
            if not self.sandbox.harmed:
                break
        return result

    def _marked(
        self, submission: Submission, aligned: Mapping[str, AlignedNotebook] | None
    ) -> SubmissionResult:
        submission = self.chosen(submission)
        began, started = time.perf_counter(), datetime.now(UTC)
        notebooks = self.align(submission) if aligned is None else aligned
        hand_in = HandIn(submission, self.package(submission), notebooks)
        done: dict[str, QuestionResult] = {}
        cpu = 0.0
        for kind, examiner in self._examiners.items():
            questions = [question for question in self.questions if question.kind == kind]
            if questions:
                cpu += examiner.examine(questions, hand_in, done)
        for question in self.questions:
            if question.kind != "written" and question.notebook in notebooks:
                _add_cells(done[question.id], notebooks[question.notebook])
        result = self.blank(submission.name, submission.source)
        result.content = submission.content
        result.questions = [done[question.id] for question in self.questions]
        said = [note for notebook in notebooks.values() for note in notebook.notes]
        result.notes = [*submission.notes, *said]
        result.started = started.isoformat(timespec="seconds")
        result.seconds = {"wall": round(time.perf_counter() - began, 4), "cpu": round(cpu, 4)}
        return results.total(result)

    def package(self, submission: Submission) -> Package:
        """Return the package that the student's process gets."""
        return Package(
            name=submission.package,
            files=submission.files,
            given=self.key.given,
            given_names=self.assignment.given,
            aliases=self.assignment.package_names,
            absent=submission.absent,
        )

    def unreadable(self, name: str, source: str, reason: str) -> SubmissionResult:
        """Return the result of a submission that can't be read: a row with its reason."""
        result = self.blank(name, source)
        result.status, result.notes = "unreadable", [reason]
        return result

    def broken(self, name: str, source: str, reason: str) -> SubmissionResult:
        """Return the result of a submission that the grader itself failed on."""
        result = self.blank(name, source)
        result.questions = [results.not_graded(question, reason) for question in self.questions]
        return results.total(result)

    def blank(self, name: str, source: str) -> SubmissionResult:
        """Return a result without questions, worth all points of those that are asked."""
        points = float(sum(question.points for question in self.questions))
        return SubmissionResult(
            assignment=self.assignment.id,
            submission=name,
            status="graded",
            score=0.0,
            max_score=points,
            pending=0.0,
            notebooks={},
            isolation=self.sandbox.level,
            engine=self.engine,
            grader=__version__,
            # A student's process is of the same Python as this one.
            versions={
                "python": platform.python_version(),
                "numpy": np.__version__,
                "machine": f"{platform.system()} {platform.machine()}",
            },
            key=self.key.hash,
            content="",
            source=source,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds={"wall": 0.0, "cpu": 0.0},
            notes=[],
            questions=[],
        )


def _add_cells(result: QuestionResult, aligned: AlignedNotebook) -> None:
    """Add where a question's cells are, and which saved outputs contradict the code."""
    from grader.marking.notebooks.saved_outputs import stale

    result.evidence["cells"] = aligned.cells(result.id)
    if found := stale(result, aligned):
        result.evidence["stale"] = found
