"""What a student's page says beside the verdicts: notes pinned to a cause, decisions of appeals.

Both are put into a result when it is told. The stored one never holds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.classroom.causes import occurrences
from grader.classroom.decisions import Appeal, Note
from grader.model.records import QuestionRecord, SubmissionRecord
from grader.wording import decisions as words


def shared(result: SubmissionRecord, notes: Iterable[Note]) -> list[Note]:
    """Return those of *notes* whose cause *result* has, as it was marked, in their order."""
    notes = list(notes)
    about = {note.question for note in notes}
    questions = [question for question in result["questions"] if question["id"] in about]
    part: SubmissionRecord = {**result, "questions": questions}
    mine = {(one.question, one.cause) for one in occurrences(part)} if questions else set()
    return [note for note in notes if (note.question, note.cause) in mine]


def pinned(result: SubmissionRecord, notes: Sequence[Note]) -> SubmissionRecord:
    """Return *result*, as it was marked, with the notes of the causes that it has."""
    said: dict[str, list[str]] = {}
    for note in shared(result, notes) if notes else ():
        said.setdefault(note.question, []).append(words.NOTE.format(text=note.text))
    return _noted(result, said)


def decided(result: SubmissionRecord, appeals: Iterable[Appeal]) -> SubmissionRecord:
    """Return *result* with what was decided of its student's objections."""
    said: dict[str, list[str]] = {}
    for one in appeals:
        if one.decision and one.submission == result["submission"]:
            text = words.DECISION.format(day=one.at[:10], decision=one.decision)
            said.setdefault(one.question, []).append(text)
    whole = said.pop("", [])
    made = _noted(result, said)
    return {**made, "notes": [*made["notes"], *whole]} if whole else made


def _noted(result: SubmissionRecord, said: Mapping[str, Sequence[str]]) -> SubmissionRecord:
    """Return *result* with further notes, by question; what it is made of stays as it is."""
    if not said:
        return result
    questions: list[QuestionRecord] = [
        {**question, "notes": [*question["notes"], *said.get(question["id"], ())]}
        for question in result["questions"]
    ]
    return {**result, "questions": questions}
