"""The cells that answer a training question, found in an aligned notebook."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from grader.marking.notebooks.alignment import AlignedNotebook
from grader.model.assignment import Question
from grader.model.literals import Role
from grader.model.notebooks import Cell, Match
from grader.model.trees import clean
from grader.sandbox import Entry
from grader.sandbox.protocol.layout import ANSWER, CELL, REACH, SETUP
from grader.submissions.cells import marked

#: Roles of the course's own cells. A student's copy of one never runs: the released cell runs
#: in its place, or none.
_COURSE: tuple[Role, ...] = ("check", "plot", "save", "selfcheck")
#: How a line begins that a student finds in the place of an answer.
UNWRITTEN = "raise NotImplementedError("
#: What of them isn't run at all: the setup has been, and a student's own check of their files
#: would start processes.
_LEFT_OUT: tuple[Role, ...] = ("setup", "selfcheck")
_FIGURE = re.compile(r"(?i)\bacc(uracy)?\b|_acc\b")


def answer_cells(
    question: Question, aligned: AlignedNotebook, training: Collection[str]
) -> AnswerCells:
    """Return the cells of *question*; *training* are the ids of all questions of its kind.

    Cells that a student added below a question belong to its answer.
    """
    released, cells = aligned.released.cells, aligned.document.cells
    own, added = _places(question.id, aligned)
    answers = [m for m in aligned.matching.of(question.id, "answer") if m.index is not None]
    given_out = [released[m.released] for m in answers if m.released is not None]
    untouched = not added and [_begin(cells[i]) for i in sorted(own)] == [
        _begin(cell) for cell in given_out
    ]
    places = sorted(own | added)
    return AnswerCells(
        setup=tuple(_course(cell) for cell in released if _is(cell, "setup")),
        answer=tuple(_source(cells[i], i) for i in places),
        given=tuple(_course(cell) for cell in _earlier(question.id, aligned, training)),
        before=tuple(_source(cells[i], i) for i in _before(min(places, default=0), aligned)),
        untouched=untouched,
        shown=_shown(question.id, aligned),
        other=aligned.matching.other,
        turned=0 if own else _turned(question.id, aligned),
    )


def kernel_cells(aligned: AlignedNotebook, training: Collection[str]) -> tuple[Entry, ...]:
    """Return the whole notebook for a kernel, in its own order; *training* as in
    :func:`answer_cells`.

    The course's own cells come first and replace the student's copies of them. The place after a
    training question's answer bears its name; before all others stands one without a name, at
    which the data are given, so that no cell has to load them.
    """
    released, cells = aligned.released.cells, aligned.document.cells
    answers = {q: sorted(set().union(*_places(q, aligned))) for q in training}
    entries = [Entry(REACH, "# the data", "")]
    entries += [Entry(SETUP, cell.source, cell.id) for cell in released if _is(cell, "setup")]
    for i, cell in enumerate(cells):
        if cell.kind != "code":
            continue
        matches = [m for m in aligned.matching.matches if m.index == i]
        if matches and all(m.role in ("setup", *_COURSE) for m in matches):
            entries += [Entry(CELL, own.source, own.id) for own in _replaced(matches, aligned)]
        elif cell.source.strip():
            kind = ANSWER if any(i in places for places in answers.values()) else CELL
            entries.append(Entry(kind, cell.source, _source(cell, i).name))
        for question, places in answers.items():
            if places and places[-1] == i:
                entries.append(Entry(REACH, f"# {question}", question))
    return tuple(entries)


def _replaced(matches: Iterable[Match], aligned: AlignedNotebook) -> Iterator[Cell]:
    """Yield the course's own cells in the place of a student's copies."""
    for match in matches:
        cell = aligned.released.cells[match.released or 0]
        if match.role not in _LEFT_OUT and "data" not in cell.tags:
            yield cell


def _places(question: str, aligned: AlignedNotebook) -> tuple[set[int], set[int]]:
    """Return where a question's own answer cells stand, and those that were added below it."""
    cells = aligned.document.cells
    answers = {m.index for m in aligned.matching.of(question, "answer") if m.index is not None}
    own = {i for i in answers if cells[i].kind == "code"}
    return own, {
        i for i in aligned.matching.added(question) if cells[i].kind == "code"
    } if own else set()


def _turned(question: str, aligned: AlignedNotebook) -> int:
    """Return the number, from 1, of the answer's cell that isn't of code any more; 0: no such."""
    cells = aligned.document.cells
    own = {match.index for match in aligned.matching.of(question, "answer")}
    for i, cell in enumerate(cells):
        if cell.kind != "code" and (i in own or question in marked(cell.source)):
            return i + 1
    return 0


def _earlier(question: str, aligned: AlignedNotebook, training: Collection[str]) -> Iterator[Cell]:
    """Yield the released answer cells of other training questions before this one's."""
    for cell in aligned.released.cells:
        if _is(cell, "answer") and cell.question == question:
            return
        if _is(cell, "answer") and cell.question in training:
            yield cell


def _before(end: int, aligned: AlignedNotebook) -> Iterator[int]:
    """Yield the places of the student's own code above *end*."""
    for i, cell in enumerate(aligned.document.cells[:end]):
        roles = {m.role for m in aligned.matching.matches if m.index == i}
        if cell.kind == "code" and (not roles <= set(_COURSE) or not roles):
            yield i


def _shown(question: str, aligned: AlignedNotebook) -> str:
    """Return the last lines about an accuracy in the saved outputs of a question's cells."""
    lines = [
        line
        for match in aligned.matching.of(question)
        if match.index is not None
        for line in aligned.document.cells[match.index].text.splitlines()
        if _FIGURE.search(line)
    ]
    return clean(" / ".join(line.strip()[:120] for line in lines[-2:]), 240)


def _is(cell: Cell, role: Role) -> bool:
    return cell.kind == "code" and cell.role == role


def _source(cell: Cell, index: int) -> Source:
    return Source(cell.source, f"cell {index + 1}")


def _course(cell: Cell) -> Source:
    return Source(cell.source, cell.id or "a cell of the course's")


def _begin(cell: Cell) -> list[str]:
    """Return a cell's lines up to the one that says that nothing is written yet, if there is one.

    What follows it never runs, and was other text in earlier releases.
    """
    lines = [line.rstrip() for line in cell.source.splitlines() if line.strip()]
    ends = [i for i, line in enumerate(lines) if line.lstrip().startswith(UNWRITTEN)]
    return lines[: ends[0] + 1] if ends else lines


@dataclass(frozen=True)
class Source:
    """A cell to run: its code, and what it is called where a line of it is named."""

    code: str
    name: str


@dataclass(frozen=True)
class AnswerCells:
    """The cells of one notebook that matter to one training question.

    ``setup`` are the course's own cells, and ``given`` those of earlier training questions as
    they were given out (a later one may use what they prepare). ``answer`` are the student's for
    this question, ``before`` all of theirs that stand before them. ``untouched``: the answer is
    as it was given out. ``shown`` is a figure from the notebook's saved outputs. ``other``: it is a
    notebook of another edition, in which an answer that isn't found may still stand. ``turned`` is
    the number of the cell, from 1, that holds the answer and isn't of code.
    """

    setup: tuple[Source, ...]
    answer: tuple[Source, ...]
    given: tuple[Source, ...] = ()
    before: tuple[Source, ...] = ()
    untouched: bool = False
    shown: str = ""
    other: bool = False
    turned: int = 0
