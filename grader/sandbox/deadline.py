"""How long a child may take for one run, in CPU time and in wall time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from grader.sandbox.losses import Loss, Lost

#: Wall limits are this many times the CPU limits.
WALL = 5.0
#: A run that passes its CPU limit by less than this factor is near it: load alone can do that.
NEAR = 1.25
#: The shortest wait between two looks at the CPU clock, in seconds.
_TICK = 0.002
#: A wait that takes this many seconds longer than asked says that the grader itself was stopped.
_LATE = 1.0


class Clocked(Protocol):
    """A process whose CPU time can be read."""

    def cpu_seconds(self) -> float: ...
    def waiting_seconds(self) -> float: ...


class Deadline:
    """Limits for *child* from now on: seconds of CPU time and, by :data:`WALL`, of wall time.

    The child is ended when it has used :data:`NEAR` times *cpu*, so that a run near its limit is
    told from one without end.
    """

    def __init__(self, child: Clocked, cpu: float) -> None:
        self._child = child
        self._cpu_limit, self._wall_limit = cpu, WALL * cpu
        self._began, self._cpu_began = time.monotonic(), child.cpu_seconds()
        self._cpu = self._wall = 0.0

    def look(self) -> None:
        """Read the clocks."""
        self._cpu = self._child.cpu_seconds() - self._cpu_began
        self._wall = time.monotonic() - self._began

    def passed(self) -> Lost | None:
        """Read the clocks; return the loss if a limit is passed."""
        self.look()
        if self._cpu >= NEAR * self._cpu_limit:
            return Lost(Loss.TIMED_OUT, self._too_much)
        if self._wall < self._wall_limit:
            return None
        if self._asleep() or self._cpu >= self._cpu_limit / 2:
            return Lost(Loss.DOUBTFUL, f"It took more than {self._wall_limit:g} s.")
        return Lost(Loss.STARVED)

    def late(self) -> Lost | None:
        """Return the loss if an answer that has just come took more than the CPU limit.

        A child that goes on with its next run adds to the clock, and so does a loaded machine.
        """
        self.look()
        return Lost(Loss.DOUBTFUL, self._too_much) if self._cpu > self._cpu_limit else None

    @property
    def _too_much(self) -> str:
        return f"It ran for more than {self._cpu_limit:g} s."

    @property
    def cpu(self) -> float:
        """CPU seconds at the last look."""
        return self._cpu

    @property
    def excess(self) -> float:
        """CPU seconds beyond the limit, at the last look: at most those that the grader allowed."""
        return min(max(self._cpu - self._cpu_limit, 0.0), (NEAR - 1) * self._cpu_limit)

    @property
    def wall(self) -> float:
        """Wall seconds at the last look, without those in which the grader itself was stopped."""
        return self._wall

    def _asleep(self) -> bool:
        """Say whether the child slept for most of its wall time (in a deadlock, for example).

        The time that it was ready to run but had no processor counts for earlier runs, too. So a
        sleeping child can look as if it had been starved: the retry decides.
        """
        return self._wall - self._cpu - self._child.waiting_seconds() > self._wall / 2

    def left(self) -> float:
        """Return the seconds to wait, as of the last look, before the clocks are read again."""
        cpu = max(NEAR * self._cpu_limit - self._cpu, _TICK)
        return max(min(cpu, self._wall_limit - self._wall), 0.0)

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """Leave out what the block takes beyond *seconds*: the grader was stopped, or suspended."""
        began = time.monotonic()
        yield
        surplus = time.monotonic() - began - seconds
        if surplus > _LATE:
            self._began += surplus

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave out the wall time of the block, in which the child waits for the grader."""
        began = time.monotonic()
        yield
        self._began += time.monotonic() - began
