"""The sandbox: finds the strongest level that holds, starts sessions in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING

from grader.model.assignment import Limits
from grader.model.checks import Replaceable
from grader.sandbox import refusals
from grader.sandbox.batch import Batch
from grader.sandbox.budget import WallBudget
from grader.sandbox.errors import Fault
from grader.sandbox.host import startup
from grader.sandbox.host.fresh import FreshProcess
from grader.sandbox.package import Package, shared
from grader.sandbox.process import Child
from grader.sandbox.protocol.levels import CELLS, CODE, KERNEL, LEVELS, PAGES
from grader.sandbox.reference import ReferenceSession, Terms
from grader.sandbox.session import Session

if TYPE_CHECKING:
    from grader.sandbox.code_reading import ReadCode
    from grader.sandbox.conversion import CellText, Converted
    from grader.sandbox.host.forkserver import ForkServer


class Sandbox:
    """Runs submissions, each in a fresh process, at one isolation level.

    *level* ``None`` takes the strongest that the trial attacks prove. ``process`` and ``none`` hold
    nothing back and need *allow_unsandboxed*. Raises
    :class:`~grader.sandbox.errors.IsolationUnavailable` when the machine can't provide the level.
    Without *wait* the constructor returns while the first fork server starts, which takes as long
    as importing numpy does, and :meth:`settle` must be called before anything else.
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
        self._server: ForkServer | None = None
        #: Other fork servers, started when they are first needed: by what is needed of them.
        self._others: dict[str, ForkServer] = {}
        self._preloaded: frozenset[bytes] = frozenset()
        self._preloads: list[tuple[tuple[Batch, ...], Package]] = []
        self._levels = refusals.order(level, allow_unsandboxed)
        self._first = startup.begin(self._levels[0])
        self.level = ""
        if wait:
            self.settle()

    def settle(self) -> None:
        """Find the level that holds.

        Raises :class:`~grader.sandbox.errors.IsolationUnavailable` where none does.
        """
        reasons = []
        for number, candidate in enumerate(self._levels):
            first = None if number else self._first
            server, why = startup.started(candidate, self._limits, first=first)
            if not why:
                self._server, self.level = server, candidate
                return
            reasons.append(why if self._asked else f"{candidate}: {why}")
        raise refusals.none_holds(self._asked, reasons)

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
        self,
        package: Package,
        reference: ReferenceSession | None = None,
        limits: Limits | None = None,
        budget: WallBudget | None = None,
        *,
        bare: bool = False,
    ) -> Session:
        """Return a session in a fresh process that holds *package* and what is preloaded.

        *reference* answers for the functions that the package names as replaced; the caller closes
        it. *limits* are other than the sandbox's own. *budget* is the wall time that the sessions
        of one submission share. A *bare* process, and one that may ask the reference, holds nothing
        that is preloaded: what it is shown or told can lead to nothing hidden. Raises
        :class:`~grader.sandbox.errors.Fault` where a process can't be started.
        """
        limits = limits or self._limits
        server = self._server
        if package.notebook:
            # It holds IPython. The first one doesn't, and so stays small and quick to start.
            server = self._other(CELLS, "Notebooks can't be run")
        elif self._preloaded and (bare or reference is not None):
            server = self._other(CODE, "A process without hidden examples can't be started")

        def child(printed: int) -> Child:
            return self._child(server, limits, printed)

        preloaded = self._preloaded if server is self._server else frozenset()
        return self._session(child, limits, package, reference, preloaded=preloaded, budget=budget)

    def convert(self, cells: Sequence[CellText]) -> list[Converted]:
        """Return what became of a notebook's cells, as HTML that isn't to be trusted.

        They are converted in fresh processes of their own, whose fork server is started when it is
        first needed. Never raises: of a cell that has no HTML, the reason is said.
        """
        from grader.sandbox.conversion import Conversion

        with self._readers() as start:
            return Conversion(start).convert(cells)

    def read_code(self, sources: Sequence[str]) -> list[ReadCode]:
        """Return the tokens of texts of code, read as :meth:`convert` converts. Never raises."""
        from grader.sandbox.code_reading import read_code

        with self._readers() as start:
            return read_code(start, sources)

    @contextmanager
    def _readers(self) -> Iterator[Callable[[], Child]]:
        """Give what starts processes that read one hand-in's texts."""
        from grader.sandbox.conversion import LIMITS

        printed = _scratch()
        try:
            yield lambda: self._child(self._other(PAGES, "Pages can't be made"), LIMITS, printed)
        finally:
            os.close(printed)

    def _child(self, server: ForkServer | None, limits: Limits, printed: int) -> Child:
        if server is None:
            return FreshProcess(limits, printed)
        from grader.sandbox.host.forked import ForkedProcess

        return ForkedProcess(server, "serve", self.level, limits, printed)

    def preload(self, batches: Iterable[Batch], course: Package) -> None:
        """Have every child from now on hold the runs of *batches* and *course*'s given functions.

        They needn't be sent and decoded, or compiled, for each child. At the level ``none``, where
        no process is forked, it does nothing. Raises :class:`~grader.sandbox.errors.Fault` where
        the fork server is gone.
        """
        if self._server is None:
            return
        batches = tuple(batches)
        runs = {name: frames for batch in batches for name, frames in batch.preloadable().items()}
        self._server.preload(b"".join((*runs.values(), *shared(course))))
        self._preloaded |= frozenset(runs)
        self._preloads.append((batches, course))

    @property
    def harmed(self) -> bool:
        """Whether a fork server has ended, so that :meth:`mend` has something to do."""
        servers = (self._server, *self._others.values())
        return any(server is not None and server.gone for server in servers)

    def mend(self) -> None:
        """Start a fork server again that has ended; sessions from before are lost.

        It must hold out against the trial attacks, as the first one did, and gets what was
        preloaded. Raises :class:`~grader.sandbox.errors.Fault` where it can't be started, or
        doesn't hold: nothing runs in this sandbox until it is mended.
        """
        for need in [need for need, server in self._others.items() if server.gone]:
            self._others.pop(need).close()  # started again when it is needed
        if self._server is None or not self._server.gone:
            return
        self._server.close()
        server, why = startup.started(self.level, self._limits)
        if server is None or why:
            raise Fault(f"The process that students' code is forked from can't be replaced: {why}.")
        self._server, preloads, self._preloads = server, self._preloads, []
        for batches, course in preloads:
            self.preload(batches, course)

    @contextmanager
    def kernel(
        self, package: Package, limits: Limits, budget: WallBudget | None = None
    ) -> Iterator[Session]:
        """Give a session whose process is a Jupyter kernel that runs the ``kernel_cells``.

        The kernel has namespaces, a file system and a folder to write in of its own, which end with
        the session. Raises :class:`~grader.sandbox.errors.IsolationUnavailable` where the sandbox
        isn't at the strongest level: no other one may have the threads and sockets of a kernel.
        """
        server = self._for_kernel()
        from grader.sandbox.host.forked import ForkedProcess

        def child(printed: int) -> Child:
            return ForkedProcess(server, "kernel", self.level, limits, printed)

        try:
            with self._session(child, limits, package, once=True, budget=budget) as session:
                yield session
        finally:
            server.close()

    def try_kernel(self) -> None:
        """Start and end a kernel's fork server.

        Raises :class:`~grader.sandbox.errors.IsolationUnavailable` where none can be started.
        """
        self._for_kernel().close()

    def reference_session(
        self, reference: Package, parts: Sequence[Replaceable], terms: Terms | None = None
    ) -> ReferenceSession:
        """Return what answers for *parts* from the package *reference*, in a process of its own."""
        return ReferenceSession(lambda: self.start(reference), parts, terms or Terms())

    def _session(
        self,
        child: Callable[[int], Child],
        limits: Limits,
        package: Package,
        reference: ReferenceSession | None = None,
        *,
        once: bool = False,
        preloaded: Collection[bytes] = (),
        budget: WallBudget | None = None,
    ) -> Session:
        printed = _scratch()
        try:
            return Session(
                child,
                limits,
                package,
                printed,
                reference,
                once=once,
                preloaded=preloaded,
                budget=budget,
            )
        except BaseException:
            os.close(printed)
            raise

    def _other(self, holds: str, otherwise: str) -> ForkServer | None:
        """Return a fork server that *holds* what is needed, and nothing that is preloaded.

        ``None`` at the level that needs none. Raises :class:`~grader.sandbox.errors.Fault`, which
        begins with *otherwise*, where it can't be started.
        """
        if self._server is None:
            return None
        found = self._others.get(holds)
        if found is not None and found.gone:
            self._others.pop(holds).close()
            found = None
        if found is None:
            found, why = startup.started(self.level, self._limits, holds)
            if found is None or why:
                raise Fault(f"{otherwise}: {why}.")
            self._others[holds] = found
        return found

    def _for_kernel(self) -> ForkServer:
        """Return a new fork server that holds a Jupyter kernel, for one session alone."""
        level, server = LEVELS[-1], None
        if self.level != level:
            # Report what the machine lacks, unless the only obstacle is this run's own --isolation.
            other, reason = startup.started(level, self._limits)
            if other is not None and not reason:
                other.close()
            reason = reason or f"this run asks for {self.level}"
        elif not find_spec("ipykernel"):
            reason = "ipykernel isn't installed (pip install 'assignment-grader[kernel]')"
        else:
            server, reason = startup.started(level, self._limits, KERNEL)
        if server is None or reason:
            raise refusals.no_kernel(reason)
        return server

    def close(self) -> None:
        """End the fork servers. Sessions must have been closed."""
        first = None if self.level else self._first[0]
        for server in (self._server, *self._others.values(), first):
            if server is not None:
                server.close()
        self._server, self._others = None, {}


def _scratch() -> int:
    """Return a descriptor of a file without a name, for what is printed."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("printed")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
