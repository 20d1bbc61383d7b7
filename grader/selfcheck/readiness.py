"""What is no function: written answers, trainings and saved models, found and of the right form.

Nothing is trained, and no answer is judged. Cells are found as the grade finds them, in the
notebook as it is saved.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
from grader.marking.notebooks.written import answer
from grader.marking.training.answer_cells import answer_cells
from grader.marking.training.pickled import is_pickled
from grader.model.assignment import Assignment, Question
from grader.model.programs import Failure, Program, Run
from grader.model.steps import Call
from grader.sandbox import Batch
from grader.selfcheck.search import Respondent
from grader.submissions import Submission
from grader.wording import trainings

#: A question's line: the word it begins with.
READY, UNDONE = "ok", "todo"


@dataclass(frozen=True)
class Line:
    """What is said of one thing that is handed in, or of several alike."""

    word: str
    text: str

    @property
    def undone(self) -> bool:
        return self.word == UNDONE


def ready(
    assignment: Assignment,
    asked: Sequence[Question],
    submission: Submission,
    released: Mapping[str, bytes],
    session: Respondent,
) -> list[Line]:
    """Return what is said of the questions *asked*, none of which is of code.

    *released* are the notebooks as they were given out, *session* holds the submission's package.
    """
    aligned = Aligner(released).align(submission.notebooks)
    training = [question.id for question in assignment.questions if question.training]
    done: dict[str, list[str]] = {"written": [], "training": []}
    undone: dict[str, list[str]] = {}
    for question in asked:
        why = _undone(question, aligned.get(question.notebook), training)
        if why:
            undone.setdefault(why, []).append(question.id)
        else:
            done[question.kind].append(question.id)
    lines = [
        Line(READY, f"{', '.join(done[kind])}: {said}")
        for kind, said in (
            ("written", "answered; a person marks that."),
            ("training", "written; grading runs it, and measures the model."),
        )
        if done[kind]
    ]
    lines += [Line(UNDONE, why.format(ids=", ".join(ids))) for why, ids in undone.items()]
    for question in asked:
        if question.training and question.training.saved:
            written = question.id in done["training"]
            lines += _saved(question, submission.saved, session, expected=written)
    return lines


def _undone(question: Question, aligned: AlignedNotebook | None, training: Sequence[str]) -> str:
    """Return why a question isn't answered, with ``{ids}`` for its own; empty where it is."""
    if aligned is None:
        return f"{question.notebook}.ipynb isn't here: {{ids}} would be missing."
    if not aligned.document.cells:
        return f"{question.notebook}.ipynb can't be read: save it again ({{ids}})."
    if question.kind == "written":
        found = answer(question.id, aligned)
        if found.text:
            return ""
        gone = f"{question.notebook}.ipynb has no cell of {{ids}}: put it back from the download."
        return gone if found.cell is None else "Not answered yet: {ids}."
    cells = answer_cells(question, aligned, training)
    if cells.turned:
        said = trainings.TRAINING["turned"].format(cell=cells.turned, notebook=question.notebook)
        return f"{said} ({{ids}})"
    if not cells.answer:
        return f"{question.notebook}.ipynb has no cell of {{ids}}: put it back from the download."
    return "Not written yet: {ids}." if cells.untouched else ""


def _saved(
    question: Question, saved: Mapping[str, bytes], session: Respondent, *, expected: bool
) -> Iterator[Line]:
    """Yield what is said of the file of a trained model, and of one that is *expected* only."""
    assert question.training is not None
    name, load = question.training.saved, question.training.load
    if name not in saved:
        if expected:
            yield Line(UNDONE, f"{name} isn't here: the cell that saves your model writes it.")
        return
    try:
        with np.load(io.BytesIO(saved[name]), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except Exception as error:  # whatever the file holds
        if is_pickled(saved[name], str(error)):
            yield Line(UNDONE, f"{name} can't be used: {trainings.PICKLED}.")
        else:
            yield Line(UNDONE, f"{name} can't be read ({type(error).__name__}): save it again.")
        return
    odd = [key for key, array in arrays.items() if array.dtype.kind != "f"]
    bad = [key for key in arrays if key not in odd and not np.isfinite(arrays[key]).all()]
    if odd or bad:
        what = "isn't floating point" if odd else "holds NaN or infinity"
        yield Line(UNDONE, f"{name} can't be used: {(odd or bad)[0]} {what}.")
        return
    if load and (failure := _loads(load, saved[name], session)):
        why = failure.text or failure.type
        yield Line(UNDONE, f"{name} can't be loaded as a model yet: {why}")
        return
    yield Line(READY, f"{name}: {len(arrays)} arrays; grading measures the model they make.")


def _loads(target: str, data: bytes, session: Respondent) -> Failure | None:
    program = Program((Call("model", target, [{"$": "file"}]),), {"model": {"@": "model"}})
    run = Run("saved", program, [{"file": np.frombuffer(data, np.uint8)}])
    (reply,) = session.ask(Batch([run]))
    return reply.outcomes[0].failed
