"""The wall time that a submission as a whole may take, over all its processes."""

from __future__ import annotations

from typing import Protocol

from grader.model.assignment import Limits
from grader.sandbox.deadline import WALL
from grader.sandbox.errors import Fault


class Used(Protocol):
    """What a session's processes have used."""

    @property
    def cpu_seconds(self) -> float: ...
    @property
    def waiting_seconds(self) -> float: ...


class WallBudget:
    """Wall seconds for a submission: :data:`WALL` times its CPU seconds.

    Counted is the time in which the grader waits for a process of the submission: not its own work
    and not the reference's. The sessions of one submission share a budget.
    """

    def __init__(self, limits: Limits) -> None:
        self.seconds = WALL * limits.submission_cpu_seconds
        self.used = 0.0
        self._processes: list[Used] = []

    def join(self, process: Used) -> None:
        """Count what *process* uses, when the budget's end is to be explained."""
        self._processes.append(process)

    @property
    def spent(self) -> bool:
        return self.used >= self.seconds

    def explain(self) -> str:
        """Return what to tell a student whose processes slept the budget away.

        Raises :class:`~grader.sandbox.errors.Fault` where they were ready, and the machine had no
        processor for them.
        """
        cpu = sum(process.cpu_seconds for process in self._processes)
        waiting = sum(process.waiting_seconds for process in self._processes)
        if self.used - cpu - waiting > self.used / 2:
            return f"The submission's {self.seconds:g} s of wall time were used up."
        raise Fault(
            f"The submission got too little processor time within {self.seconds:g} s. The machine "
            "is too loaded: grade again with fewer workers."
        )
