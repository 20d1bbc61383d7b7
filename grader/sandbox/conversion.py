"""Has the cells of a notebook converted to HTML, in a confined process that may fail or hang."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grader.model.assignment import Limits
from grader.sandbox.deadline import Deadline
from grader.sandbox.errors import ChildEnded, ChildExit, Fault
from grader.sandbox.losses import RETRIED_ALONE, Loss, Lost, from_exit
from grader.sandbox.process import Child
from grader.sandbox.protocol import frames

#: Characters of a cell, and of all cells of a notebook, that are converted.
MAX_CONVERTED, MAX_ALL_CONVERTED = 10_000, 1_000_000
#: Bytes of HTML that are taken of a cell, and of all cells of a notebook.
MAX_HTML, MAX_ALL_HTML = 1 << 20, 16 << 20
#: CPU seconds that a cell, and all cells of a notebook, may take. One of the course takes a third
#: of a second.
CELL_SECONDS, ALL_SECONDS = 2.0, 10.0
#: How many processes one notebook may end.
_STARTS = 8
_START_SECONDS = 30.0

#: The limits of a process that converts.
LIMITS = Limits(
    question_cpu_seconds=CELL_SECONDS,
    submission_cpu_seconds=ALL_SECONDS,
    memory_mb=256,
    output_kb=16,
)

#: Why a cell has no HTML: it is too large; so is all that comes before it in the notebook; it can't
#: be converted; its process used up its time; it ended; no process could be started.
Reason = Literal["", "large", "all", "unconverted", "timed_out", "died", "fault"]


@dataclass(frozen=True)
class CellText:
    """A cell to convert: its kind, its source, the numbers of the pictures it may show, by name."""

    kind: Literal["code", "markdown"]
    source: str
    pictures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Converted:
    """What became of a cell: HTML, which isn't to be trusted, or the reason for having none.

    In the place of a picture stands ``data:image/png;base64,attachment-7``, with its number.
    """

    html: str = ""
    reason: Reason = ""


class Conversion:
    """Converts cells, in processes that *start* starts; each is sent all that is left."""

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start = start
        self._found: dict[int, Converted] = {}
        self._seconds, self._html = ALL_SECONDS, MAX_ALL_HTML

    def convert(self, cells: Sequence[CellText]) -> list[Converted]:
        """Return what became of each cell. Never raises for what is in one."""
        todo = self._within_limits(cells)
        repeated = -1
        for _ in range(_STARTS):
            todo = [index for index in todo if index not in self._found]
            if not todo or self._seconds <= 0 or self._html <= 0:
                break
            try:
                lost = self._stream(cells, todo)
            except Fault:
                break
            index = next((index for index in todo if index not in self._found), -1)
            if lost is None or index < 0:
                continue
            if lost.loss in RETRIED_ALONE and repeated != index:
                repeated = index  # the machine may have done that
                continue
            slow = lost.loss in (Loss.TIMED_OUT, Loss.DOUBTFUL)
            self._found[index] = Converted(reason="timed_out" if slow else "died")
        rest: Reason = "all" if self._seconds <= 0 or self._html <= 0 else "fault"
        return [self._found.get(index, Converted(reason=rest)) for index in range(len(cells))]

    def _within_limits(self, cells: Sequence[CellText]) -> list[int]:
        """Return the places of the cells to convert; the others are too large."""
        todo, left = [], MAX_ALL_CONVERTED
        for index, cell in enumerate(cells):
            size = len(cell.source)
            left -= size if size <= MAX_CONVERTED else 0
            if size > MAX_CONVERTED or left < 0:
                self._found[index] = Converted(reason="large" if size > MAX_CONVERTED else "all")
            else:
                todo.append(index)
        return todo

    def _stream(self, cells: Sequence[CellText], todo: Sequence[int]) -> Lost | None:
        """Have a fresh process convert *todo* and keep what comes; return how it was lost."""
        child = self._start()
        ended: ChildExit | None = None
        try:
            request = [[cells[i].kind, cells[i].source, dict(cells[i].pictures)] for i in todo]
            child.send(frames.frame(frames.CONVERT, json.dumps(request).encode("ascii")))
            return self._receive(child, todo)
        except ChildEnded:
            ended = child.close()
            return _how(ended)
        except frames.Garbled:
            return Lost(Loss.DIED)
        finally:
            ended = ended or child.close()
            self._seconds -= ended.cpu_seconds

    def _receive(self, child: Child, todo: Sequence[int]) -> Lost | None:
        greeting = child.receive(_START_SECONDS)
        if greeting is None or greeting.kind != frames.READY:
            return Lost(Loss.STARVED)
        for index in todo:
            found = _next(child, min(CELL_SECONDS, max(self._left(child), 0.01)))
            if isinstance(found, Lost):
                return found
            if found.kind != frames.CONVERTED:
                return Lost(Loss.DIED)
            self._html -= len(found.text)
            if len(found.text) > MAX_HTML or not found.text:
                self._found[index] = Converted(reason="large" if found.text else "unconverted")
            else:
                self._found[index] = Converted(found.text.decode("utf-8", "replace"))
            if self._html <= 0 or self._left(child) <= 0:
                return None
        return None

    def _left(self, child: Child) -> float:
        return self._seconds - child.cpu_seconds()


def _next(child: Child, seconds: float) -> frames.Frame | Lost:
    """Return the child's next frame, or why there is none in time."""
    deadline = Deadline(child, seconds)
    while True:
        wait = deadline.left()
        with deadline.waiting(wait):
            frame = child.receive(wait)
        if frame is not None:
            return frame
        if lost := deadline.passed():
            return child.receive(0.0) or lost


def _how(ended: ChildExit) -> Lost:
    return Lost(Loss.DIED) if ended.by_grader else from_exit(ended.code)
