"""What the desk needs of who reads students' notebooks: cells as clean HTML, with their outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ShownCell(Protocol):
    """A cell of a notebook. ``html`` is clean; without it ``source`` is shown, and ``why``."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def answers(self) -> bool: ...
    @property
    def html(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def outputs(self) -> Sequence[tuple[str, str]]: ...


class Reading(Protocol):
    """The cells of a question, or why there are none."""

    @property
    def cells(self) -> Sequence[ShownCell]: ...
    @property
    def why(self) -> str: ...


class Reader(Protocol):
    """Reads notebooks that were handed in, in a confined process."""

    def question(self, submission: str, question: str) -> Reading:
        """Return the cells of a question. Raises :class:`~grader.model.problem.Problem`."""
        ...
