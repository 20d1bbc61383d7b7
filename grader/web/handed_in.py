"""What a student handed in for a question, as text: a file of the package, cells of a notebook.

The bytes are those that were kept to replay the result. Nothing of them is parsed but a notebook's
JSON, as marking reads it.
"""

from __future__ import annotations

from typing import NamedTuple

from grader.classroom.replays import NoReplay, stored_submission
from grader.model.assignment import Question
from grader.model.records import QuestionRecord
from grader.submissions import Submission
from grader.submissions.whole import whole_cells
from grader.web.desk import Desk

#: Characters that are shown of a file, and of all cells of a question.
MAX_TEXT = 200_000


class Text(NamedTuple):
    """A text with what it is called."""

    name: str
    text: str


def texts_of(desk: Desk, submission: str, asked: Question, record: QuestionRecord) -> list[Text]:
    """Return what was handed in for a question: its file, or the cells that answer it."""
    row = desk.gradebook.replay(desk.causes.code(submission))
    if row is None:
        return []
    try:
        found = stored_submission(desk.output, row)
    except NoReplay:
        return []
    return _file(found, asked.file) if asked.file else _cells(found, asked, record)


def _file(found: Submission, name: str) -> list[Text]:
    for path, data in found.files.items():
        if path == name or path.endswith(f"/{name}"):
            return [Text(path, data[:MAX_TEXT].decode("utf-8", "replace"))]
    return []


def _cells(found: Submission, asked: Question, record: QuestionRecord) -> list[Text]:
    """Return the cells that a result names; none of several notebooks, of which one counted."""
    data = found.notebooks.get(asked.notebook)
    places = record["evidence"].get("cells") or ()
    numbers = [one["cell"] for one in places if one["role"] in ("answer", "setup") and one["cell"]]
    if data is None or found.attempts or not numbers:
        return []
    cells = whole_cells(data)
    return [
        Text(f"Cell {number}", cells[number - 1].text[:MAX_TEXT])
        for number in dict.fromkeys(numbers)
        if number <= len(cells)
    ]
