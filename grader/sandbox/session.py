"""One submission in its process: runs are asked, replies come, limits are kept."""

from __future__ import annotations

import json
import os
import secrets
import signal
import time
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol

from grader.model.assignment import Limits
from grader.model.programs import Failure
from grader.sandbox.batch import Batch
from grader.sandbox.errors import ChildEnded, ChildExit, Fault, ProcessGone
from grader.sandbox.package import Package, encode
from grader.sandbox.protocol import frames
from grader.sandbox.reply import Reply

#: Wall limits are this many times the CPU limits.
WALL = 5.0
_START_SECONDS = 30.0
_MAX_MARKS = 1000
_NO_ANSWER = "The process sent something that is no answer."


class Child(Protocol):
    def send(self, *messages: bytes) -> None: ...
    def receive(self, seconds: float) -> frames.Frame | None: ...
    def cpu_seconds(self) -> float: ...
    def waiting_seconds(self) -> float: ...
    def close(self) -> ChildExit: ...


class Substitute(Protocol):
    """What answers for the functions of a package that aren't the student's."""

    def answer(self, asked: frames.Frame) -> bytes: ...


class Usage(NamedTuple):
    """What a session used, over all its processes."""

    cpu_seconds: float
    wall_seconds: float
    max_rss_mb: float


class Lost(NamedTuple):
    """Why a process gave no answer: ``timed_out``, ``died``, ``out_of_memory``; ``slow`` or
    ``stale``, which call for another try: too little processor time, an answer to nothing asked.
    """

    stage: str
    text: str


class Session:
    """Holds one package in a fresh process; replaces the process when a run ends it.

    *reference* answers for the functions that the package names as replaced. With *once* the process
    isn't replaced: asking on raises :class:`~grader.sandbox.errors.ProcessGone`. *stock* names the runs
    that every process has from the start.
    """

    def __init__(
        self,
        start: Callable[[int], Child],
        limits: Limits,
        package: Package,
        printed: int,
        reference: Substitute | None = None,
        *,
        once: bool = False,
        preloaded: Collection[bytes] = (),
    ) -> None:
        self._reference, self._once, self._preloaded = reference, once, preloaded
        self._start, self._limits, self._package = start, limits, package
        self._printed, self._text = printed, b""
        self._child: Child | None = None
        self._began = time.perf_counter()
        self._cpu = self._rss = 0.0
        self._broken: dict[str, str] = {}
        self._overran: set[frozenset[str]] = set()
        self._importing: list[str] = []
        self._starts = 0
        self._ticket = 0
        self.usage = Usage(0.0, 0.0, 0.0)
        self._fresh()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def printed(self) -> bytes:
        """What was printed so far, at most ``output_kb``."""
        if self._printed >= 0:
            self._text = _peek(self._printed, self._limits.output_kb << 10)
        return self._text

    def text(self, path: str) -> bytes | None:
        """Return the student's own text of the package's file *path*, if there is one."""
        return self._package.files.get(path)

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]:
        """Take the runs of *batch* in order and return a reply for each.

        Each may use *seconds* of CPU time, where they are fewer than the limits say.

        Never raises for what a child does. Raises :class:`~grader.sandbox.errors.Fault` when
        the grader's own side broke or the machine was too loaded to judge a run.
        """
        if self._once and self._child is None:
            raise ProcessGone
        replies: dict[int, Reply] = {}
        todo = list(range(len(batch.runs)))
        repeated = False
        while todo:
            todo = self._skip(batch, todo, replies)
            if not todo:
                break
            child = self._living()
            self._send(child, batch, todo)
            while todo:
                found = self._await(child, seconds=seconds)
                if isinstance(found, Lost) and found.stage == "stale" and not repeated:
                    repeated = True  # an earlier question may have written it: not this one's fault
                    break
                if isinstance(found, Lost) and found.stage == "stale":
                    found = Lost("died", found.text)
                if isinstance(found, Lost) and found.stage == "slow":
                    found = self._again(batch, todo[0])
                index = todo.pop(0)
                run = batch.runs[index]
                if isinstance(found, frames.Frame):
                    replies[index] = Reply(
                        run, found.text, found.data, self._package.lines, batch.words[index]
                    )
                    if self._child is child:
                        continue
                else:
                    if found.stage == "timed_out":
                        self._overran.add(batch.targets[index])
                    failure = Failure(found.stage, text=found.text)
                    replies[index] = Reply.failed(run, failure)
                break
        return [replies[index] for index in range(len(batch.runs))]

    def _send(self, child: Child, batch: Batch, wanted: Sequence[int]) -> None:
        self._ticket = 1 + secrets.randbelow((1 << 24) - 1)
        child.send(
            frames.frame(frames.TICKET, b"%d" % self._ticket),
            batch.message(wanted, self._preloaded),
        )

    def relay(self, message: bytes) -> frames.Frame | None:
        """Send one call to the process; return its answer, or ``None`` if it gave none."""
        child = self._living()
        child.send(message)
        found = self._await(child, frames.ANSWERED)
        return found if isinstance(found, frames.Frame) else None

    def sealed_answers(self) -> dict[str, bytes]:
        """Return, by function, the envelopes of what a rehearsal's process has answered itself."""
        found = self.relay(frames.frame(frames.SEALED, b""))
        if found is None:
            return {}
        sealed_answers, at = {}, 0
        for target, size in json.loads(found.text).items():
            sealed_answers[target] = found.data[at : at + size]
            at += size
        return sealed_answers

    def _skip(self, batch: Batch, todo: list[int], replies: dict[int, Reply]) -> list[int]:
        """Answer at once for runs that have no time left or call what has overrun before."""
        kept = []
        spent = self._spent() >= self._limits.submission_cpu_seconds
        for index in todo:
            if spent:
                text = f"The submission's {self._limits.submission_cpu_seconds:g} s were used up."
            elif batch.targets[index] in self._overran:
                text = "The same call passed its time limit before and wasn't run again."
            else:
                kept.append(index)
                continue
            run = batch.runs[index]
            failure = Failure("timed_out", text=text)
            replies[index] = Reply.failed(run, failure)
        return kept

    def _again(self, batch: Batch, index: int) -> frames.Frame | Lost:
        """Repeat a run alone that ran out of wall time with little CPU time."""
        child = self._fresh()
        self._send(child, batch, [index])
        found = self._await(child)
        if isinstance(found, Lost) and found.stage == "stale":
            return Lost("died", found.text)
        if isinstance(found, Lost) and found.stage == "slow":
            raise Fault(
                "A run got less than half of its processor time, twice. The machine is too "
                "loaded: grade again with fewer workers."
            )
        return found

    def _await(
        self, child: Child, wanted: int = frames.OUTCOMES, seconds: float | None = None
    ) -> frames.Frame | Lost:
        """Wait for one run's outcomes within its limits; the child is ended if there are none."""
        marks = 0
        began, cpu_began = time.monotonic(), child.cpu_seconds()
        left = self._limits.submission_cpu_seconds - self._spent()
        cpu_limit = min(seconds or self._limits.question_cpu_seconds, max(left, 0.01))
        wall_limit = WALL * cpu_limit
        while True:
            cpu = child.cpu_seconds() - cpu_began
            wall = time.monotonic() - began
            if cpu >= cpu_limit:
                return self._lose("timed_out", f"It ran for more than {cpu_limit:g} s.")
            if wall >= wall_limit:
                # Neither running nor ready to run: it waits for something that never comes. What
                # earlier runs waited for a processor is in the sum: then another try decides.
                asleep = wall - cpu - child.waiting_seconds() > wall / 2
                if asleep or cpu >= cpu_limit / 2:
                    return self._lose("timed_out", f"It took more than {wall_limit:g} s.")
                return self._lose("slow", "")
            try:
                frame = child.receive(min(max(cpu_limit - cpu, 0.002), wall_limit - wall))
            except ChildEnded:
                return self._lose("", "")
            except frames.Garbled as error:
                return self._lose("died", f"The process {error}.")
            if frame is None:
                continue
            if frame.kind == frames.OUTCOMES == wanted and frame.ticket != self._ticket:
                return self._lose("stale", _NO_ANSWER)
            if frame.kind == wanted:
                return frame
            if frame.kind == frames.CALLING and self._reference is not None:
                asked = time.monotonic()
                child.send(self._reference.answer(frame))
                began += time.monotonic() - asked  # the child can't help how long that takes
                continue
            marks += 1
            if marks > _MAX_MARKS or not self._mark(frame):
                return self._lose("died", _NO_ANSWER)

    def _mark(self, frame: frames.Frame) -> bool:
        """Remember which module is being imported; return whether the frame makes sense."""
        name = frame.text[:200].decode("utf-8", "replace")
        if frame.kind == frames.IMPORTING:
            self._importing.append(name)
            return len(self._importing) < 100
        if frame.kind == frames.IMPORTED and self._importing and self._importing[-1] == name:
            self._importing.pop()
            return True
        return False

    def _lose(self, stage: str, text: str) -> Lost:
        """End the process; say why a run has no answer. No *stage*: it ended by itself."""
        ended = self._end()
        if not stage:
            stage, text = _how(ended)
        if self._importing and stage in ("timed_out", "died"):
            self._broken[self._importing[-1]] = stage
        return Lost(stage, text)

    def _living(self) -> Child:
        """Return the process, or a fresh one when it ended after its last answer."""
        if self._child is not None:
            try:
                if self._child.receive(0.0) is None:
                    return self._child
            except (ChildEnded, frames.Garbled):
                pass
        return self._fresh()  # also when it spoke without being asked

    def _fresh(self) -> Child:
        self._end()
        if self._once and self._starts:
            raise ProcessGone
        self._starts += 1
        self._importing = []
        child = self._start(self._printed)
        self._child = child
        child.send(encode(self._package, self._broken))
        try:
            frame = child.receive(_START_SECONDS)
        except (ChildEnded, frames.Garbled):
            frame = None
        if frame is None or frame.kind != frames.READY:
            said = self.printed[-300:].decode("utf-8", "replace")
            self._end()
            raise Fault(f"A student's process didn't start: {said or 'it said nothing'}.")
        return child

    def _spent(self) -> float:
        return self._cpu + (self._child.cpu_seconds() if self._child else 0.0)

    def _end(self) -> ChildExit | None:
        if self._child is None:
            return None
        child, self._child = self._child, None
        ended = child.close()
        self._cpu += ended.cpu_seconds
        self._rss = max(self._rss, ended.max_rss_kb / 1024)
        return ended

    def close(self) -> None:
        """End the process and fill in ``usage``. Calling it again does nothing."""
        if self._printed < 0:
            return
        self._end()
        self.usage = Usage(self._cpu, time.perf_counter() - self._began, self._rss)
        _ = self.printed
        os.close(self._printed)
        self._printed = -1


def _how(ended: ChildExit | None) -> tuple[str, str]:
    """Return the stage and the words for a process that ended by itself."""
    if ended is None:
        return "died", "The process ended."
    if ended.code >= 0:
        return "died", f"The process ended itself with exit status {ended.code}."
    name = signal.Signals(-ended.code).name
    if name == "SIGXCPU":
        return "timed_out", "It used up the submission's processor time."
    return "died", f"The process was ended by {name}."


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
