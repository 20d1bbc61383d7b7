"""A student's page over all notebooks: what each is worth, what waits, and where to read on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from grader.classroom import folder
from grader.classroom.next_step import Builds, next_step
from grader.files import write
from grader.model.assignment import Assignment
from grader.model.records import QuestionRecord, SubmissionRecord
from grader.reports.environment import render
from grader.reports.findings import anchor
from grader.wording.labels import SUBMISSIONS, count

#: What a question is counted as on the page, by its status.
_LEFT = ("partial", "failed", "not_implemented")


@dataclass(frozen=True)
class NotebookRow:
    """One notebook of the assignment. ``asked``: the run has asked its questions.

    ``pending`` are points that wait for a person. ``page`` and ``file`` are the notebook with its
    verdicts, as a page and as a notebook, where they were written.
    """

    title: str
    asked: bool
    score: float
    max_score: float
    pending: float
    right: int
    left: int
    questions: int
    feedback: str
    page: str
    file: str


def student_index(
    result: SubmissionRecord,
    assignment: Assignment,
    builds_on: Builds,
    written: Mapping[str, bool] | None = None,
) -> str:
    """Return ``index.html`` of one submission.

    *written* says by a notebook's name whether it stands beside the page with its verdicts.
    """
    step = next_step(result, builds_on)
    groups = list(dict.fromkeys(question["notebook"] for question in result["questions"]))
    rows = []
    for notebook in assignment.notebooks:
        own = [q for q in result["questions"] if q["notebook"] == notebook.name]
        points = result["notebooks"].get(notebook.name, {"score": 0.0, "max_score": 0.0})
        there = bool(written and written.get(notebook.name))
        name = quote(notebook.name, safe="")
        number = groups.index(notebook.name) + 1 if own else 0
        rows.append(
            NotebookRow(
                notebook.title or notebook.name,
                bool(own),
                points["score"],
                points["max_score"],
                _pending(own),
                sum(q["status"] == "passed" for q in own),
                sum(q["status"] in _LEFT for q in own),
                len(own),
                f"{folder.FEEDBACK}#notebook-{number}" if own else "",
                f"{name}.html" if there else "",
                f"{name}.ipynb" if there else "",
            )
        )
    return render(
        "index.html.j2",
        title=assignment.title,
        result=result,
        status=SUBMISSIONS.get(result["status"], result["status"]),
        rows=rows,
        step=step,
        next=f"{folder.FEEDBACK}#{anchor(step.question['id'])}" if step else "",
        feedback=folder.FEEDBACK,
        annotated=any(row.page for row in rows),
        count=count,
    )


def write_index(
    output: Path, result: SubmissionRecord, assignment: Assignment, builds_on: Builds
) -> None:
    """Write ``index.html`` beside the files of a submission that stand there by now.

    Raises :class:`grader.files.WriteError` if it can't be written.
    """
    place = folder.of(output, result["submission"])
    written = {n.name: (place / f"{n.name}.ipynb").is_file() for n in assignment.notebooks}
    if folder.INDEX not in (f"{name}.html" for name in written):  # a notebook of that very name
        write(place / folder.INDEX, student_index(result, assignment, builds_on, written))


def _pending(questions: list[QuestionRecord]) -> float:
    return sum(q["max_score"] for q in questions if q["status"] == "needs_marking")
