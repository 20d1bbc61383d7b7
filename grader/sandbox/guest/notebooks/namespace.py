"""In the child: the variables of a notebook, and what is looked for among their values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from grader.model.steps import Held
from grader.sandbox.guest.failures import Missing
from grader.sandbox.guest.notebooks.earlier import Earlier, models
from grader.sandbox.guest.notebooks.recorder import Recorder
from grader.sandbox.protocol.layout import NOTEBOOK

#: The most values of a history that are kept.
KEPT = 200

_linspace, _lseek = np.linspace, os.lseek


class Namespace:
    """A notebook's variables: *names*, of which the *given* ones are put back before every cell."""

    def __init__(self, names: dict[str, object], given: dict[str, object]) -> None:
        self.names, self.given = names, given
        #: The variables of the functions that ran when a cell was cut, outermost first.
        self.running: list[Mapping[str, object]] = []
        self.recorder = Recorder()

    def restore(self) -> None:
        """Put back what is given: the course's imports, its data, its checks."""
        self.names.update(self.given)

    def cut(self, error: BaseException) -> None:
        """Remember the variables of the notebook's functions that *error* passed through."""
        self.running = list(_running(error))

    def values(self, names: Sequence[str]) -> Iterator[object]:
        """Yield the values of *names*: the notebook's own, then those in functions that ran."""
        for scope in (self.names, *self.running):
            for name in names:
                value = scope.get(name)
                if value is not None:
                    yield value


def model(values: Iterable[object], names: Sequence[str], method: str, earlier: Earlier) -> object:
    """Return the first of *values*, those of *names*, that is a model or has one as ``model``.

    A model is what has the *method*. One that is *earlier*'s doesn't count, unless a solver that
    is new has come to the same weights. Raises :class:`~grader.sandbox.guest.failures.Missing`
    where there is none.
    """
    for value in values:
        for candidate in models(value, method):
            repeated = candidate is not value and not earlier.holds(value)
            if not earlier.has(candidate) or (repeated and not earlier.holds(candidate)):
                return candidate
    raise Missing("No variable named " + " or ".join(names) + " holds a trained model.")


def histories(
    values: Iterable[object], attributes: Sequence[str], earlier: Earlier
) -> dict[str, list[float]]:
    """Return the lists of numbers that the first new one of *values* which has any has, thinned."""
    for value in values:
        found = {}
        for name in attributes:
            thin = None if earlier.holds(value) else _thinned(getattr(value, name, None))
            if thin is not None:
                found[name] = thin
        if found:
            return found
    return {}


def holdings(
    variables: Mapping[str, object], names: Sequence[str], method: str, earlier: Earlier
) -> list[int]:
    """Return what each of *names* holds, as a :class:`~grader.model.steps.Held`."""
    held = []
    for name in names:
        value = variables.get(name)
        found = list(models(value, method))
        if not found:
            kind = Held.NOTHING if name not in variables else Held.OTHER
            held.append(Held.NONE if name in variables and value is None else kind)
        else:
            held.append(Held.EARLIER if all(map(earlier.has, found)) else Held.MODEL)
    return [int(kind) for kind in held]


def position() -> int:
    """Return how many bytes this process, and those in its place before, have printed."""
    try:
        return _lseek(1, 0, os.SEEK_CUR)
    except OSError:
        return 0


def _running(error: BaseException) -> Iterator[Mapping[str, object]]:
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(NOTEBOOK):
            yield trace.tb_frame.f_locals
        trace = trace.tb_next


def _thinned(value: object) -> list[float] | None:
    """Return at most :data:`KEPT` values of a list of numbers, evenly spaced; else ``None``."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    count = len(value)
    places = range(count) if count <= KEPT else _linspace(0, count - 1, KEPT).astype(int)
    try:
        return [float(value[place]) for place in places]
    except (TypeError, ValueError):
        return None
