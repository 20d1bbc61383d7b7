"""In the child: one example under way, and what stands in the place of a value that isn't there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.model.notes import Changed
from grader.model.programs import Failure
from grader.model.trees import Tree

#: What a student's code made: of any type, a hostile one too.
Foreign = Any

_ndarray, _tobytes = np.ndarray, np.ndarray.tobytes
#: Types whose values are compared by Python's own equality.
_PLAIN = (bool, int, float, str)


class Failed:
    """Stands in a slot for what a step couldn't give."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class Skip(Exception):
    """A step needs what isn't there; *failed* says why."""

    def __init__(self, failed: Failed) -> None:
        self.failed = failed


class Scope:
    """One example under way: its inputs, what the steps gave, the models' parameter names.

    With *watch*, arrays and lists that are handed out are remembered, to see later whether they
    were written into, and functions that were called, to count the calls among them.
    """

    def __init__(self, inputs: Mapping[str, Tree], watch: bool) -> None:
        self.inputs = inputs
        self.slots: dict[str, Foreign] = {}
        #: The student's own names of parameters, each with the name that the program uses.
        self.names: dict[object, str] = {}
        self.lent: list[tuple[str, Foreign]] | None = [] if watch else None
        self.called: dict[str, object] = {}
        self.notes: list[str] = []
        #: By model: the options that it was made with, in words.
        self.options: dict[str, str] = {}
        #: What is to be done after the example.
        self.after: list[Callable[[], None]] = []

    def slot(self, name: str) -> Foreign:
        """Return what a step has kept. Raises :class:`Skip` where that step failed."""
        value = self.slots[name]
        if isinstance(value, Failed):
            raise Skip(value)
        return value

    def changed(self) -> list[str]:
        """Return a note for each input that was written into."""
        if not self.lent:
            return []
        names = {name for name, copy in self.lent if not _same(copy, self.inputs[name])}
        return [str(Changed(name)) for name in sorted(names)]


def _same(one: Foreign, other: Tree) -> bool:
    """Say whether what was handed out is as the input still is; no code of a student's runs."""
    if type(one) is not type(other):
        return False
    if isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(other, _ndarray):
        return one.shape == other.shape and _tobytes(one) == _tobytes(other)
    return bool(one == other) if type(other) in _PLAIN else True
