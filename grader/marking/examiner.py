"""The interface of examiners: code, training and written questions are marked through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grader.model.assignment import Question
from grader.model.verdicts import QuestionResult
from grader.sandbox import Package
from grader.submissions import Submission

if TYPE_CHECKING:  # who asks for code alone doesn't wait for what reads notebooks
    from grader.marking.notebooks.alignment import AlignedNotebook


@dataclass(frozen=True)
class HandIn:
    """One submission as it was read, once: the student's package and the aligned notebooks.

    ``notebooks`` are by name; empty where only code is asked.
    """

    submission: Submission
    package: Package
    notebooks: Mapping[str, AlignedNotebook]


class Examiner(Protocol):
    """Marks the questions of one kind.

    A student's code never makes it raise: each failure is a result. Where the sandbox fails, the
    question is ``not_graded``.
    """

    def examine(
        self, questions: Sequence[Question], hand_in: HandIn, done: dict[str, QuestionResult]
    ) -> float:
        """Store the result of each of *questions* in *done*; return the CPU seconds used.

        *done* holds, by id, the results of the questions that were marked before: a question may
        build on them.
        """
        ...
