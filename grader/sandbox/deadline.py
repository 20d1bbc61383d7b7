"""How long a child may take for one run, in CPU time and in wall time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from grader.sandbox.losses import Loss, Lost

#: Wall limits are this many times the CPU limits.
WALL = 5.0
#: The shortest wait between two looks at the CPU clock, in seconds.
_TICK = 0.002


class Clocked(Protocol):
    """A process whose CPU time can be read."""

    def cpu_seconds(self) -> float: ...
    def waiting_seconds(self) -> float: ...


class Deadline:
    """Limits for *child* from now on: seconds of CPU time and, by :data:`WALL`, of wall time."""

    def __init__(self, child: Clocked, cpu: float) -> None:
        self._child = child
        self._cpu_limit, self._wall_limit = cpu, WALL * cpu
        self._began, self._cpu_began = time.monotonic(), child.cpu_seconds()
        self._cpu = self._wall = 0.0

    def passed(self) -> Lost | None:
        """Read the clocks; return the loss if a limit is passed."""
        self._cpu = self._child.cpu_seconds() - self._cpu_began
        self._wall = time.monotonic() - self._began
        if self._cpu >= self._cpu_limit:
            return Lost(Loss.TIMED_OUT, f"It ran for more than {self._cpu_limit:g} s.")
        if self._wall < self._wall_limit:
            return None
        if self._asleep() or self._cpu >= self._cpu_limit / 2:
            return Lost(Loss.TIMED_OUT, f"It took more than {self._wall_limit:g} s.")
        return Lost(Loss.STARVED)

    def _asleep(self) -> bool:
        """Say whether the child slept for most of its wall time (in a deadlock, for example).

        The time that it was ready to run but had no processor counts for earlier runs, too. So a
        sleeping child can look as if it had been starved: the retry decides.
        """
        return self._wall - self._cpu - self._child.waiting_seconds() > self._wall / 2

    def left(self) -> float:
        """Return the seconds to wait, as of the last look, before the clocks are read again."""
        return min(max(self._cpu_limit - self._cpu, _TICK), self._wall_limit - self._wall)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave out the wall time of the block, in which the child waits for the grader."""
        began = time.monotonic()
        yield
        self._began += time.monotonic() - began
