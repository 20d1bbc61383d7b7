"""The sandbox: finds the strongest level that holds, starts sessions in it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from grader.model.assignment import Limits
from grader.model.checks import Part
from grader.sandbox.faults import Fault, Refused
from grader.sandbox.levels import CONFINED, LEVELS
from grader.sandbox.oracle import Oracle
from grader.sandbox.package import Package
from grader.sandbox.plain import PlainChild
from grader.sandbox.session import Child, Session

if TYPE_CHECKING:
    from grader.sandbox.nursery import Nursery

_WAY_OUT = (
    "`grader doctor` says what this machine has and what it would take. To run the code without "
    "isolation, on your own work only, say --allow-unsandboxed."
)


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
        self._nursery: Nursery | None = None
        self._notebooks: Nursery | None = None
        self.level = self._choose(level, allow_unsandboxed)

    def _choose(self, level: str | None, allow_unsandboxed: bool) -> str:
        if level is not None and level not in LEVELS:
            known = ", ".join(LEVELS)
            raise Refused(f"There is no isolation level {level!r}; there are {known}.", "unknown")
        if level is not None and level not in CONFINED and not allow_unsandboxed:
            why = f"The isolation level {level} holds nothing back."
            raise Refused(f"{why} {_WAY_OUT}", why)
        asked = [level] if level is not None else _order(allow_unsandboxed)
        reasons = []
        for candidate in asked:
            nursery, why = _try(candidate, self._limits)
            if not why:
                self._nursery = nursery
                return candidate
            reasons.append(why if level else f"{candidate}: {why}")
        held = f"The isolation level {level} isn't" if level else "No level that holds is"
        reason = "; ".join(reasons)
        raise Refused(f"{held} to be had here: {reason}. {_WAY_OUT}", reason)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(
        self, package: Package, oracle: Oracle | None = None, limits: Limits | None = None
    ) -> Session:
        """Return a session in a fresh process that holds *package* and nothing else.

        *oracle* answers for what the package names as answered; it stays the caller's. *limits*
        are other than the sandbox's own. Raises :class:`~grader.sandbox.faults.Fault` where a
        package's notebook needs a process that can't be started.
        """
        limits = limits or self._limits
        nursery = self._for_notebooks() if package.notebook else self._nursery

        def child(printed: int) -> Child:
            if nursery is None:
                return PlainChild(limits, printed)
            from grader.sandbox.child import ForkedChild

            return ForkedChild(nursery, "serve", self.level, limits, printed)

        printed = _scratch()
        try:
            return Session(child, limits, package, printed, oracle)
        except BaseException:
            os.close(printed)
            raise

    def oracle(self, reference: Package, parts: Sequence[Part]) -> Oracle:
        """Return an oracle that answers for *parts* from *reference*, in a process of its own."""
        return Oracle(self.start(reference), parts)

    def _for_notebooks(self) -> Nursery | None:
        """Return the zygote that holds what notebooks need, started when first asked for.

        One of its own, so that the others stay as small and as quick to start as they are.
        """
        if self._nursery is not None and self._notebooks is None:
            self._notebooks, why = _try(self.level, self._limits, notebook=True)
            if why:
                raise Fault(f"Notebooks can't be run: {why}.")
        return self._notebooks

    def close(self) -> None:
        """End the zygotes. Sessions must have been closed."""
        for nursery in (self._nursery, self._notebooks):
            if nursery is not None:
                nursery.close()
        self._nursery = self._notebooks = None


def forks() -> bool:
    """Return whether this system can fork children as the levels above ``none`` need it."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def _order(allow_unsandboxed: bool) -> Iterator[str]:
    for level in reversed(LEVELS):
        if allow_unsandboxed or level in CONFINED:
            yield level


def _try(level: str, limits: Limits, *, notebook: bool = False) -> tuple[Nursery | None, str]:
    """Start what *level* needs; return it and "", or ``None`` and why the level doesn't hold."""
    if level == "none":
        return None, ""
    if not forks():
        return None, "it needs Linux 5.3 or newer"
    from grader.sandbox import bubblewrap, canaries, confinement
    from grader.sandbox.nursery import Nursery

    confinement.hide()
    wrapper: list[str] = []
    if level.startswith("namespaces"):
        wrapper, why = bubblewrap.command(notebook=notebook)
        if why:
            return None, why
    if "landlock" in level and not confinement.landlock_version():
        return None, "the kernel has no Landlock (Linux 5.13 or newer, switched on)"
    preload = level == "seccomp-strict" or not confinement.sees_library()
    try:
        nursery = Nursery(wrapper, preload=preload, notebook=notebook)
    except Fault as fault:
        return None, str(fault)
    why = bubblewrap.shared(nursery.facts["spaces"]) if wrapper else ""
    if not why and level in CONFINED:
        try:
            why = canaries.prove(nursery, level, limits)
        except Fault as fault:
            why = str(fault)
    if why:
        nursery.close()
        return None, why
    return nursery, ""


def _scratch() -> int:
    """Return a descriptor of a file without a name, for what is printed."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("printed")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
