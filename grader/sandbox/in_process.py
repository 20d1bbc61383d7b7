"""No sandbox: runs are answered in this process, by the objects that are loaded in it.

For a student's own work only, in their own notebook's kernel. The interpreter is the one that
answers in a child, and the answers are read by the same decoder, so a check means the same in both.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import random
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from grader.model.programs import Run
from grader.sandbox.batch import Batch
from grader.sandbox.guest import failures
from grader.sandbox.guest.decoding import typed
from grader.sandbox.guest.encoding import Packer
from grader.sandbox.guest.interpreter import Interpreter
from grader.sandbox.reply import Reply


class InProcess:
    """Asks the package that is imported in this process under one of *names*.

    *folder* holds the package, for where it isn't imported yet. *objects* are functions and
    classes to ask in place of the package's, by name.
    """

    def __init__(self, names: Sequence[str], folder: Path, objects: Mapping[str, object]) -> None:
        self._names, self._folder, self._objects = names, folder, objects

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]:
        """Answer the runs of *batch*; random states, warnings and stdout stay as they were.

        There is no limit: *seconds* are of no account.

        Raises :class:`KeyboardInterrupt` where the person at the notebook interrupts a run.
        """
        interpreter = Interpreter(self._find)
        with preserved_state(), self._located(), contextlib.redirect_stdout(io.StringIO()):
            return [_answered(interpreter, run) for run in batch.runs]

    @property
    def used_share(self) -> float:
        """Zero: a person's own process has no limit of CPU time that could be used up."""
        return 0.0

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that this process has used so far."""
        return time.process_time()

    def text(self, path: str) -> bytes | None:
        """Return ``None``: who asks has the package's files open beside."""
        return None

    def _find(self, target: str) -> object:
        module, _, name = target.partition(":")
        if name in self._objects:
            return self._objects[name]
        loaded = next((n for n in self._names if f"{n}.{module}" in sys.modules), None)
        there = next((n for n in self._names if (self._folder / n).is_dir()), self._names[0])
        try:
            return getattr(importlib.import_module(f"{loaded or there}.{module}"), name)
        except AttributeError:
            raise failures.Missing(f"The module {module} has no {name}.") from None
        except ModuleNotFoundError as error:
            raise failures.Missing(f"{error}.") from None

    @contextlib.contextmanager
    def _located(self) -> Iterator[None]:
        """Let failures name lines of the folder's package, as they do those of a submission."""
        root = f"{self._folder}{os.sep}"
        failures.ROOTS.append(root)
        try:
            yield
        finally:
            failures.ROOTS.remove(root)


def _answered(interpreter: Interpreter, run: Run) -> Reply:
    packer = Packer()
    examples = [typed(dict(example)) for example in run.examples]
    program = typed(run.program.to_json())
    text = interpreter.answer(program, examples, packer).encode("ascii")
    reply = Reply(run, text, b"".join(packer.parts), None)
    for outcome in reply.outcomes:
        # To the interpreter every exception is the code's; this one comes from the person.
        if outcome.failed is not None and outcome.failed.type == "KeyboardInterrupt":
            raise KeyboardInterrupt
    return reply


@contextlib.contextmanager
def preserved_state() -> Iterator[None]:
    """Restore the random generators, numpy's error state and the warnings after the block."""
    state, states = np.random.get_state(), random.getstate()
    try:
        with np.errstate(), warnings.catch_warnings():
            yield
    finally:
        np.random.set_state(state)
        random.setstate(states)
