"""Several files for one: of notebooks the one with answers counts, of files one that was changed.

Where they are equal in that, the newest counts, by the number of its copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.model.notebooks import Document
from grader.submissions.cells import match
from grader.submissions.names import copy_number
from grader.submissions.notebooks import read_notebook
from grader.submissions.reading import Candidate, Submission


def choose(
    submission: Submission, released: Mapping[str, Document], given: Mapping[str, bytes]
) -> Submission:
    """Return *submission* with the attempt that counts of each file and notebook.

    *released* are the notebooks as they were given out, *given* the texts of the package's files.
    What was left is noted. Without several attempts it is what it was.
    """
    files, notebooks = dict(submission.files), dict(submission.notebooks)
    notes = list(submission.notes)
    for name, attempts in submission.attempts.items():
        if name in released and attempts:
            best = _answered(attempts, released[name])
            notebooks[name] = best.data
            left = [_last(one.path) for one in attempts if one is not best]
            if left:
                named = ", ".join(left[:3])
                notes.append(f"Of several notebooks {_last(best.path)} was read, not {named}.")
        elif files.get(name, b"").split() == given.get(name, b"").split():
            untouched = given.get(name, b"").split()
            for one in attempts:
                if one.data.split() != untouched:
                    files[name] = one.data
                    as_given = f"{name} is as it was given out"
                    notes.append(f"{_last(one.path)} was read as {name}: {as_given}.")
                    break
    return replace(submission, files=files, notebooks=notebooks, notes=tuple(notes), attempts={})


def _answered(attempts: Sequence[Candidate], released: Document) -> Candidate:
    """Return the attempt with the most answers; of equal ones the newest, then the first."""

    def rank(place: int) -> tuple[int, bool, int, int]:
        attempt = attempts[place]
        answers, own = _answers(read_notebook(attempt.data, "notebook"), released)
        return answers, own > 0, copy_number(attempt.path), -place

    return attempts[max(range(len(attempts)), key=rank)]


def _answers(document: Document, released: Document) -> tuple[int, int]:
    """Return how many answers a notebook holds, and how many lines that weren't given out."""
    answers = 0
    for found in match(document, released).matches:
        if found.role == "answer" and found.index is not None and found.released is not None:
            blank = released.cells[found.released].source
            answers += _words(document.cells[found.index].source) != _words(blank)
    known = {line for cell in released.cells for line in cell.source.splitlines()}
    lines = {line for cell in document.cells for line in cell.source.splitlines()}
    return answers, len(lines - known)


def _words(text: str) -> list[str]:
    return text.split()


def _last(path: str) -> str:
    return path.rpartition("/")[2]
