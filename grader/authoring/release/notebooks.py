"""Notebooks, from py:percent text to .ipynb bytes, with or without their answers.

Every code or Markdown cell of the text may carry ``tags``; those of a question carry
``question:<id>`` and what they are for it (``text``, ``answer``, ``check``, ``plot``); a line that
asks :func:`grader.check` is tagged ``selfcheck``, and never runs where the notebook is marked.
Answers stand between markers within one cell (:mod:`grader.authoring.release.markers`); in a
Markdown cell the student finds :data:`PLACEHOLDER` in their place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from grader.authoring.release import markers
from grader.authoring.release.markers import MarkedAnswer, MarkerError
from grader.model.problem import MissingExtra

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: What stands for a written answer until there is one.
PLACEHOLDER = "*Write your answer here: {hint}*"

_CELL = re.compile(r"# %%(?P<markdown>.*\[(markdown|md)\])?")


def student(text: str, file: str, questions: Collection[str]) -> bytes:
    """Return the notebook that students get: answers replaced, nothing run."""
    return _build(text, file, questions, markers.stub, placeholder)


def solved(text: str, file: str, questions: Collection[str]) -> bytes:
    """Return the reference's notebook: the same cells and ids, with the answers."""
    return _build(text, file, questions, markers.solved, markers.solved)


def placeholder(answer: MarkedAnswer) -> list[str]:
    """Return the lines that stand for a written *answer* in a Markdown cell's text."""
    return [f"# {PLACEHOLDER.format(hint=answer.hint)}"]


def answers(text: str, file: str, questions: Collection[str]) -> list[tuple[MarkedAnswer, bool]]:
    """Return the answers of a notebook's text, each with whether it is a written one.

    Raises :class:`MarkerError` for bad markers, and for an answer that leaves its cell.
    """
    cells = {
        number: bool(match["markdown"])
        for number, line in enumerate(text.split("\n"), start=1)
        if (match := _CELL.match(line))
    }
    found = []
    for answer in markers.parse(text, file, questions):
        if crossed := [n for n in cells if answer.first < n < answer.last]:
            raise MarkerError(file, crossed[0], "a cell begins inside an answer; end that first")
        before = [n for n in cells if n < answer.first]
        found.append((answer, bool(before) and cells[before[-1]]))
    return found


def _build(
    text: str,
    file: str,
    questions: Collection[str],
    code: Callable[[MarkedAnswer], list[str]],
    written: Callable[[MarkedAnswer], list[str]],
) -> bytes:
    # Only where a release is made: graders do without jupytext.
    try:
        import jupytext  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("grader build", "jupytext", "build") from None
    import nbformat

    found = answers(text, file, questions)
    in_markdown = {answer.first for answer, is_written in found if is_written}
    filled = markers.replace(
        text,
        [answer for answer, _ in found],
        lambda answer: (written if answer.first in in_markdown else code)(answer),
    )
    notebook = jupytext.reads(filled, fmt="py:percent")
    _normalize(notebook)
    nbformat.validate(notebook)
    made = str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    return (made.rstrip("\n") + "\n").encode()


def _normalize(notebook: NotebookNode) -> None:
    """Give the notebook a kernel and its cells stable ids; drop what differs between machines."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        tags = list(cell.metadata.get("tags", ()))
        cell.metadata = {"tags": tags} if tags else {}
        name = "-".join(tag.removeprefix("question:") for tag in tags) or cell.cell_type
        name = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:56]
        seen[name] += 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
