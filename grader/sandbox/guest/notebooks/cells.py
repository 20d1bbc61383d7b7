"""In the child: cells of a notebook, run one after another in one namespace.

IPython's own transformer turns magics and shell lines into calls of ``get_ipython()``, and that
is a :class:`MagicShell` which runs what is only timed or captured and does nothing else. Names that
are *given* (the course's imports, its data, its checks) are put back before every cell.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

import numpy as np

from grader.sandbox.guest.failures import Missing
from grader.sandbox.guest.standins import Nothing

#: Where cells seem to lie: a cell is a file of the submission's.
PLACE = "/submission/notebook/"
#: Magics whose statement or cell is run as if the magic weren't there.
RUN = frozenset(("time", "timeit", "capture", "prun", "snakeviz", "memit", "mprun", "lprun"))
#: The most values of a history that are kept.
KEPT = 200
#: How often a cell that is out of time is told so again, in CPU seconds.
_AGAIN = 0.25

_compile, _exec = compile, exec
_seed_numpy, _seed_random = np.random.seed, random.seed
_linspace = np.linspace


class TimeUp(BaseException):
    """A cell's time is up. No ``Exception``, so that a search's own handler lets it pass."""


@cache
def transformer() -> Callable[[str], str]:
    """Return IPython's transformer of a cell's text.

    Called before a submission's importer stands: later, IPython imports as a stand-in.
    """
    before = set(sys.modules)
    from IPython.core.inputtransformer2 import TransformerManager

    standard = sys.stdlib_module_names
    _brought.extend(
        name for name in sys.modules if name not in before and name.split(".")[0] not in standard
    )
    manager: Any = TransformerManager  # IPython's has no types
    transform: Callable[[str], str] = manager().transform_cell
    return transform


_brought: list[str] = []


def forget() -> None:
    """Take IPython out of the modules, so that a submission's import of it gives the stand-in."""
    for name in _brought:
        sys.modules.pop(name, None)


class Cells:
    """One notebook's namespace."""

    def __init__(self) -> None:
        self._transform = transformer()
        shell = MagicShell(self._run_text)
        self._names: dict[str, Any] = {
            "__name__": "__main__",
            "__builtins__": vars(sys.modules["builtins"]),
        }
        self._given: dict[str, Any] = {
            "get_ipython": lambda: shell,
            "display": lambda *values, **options: None,
            "exit": leave,
            "quit": leave,
        }
        self._locals: list[Mapping[str, Any]] = []

    def give(self, name: str, value: Any) -> None:
        """Set a variable that is put back before every cell."""
        self._given[name] = value

    def setup(self, source: str, file: str) -> None:
        """Run a cell of the course's; what it defines is put back before every cell."""
        names = {**self._names, **self._given}
        _exec(_compile(self._transform(source), f"/course/notebook/{file}", "exec"), names)
        for name, value in names.items():
            if not name.startswith("__"):
                self._given[name] = value

    def run(self, source: str, file: str, seed: int, seconds: float) -> bool:
        """Run a cell; raise what it raises. Return whether it was cut.

        It is cut when the process has used *seconds* of CPU time, by :class:`TimeUp` in the
        middle of what it does.
        """
        stdout, stderr = sys.stdout, sys.stderr
        self._names.update(self._given)
        self._locals = []
        _seed_numpy(seed)
        _seed_random(seed)
        try:
            with limited(seconds):
                self._run_text(source, PLACE + file)
        except TimeUp as up:
            self._locals = list(frames(up))
            return True
        finally:
            sys.stdout, sys.stderr = stdout, stderr
        return False

    def model(self, names: Sequence[str], method: str) -> Any:
        """Return the first variable among *names* that is a model, or has one as ``model``.

        A model is what has the *method* that is asked for its answers. In a cell that was cut, the
        variables of the functions that were running count as well. Raises :class:`Missing`.
        """
        for value in self._values(names):
            for candidate in (value, getattr(value, "model", None)):
                if not isinstance(candidate, (type, Nothing)) and callable(
                    getattr(candidate, method, None)
                ):
                    return candidate
        raise Missing("No variable named " + " or ".join(names) + " holds a trained model.")

    def histories(self, names: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
        """Return lists of numbers that the first variable which has any has, thinned."""
        for value in self._values(names):
            found = {}
            for name in attributes:
                thin = _thinned(getattr(value, name, None))
                if thin is not None:
                    found[name] = thin
            if found:
                return found
        return {}

    def _values(self, names: Sequence[str]) -> Iterator[Any]:
        for scope in (self._names, *self._locals):
            for name in names:
                value = scope.get(name)
                if value is not None:
                    yield value

    def _run_text(self, source: str, file: str = PLACE + "magic") -> None:
        code = _compile(self._transform(source), file, "exec", dont_inherit=True)
        _exec(code, self._names)


class MagicShell:
    """Stands for IPython's shell. Starts nothing, reads nothing and writes nothing."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self._run = run

    def run_line_magic(self, name: str, line: str, *args: Any, **kwargs: Any) -> None:
        if name in RUN:
            self._run(_statement(line))

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in RUN:
            self._run(cell)

    def getoutput(self, *args: Any, **kwargs: Any) -> list[str]:
        return []

    def system(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


def _statement(line: str) -> str:
    """Return a magic's line without its options (``-n 10 train()`` gives ``train()``)."""
    words = line.split(" ")
    while words and (not words[0] or words[0].startswith("-") or words[0].isdigit()):
        words.pop(0)
    return " ".join(words)


def leave(*args: Any) -> None:
    """Stand for ``exit`` and ``quit``: end the cell."""
    raise SystemExit


def _anywhere(frame: FrameType | None) -> bool:
    return True


@contextmanager
def limited(
    seconds: float, within: Callable[[FrameType | None], bool] = _anywhere
) -> Iterator[None]:
    """Raise :class:`TimeUp` in the block once this process has used *seconds* of CPU time.

    Again and again, for a handler in the block may swallow one; but only at frames that *within*
    says yes to. Where the system has no such timer, the session's own limit is all there is.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    running = True

    def on(number: int, frame: FrameType | None) -> None:
        if running and within(frame):
            raise TimeUp

    signal.signal(signal.SIGPROF, on)
    signal.setitimer(signal.ITIMER_PROF, max(seconds - time.process_time(), 0.001), _AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_PROF, 0)


def frames(error: BaseException) -> Iterator[Mapping[str, Any]]:
    """Yield the variables of the notebook's own functions that were running, outermost first."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(PLACE):
            yield trace.tb_frame.f_locals
        trace = trace.tb_next


def _thinned(value: Any) -> Any:
    """Return at most :data:`KEPT` values of a list of numbers, evenly spaced; else ``None``."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    count = len(value)
    places = range(count) if count <= KEPT else _linspace(0, count - 1, KEPT).astype(int)
    try:
        return [float(value[place]) for place in places]
    except (TypeError, ValueError):
        return None
