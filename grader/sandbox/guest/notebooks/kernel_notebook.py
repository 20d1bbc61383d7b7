"""In the child: a notebook under way in a kernel, and what the grader asks of it.

Where a training question has been answered, the package's cells have a place at which the kernel,
in place of a cell, answers the grader: images come in, scores go out, by the same frames as from
any child. The notebook goes on when the grader asks for a later question.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from types import FrameType

import numpy as np

from grader.model import steps
from grader.model.trees import Tree
from grader.sandbox.guest import worker
from grader.sandbox.guest.interpreter import Interpreter
from grader.sandbox.guest.notebooks import setup
from grader.sandbox.guest.notebooks.cells import leave
from grader.sandbox.guest.notebooks.made import Made
from grader.sandbox.guest.notebooks.namespace import Namespace
from grader.sandbox.guest.notebooks.time_limit import TimeUp, limited
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.protocol import frames
from grader.sandbox.protocol.layout import ANSWER, NOTEBOOK, REACH, SETUP, Entry

#: Magics that draw, or load anew what can't have changed.
_IDLE = ("matplotlib", "pylab", "load_ext", "reload_ext", "autoreload")
_NO_CELL = Entry("", "", "")


class State(Enum):
    """How far the answer to a question has come."""

    AWAITED = "cells that lead to it run"
    UNDER_WAY = "its own cells run"
    CUT = "one of its cells was out of time"
    FAILED = "one of its cells raised"


class Answer:
    """The answer to the question that the grader has asked for last."""

    def __init__(self) -> None:
        self.question = ""
        self.state = State.AWAITED
        #: What its first cell to fail has raised.
        self.error: BaseException | None = None
        self._seconds = self._began = 0.0

    def ask(self, question: str, seconds: float) -> None:
        """Await the answer to *question*; what leads to it, and it, may each use *seconds*."""
        self.question, self._seconds = question, seconds
        self.restart()

    def restart(self) -> None:
        """Await the answer from here on: what ran so far belonged to another question."""
        self.state, self.error = State.AWAITED, None
        self._began = time.process_time()

    def begin(self) -> bool:
        """Take note that a cell of the answer is about to run; say whether it is the first."""
        if self.state is not State.AWAITED:
            return False
        self.state = State.UNDER_WAY
        self._began = time.process_time()
        return True

    def end(self, error: BaseException) -> None:
        """Take note of what ended a cell of the answer before its end; the first error counts."""
        if self.state is State.FAILED:
            return
        if isinstance(error, TimeUp):
            self.state = State.CUT
        else:
            self.state, self.error = State.FAILED, error

    @property
    def until(self) -> float:
        """The CPU seconds of the process at which its time is up."""
        return self._began + self._seconds


class KernelNotebook:
    """Runs the *entries* of a notebook in order: cells in IPython's *shell*, and answers between.

    *find* gives what a target of the package names.
    """

    def __init__(
        self, shell: Foreign, entries: Sequence[Entry], find: Callable[[str], Foreign]
    ) -> None:
        self._namespace = Namespace(shell.user_ns, {"exit": leave, "quit": leave})
        self._entries, self._entry = iter(entries), _NO_CELL
        self._answering = worker.Answering(None, Interpreter(find, self))
        self._answer, self._made, self._method = Answer(), Made(self._namespace), ""
        self._calls: Sequence[str] = ()
        self._variable = ""
        self._transform: Callable[[str], str] = shell.transform_cell
        #: The runs, and their ticket, that wait for the answer: those that asked for it.
        self._waiting: tuple[bytes, int] | None = None
        self._data: dict[str, object] = {}
        self._raised: BaseException | None = None
        _quieten(shell)
        shell.events.register("post_run_cell", self._after)
        shell.compile.get_code_name = lambda *args: NOTEBOOK + self._entry.name

    async def next_cell(self, run: Callable[[], Awaitable[Foreign]]) -> Foreign:
        """Take the next entry; *run* runs its cell. ``None``: it was no cell."""
        self._entry = entry = next(self._entries, _NO_CELL)
        if entry.kind == REACH:
            self._hand_out(entry.name)
            return None
        self._namespace.restore()
        self._raised = None
        if entry.kind == SETUP:
            self._set_up(entry)
            return None
        if entry.kind == ANSWER:
            if self._answer.begin():
                self._made = Made(self._namespace, self._method, self._calls, self._variable)
            self._made.sources.append(self._transform(entry.code))
        with limited(self._answer.until, _in_a_cell):
            reply = await run()
        if entry.kind == ANSWER and self._raised is not None:
            self._answer.end(self._raised)
            if isinstance(self._raised, TimeUp):
                self._namespace.cut(self._raised)
        return reply

    def _set_up(self, entry: Entry) -> None:
        """Run a cell of the course's; what it defines is put back before every cell."""
        names = self._namespace.names
        with suppress(Exception), limited(self._answer.until, _in_a_cell):
            setup.run(self._transform(entry.code), NOTEBOOK + entry.name, names)
        self._namespace.given.update(_public(names))

    def _after(self, result: Foreign) -> None:
        """Take what ended a cell; called by IPython, of nested runs the outermost comes last."""
        self._raised = result.error_before_exec or result.error_in_exec

    def _hand_out(self, question: str) -> None:
        """Answer the grader, until it asks for a question that stands further on."""
        if self._waiting is not None:
            if self._answer.question != question:
                self._restart()
                return
            worker.ask(self._answering, *self._waiting)
        ticket = 0
        while True:
            kind, text, data = worker.receive()
            if kind == frames.TICKET:
                ticket = int(text)
            elif kind == frames.ASK:
                _, program, _ = next(frames.each(data))
                step = steps.from_json(json.loads(program)["program"]["steps"][0])
                if isinstance(step, steps.Reach):
                    self._waiting = data, ticket
                    self._await(step)
                    return
                worker.ask(self._answering, data, ticket)

    def _await(self, step: steps.Reach) -> None:
        if not self._answer.question:  # the notebook begins
            np.random.seed(step.seed)
            random.seed(step.seed)
        self._answer.ask(step.question, step.seconds)
        self._made, self._method = Made(self._namespace, step.method), step.method
        self._calls, self._variable = step.calls, step.variable
        data = _validated(self._data[step.variable], step.first, step.names)
        self._namespace.given[step.variable] = data
        self._namespace.running = []

    def _restart(self) -> None:
        self._answer.restart()
        self._namespace.running = []

    # What the interpreter asks.

    def give(self, name: str, value: object) -> None:
        """Set a variable that is put back before every cell."""
        self._namespace.given[name] = self._data[name] = value

    def reach(self, question: str, *how: object) -> bool:
        """Raise what ended the answer to *question*; return whether it was cut."""
        if self._answer.error is not None:
            raise self._answer.error
        return self._answer.state is State.CUT

    def model(self, names: Sequence[str], method: str) -> object:
        """Return the answer's model, as :meth:`~.cells.Cells.model` does."""
        return self._made.model(self._values(names), names, method)

    def histories(self, names: Sequence[str], attributes: Sequence[str]) -> dict[str, list[float]]:
        """Return the answer's histories, as :meth:`~.cells.Cells.histories` does."""
        return self._made.histories(self._values(names), attributes)

    def holdings(self, names: Sequence[str], method: str) -> dict[str, Tree]:
        """Return what variables hold, as :class:`~grader.model.steps.Holdings` says."""
        return self._made.holdings(names, method)

    def trainings(
        self, attributes: Sequence[str], variable: str, images: Sequence[str]
    ) -> list[Tree]:
        """Return what is known of trainings, as :class:`~grader.model.steps.Trainings` says."""
        return self._made.trainings(attributes, variable, images)

    def _values(self, names: Sequence[str]) -> Iterator[object]:
        """Yield the values of *names*, if the answer's cells have run."""
        return self._namespace.values(names)


def _quieten(shell: Foreign) -> None:
    """Let what would end the kernel, start a program or draw do nothing."""

    def nothing(*args: object, **kwargs: object) -> None:
        pass

    def empty(*args: object, **kwargs: object) -> list[str]:
        return []

    shell.ask_exit = shell.system = nothing
    shell.getoutput = empty
    shell.InteractiveTB.set_mode(mode="Minimal")
    for name in _IDLE:
        shell.register_magic_function(nothing, "line", name)


def _public(names: Mapping[str, object]) -> dict[str, object]:
    """Return what a notebook's author has named; IPython's own names are no part of it."""
    own = ("In", "Out", "get_ipython", "open", "exit", "quit")
    return {n: v for n, v in names.items() if not n.startswith("_") and n not in own}


def _in_a_cell(frame: FrameType | None) -> bool:
    """Say whether a notebook's own code is running, and not the kernel around it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(NOTEBOOK):
            return True
        frame = frame.f_back
    return False


def _validated(data: Foreign, first: int, names: Sequence[str]) -> Foreign:
    """Return the notebook's data; with *first*, as many training images validate as well.

    *names* are those of the images and labels that train, then of those that validate. A solver
    keeps the model that is best on the latter.
    """
    if not first:
        return data
    train, validate = names[:2], names[2:]
    seen = {to: data[of][:first] for to, of in zip(validate, train, strict=True)}
    return {**data, **seen}
