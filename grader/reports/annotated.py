"""A student's notebook back, each answer followed by its verdict: as a notebook and as a page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.classroom import folder
from grader.classroom.handed_back import ReadNotebook
from grader.files import write
from grader.model.notebooks import Matching
from grader.model.records import QuestionRecord, SubmissionRecord
from grader.model.trees import clean
from grader.reports.findings import first, points
from grader.reports.notebook_page import PagePart, page
from grader.submissions.whole import Cell
from grader.wording.labels import SIGNED, STATUSES

#: The roles of cells that a verdict follows; of a question's checks, the last.
_JUDGED = ("answer", "check")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def write_notebooks(
    output: Path, handed_in: Mapping[str, ReadNotebook], result: SubmissionRecord
) -> list[Path]:
    """Write every notebook of a submission, with its verdicts, below *output*; return the files.

    Raises :class:`grader.files.WriteError` if one can't be written.
    """
    made, place = [], folder.of(output, result["submission"])
    for name, read in handed_in.items():
        parts = annotate(name, read, result)
        for path, text in (
            (place / f"{name}.ipynb", json.dumps(notebook(parts, read.sign), indent=1) + "\n"),
            (place / f"{name}.html", page(parts, f"{name}: {result['submission']}")),
        ):
            write(path, text)
            made.append(path)
    return made


def annotate(name: str, read: ReadNotebook, result: SubmissionRecord) -> list[PagePart]:
    """Return the cells of a notebook, each answer followed by its question's result.

    A question whose cell isn't there comes at the end.
    """
    questions = [question for question in result["questions"] if question["notebook"] == name]
    judged = _places(read.matching, questions)
    made: list[PagePart] = []
    for index, (cell, converted) in enumerate(zip(read.cells, read.converted, strict=True)):
        made.append(PagePart(cell=cell, converted=converted))
        made += [PagePart(question=question) for question in judged.pop(index, ())]
    return made + [PagePart(question=question) for rest in judged.values() for question in rest]


def notebook(parts: Sequence[PagePart], sign: str) -> dict[str, object]:
    """Return the parts as a valid notebook of format 4.5.

    A student can write a cell that looks like a verdict. So all verdicts of a file bear one *sign*,
    which nobody knows before, and which the first cell names.
    """
    cells = [_markdown("verdicts", ["grader"], SIGNED.format(sign=sign))]
    for part in parts:
        if part.cell is not None:
            cells.append(part.cell.cell)
        elif part.question is not None:
            cells.append(_verdict(part.question, sign))
    return {
        "cells": cells,
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _places(
    matching: Matching, questions: Sequence[QuestionRecord]
) -> dict[int, list[QuestionRecord]]:
    """Return the questions by the place of the cell that their verdict follows; -1 for none."""
    found: dict[int, list[QuestionRecord]] = {}
    for question in questions:
        answered = (question.get("evidence") or {}).get("cell")
        places = {m.role: m.index for m in matching.of(question["id"]) if m.index is not None}
        place = next((places[role] for role in _JUDGED if role in places), -1)
        found.setdefault(answered - 1 if answered else place, []).append(question)
    return found


def _verdict(question: QuestionRecord, sign: str) -> Cell:
    """Return the cell that tells how *question* was judged."""
    status = STATUSES.get(question["status"], question["status"])
    said = [f"**{_text(question['title'])}: {status}** ({points(question)}) `{sign}`"]
    failed = first(question.get("checks") or [])
    if failed and failed.get("message"):
        said.append(_text(failed["message"]))
    if question.get("given"):
        said.append(f"Judged with a correct {_text(', '.join(question['given']))} in its place.")
    said += [_text(note) for note in question.get("notes") or []]
    quoted = "\n>\n".join("> " + paragraph for paragraph in said)
    name = re.sub(r"[^A-Za-z0-9_-]", "-", question["id"])[:50]
    tags = ["grader", f"question:{question['id']}", "verdict"]
    return _markdown(f"verdict-{name}", tags, quoted)


def _markdown(id: str, tags: Sequence[str], source: str) -> Cell:
    return {"cell_type": "markdown", "id": id, "metadata": {"tags": list(tags)}, "source": source}


def _text(text: str) -> str:
    """Return *text* as Markdown that shows it as it is."""
    plain = html.escape(" ".join(clean(text, 4_000).split()), quote=False)
    return re.sub(r"([\\`*_\[\]#$|~])", r"\\\1", plain)
