"""Notebooks as data: cells with bounded texts, and which cell of a hand-in is which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from grader.model.literals import CellKind, Found, OutputKind, Role

#: How a cell was found, surest first: by its id, its tags, a question's marker in its source, the
#: course's own lines in it, what it calls, a text's words, or by where it stands below a question's
#: heading.
MATCH_METHODS: tuple[Found, ...] = ("id", "tag", "marker", "content", "calls", "words", "heading")
#: Those that leave no doubt which cell it is.
CERTAIN_METHODS = MATCH_METHODS[:2]
_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}


@dataclass(frozen=True)
class Output:
    """One saved output of a cell."""

    kind: OutputKind
    text: str


@dataclass(frozen=True)
class Cell:
    """One cell. ``id`` is empty where the file has none."""

    id: str
    kind: CellKind
    source: str
    tags: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    execution_count: int | None = None

    @property
    def question(self) -> str:
        """The id of the question that its tags name, or nothing."""
        named = [tag for tag in self.tags if tag.startswith("question:")]
        return named[0].removeprefix("question:") if named else ""

    @property
    def role(self) -> Role:
        """What it is for, by the last of its tags; nothing where that names no role."""
        return _ROLES.get(self.tags[-1], "") if self.tags else ""

    @property
    def text(self) -> str:
        """What its saved outputs say, one after the other."""
        return "\n".join(output.text for output in self.outputs if output.text)


@dataclass(frozen=True)
class Document:
    """A notebook. ``notes`` say, for people, what of it couldn't be read."""

    name: str
    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A cell of the released notebook and the one of the hand-in that stands for it.

    ``released`` and ``index`` are the two cells' places. A cell that is missing from the hand-in
    has no ``index``; one that the student added has no ``released``, and the question under which
    it stands. ``found`` is one of :data:`MATCH_METHODS`, or empty for both.
    """

    question: str
    role: Role
    released: int | None
    index: int | None
    found: Found = ""


@dataclass(frozen=True)
class Matching:
    """All cells of the released notebook in its order, then those that the student added.

    ``other``: it is a notebook of another edition of the course, in which ``questions`` are the
    places of the texts that ask for an answer in words.
    """

    matches: tuple[Match, ...]
    questions: tuple[int, ...] = ()
    other: bool = False

    def of(self, question: str, role: Role = "") -> Iterator[Match]:
        """Yield the matches of a question, in the released order; of one *role* if it is named."""
        for match in self.matches:
            if match.question == question and role in ("", match.role):
                yield match

    def answer(self, question: str) -> Match | None:
        """Return the answer cell of a question that is there."""
        return next((m for m in self.of(question, "answer") if m.index is not None), None)

    def added(self, question: str) -> tuple[int, ...]:
        """Return the places of the cells that the student added under a question."""
        return tuple(m.index for m in self.of(question, "added") if m.index is not None)

    @property
    def missing(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if match.index is None)

    def owner(self, index: int) -> Match | None:
        """Return the first match of the hand-in's cell at *index*: a merged cell has several."""
        return next((match for match in self.matches if match.index == index), None)
