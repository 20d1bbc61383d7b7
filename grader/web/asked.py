"""What a question asks, and what the course answers: read from the key and the course's folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.authoring.release import markers, template
from grader.key import Key
from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.submissions.notebooks import read_notebook

#: A line's end within a paragraph.
_WRAPPED = re.compile(r"(?<!\n)\n(?!\n|\s*(?:[-*|>#]|\d+\.|\$\$))")
#: A formula, or words in bold.
_MARKED = re.compile(r"\$([^$\n]+)\$|\*\*([^*\n]+)\*\*")
_HEADING = re.compile(r"#+ [^\n]*\n*")


@dataclass(frozen=True)
class AskedQuestion:
    """A question as the marker sees it. Texts are the course's own, empty where there are none."""

    id: str
    notebook: str
    title: str
    points: float
    prompt: str = ""
    answer: str = ""


def asked(folder: Path, assignment: Assignment, key: Key) -> dict[str, AskedQuestion]:
    """Return the questions of an assignment by id, in its order.

    Prompts are those of the released notebooks, answers those of the sources in *folder*; either is
    left out where it can't be read.
    """
    found = {
        q.id: AskedQuestion(q.id, q.notebook, q.title, float(q.points))
        for q in assignment.questions
    }
    for name, data in key.notebooks.items():
        texts: dict[str, list[str]] = {}
        for cell in read_notebook(data, name).cells:
            if cell.kind == "markdown" and cell.role == "text" and cell.question in found:
                texts.setdefault(cell.question, []).append(_HEADING.sub("", cell.source, count=1))
        for question, parts in texts.items():
            found[question] = replace(found[question], prompt=_flowing("\n\n".join(parts)))
    for question, text in _answers(folder, assignment).items():
        found[question] = replace(found[question], answer=text)
    return found


def _flowing(text: str) -> str:
    """Return a text whose lines go on to the edge: only lists and paragraphs begin new ones.

    Emphasis, and formulas that read as they stand, lose their marks; code stays as it is.
    """
    parts = text.strip().split("```")
    parts[::2] = [_MARKED.sub(_plain, _WRAPPED.sub(" ", part)) for part in parts[::2]]
    return "```".join(parts)


def _plain(found: re.Match[str]) -> str:
    formula, bold = found.groups()
    if bold is not None:
        return str(bold)
    return found[0] if set(formula) & set("\\^_{") else str(formula)


def _answers(folder: Path, assignment: Assignment) -> Mapping[str, str]:
    written = {q.id for q in assignment.questions if q.kind == "written"}
    made: dict[str, str] = {}
    ids = template.question_ids(assignment)
    for path in template.notebook_paths(folder, assignment).values():
        try:
            for one in markers.parse(path.read_text("utf-8"), path.name, ids):
                if one.question in written:
                    lines = (line.strip().removeprefix("#").removeprefix(" ") for line in one.lines)
                    made[one.question] = _flowing("\n".join(lines))
        except (OSError, UnicodeDecodeError, Problem):
            continue  # a folder without sources still has a key
    return made
