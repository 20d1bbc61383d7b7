"""In the child: a Jupyter kernel in which a whole notebook runs, cell after cell.

Two confined processes take part. The one that the grader holds is the kernel; the other, its
child, is nbclient, which sends it the cells over unix sockets and dies with it
(:mod:`grader.sandbox.guest.notebooks.client`). What becomes of each cell is told by
:class:`~grader.sandbox.guest.notebooks.kernel_notebook.KernelNotebook`.
"""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from grader.sandbox.guest import worker
from grader.sandbox.guest.notebooks import client
from grader.sandbox.guest.notebooks.kernel_notebook import KernelNotebook
from grader.sandbox.guest.received import decode
from grader.sandbox.protocol import frames
from grader.sandbox.protocol.control import WORKSPACE

#: Descriptors: where the kernel writes the cells to its client, and where the client reads them.
_TO_CLIENT, _FROM_KERNEL = 5, 3
_OK: dict[str, Any] = {"status": "ok", "payload": [], "user_expressions": {}}


def warm() -> None:
    """Import what a kernel would import only later, when it may not read all of it."""
    # No debugger: it needs more than a kernel is allowed.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in ("comm", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.magics"):
        import_module(name)


class Confine(Protocol):
    """Gives up this process's powers, but for the first *descriptors*; it dies with *parent*."""

    def __call__(self, *, descriptors: int, parent: int = 0) -> None: ...


def serve(confine: Confine, output: int) -> None:
    """Become a kernel and its client, each confined, and run until the grader is done.

    *output* counts the bytes that the notebook may print.
    """
    reading, writing = os.pipe()
    kernel = os.getpid()
    key = os.urandom(16).hex().encode()
    if os.fork() == 0:
        try:
            os.dup2(reading, _FROM_KERNEL)
            confine(descriptors=_FROM_KERNEL + 1, parent=kernel)
            gc.enable()
            client.run(_FROM_KERNEL, WORKSPACE, key)
        finally:
            os._exit(0)
    # Without its client a kernel waits for ever.
    signal.signal(signal.SIGCHLD, lambda number, frame: os._exit(0))
    os.dup2(writing, _TO_CLIENT)
    confine(descriptors=_TO_CLIENT + 1)
    gc.enable()
    _kernel(output, key)


def _kernel(output: int, key: bytes) -> None:
    sys.stdin = io.StringIO("")
    worker.send(frames.frame(frames.READY, b"{}"))
    kind, text, data = worker.receive()
    assert kind == frames.PACKAGE
    package = decode(text, data)
    app: Any = IPKernelApp.instance(**client.connection(WORKSPACE), kernel_class=Kernel)
    app.session.key = key
    app.capture_fd_output = False
    app.config.HistoryManager.enabled = False
    app.log_connection_info = lambda: None
    app.initialize([])
    printer: Any = worker.Printer(output)
    sys.stdout = sys.stderr = printer
    importer, _ = worker.install(package)
    app.kernel.notebook = KernelNotebook(app.shell, package.kernel_cells, importer.target)
    with os.fdopen(_TO_CLIENT, "w", encoding="utf-8") as cells:
        json.dump([entry.code for entry in package.kernel_cells], cells)
    app.start()


class Kernel(IPythonKernel):
    """A kernel that asks its notebook what to do with each cell."""

    notebook: KernelNotebook

    async def do_execute(self, code: Any, silent: Any, *args: Any, **kwargs: Any) -> Any:
        """Run the next cell, or answer the grader where the package's cells say so."""
        run: Callable[[], Awaitable[Any]] = partial(
            super().do_execute, code, silent, *args, **kwargs
        )
        reply = await (run() if silent else self.notebook.next_cell(run))
        return reply or {**_OK, "execution_count": self.execution_count}
