"""The edits of a function that bring its answer nearest to the right one."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.edits import NumberedEdit


class Nearest:
    """The edits that bring an answer nearer than the *own* error of the function, nearest first."""

    def __init__(self, own: float) -> None:
        self._own = own
        self._found: list[tuple[float, NumberedEdit]] = []

    def add(self, error: float, edits: Sequence[NumberedEdit]) -> None:
        """Take note of one of *edits*, which all lead to that *error*."""
        if edits and error < self._own:
            self._found.append((error, edits[0]))

    def best(self, count: int) -> list[NumberedEdit]:
        """Return the nearest *count* of them."""
        self._found.sort(key=lambda found: found[0])
        return [edit for _, edit in self._found[:count]]
