"""The process that holds a package: started afresh whenever the one before it has ended."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Protocol

from grader.model.literals import LossStage
from grader.sandbox.errors import ChildEnded, ChildExit, Fault, ProcessGone
from grader.sandbox.losses import Loss, Lost, from_exit
from grader.sandbox.package import Package, encode
from grader.sandbox.protocol import frames

_START_SECONDS = 30.0
#: How deep imports may be nested.
_MAX_IMPORTING = 100


class Child(Protocol):
    """A process on the other side of two pipes: forked or fresh."""

    def send(self, *messages: bytes) -> None: ...
    def receive(self, seconds: float) -> frames.Frame | None: ...
    def cpu_seconds(self) -> float: ...
    def waiting_seconds(self) -> float: ...
    def close(self) -> ChildExit: ...


class PackageProcess:
    """Keeps one child that holds *package*, and what all its children have used and printed.

    *start* starts a child that prints into the descriptor *printed*, which is closed at the end,
    and at most *output* bytes of which are read. With *once* there is one child only.
    """

    def __init__(
        self,
        start: Callable[[int], Child],
        package: Package,
        printed: int,
        output: int,
        *,
        once: bool = False,
    ) -> None:
        self._start, self._package, self._once = start, package, once
        self._printed, self._output, self._text = printed, output, b""
        self.child: Child | None = None
        self.max_rss_mb = 0.0
        self._cpu = self._waiting = 0.0
        self._starts = 0
        #: The modules that the child is importing, outermost first.
        self.importing: list[str] = []
        self._broken: dict[str, LossStage] = {}

    @property
    def gone(self) -> bool:
        """Whether the child has ended and isn't to be replaced."""
        return self._once and self.child is None

    @property
    def closed(self) -> bool:
        return self._printed < 0

    @property
    def printed(self) -> bytes:
        """What was printed so far, at most *output* bytes."""
        if not self.closed:
            self._text = _peek(self._printed, self._output)
        return self._text

    @property
    def cpu_seconds(self) -> float:
        """What all children have used, this one included."""
        return self._cpu + (self.child.cpu_seconds() if self.child else 0.0)

    @property
    def waiting_seconds(self) -> float:
        """How long all children were ready to run without a processor; NaN if unknown."""
        return self._waiting + (self.child.waiting_seconds() if self.child else 0.0)

    def living(self) -> Child:
        """Return the child, or a fresh one when it ended after its last answer.

        Raises as :meth:`fresh` does.
        """
        if self.child is not None:
            try:
                if self.child.receive(0.0) is None:
                    return self.child
            except (ChildEnded, frames.Garbled):
                pass
        return self.fresh()  # also when it spoke without being asked

    def fresh(self) -> Child:
        """End the child and return another one.

        Raises :class:`~grader.sandbox.errors.ProcessGone` where there is to be one only, and
        :class:`~grader.sandbox.errors.Fault` where it doesn't start.
        """
        self.end()
        if self._once and self._starts:
            raise ProcessGone
        self._starts += 1
        self.importing = []
        child, ended = self._begun()
        if child is None and ended is not None and from_exit(ended.code).loss is Loss.KILLED:
            child, _ = self._begun()  # somebody killed it: once more
        if child is None:
            said = self.printed[-300:].decode("utf-8", "replace")
            raise Fault(f"A student's process didn't start: {said or 'it said nothing'}.")
        return child

    def _begun(self) -> tuple[Child | None, ChildExit | None]:
        """Return a child that greeted, or ``None`` and how it ended unless the grader ended it."""
        printed = _to_write(self._printed)
        try:
            self.child = child = self._start(printed)
        finally:
            os.close(printed)
        child.send(encode(self._package, self._broken))
        try:
            frame = child.receive(_START_SECONDS)
        except (ChildEnded, frames.Garbled):
            frame = None
        if frame is not None and frame.kind == frames.READY:
            return child, None
        ended = self.end()
        return None, None if ended is None or ended.by_grader else ended

    def mark(self, frame: frames.Frame) -> bool:
        """Remember which module is being imported; return whether the frame makes sense."""
        name = frame.text[:200].decode("utf-8", "replace")
        if frame.kind == frames.IMPORTING:
            self.importing.append(name)
            return len(self.importing) < _MAX_IMPORTING
        if frame.kind == frames.IMPORTED and self.importing and self.importing[-1] == name:
            self.importing.pop()
            return True
        return False

    def lose(self, lost: Lost) -> Lost:
        """End the child, and have the next one leave out the module that it was importing."""
        self.end()
        if self.importing and lost.loss in (Loss.TIMED_OUT, Loss.DIED):
            self._broken[self.importing[-1]] = lost.loss.stage
        return lost

    def ended(self) -> Lost:
        """Return how the child ended, which has closed its pipe.

        Raises :class:`~grader.sandbox.errors.Fault` where the fork server is gone.
        """
        found = self.end()
        if found is not None and found.by_grader:
            return Lost(Loss.DIED, "The process closed its pipe.")
        return from_exit(found.code if found else None)

    def end(self) -> ChildExit | None:
        """End the child, if there is one, and add up what it used."""
        if self.child is None:
            return None
        child, self.child = self.child, None
        self._waiting += child.waiting_seconds()
        ended = child.close()
        self._cpu += ended.cpu_seconds
        self.max_rss_mb = max(self.max_rss_mb, ended.max_rss_kb / 1024)
        return ended

    def close(self) -> None:
        """End the child and close the file that it printed into; :attr:`printed` stays.

        Where the fork server is gone, so is the child: what it used stays unknown.
        """
        try:
            with contextlib.suppress(Fault):
                self.end()
        finally:
            _ = self.printed
            os.close(self._printed)
            self._printed = -1


def _to_write(printed: int) -> int:
    """Return a descriptor that what is printed can be written with, and not read.

    What an earlier process printed would be a memory from one to the next.
    """
    try:
        return os.open(f"/proc/self/fd/{printed}", os.O_WRONLY | os.O_APPEND)
    except OSError:  # a system without /proc, where nothing is confined
        return os.dup(printed)


def _peek(fd: int, limit: int) -> bytes:
    """Return the file's first bytes; its offset, shared with the child, stays where it was."""
    if hasattr(os, "pread"):
        return os.pread(fd, limit, 0)
    place = os.lseek(fd, 0, os.SEEK_CUR)
    os.lseek(fd, 0, os.SEEK_SET)
    try:
        return os.read(fd, limit)
    finally:
        os.lseek(fd, place, os.SEEK_SET)
