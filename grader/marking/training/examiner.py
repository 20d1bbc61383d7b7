"""Marks the training questions of one submission, by their cells or in whole notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from grader.marking.examiner import HandIn
from grader.marking.notebooks.alignment import Aligner
from grader.marking.results import not_graded
from grader.marking.training.answer_cells import answer_cells
from grader.marking.training.kernel_run import KernelRun
from grader.marking.training.trainer import Trainer
from grader.model.assignment import Question
from grader.model.literals import Engine
from grader.model.verdicts import QuestionResult
from grader.sandbox import Fault, IsolationUnavailable
from grader.wording import messages


class TrainingExaminer:
    """An :class:`~grader.marking.examiner.Examiner` of training questions.

    *questions* are those of the run. *engine* is ``cells``, or ``kernel`` for whole notebooks.
    """

    def __init__(
        self, trainer: Trainer, aligner: Aligner, questions: Sequence[Question], engine: Engine
    ) -> None:
        self._trainer, self._aligner, self._engine = trainer, aligner, engine
        self._ids = [question.id for question in questions]

    def examine(
        self, questions: Sequence[Question], hand_in: HandIn, done: dict[str, QuestionResult]
    ) -> float:
        """Store each question's result in *done*; return the CPU seconds used."""
        before = self._trainer.cpu_seconds
        self._trainer.begin(questions)
        with self._kernels(questions, hand_in) as kernels:
            for question in questions:
                try:
                    done[question.id] = self._mark(question, hand_in, done, kernels)
                except (Fault, IsolationUnavailable) as fault:
                    done[question.id] = not_graded(question, str(fault))
        used = self._trainer.cpu_seconds - before
        return used + sum(kernel.cpu_seconds for kernel in kernels.values())

    def _mark(
        self,
        question: Question,
        hand_in: HandIn,
        done: Mapping[str, QuestionResult],
        kernels: Mapping[str, KernelRun],
    ) -> QuestionResult:
        if not self._aligner.gave_out(question.notebook):
            raise Fault(messages.NOT_RELEASED.format(notebook=question.notebook))
        aligned = hand_in.notebooks.get(question.notebook)
        cells = answer_cells(question, aligned, self._ids) if aligned else None
        saved = hand_in.submission.saved.get(question.training.saved) if question.training else None
        kernel = kernels.get(question.notebook)
        return self._trainer.mark(question, hand_in.package, cells, saved, done, kernel)

    @contextmanager
    def _kernels(
        self, questions: Sequence[Question], hand_in: HandIn
    ) -> Iterator[Mapping[str, KernelRun]]:
        """Give a kernel to each notebook that is asked and was handed in, if kernels are used."""
        with ExitStack() as open_kernels:
            names: set[str] = set()
            if self._engine == "kernel":
                names = {question.notebook for question in questions} & set(hand_in.notebooks)
            yield {
                name: open_kernels.enter_context(
                    self._trainer.kernel_run(hand_in.package, hand_in.notebooks[name])
                )
                for name in sorted(names)
            }
