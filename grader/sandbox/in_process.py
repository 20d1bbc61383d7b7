"""No sandbox: a student's objects asked in the student's own process, a notebook's kernel.

Only ever for one's own work. Runs are answered by the interpreter that answers them in a child,
and the answers are read by the same decoder, so that a check means the same in both.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import random
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

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

    def __init__(self, names: Sequence[str], folder: Path, objects: Mapping[str, Any]) -> None:
        self._names, self._folder, self._objects = names, folder, objects

    def ask(self, batch: Batch) -> list[Reply]:
        """Answer the runs of *batch*; random states, warnings and stdout are left as they were."""
        interpreter = Interpreter(self._find)
        with preserved_state(), self._told(), contextlib.redirect_stdout(io.StringIO()):
            return [_answered(interpreter, run) for run in batch.runs]

    def _find(self, target: str) -> Any:
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
    def _told(self) -> Iterator[None]:
        """Let lines of the folder's package be told, as those of a submission are."""
        root = f"{self._folder}{os.sep}"
        failures.ROOTS.append(root)
        try:
            yield
        finally:
            failures.ROOTS.remove(root)


def _answered(interpreter: Interpreter, run: Any) -> Reply:
    packer = Packer()
    examples = [typed(dict(example)) for example in run.examples]
    program = typed(run.program.to_json())
    text = interpreter.answer(program, examples, packer).encode("ascii")
    reply = Reply(run, text, b"".join(packer.parts), None)
    for outcome in reply.outcomes:
        # The interpreter takes everything for the code's own failure; this one is the person's.
        if outcome.failed is not None and outcome.failed.type == "KeyboardInterrupt":
            raise KeyboardInterrupt
    return reply


@contextlib.contextmanager
def preserved_state() -> Iterator[None]:
    """Give the random generators, numpy's error state and the warnings back as they were."""
    state, states = np.random.get_state(), random.getstate()
    try:
        with np.errstate(), warnings.catch_warnings():
            yield
    finally:
        np.random.set_state(state)
        random.setstate(states)
