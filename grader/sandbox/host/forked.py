"""A child of the fork server, from the grader's side: bytes in, frames out, and its end."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import time

from grader.model.assignment import Limits
from grader.sandbox.errors import ChildEnded, ChildExit
from grader.sandbox.host.forkserver import ForkServer
from grader.sandbox.protocol import frames

_CPUCLOCK_SCHED = 2
#: The flag of /proc/PID/stat that a process has from the beginning of its end.
_PF_EXITING = 4
#: How long a process that is ending is waited for, and one that doesn't look like it, in seconds.
_END_SECONDS, _TICK = 10.0, 0.05


class ForkedProcess:
    """A child of the fork server. *printed* is the descriptor that its prints go to.

    *mode* is one of :data:`~grader.sandbox.protocol.control.MODES`. Raises
    :class:`~grader.sandbox.errors.Fault` where no process can be started.
    """

    def __init__(
        self, server: ForkServer, mode: str, level: str, limits: Limits, printed: int
    ) -> None:
        self._server = server
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        try:
            self._pid, self._pidfd = server.fork(
                mode, level, limits, (theirs_in, theirs_out, printed)
            )
        except BaseException:
            os.close(self._in)
            os.close(self._out)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._pid_here = _pid_here(self._pidfd)
        # The kernel's name of a process's CPU clock, as clock_getcpuclockid(3) makes it.
        self._clock = (~self._pid_here << 3) | _CPUCLOCK_SCHED
        self._decoder = frames.Decoder()
        self._pending: list[memoryview] = []
        self._last_cpu = 0.0
        self._ended = False
        self._poll = select.poll()
        self._poll.register(self._in, select.POLLIN)

    def send(self, *messages: bytes) -> None:
        """Queue messages; they go out here and while :meth:`receive` waits."""
        self._pending += [memoryview(message) for message in messages]
        self._flush()

    def receive(self, seconds: float) -> frames.Frame | None:
        """Return the next frame, or ``None`` when *seconds* have passed.

        Raises :class:`~grader.sandbox.errors.ChildEnded` at the end of the pipe, and
        :class:`~grader.sandbox.protocol.frames.Garbled` for bytes that are no frame.
        """
        until = time.monotonic() + seconds
        while True:
            frame = self._decoder.next()
            if frame is not None:
                return frame
            if not self._poll.poll(max(0.0, until - time.monotonic()) * 1000):
                return None
            if self._pending:
                self._flush()
            self._fill()

    def _fill(self) -> None:
        try:
            count = os.readv(self._in, [self._decoder.space()])
        except BlockingIOError:
            return
        if count == 0:
            self._ended = True
            raise ChildEnded
        self._decoder.took(count)

    def _flush(self) -> None:
        try:
            while self._pending:
                self._sent(os.writev(self._out, self._pending))
        except BlockingIOError:
            self._poll.register(self._out, select.POLLOUT)
            return
        except BrokenPipeError:
            self._pending.clear()
        with contextlib.suppress(KeyError):
            self._poll.unregister(self._out)

    def _sent(self, count: int) -> None:
        while self._pending and count >= len(self._pending[0]):
            count -= len(self._pending.pop(0))
        if count:
            self._pending[0] = self._pending[0][count:]

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far; the last known one after the end."""
        with contextlib.suppress(OSError):
            self._last_cpu = time.clock_gettime(self._clock)
        return self._last_cpu

    def waiting_seconds(self) -> float:
        """Return how long the child was runnable but not scheduled; NaN if unknown."""
        try:
            with open(f"/proc/{self._pid_here}/schedstat") as stat:  # noqa: PTH123
                return int(stat.read().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return math.nan

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> ChildExit:
        """Kill the child if it still runs, give back its descriptors, say how it ended.

        Raises :class:`~grader.sandbox.errors.Fault` where the fork server is gone.
        """
        self.cpu_seconds()
        by_grader = not self._ended_itself()
        if by_grader:
            self.kill()
        for fd in (self._in, self._out, self._pidfd):
            os.close(fd)
        return self._server.exit_of(self._pid)._replace(by_grader=by_grader)

    def _ended_itself(self) -> bool:
        """Say whether the child has ended, or is ending, without the grader's doing."""
        if not self._ended:
            return _ready(self._pidfd, 0.0)
        # Its pipe is closed: by its end, which then is under way, or by its own hand.
        return _ready(self._pidfd, _END_SECONDS if _exiting(self._pid_here) else _TICK)


def _ready(fd: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _exiting(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return bool(int(stat.read().rpartition(")")[2].split()[6]) & _PF_EXITING)
    except (OSError, ValueError, IndexError):
        return False


def _pid_here(pidfd: int) -> int:
    """Return a pidfd's pid as this process sees it: the child may have a namespace of its own."""
    with open(f"/proc/self/fdinfo/{pidfd}") as info:  # noqa: PTH123 - once for every submission
        return next(int(line.split()[1]) for line in info if line.startswith("Pid:"))
