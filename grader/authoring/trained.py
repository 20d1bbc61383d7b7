"""What the reference's own answers reach on a key's images: proof that what is asked can be had.

How the hidden images' classes look follows from the key's secret, so that some secrets could make
them harder to tell than the manifest's ``reach`` supposes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.authoring import release
from grader.key import Key, sources
from grader.marking.notebooks.alignment import Aligner
from grader.marking.training.answer_cells import AnswerCells, answer_cells
from grader.marking.training.attempts import Attempts, Task
from grader.marking.training.datasets import DataSets
from grader.model.assignment import Assignment, Question
from grader.sandbox import Package, Sandbox

#: By how much the reference's accuracy is to clear what is asked, where that isn't all of it.
MARGIN = 0.03


@dataclass(frozen=True)
class Reached:
    """What the reference's answer to one question reaches, and what is asked there."""

    question: str
    accuracy: float
    reach: float
    #: How many inputs it is measured on, where they are few.
    few: int = 0

    @property
    def enough(self) -> float:
        """What suffices for a key: :data:`MARGIN` more than is asked, or all but one of few."""
        return min(self.reach + MARGIN, 1.0 - 1.0 / self.few if self.few else 1.0)

    @property
    def clears(self) -> bool:
        """Whether it suffices for a key."""
        return self.accuracy >= max(self.enough, self.reach)


def reached(folder: Path, assignment: Assignment, key: Key, sandbox: Sandbox) -> Iterator[Reached]:
    """Train the answers of the assignment in *folder* on the drawn images of *key*.

    Raises :class:`~grader.sandbox.Fault` where the images can't be made.
    """
    asked = [question for question in assignment.questions if question.training]
    if not asked:
        return
    reference = sources.package(folder / assignment.package)
    package = Package(assignment.package, reference, key.given, assignment.given)
    data = DataSets(assignment, key, sandbox, None).short
    attempts = Attempts(assignment, key, sandbox, None)
    for question, cells in _answers(folder, assignment, key.notebooks, asked):
        attempt = attempts.run(Task(question, package, cells, data), assignment.models.seeds[0])
        assert question.training is not None
        training = question.training
        yield Reached(question.id, attempt.accuracy or 0.0, training.short.reach, training.first)


def _answers(
    folder: Path, assignment: Assignment, released: Mapping[str, bytes], asked: list[Question]
) -> Iterator[tuple[Question, AnswerCells]]:
    """Yield each question that the assignment's own notebooks answer, with the answer's cells."""
    solved = release.solved(folder, assignment)
    handed_in = {name: solved[f"{name}.ipynb"] for name in released if f"{name}.ipynb" in solved}
    aligned = Aligner(released).align(handed_in)
    ids = [question.id for question in asked]
    for question in asked:
        if question.notebook in aligned:
            cells = answer_cells(question, aligned[question.notebook], ids)
            if cells.answer:
                yield question, cells
