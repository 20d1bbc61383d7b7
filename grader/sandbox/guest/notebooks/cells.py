"""In the child: cells of a notebook, run one after another in one namespace.

IPython's own transformer turns magics and shell lines into calls of ``get_ipython()``, and that
is a :class:`MagicShell` which runs what is only timed or captured and does nothing else. Names that
are *given* (the course's imports, its data, its checks) are put back before every cell.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import NoReturn

import numpy as np

from grader.model.steps import Ends
from grader.model.trees import Tree
from grader.sandbox.guest.notebooks import setup
from grader.sandbox.guest.notebooks.made import Made
from grader.sandbox.guest.notebooks.namespace import Namespace
from grader.sandbox.guest.notebooks.time_limit import TimeUp, limited
from grader.sandbox.guest.plotting import Nothing
from grader.sandbox.guest.scope import Foreign
from grader.sandbox.protocol.layout import COURSE, NOTEBOOK

#: Magics whose statement or cell is run as if the magic weren't there.
RUN = frozenset(("time", "timeit", "capture", "prun", "snakeviz", "memit", "mprun", "lprun"))

_compile, _exec = compile, exec
_seed_numpy, _seed_random = np.random.seed, random.seed


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
    manager: Callable[[], Foreign] = TransformerManager  # IPython's has no types
    transform: Callable[[str], str] = manager().transform_cell
    return transform


_brought: list[str] = []


def forget() -> None:
    """Take IPython out of the modules, so that a submission's import of it gives the stand-in."""
    for name in _brought:
        sys.modules.pop(name, None)


class Cells:
    """Runs the cells of one notebook in one namespace."""

    def __init__(self) -> None:
        self._transform = transformer()
        shell = MagicShell(self._run_text)
        self._namespace = Namespace(
            {"__name__": "__main__", "__builtins__": vars(sys.modules["builtins"])},
            {
                "get_ipython": lambda: shell,
                "display": lambda *values, **options: None,
                "exit": leave,
                "quit": leave,
            },
        )
        self._made = Made(self._namespace)

    def give(self, name: str, value: object) -> None:
        """Set a variable that is put back before every cell."""
        self._namespace.given[name] = value

    def setup(self, source: str, file: str) -> None:
        """Run a cell of the course's; what it defines is put back before every cell."""
        names = {**self._namespace.names, **self._namespace.given}
        setup.run(self._transform(source), f"{COURSE}notebook/{file}", names)
        for name, value in names.items():
            if not name.startswith("__"):
                self._namespace.given[name] = value

    def run(self, source: str, file: str, seed: int, seconds: float) -> bool:
        """Run a cell; raise what it raises. Return whether it was cut.

        It is cut when the process has used *seconds* of CPU time, by
        :class:`~grader.sandbox.guest.notebooks.time_limit.TimeUp` in the middle of what it does.
        """
        stdout, stderr = sys.stdout, sys.stderr
        self._namespace.restore()
        self._namespace.running = []
        _seed_numpy(seed)
        _seed_random(seed)
        try:
            with limited(seconds):
                self._made.sources.append(self._transform(source))
                self._run_text(source, NOTEBOOK + file)
        except TimeUp as up:
            self._namespace.cut(up)
            return True
        finally:
            sys.stdout, sys.stderr = stdout, stderr
        return False

    def begin(
        self, method: str, calls: Sequence[str], variable: str, ends: Sequence[Foreign]
    ) -> None:
        """Take note that the cells from here on are an answer's own."""
        self._made = Made(self._namespace, method, calls, variable, Ends(*ends))

    def model(self, names: Sequence[str], method: str) -> object:
        """Return the first variable among *names* that is a model, or has one as ``model``.

        A model is what has the *method* that is asked for its answers. In a cell that was cut, the
        variables of the functions that were running count as well. Raises
        :class:`~grader.sandbox.guest.failures.Missing`.
        """
        return self._made.model(self._namespace.values(names), names, method)

    def histories(self, names: Sequence[str], attributes: Sequence[str]) -> dict[str, list[float]]:
        """Return lists of numbers that the first variable which has any has, thinned."""
        return self._made.histories(self._namespace.values(names), attributes)

    def holdings(self, names: Sequence[str], method: str) -> dict[str, Tree]:
        """Return what variables hold, as :class:`~grader.model.steps.Holdings` says."""
        return self._made.holdings(names, method)

    def trainings(
        self, attributes: Sequence[str], variable: str, images: Sequence[str]
    ) -> list[Tree]:
        """Return what is known of trainings, as :class:`~grader.model.steps.Trainings` says."""
        return self._made.trainings(attributes, variable, images)

    def _run_text(self, source: str, file: str = NOTEBOOK + "magic") -> None:
        code = _compile(self._transform(source), file, "exec", dont_inherit=True)
        _exec(code, self._namespace.names)


class MagicShell:
    """Stands for IPython's shell. Starts nothing, reads nothing and writes nothing."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self._run = run

    def run_line_magic(self, name: str, line: str, *args: object, **kwargs: object) -> None:
        if name in RUN:
            self._run(_statement(line))

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in RUN:
            self._run(cell)

    def getoutput(self, *args: object, **kwargs: object) -> list[str]:
        return []

    def system(self, *args: object, **kwargs: object) -> None:
        pass

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


def _statement(line: str) -> str:
    """Return a magic's line without its options (``-n 10 train()`` gives ``train()``)."""
    words = line.split(" ")
    while words and (not words[0] or words[0].startswith("-") or words[0].isdigit()):
        words.pop(0)
    return " ".join(words)


def leave(*args: object) -> NoReturn:
    """Stand for ``exit`` and ``quit``: end the cell."""
    raise SystemExit
