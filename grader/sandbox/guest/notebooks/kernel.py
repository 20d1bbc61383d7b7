"""In the child: a Jupyter kernel in which a whole notebook runs, cell after cell.

Two confined processes take part. The one that the grader holds is the kernel; the other, its
child, is nbclient, which sends it the cells over unix sockets and dies with it (see
:mod:`grader.sandbox.guest.notebooks.client`). Where a training question has been answered, the notebook's sheet
has a place at which the kernel, in place of a cell, answers the grader: images come in, scores go
out, by the same frames as from any child. It goes on when the grader asks for a later question.
"""

from __future__ import annotations

import gc
import io
import json
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import FrameType
from typing import Any, Protocol

import numpy as np
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from grader.sandbox.guest import worker
from grader.sandbox.guest.interpreter import Interpreter
from grader.sandbox.guest.notebooks import client as runner
from grader.sandbox.guest.notebooks.cells import PLACE, Cells, TimeUp, frames, leave, limited
from grader.sandbox.protocol import frames as wire
from grader.sandbox.protocol.control import WORKSPACE
from grader.sandbox.protocol.layout import ANSWER, REACH, SETUP, Entry

#: Descriptors: where the kernel writes the cells to its client, and where the client reads them.
_TO_CLIENT, _FROM_KERNEL = 5, 3

#: Magics that draw, or load anew what can't have changed.
_IDLE = ("matplotlib", "pylab", "load_ext", "reload_ext", "autoreload")
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
            runner.run(_FROM_KERNEL, WORKSPACE, key)
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
    worker.send(wire.frame(wire.READY, b"{}"))
    kind, text, data = worker.receive()
    assert kind == wire.PACKAGE
    sheet = [Entry(*entry) for entry in json.loads(text)["sheet"]]
    app: Any = IPKernelApp.instance(**runner.connection(WORKSPACE), kernel_class=Kernel)
    app.session.key = key
    app.capture_fd_output = False
    app.config.HistoryManager.enabled = False
    app.log_connection_info = lambda: None
    app.initialize([])
    printer: Any = worker.Printer(output)
    sys.stdout = sys.stderr = printer
    app.kernel.book = KernelNotebook(app.shell, sheet, worker.package(text, data)[0].target)
    with os.fdopen(_TO_CLIENT, "w", encoding="utf-8") as client:
        json.dump([entry.code for entry in sheet], client)
    app.start()


class Kernel(IPythonKernel):
    """A kernel whose cells are counted by its book."""

    book: KernelNotebook

    async def do_execute(self, code: Any, silent: Any, *args: Any, **kwargs: Any) -> Any:
        """Run the next cell, or answer the grader where the sheet says so."""
        run: Callable[[], Awaitable[Any]] = partial(
            super().do_execute, code, silent, *args, **kwargs
        )
        reply = await (run() if silent else self.book.next(run))
        return reply or {**_OK, "execution_count": self.execution_count}


class KernelNotebook(Cells):
    """The notebook under way: what its cells have left, and what the grader has asked for.

    Names that the course's own cells define, and the data, are put back before every cell.
    """

    def __init__(self, shell: Any, sheet: list[Entry], find: Callable[[str], Any]) -> None:
        self._names = shell.user_ns
        self._given = {"exit": leave, "quit": leave}
        self._locals: list[Mapping[str, Any]] = []
        self._sheet = iter(sheet)
        self._interpreter = Interpreter(find, self)
        self._asked: tuple[bytes, int] | None = None
        self._question = ""
        self._seconds = self._began = 0.0
        self._data: dict[str, Any] = {}
        self._before: dict[str, int] = {}
        self._failed: BaseException | None = None
        self._raised: BaseException | None = None
        self._cut = self._answering = False
        self._entry = Entry("", "", "")
        _quieten(shell)
        shell.events.register("post_run_cell", self._after)
        shell.compile.get_code_name = lambda *args: PLACE + self._entry.name

    def give(self, name: str, value: Any) -> None:
        """Set a variable that is put back before every cell."""
        self._given[name] = self._data[name] = value

    async def next(self, run: Callable[[], Awaitable[Any]]) -> Any:
        """Take the next entry of the sheet; *run* runs its cell. ``None``: it was no cell."""
        self._entry = entry = next(self._sheet, Entry("", "", ""))
        if entry.kind == REACH:
            self._hand_out(entry.name)
            return None
        self._names.update(self._given)
        self._raised = None
        if entry.kind == ANSWER and not self._answering:
            # What leads to an answer has one share of the time, and the answer another.
            self._answering, self._began = True, time.process_time()
            self._before = {name: id(value) for name, value in self._names.items()}
        with limited(self._began + self._seconds, _in_a_cell):
            reply = await run()
        if entry.kind == SETUP:
            self._given.update(_public(self._names))
        elif entry.kind == ANSWER and self._raised is not None:
            self._answered(self._raised)
        return reply

    def _answered(self, error: BaseException) -> None:
        """Remember how an answer ended before its end."""
        if isinstance(error, TimeUp):
            self._cut = True
            self._locals = list(frames(error))
        else:
            self._failed = self._failed or error

    def _after(self, result: Any) -> None:
        """Take what ended a cell; called by IPython, of nested runs the outermost comes last."""
        self._raised = result.error_before_exec or result.error_in_exec

    def _hand_out(self, question: str) -> None:
        """Answer the grader, until it asks for a question that stands further on."""
        if self._asked is not None:
            if self._question != question:
                self._forget()
                return
            worker.ask(self._interpreter, *self._asked)
        ticket = 0
        while True:
            kind, text, data = worker.receive()
            if kind == wire.TICKET:
                ticket = int(text)
            elif kind == wire.ASK:
                _, program, _ = next(wire.each(data))
                step = json.loads(program)["program"]["steps"][0]
                if step[0] == "reach":
                    self._asked = data, ticket
                    self._begin(*step[2:])
                    return
                worker.ask(self._interpreter, data, ticket)

    def _begin(
        self,
        question: str,
        seconds: float,
        variable: str,
        first: int,
        names: Sequence[str],
        seed: int,
    ) -> None:
        if not self._question:  # the notebook begins
            np.random.seed(seed)
            random.seed(seed)
        self._question, self._seconds = question, seconds
        self._given[variable] = _validated(self._data[variable], first, names)
        self._forget()

    def _forget(self) -> None:
        self._failed, self._locals = None, []
        self._cut = self._answering = False
        self._began = time.process_time()

    def _values(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield what the answer has given a value, then what was there if it ran to its end."""
        before = [name for name in names if self._before.get(name) == id(self._names.get(name))]
        found: list[tuple[Mapping[str, Any], str]]
        found = [(self._names, name) for name in names if name not in before]
        found += [(scope, name) for scope in self._locals for name in names]
        if self._failed is None and not self._cut:
            found += [(self._names, name) for name in before]
        yield from (scope[name] for scope, name in found if scope.get(name) is not None)

    def reach(self, question: str, *how: Any) -> bool:
        """Raise what ended the answer to *question*; return whether it was cut."""
        if self._failed is not None:
            raise self._failed
        return self._cut


def _quieten(shell: Any) -> None:
    """Let what would end the kernel, start a program or draw do nothing."""

    def nothing(*args: Any, **kwargs: Any) -> None:
        pass

    def empty(*args: Any, **kwargs: Any) -> list[str]:
        return []

    shell.ask_exit = shell.system = nothing
    shell.getoutput = empty
    shell.InteractiveTB.set_mode(mode="Minimal")
    for name in _IDLE:
        shell.register_magic_function(nothing, "line", name)


def _public(names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a notebook's author has named; IPython's own names are no part of it."""
    own = ("In", "Out", "get_ipython", "open", "exit", "quit")
    return {n: v for n, v in names.items() if not n.startswith("_") and n not in own}


def _in_a_cell(frame: FrameType | None) -> bool:
    """Say whether a notebook's own code is running, and not the kernel around it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(PLACE):
            return True
        frame = frame.f_back
    return False


def _validated(data: Any, first: int, names: Sequence[str]) -> Any:
    """Return the notebook's data; with *first*, as many training images validate as well.

    *names* are those of the images and labels that train, then of those that validate. A solver
    keeps the model that is best on the latter.
    """
    if not first:
        return data
    train, validate = names[:2], names[2:]
    seen = {to: data[of][:first] for to, of in zip(validate, train, strict=True)}
    return {**data, **seen}
