"""Written answers: finds the student's text in a notebook, for a person to mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.marking.examiner import HandIn
from grader.marking.notebooks import other_edition
from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
from grader.marking.results import not_graded
from grader.model.assignment import Question
from grader.model.literals import AnswerFound
from grader.model.notebooks import Match
from grader.model.trees import clean
from grader.model.verdicts import QuestionResult
from grader.submissions import answers
from grader.wording import messages

#: Characters that are kept of an answer; the longest that was seen has some 2,000.
MAX_ANSWER = 8_000


@dataclass(frozen=True)
class WrittenAnswer:
    """The student's text, its cell's number from 1, and how that cell was found."""

    text: str
    cell: int | None
    found: AnswerFound


def answer(question: str, aligned: AlignedNotebook) -> WrittenAnswer:
    """Return the answer to *question*, from its own cell, the question's, or one added after it.

    The course's own lines and placeholders are removed. The text can be empty then.
    """
    matching = aligned.matching
    if matching.other:
        return _of_another_edition(question, aligned)
    own = [match for match in matching.of(question, "answer") if match.index is not None]
    asked = [match for match in matching.of(question, "text") if match.index is not None]
    added = list(matching.of(question, "added"))
    parts: dict[int, Match] = {}
    for match in own + asked + added:
        assert match.index is not None
        # Code that stands below the question says something only where nothing else does.
        code = aligned.document.cells[match.index].kind == "code" and match.role == "added"
        if match.index in parts or (code and parts):
            continue
        if _written(match.index, aligned):
            parts[match.index] = match
    text = "\n\n".join(_written(index, aligned) for index in sorted(parts))
    first = parts[min(parts)] if parts else next(iter(own), None)
    place = first.index + 1 if first and first.index is not None else None
    found: AnswerFound = (first.found or "place") if first else ""
    return WrittenAnswer(clean(text, MAX_ANSWER), place, found)


def _of_another_edition(question: str, aligned: AlignedNotebook) -> WrittenAnswer:
    found = other_edition.answer(question, aligned)
    if found is None:
        return WrittenAnswer("", None, "")
    way = next(m.found for m in aligned.matching.of(question, "text") if m.index is not None)
    return WrittenAnswer(clean(found.text, MAX_ANSWER), found.index + 1, way)


class WrittenExaminer:
    """An :class:`~grader.marking.examiner.Examiner` of written questions."""

    def __init__(self, aligner: Aligner) -> None:
        self._aligner = aligner

    def examine(
        self, questions: Sequence[Question], hand_in: HandIn, done: dict[str, QuestionResult]
    ) -> float:
        """Store each question's result in *done*; return 0.0, since no code runs."""
        for question in questions:
            if self._aligner.gave_out(question.notebook):
                aligned = hand_in.notebooks.get(question.notebook)
                lost = hand_in.submission.absent.get(f"{question.notebook}.ipynb", "")
                done[question.id] = written_result(question, aligned, lost)
            else:
                reason = messages.NOT_RELEASED.format(notebook=question.notebook)
                done[question.id] = not_graded(question, reason)
        return 0.0


def written_result(
    question: Question, aligned: AlignedNotebook | None, lost: str = ""
) -> QuestionResult:
    """Return the result of a written question: it waits for a person, or is blank.

    *aligned* is its notebook, if that was handed in; *lost* says why one that was can't be read.
    """
    result = QuestionResult(
        id=question.id,
        notebook=question.notebook,
        title=question.title,
        score=0.0,
        max_score=float(question.points),
        status="failed",
    )
    if aligned is None:
        said = messages.LOST_NOTEBOOK if lost else messages.NO_NOTEBOOK
        result.notes = [said.format(notebook=question.notebook, reason=lost)]
        return result
    found = answer(question.id, aligned)
    if aligned.matching.other and found.cell is None:
        return _waiting(result, aligned)
    result.evidence = {"answer": found.text, "cell": found.cell, "found": found.found}
    if found.text:
        result.status = "needs_marking"
        if answers.repeats(found.text, _asked(question.id, aligned)):
            result.evidence["repeated"] = [messages.REPEATED]
    elif not aligned.document.cells:
        result.notes = [messages.UNREAD_NOTEBOOK.format(notebook=question.notebook)]
    elif found.cell is None:
        result.notes = [messages.NO_ANSWER_CELL]
    else:
        result.notes = [messages.BLANK]
    return result


def _asked(question: str, aligned: AlignedNotebook) -> str:
    """Return the released words of a question."""
    return "\n".join(
        cell.source
        for cell in aligned.released.cells
        if cell.question == question and cell.kind == "markdown"
    )


def _waiting(result: QuestionResult, aligned: AlignedNotebook) -> QuestionResult:
    """Return the result of a question that another edition's notebook doesn't seem to ask.

    The answers that can't be placed stand beside it.
    """
    left = other_edition.unplaced(aligned)
    said = [f"[cell {found.index + 1}]\n{found.text}" for found in left if found.text]
    result.evidence = {"answer": clean("\n\n".join(said), MAX_ANSWER), "cell": None, "found": ""}
    result.status = "needs_marking"
    result.notes = [messages.UNPLACED if said else messages.NOT_ASKED]
    return result


def _written(index: int, aligned: AlignedNotebook) -> str:
    """Return a cell's text without the lines that were given out in it."""
    source = aligned.document.cells[index].source
    here = [m for m in aligned.matching.matches if m.index == index and m.released is not None]
    given: Counter[str] = Counter()
    for match in here:
        assert match.released is not None
        given.update(
            _plain(line) for line in aligned.released.cells[match.released].source.split("\n")
        )
    if any(match.found == "heading" and match.role == "text" for match in here):
        # Another course's words for the question: its answer is what follows a label, if any.
        _, label, source = answers.after_label(source)
        if not label:
            return ""
    kept = []
    for line in source.split("\n"):
        if given[_plain(line)] > 0:
            given[_plain(line)] -= 1
        else:
            kept.append(line.rstrip())
    text = answers.without_placeholders("\n".join(kept))
    before, label, after = answers.after_label(text)
    text = after if label and not answers.says(before) else text
    return text.strip().strip("\n") if answers.says(text) else ""


def _plain(line: str) -> str:
    return " ".join(line.split())
