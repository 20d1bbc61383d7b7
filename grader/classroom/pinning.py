"""Notes for the pages of all who share a cause: pinned by a person, and taken off."""

from __future__ import annotations

from grader.classroom.decisions import Note, now, person
from grader.classroom.overrides import new_id
from grader.classroom.steps import RowChange, Steps
from grader.model.problem import Problem
from grader.wording import decisions as words


def pin(gradebook: Steps, question: str, cause: str, text: str, by: str = "", id: str = "") -> Note:
    """Pin a text to a cause, and log it. Raises :class:`~grader.model.problem.Problem`: no text."""
    if not text.strip():
        raise Problem("write the note: it stands on the page of each student with this cause")
    for note in gradebook.notes():
        if note.id == id:
            return note  # the form has come twice
    made = Note(id or new_id("n"), question, cause, text.strip(), by or person(), now())
    gradebook.step(made.by, words.PIN, [RowChange("notes", (made.id,), made)])
    what = words.PINNED.format(id=made.id, cause=cause)
    gradebook.log(what, "", question, made.text, by)
    return made


def unpin(gradebook: Steps, id: str, why: str = "", by: str = "") -> Note | None:
    """Take a note off, and log it; ``None`` where there is none of that id."""
    for note in gradebook.notes():
        if note.id == id:
            gradebook.step(by or person(), words.UNPIN, [RowChange("notes", (id,), None)])
            what = words.UNPINNED.format(id=id, cause=note.cause)
            gradebook.log(what, "", note.question, why, by)
            return note
    return None
