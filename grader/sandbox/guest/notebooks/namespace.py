"""In the child: the variables of a notebook, and what is looked for among their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from grader.sandbox.guest.failures import Missing
from grader.sandbox.guest.plotting import Nothing
from grader.sandbox.protocol.layout import NOTEBOOK

#: The most values of a history that are kept.
KEPT = 200

_linspace = np.linspace


class Namespace:
    """A notebook's variables: *names*, of which the *given* ones are put back before every cell."""

    def __init__(self, names: dict[str, object], given: dict[str, object]) -> None:
        self.names, self.given = names, given
        #: The variables of the functions that ran when a cell was cut, outermost first.
        self.running: list[Mapping[str, object]] = []

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


def model(values: Iterable[object], names: Sequence[str], method: str) -> object:
    """Return the first of *values*, those of *names*, that is a model or has one as ``model``.

    A model is what has the *method*. Raises :class:`~grader.sandbox.guest.failures.Missing` where
    there is none.
    """
    for value in values:
        for candidate in (value, getattr(value, "model", None)):
            if not isinstance(candidate, (type, Nothing)) and callable(
                getattr(candidate, method, None)
            ):
                return candidate
    raise Missing("No variable named " + " or ".join(names) + " holds a trained model.")


def histories(values: Iterable[object], attributes: Sequence[str]) -> dict[str, list[float]]:
    """Return the lists of numbers that the first of *values* which has any has, thinned."""
    for value in values:
        found = {}
        for name in attributes:
            thin = _thinned(getattr(value, name, None))
            if thin is not None:
                found[name] = thin
        if found:
            return found
    return {}


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
