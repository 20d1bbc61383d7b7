"""What is read of the texts of hand-ins: cells as HTML, code as tokens; once, in a confined child.

It stands in the gradebook by the content that was marked, and is read anew where that, or this
grader, is another. The bytes are those that were kept for a replay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.classroom.reading_book import ReadingBook
from grader.classroom.reading_cells import CellReader, StoredCells, has_pictures, pictured
from grader.classroom.reading_code import (
    ReadSource,
    from_stored,
    listed,
    read_sources,
    to_stored,
)
from grader.classroom.replays import NoReplay, key_folder, stored_submission
from grader.key import Key, load
from grader.marking.notebooks.alignment import AlignedNotebook, Aligner
from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.model.records import SubmissionRecord
from grader.sandbox import Sandbox
from grader.sandbox.protocol.levels import Level
from grader.submissions import Submission
from grader.submissions.attempts import choose
from grader.submissions.whole import WholeCell, whole_cells
from grader.version import __version__
from grader.wording import readings as said
from grader.wording.labels import UNCONVERTED

#: What a reading is made by: another number reads all anew.
VERSION = f"{__version__}/1"
_CELLS, _CODE = "cells", "code"


@dataclass(frozen=True)
class ReadCell:
    """A cell that may be shown. ``number`` counts from 1 in its notebook.

    ``html`` may stand in a page as it is; without it ``source`` is shown as text, and ``why`` says
    for what reason. ``outputs`` are pairs, of which one is empty: a text, or a picture's address
    (``data:image/png;base64,...``).
    """

    number: int
    kind: str
    answers: bool
    html: str
    source: str
    why: str
    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class QuestionReading:
    """What a person looks at for a question: its cells in order, or ``why`` there are none."""

    cells: tuple[ReadCell, ...] = ()
    why: str = ""

    @property
    def answer(self) -> tuple[ReadCell, ...]:
        """The cells of the answer itself."""
        return tuple(cell for cell in self.cells if cell.answers)


class Readings:
    """Reads what a run in *output* has marked. May be used by several threads.

    A sandbox is started when something is first read that isn't stored, at *level*, as ``grader
    grade`` starts one. Raises :class:`~grader.sandbox.IsolationUnavailable` then where there is
    none, and :class:`~grader.classroom.gradebook.GradebookError`.
    """

    def __init__(
        self,
        output: Path,
        assignment: Assignment,
        *,
        level: Level | None = None,
        allow_unsandboxed: bool = False,
    ) -> None:
        self._output, self._assignment = output, assignment
        self._level, self._allow = level, allow_unsandboxed
        self._local = threading.local()
        self._lock = threading.RLock()
        self._sandbox: Sandbox | None = None
        self._courses: dict[str, tuple[Key, Aligner]] = {}

    def __enter__(self) -> Readings:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox, if there is one."""
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()
                self._sandbox = None
                self.__dict__.pop("_cells", None)

    def question(self, submission: str, question: str) -> QuestionReading:
        """Return the cells of a question; they are read now where they aren't stored."""
        try:
            stored: StoredCells = self._part(submission, _CELLS)
        except NoReplay:
            return QuestionReading(why=said.NOT_KEPT)
        entry = stored["questions"].get(question)
        if entry is None:
            return QuestionReading(why=said.NO_NOTEBOOK)
        cells = stored["notebooks"][entry["notebook"]]
        found = [(index, cells[str(index)]) for index in entry["cells"]]
        whole: list[WholeCell] = []
        if any(has_pictures(cell) for _, cell in found):
            try:
                whole = whole_cells(self.hand_in(submission).notebooks[entry["notebook"]])
            except (NoReplay, KeyError):
                whole = []
        made = []
        for index, cell in found:
            html, outputs = pictured(cell, whole[index] if index < len(whole) else None)
            why = UNCONVERTED.get(cell["reason"], "") if cell["reason"] else ""
            own = index in entry["answer"]
            made.append(
                ReadCell(index + 1, cell["kind"], own, html, cell["source"], why, tuple(outputs))
            )
        return QuestionReading(tuple(made), "" if made else said.NO_CELL)

    def code(self, submission: str) -> tuple[ReadSource, ...]:
        """Return the files of code and the answer cells, as tokens by function.

        Raises :class:`~grader.classroom.replays.NoReplay` where the bytes weren't kept.
        """
        return from_stored(self._part(submission, _CODE))

    def texts(self, submission: str) -> dict[str, str]:
        """Return the texts of what :meth:`code` tells the functions of, by the source's name.

        Raises :class:`~grader.classroom.replays.NoReplay` where the bytes weren't kept.
        """
        hand_in = self.hand_in(submission)
        aligned = self.aligned(hand_in, str(self._result(submission)["key"]))
        return {name: text for name, _, text in listed(hand_in, aligned)}

    def read_all(
        self,
        submissions: Iterable[str],
        *,
        code: bool = False,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read the cells of *submissions*, or their *code*, as far as they aren't stored.

        Ends early where *stop* says so. What can't be read is passed over.
        """
        for submission in submissions:
            if stop():
                return
            try:
                self._part(submission, _CODE if code else _CELLS)
            except NoReplay:
                continue

    def hand_in(self, submission: str) -> Submission:
        """Return what was handed in: of several attempts at a file, those that counted.

        Raises :class:`~grader.classroom.replays.NoReplay`.
        """
        result = self._result(submission)
        row = self._book.replay(str(result.get("replay", "")))
        if row is None:
            raise NoReplay(f"what {submission} handed in wasn't kept by the run that marked it")
        found = stored_submission(self._output, row)
        if found.attempts:
            key, aligner = self._course(row.key)
            found = choose(found, aligner.released, key.given)
        return found

    def aligned(self, submission: Submission, key: str) -> Mapping[str, AlignedNotebook]:
        """Return the notebooks of a hand-in, aligned with those of the *key* of that hash."""
        return self._course(key)[1].align(submission.notebooks)

    def _part(self, submission: str, part: str) -> Any:
        result = self._result(submission)
        content = str(result["content"])
        if (stored := self._kept(submission, part, content)) is not None:
            return stored
        with self._lock:
            # Another thread may have read it meanwhile.
            if (stored := self._kept(submission, part, content)) is not None:
                return stored
            hand_in = self.hand_in(submission)
            aligned = self.aligned(hand_in, str(result["key"]))
            made, again = self._read(part, result, hand_in, aligned)
            if not again:
                self._book.keep_reading(submission, part, content, VERSION, made)
        return made

    def _kept(self, submission: str, part: str, content: str) -> Any:
        """Return what is stored of that content; ``None`` where nothing of today is."""
        return self._book.reading(submission, part, content, VERSION)

    def _read(
        self,
        part: str,
        result: SubmissionRecord,
        hand_in: Submission,
        aligned: Mapping[str, AlignedNotebook],
    ) -> tuple[Any, bool]:
        if part == _CODE:
            sources = read_sources(self.sandbox, hand_in, aligned)
            return to_stored(sources), any(one.reason == "fault" for one in sources)
        answered = {
            question["id"]: cell - 1
            for question in result["questions"]
            if (cell := (question.get("evidence") or {}).get("cell"))
        }
        return self._cells.read(self._assignment.questions, hand_in.notebooks, aligned, answered)

    @property
    def sandbox(self) -> Sandbox:
        """What hand-ins are read in; started when it is first asked for."""
        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(
                    self._assignment.limits, level=self._level, allow_unsandboxed=self._allow
                )
            return self._sandbox

    @cached_property
    def _cells(self) -> CellReader:
        return CellReader(self.sandbox)

    @property
    def _book(self) -> ReadingBook:
        """This thread's own connection."""
        if not hasattr(self._local, "book"):
            self._local.book = ReadingBook(self._output)
        book: ReadingBook = self._local.book
        return book

    def _result(self, submission: str) -> SubmissionRecord:
        for result in self._book.results([submission]):
            return result
        raise NoReplay(f"there is no result of {submission}")

    def _course(self, key: str) -> tuple[Key, Aligner]:
        """Return the key of that hash, as it was kept, and what aligns notebooks by it."""
        with self._lock:
            if key not in self._courses:
                try:
                    loaded = load(key_folder(self._output, key))
                except Problem as problem:
                    raise NoReplay(str(problem)) from None
                images = self._assignment.images
                aligner = Aligner(
                    loaded.notebooks, self._assignment.questions, images.variable if images else ""
                )
                self._courses[key] = loaded, aligner
            return self._courses[key]
