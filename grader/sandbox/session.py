"""One submission in its process: runs are asked, replies come, limits are kept."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol

from grader.model.assignment import Limits
from grader.model.programs import Failure
from grader.sandbox.batch import Batch
from grader.sandbox.budget import WallBudget
from grader.sandbox.deadline import Deadline
from grader.sandbox.errors import ChildEnded, Fault, ProcessGone
from grader.sandbox.losses import FAULTS, RETRIED_ALONE, Loss, Lost
from grader.sandbox.package import Package
from grader.sandbox.process import Child, PackageProcess
from grader.sandbox.protocol import frames
from grader.sandbox.reply import Reply

#: The most marks that a process may send while it answers one run: a module's import began, ended.
_MAX_MARKS = 1000
#: What a run may always use, so that its process can say that the submission's time is up.
_LEAST_SECONDS = 0.01
_NO_ANSWER = "The process sent something that is no answer."


class Substitute(Protocol):
    """What answers for the functions of a package that are replaced."""

    def answer(self, asked: frames.Frame) -> bytes: ...


class Usage(NamedTuple):
    """What a session used, over all its processes."""

    cpu_seconds: float
    wall_seconds: float
    max_rss_mb: float


class Session:
    """Holds one package in a fresh process, and replaces the process when a run ends it.

    *start* starts a process that prints into the descriptor *printed*, which the session closes.
    *reference* answers for the functions that the package names as replaced. With *once* there is
    one process only: when it has ended, asking raises
    :class:`~grader.sandbox.errors.ProcessGone`. *preloaded* names the runs that every process has
    from the start. *budget* is the wall time of all sessions of the submission.
    Raises :class:`~grader.sandbox.errors.Fault` where the process doesn't start.
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
        budget: WallBudget | None = None,
    ) -> None:
        self._limits, self._package = limits, package
        self._reference, self._preloaded = reference, preloaded
        self._process = PackageProcess(start, package, printed, limits.output_kb << 10, once=once)
        self._once, self._forgiven = once, 0.0
        self._budget = budget or WallBudget(limits)
        self._budget.join(self._process)
        self._last: Deadline
        self._began = time.perf_counter()
        self._overran: set[frozenset[str]] = set()
        self._ticket = 0
        self.usage = Usage(0.0, 0.0, 0.0)
        self._process.fresh()

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
    def cpu_seconds(self) -> float:
        """CPU seconds that its processes have used so far."""
        return self._process.cpu_seconds

    @property
    def used_share(self) -> float:
        """The share of the submission's CPU time that is used."""
        return 1 - self._left() / self._limits.submission_cpu_seconds

    @property
    def printed(self) -> bytes:
        """What was printed so far, at most ``output_kb``."""
        return self._process.printed

    def text(self, path: str) -> bytes | None:
        """Return the student's own text of the package's file *path*, if there is one."""
        return self._package.files.get(path)

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]:
        """Ask the runs of *batch* in order and return a reply for each.

        Each run may use *seconds* of CPU time, by default the question's limit. Whatever the child
        does is told in a reply. Raises :class:`~grader.sandbox.errors.Fault` when the grader's own
        side broke or the machine was too loaded to judge a run, and
        :class:`~grader.sandbox.errors.ProcessGone` when a process that isn't replaced has ended.
        """
        if self._process.gone:
            raise ProcessGone
        replies: dict[int, Reply] = {}
        repeated = False
        while todo := self._todo(batch, replies):
            lost = self._stream(batch, todo, replies, seconds)
            if lost is None or self._budget.spent:
                continue  # either all are answered or no time is left for the rest
            if lost.loss is Loss.UNASKED and not repeated:
                repeated = True  # an earlier run may have written it: the rest is asked again
                continue
            index = next(index for index in todo if index not in replies)
            replies[index] = self._settled(batch, index, lost, seconds)
        return [replies[index] for index in range(len(batch.runs))]

    def _todo(self, batch: Batch, replies: dict[int, Reply]) -> list[int]:
        """Return the runs to ask; answer at once those that no time is left for.

        Raises :class:`~grader.sandbox.errors.Fault` where the machine took that time.
        """
        spent = ""
        if self._left() <= _LEAST_SECONDS:
            spent = f"The submission's {self._limits.submission_cpu_seconds:g} s were used up."
        elif self._budget.spent and len(replies) < len(batch.runs):
            spent = self._budget.explain()
        todo = []
        for index in range(len(batch.runs)):
            if index in replies:
                continue
            if spent:
                text = spent
            elif batch.targets[index] in self._overran:
                text = "The same call passed its time limit before and wasn't run again."
            else:
                todo.append(index)
                continue
            replies[index] = _failed(batch, index, Lost(Loss.TIMED_OUT, text))
        return todo

    def _stream(
        self, batch: Batch, todo: Sequence[int], replies: dict[int, Reply], seconds: float | None
    ) -> Lost | None:
        """Ask all runs of *todo* at once and keep the replies; return how the next one was lost."""
        child = self._process.living()
        self._send(child, batch, todo)
        for index in todo:
            found = self._await(child, seconds=seconds)
            if isinstance(found, Lost):
                return found
            replies[index] = self._reply(batch, index, found)
            if self._budget.spent:
                self._process.end()
                break
        return None

    def _settled(self, batch: Batch, index: int, lost: Lost, seconds: float | None) -> Reply:
        """Return the reply of a run that was lost, after a second try where that is called for."""
        if self._once and lost.loss in FAULTS:
            raise Fault(FAULTS[lost.loss])
        again = lost.loss in RETRIED_ALONE and not self._once
        if again:
            self._forgiven += self._last.cpu
        found = self._alone(batch, index, seconds) if again else lost
        if isinstance(found, frames.Frame):
            return self._reply(batch, index, found)
        if found.loss in (Loss.TIMED_OUT, Loss.DOUBTFUL):
            if self._left() > 0:  # what the grader allowed it beyond its limit isn't counted
                self._forgiven += self._last.excess
            self._overran.add(batch.targets[index])
        return _failed(batch, index, found)

    def _reply(self, batch: Batch, index: int, found: frames.Frame) -> Reply:
        lines, words = self._package.lines, batch.words[index]
        return Reply(batch.runs[index], found.text, found.data, lines, words)

    def _alone(self, batch: Batch, index: int, seconds: float | None) -> frames.Frame | Lost:
        """Ask one run in a fresh process; what the first try used isn't counted.

        Raises Fault when the machine starves that one, or kills it, too.
        """
        child = self._process.fresh()
        self._send(child, batch, [index])
        found = self._await(child, seconds=seconds)
        if isinstance(found, Lost) and found.loss in FAULTS:
            raise Fault(FAULTS[found.loss])
        return found

    def _send(self, child: Child, batch: Batch, wanted: Sequence[int]) -> None:
        self._ticket = 1 + secrets.randbelow((1 << 24) - 1)
        child.send(
            frames.frame(frames.TICKET, b"%d" % self._ticket),
            *batch.message(wanted, self._preloaded),
        )

    def relay(self, message: bytes) -> frames.Frame | None:
        """Send one call to the process; return its answer, or ``None`` if it gave none.

        Raises :class:`~grader.sandbox.errors.Fault` where a process has to start, and doesn't, and
        where the machine starved or killed it: what it holds for later calls is lost.
        """
        child = self._process.living()
        child.send(message)
        found = self._await(child, frames.ANSWERED)
        if isinstance(found, Lost) and found.loss in FAULTS:
            raise Fault(FAULTS[found.loss])
        return found if isinstance(found, frames.Frame) else None

    def sealed_answers(self) -> dict[str, bytes]:
        """Return, by function, the sealed answers of a process that prefills the answer cache.

        Raises :class:`~grader.sandbox.errors.Fault`, as :meth:`relay` does.
        """
        found = self.relay(frames.frame(frames.SEALED, b""))
        if found is None:
            return {}
        sealed_answers, at = {}, 0
        for target, size in json.loads(found.text).items():
            sealed_answers[target] = found.data[at : at + size]
            at += size
        return sealed_answers

    def _await(
        self, child: Child, wanted: int = frames.OUTCOMES, seconds: float | None = None
    ) -> frames.Frame | Lost:
        """Wait for the frame of the kind *wanted*; without one the child is ended."""
        deadline = Deadline(child, self._cpu_limit(seconds))
        try:
            return self._outcome(child, wanted, deadline)
        finally:
            self._budget.used += deadline.wall
            self._last = deadline

    def _outcome(self, child: Child, wanted: int, deadline: Deadline) -> frames.Frame | Lost:
        marks = 0
        while True:
            frame = self._next(child, deadline)
            if isinstance(frame, Lost):
                return self._process.lose(self._told(frame))
            if frame.kind == wanted:
                lost = deadline.late()
                if lost is not None and wanted == frames.OUTCOMES and not self._once:
                    return self._process.lose(lost)
                if wanted == frames.OUTCOMES and frame.ticket != self._ticket:
                    return self._process.lose(Lost(Loss.UNASKED, _NO_ANSWER))
                return frame
            if frame.kind == frames.CALLING and self._reference is not None:
                with deadline.paused():
                    child.send(self._reference.answer(frame))
                continue
            marks += 1
            if marks > _MAX_MARKS or not self._process.mark(frame):
                return self._process.lose(Lost(Loss.DIED, _NO_ANSWER))

    def _cpu_limit(self, seconds: float | None) -> float:
        limit = seconds or self._limits.question_cpu_seconds
        return min(limit, max(self._left(), _LEAST_SECONDS))

    def _left(self) -> float:
        """Return the CPU seconds that the submission still has."""
        used = self._process.cpu_seconds - self._forgiven
        return self._limits.submission_cpu_seconds - used

    def _told(self, lost: Lost) -> Lost:
        """Tell a process that the kernel killed for its CPU time from one that somebody killed."""
        if lost.loss is Loss.KILLED and self._left() <= _LEAST_SECONDS:
            return Lost(Loss.TIMED_OUT, "It used up the submission's processor time.")
        return lost

    def _next(self, child: Child, deadline: Deadline) -> frames.Frame | Lost:
        """Return the child's next frame, whatever its kind, or why there is none in time."""
        try:
            while True:
                seconds = deadline.left()
                with deadline.waiting(seconds):
                    frame = child.receive(seconds)
                if frame is not None:
                    return frame
                lost = deadline.passed()
                if lost is not None:  # an answer that came while the clocks were read counts
                    return child.receive(0.0) or lost
        except ChildEnded:
            return self._process.ended()
        except frames.Garbled as error:
            return Lost(Loss.DIED, f"The process {error}.")

    def close(self) -> None:
        """End the process and fill in ``usage``. Calling it again does nothing."""
        if self._process.closed:
            return
        self._process.close()
        wall = time.perf_counter() - self._began
        self.usage = Usage(self._process.cpu_seconds, wall, self._process.max_rss_mb)


def _failed(batch: Batch, index: int, lost: Lost) -> Reply:
    run = batch.runs[index]
    return Reply.failed(run, Failure(lost.loss.stage, text=lost.text))
