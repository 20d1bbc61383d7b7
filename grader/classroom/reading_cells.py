"""The cells of a hand-in that a person looks at for each question, as HTML that may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypedDict

from grader.marking.notebooks.alignment import AlignedNotebook
from grader.model.assignment import Question
from grader.sandbox import CellText, Converted, RefusedMarkup, Sandbox, checked_markup
from grader.submissions.notebooks import without_colors
from grader.submissions.whole import Cell, WholeCell, whole_cells

#: How many cells of code before an answer and after it are shown beside it, and how many cells in
#: all for a question.
BEFORE, AFTER, MOST = 2, 1, 12
#: How many texts are remembered with their HTML: equal ones are converted once.
_REMEMBERED = 20_000

_NUMBER = re.compile(r"data:image/png;base64,attachment-([0-9]{1,4})")


class StoredCell(TypedDict):
    """A cell as it is kept. ``html`` is checked, with numbers in the place of pictures.

    ``source`` is the text of one that has no HTML, for the ``reason``. ``outputs`` are texts, and
    the numbers of pictures among the cell's own outputs.
    """

    kind: str
    html: str
    reason: str
    source: str
    outputs: list[str | int]


class StoredQuestion(TypedDict):
    """The cells of a question, by their places in its notebook, and which of them answer it."""

    notebook: str
    cells: list[int]
    answer: list[int]


class StoredCells(TypedDict):
    """The part ``cells`` of a reading: each notebook's cells by place, and each question's."""

    notebooks: dict[str, dict[str, StoredCell]]
    questions: dict[str, StoredQuestion]


class CellReader:
    """Has the cells of hand-ins converted in *sandbox*, equal texts once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._known: dict[tuple[str, str], Converted] = {}

    def read(
        self,
        questions: Sequence[Question],
        notebooks: Mapping[str, bytes],
        aligned: Mapping[str, AlignedNotebook],
        answered: Mapping[str, int],
    ) -> tuple[StoredCells, bool]:
        """Return the cells of *questions*, and whether reading them again may give more.

        *aligned* are the *notebooks* as marking read them, *answered* the places of cells in which
        it found answers. Never raises for what is in a notebook.
        """
        stored: StoredCells = {"notebooks": {}, "questions": {}}
        failed = False
        for name, one in aligned.items():
            cells = whole_cells(notebooks[name])
            wanted: set[int] = set()
            for question in questions:
                if question.notebook == name:
                    places, own = beside(question.id, one, answered.get(question.id))
                    places = [i for i in places if i < len(cells)]
                    stored["questions"][question.id] = {
                        "notebook": name,
                        "cells": places,
                        "answer": own,
                    }
                    wanted |= set(places)
            kept, incomplete = self._cells({index: cells[index] for index in sorted(wanted)})
            stored["notebooks"][name] = kept
            failed = failed or incomplete
        return stored, failed

    def _cells(self, cells: Mapping[int, WholeCell]) -> tuple[dict[str, StoredCell], bool]:
        texts = {
            index: CellText("code" if cell.kind == "code" else "markdown", cell.text, cell.names)
            for index, cell in cells.items()
            if cell.kind != "raw"
        }
        todo = [index for index, text in texts.items() if self._converted(text) is None]
        asked = self._sandbox.convert([texts[index] for index in todo]) if todo else []
        fresh = dict(zip(todo, asked, strict=True))
        for index, one in fresh.items():
            if not texts[index].pictures and not one.reason and len(self._known) < _REMEMBERED:
                self._known[texts[index].kind, texts[index].source] = one
        made: dict[str, StoredCell] = {}
        for index, cell in cells.items():
            text = texts.get(index)
            known = self._converted(text) if text else Converted(reason="unconverted")
            made[str(index)] = _stored(cell, fresh.get(index) or known or Converted(reason="fault"))
        return made, any(one.reason == "fault" for one in fresh.values())

    def _converted(self, text: CellText) -> Converted | None:
        return None if text.pictures else self._known.get((text.kind, text.source))


def beside(
    question: str, aligned: AlignedNotebook, answered: int | None = None
) -> tuple[list[int], list[int]]:
    """Return the places of a question's cells and of the code beside them; and of its answer.

    *answered* is the place in which marking found the answer, if it did.
    """
    matching, cells = aligned.matching, aligned.document.cells
    own = {m.index for m in matching.of(question, "answer") if m.index is not None}
    own |= set(matching.added(question))
    if answered is not None:
        own.add(answered)
    places = set(own)
    places |= {
        m.index for m in matching.of(question) if m.index is not None and m.role not in ("text", "")
    }
    if own:
        code = [i for i, cell in enumerate(cells) if cell.kind == "code"]
        places |= set([i for i in code if i < min(own)][-BEFORE:])
        places |= set([i for i in code if i > max(own)][:AFTER])
    first = sorted(own)[:MOST]
    rest = sorted(places - set(first), key=lambda i: abs(i - first[0]) if first else i)
    return sorted([*first, *rest[: MOST - len(first)]]), first


def _stored(cell: WholeCell, converted: Converted) -> StoredCell:
    reason: str = converted.reason
    html = ""
    if not reason:
        numbers = [f"data:image/png;base64,attachment-{i}" for i in range(len(cell.pictures))]
        try:
            html = checked_markup(converted.html, numbers)
        except RefusedMarkup:
            reason = "unconverted"
    return {
        "kind": cell.kind,
        "html": html,
        "reason": "" if cell.kind == "raw" else reason,
        "source": "" if html else cell.text,
        "outputs": list(_outputs(cell.cell)),
    }


def _outputs(cell: Cell) -> list[str | int]:
    """Return what a cell printed, as texts and numbers of pictures."""
    found: list[str | int] = []
    for number, output in enumerate(cell.get("outputs") or ()):
        if output.get("data"):
            found.append(number)
            continue
        text = output.get("text") or "\n".join(output.get("traceback") or ())
        if output["output_type"] == "error" and not text.strip():
            text = f"{output['ename']}: {output['evalue']}"
        text = without_colors(text).replace("\r\n", "\n").replace("\r", "\n")
        if text.strip():
            found.append(text)
    return found


def has_pictures(cell: StoredCell) -> bool:
    """Say whether the notebook's bytes are needed to show a cell."""
    return any(isinstance(one, int) for one in cell["outputs"]) or bool(
        _NUMBER.search(cell["html"])
    )


def pictured(cell: StoredCell, whole: WholeCell | None) -> tuple[str, list[tuple[str, str]]]:
    """Return a cell's HTML with its pictures, and its outputs: each a text or an address."""

    def picture(found: re.Match[str]) -> str:
        number = int(found[1])
        return whole.pictures[number] if whole and number < len(whole.pictures) else ""

    shown: list[tuple[str, str]] = []
    listed = (whole.cell.get("outputs") or []) if whole else []
    for output in cell["outputs"]:
        if isinstance(output, str):
            shown.append((output, ""))
        elif output < len(listed):
            data = listed[output].get("data") or {}
            shown += [("", f"data:{mime};base64,{base64}") for mime, base64 in data.items()]
    return _NUMBER.sub(picture, cell["html"]), shown
