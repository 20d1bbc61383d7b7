"""The sandbox: finds the strongest level that holds, starts sessions in it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING

from grader.model.assignment import Limits
from grader.model.checks import Part
from grader.sandbox.batch import Batch
from grader.sandbox.errors import Fault, Refused
from grader.sandbox.host.fresh import PlainChild
from grader.sandbox.package import Package, shared
from grader.sandbox.protocol.levels import CELLS, CODE, CONFINED, KERNEL, LEVELS
from grader.sandbox.reference import Bounds, Oracle
from grader.sandbox.session import Child, Session

if TYPE_CHECKING:
    from grader.sandbox.host.forkserver import Nursery

_WAY_OUT = (
    "`grader doctor` says what this machine has and what it would take. To run the code without "
    "isolation, on your own work only, say --allow-unsandboxed."
)

_NO_KERNEL = (
    "--engine kernel runs notebooks at the isolation level {level} only, which isn't to be had "
    "here ({reason}): install what is missing of bubblewrap, on a host that allows namespaces, and "
    "ipykernel, beside the grader, or grade with --engine cells."
)


class Sandbox:
    """Runs submissions, each in a fresh process, at one isolation level.

    *level* ``None`` takes the strongest that the canaries prove. ``process`` and ``none`` hold
    nothing back and need *allow_unsandboxed*. Raises
    :class:`~grader.sandbox.errors.Refused` when the level isn't to be had. Without *wait* it
    returns while the first zygote starts, which takes as long as importing numpy does, and
    :meth:`settle` must be called before anything else.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        level: str | None = None,
        allow_unsandboxed: bool = False,
        wait: bool = True,
    ) -> None:
        self._limits, self._asked = limits, level
        self._nursery: Nursery | None = None
        self._notebooks: Nursery | None = None
        self._stock: frozenset[bytes] = frozenset()
        self._levels = self._order(level, allow_unsandboxed)
        self._first = _begin(self._levels[0])
        self.level = ""
        if wait:
            self.settle()

    def _order(self, level: str | None, allow_unsandboxed: bool) -> list[str]:
        """Return the levels to try, strongest first."""
        if level is not None and level not in LEVELS:
            known = ", ".join(LEVELS)
            raise Refused(f"There is no isolation level {level!r}; there are {known}.", "unknown")
        if level is not None and level not in CONFINED and not allow_unsandboxed:
            why = f"The isolation level {level} holds nothing back."
            raise Refused(f"{why} {_WAY_OUT}", why)
        if level is not None:
            return [level]
        return [each for each in reversed(LEVELS) if allow_unsandboxed or each in CONFINED]

    def settle(self) -> None:
        """Find the level. Raises :class:`~grader.sandbox.errors.Refused` if none is to be had."""
        reasons = []
        for number, candidate in enumerate(self._levels):
            nursery, why = _begin(candidate) if number else self._first
            why = why or _prove(nursery, candidate, self._limits)
            if not why:
                self._nursery, self.level = nursery, candidate
                return
            reasons.append(why if self._asked else f"{candidate}: {why}")
        asked = self._asked
        held = f"The isolation level {asked} isn't" if asked else "No level that holds is"
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
        are other than the sandbox's own. Raises :class:`~grader.sandbox.errors.Fault` where a
        package's notebook needs a process that can't be started.
        """
        limits = limits or self._limits
        nursery = self._for_notebooks() if package.notebook else self._nursery

        def child(printed: int) -> Child:
            if nursery is None:
                return PlainChild(limits, printed)
            from grader.sandbox.host.forked import ForkedChild

            return ForkedChild(nursery, "serve", self.level, limits, printed)

        stock = self._stock if nursery is self._nursery else frozenset()
        return self._session(child, limits, package, oracle, stock=stock)

    def stock(self, batches: Iterable[Batch], course: Package) -> None:
        """Have every child from now on hold the runs of *batches* and *course*'s given functions.

        They needn't be sent and decoded, or compiled, for each. At the level ``none`` no process
        is another's child: there it does nothing. Raises :class:`~grader.sandbox.errors.Fault`.
        """
        if self._nursery is None:
            return
        runs = {name: frames for batch in batches for name, frames in batch.stock().items()}
        self._nursery.take(b"".join((*runs.values(), *shared(course))))
        self._stock |= frozenset(runs)

    @contextmanager
    def kernel(self, package: Package, limits: Limits) -> Iterator[Session]:
        """Give a session whose process is a Jupyter kernel that runs the package's ``sheet``.

        The kernel has namespaces, a file system and a folder to write in of its own, which end
        with the session. Raises :class:`~grader.sandbox.errors.Refused` where that isn't to be
        had: only the strongest level may have the threads and sockets that a kernel needs.
        """
        nursery = self._for_kernel()
        from grader.sandbox.host.forked import ForkedChild

        def child(printed: int) -> Child:
            return ForkedChild(nursery, "kernel", self.level, limits, printed)

        try:
            with self._session(child, limits, package, once=True) as session:
                yield session
        finally:
            nursery.close()

    def try_kernel(self) -> None:
        """Raise :class:`~grader.sandbox.errors.Refused` where no kernel is to be had."""
        self._for_kernel().close()

    def oracle(
        self, reference: Package, parts: Sequence[Part], bounds: Bounds | None = None
    ) -> Oracle:
        """Return an oracle that answers for *parts* from *reference*, in a process of its own."""
        return Oracle(lambda: self.start(reference), parts, bounds or Bounds())

    def _session(
        self,
        child: Callable[[int], Child],
        limits: Limits,
        package: Package,
        oracle: Oracle | None = None,
        *,
        once: bool = False,
        stock: Collection[bytes] = (),
    ) -> Session:
        printed = _scratch()
        try:
            return Session(child, limits, package, printed, oracle, once=once, stock=stock)
        except BaseException:
            os.close(printed)
            raise

    def _for_notebooks(self) -> Nursery | None:
        """Return the zygote that holds what notebooks need, started when first asked for.

        One of its own, so that the others stay as small and as quick to start as they are.
        """
        if self._nursery is not None and self._notebooks is None:
            self._notebooks, why = _begin(self.level, CELLS)
            why = why or _prove(self._notebooks, self.level, self._limits)
            if why:
                self._notebooks = None
                raise Fault(f"Notebooks can't be run: {why}.")
        return self._notebooks

    def _for_kernel(self) -> Nursery:
        """Return a new zygote that holds a Jupyter kernel, for one session alone."""
        level, nursery = LEVELS[-1], None
        if self.level != level:
            # Say what is wanting, if it is more than this run's own wish.
            other, reason = _begin(level)
            reason = reason or _prove(other, level, self._limits)
            if other is not None and not reason:
                other.close()
            reason = reason or f"this run asks for {self.level}"
        elif not find_spec("ipykernel"):
            reason = "ipykernel isn't installed (pip install 'assignment-grader[kernel]')"
        else:
            nursery, reason = _begin(level, KERNEL)
            reason = reason or _prove(nursery, level, self._limits, kernel=True)
        if nursery is None or reason:
            raise Refused(_NO_KERNEL.format(level=level, reason=reason), reason)
        return nursery

    def close(self) -> None:
        """End the zygotes. Sessions must have been closed."""
        first = None if self.level else self._first[0]
        for nursery in (self._nursery, self._notebooks, first):
            if nursery is not None:
                nursery.close()
        self._nursery = self._notebooks = None


def forks() -> bool:
    """Return whether this system can fork children as the levels above ``none`` need it."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def _begin(level: str, holds: str = CODE) -> tuple[Nursery | None, str]:
    """Begin to start what *level* needs; return it and "", or ``None`` and why it isn't to be had.

    At the level ``none`` nothing is needed. *holds* is one of :data:`levels.HOLDS`.
    """
    if level == "none":
        return None, ""
    if not forks():
        return None, "it needs Linux 5.3 or newer"
    from grader.sandbox.confinement import confine
    from grader.sandbox.confinement.landlock import landlock_version
    from grader.sandbox.host import bubblewrap
    from grader.sandbox.host.forkserver import Nursery

    confine.hide()
    wrapper: list[str] = []
    if level.startswith("namespaces"):
        wrapper, why = bubblewrap.command(holds)
        if why:
            return None, why
    if "landlock" in level and not landlock_version():
        return None, "the kernel has no Landlock (Linux 5.13 or newer, switched on)"
    preload = level == "seccomp-strict" or not confine.sees_library()
    return Nursery(wrapper, preload=preload, holds=holds), ""


def _prove(nursery: Nursery | None, level: str, limits: Limits, *, kernel: bool = False) -> str:
    """Wait for what was begun; return "" if the level holds, else why it doesn't: it is ended."""
    if nursery is None:
        return ""
    from grader.sandbox.host import bubblewrap, canaries

    try:
        nursery.greet()
        why = bubblewrap.shared(nursery.facts["spaces"]) if level.startswith("namespaces") else ""
        if not why and level in CONFINED:
            why = canaries.prove(nursery, level, limits, kernel=kernel)
    except Fault as fault:
        why = str(fault)
    if why:
        nursery.close()
    return why


def _scratch() -> int:
    """Return a descriptor of a file without a name, for what is printed."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("printed")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
