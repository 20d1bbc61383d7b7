"""In the child: places in a function's syntax tree, and single changes of what stands there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.model.edits import EditKind
from grader.sandbox.guest.replacements import Change

#: Fields that hold no expression of the function's own work.
_SKIPPED = frozenset(
    ("ctx", "op", "ops", "type_comment", "decorator_list", "returns", "annotation", "args")
)


class Slot(NamedTuple):
    """Where a node stands: a field of its parent, and its place there if that holds several."""

    parent: ast.AST
    field: str
    place: int | None
    node: ast.AST

    def put(self, new: ast.AST) -> None:
        """Have *new* stand there."""
        if self.place is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.place] = new


class Body(NamedTuple):
    """The statements in a field of a block."""

    parent: ast.AST
    field: str
    statements: Sequence[ast.stmt]

    def put(self, new: Sequence[ast.stmt]) -> None:
        """Have *new* stand there."""
        setattr(self.parent, self.field, new)


class MadeEdit(NamedTuple):
    """One edit: its kind, the lines it stands on, and the slots with what is to stand there.

    Where statements move between blocks, ``bodies`` are those with what is to stand in each.
    """

    kind: EditKind
    first: int
    last: int
    changes: Sequence[tuple[Slot, ast.AST]]
    bodies: Sequence[tuple[Body, Sequence[ast.stmt]]] = ()

    @property
    def removes(self) -> bool:
        """Whether it leaves a simple statement out."""
        if not self.changes:
            return False
        (slot, new), *_ = self.changes
        return isinstance(new, ast.Pass) and not hasattr(slot.node, "body")

    def make(self) -> None:
        """Change the tree; :meth:`undo` changes it back."""
        for slot, new in self.changes:
            if not hasattr(new, "lineno"):  # what stood in the function keeps its line
                ast.fix_missing_locations(ast.copy_location(new, slot.node))
            slot.put(new)
        for body, statements in self.bodies:
            body.put(statements)

    def undo(self) -> None:
        """Put back what stood there."""
        for slot, _ in self.changes:
            slot.put(slot.node)
        for body, _ in self.bodies:
            body.put(body.statements)


def below(parent: ast.AST, field: str, place: int | None) -> Iterator[Slot]:
    """Yield the slot of a node and those below it, in the order of the text."""
    held = getattr(parent, field)
    node = held if place is None else held[place]
    yield Slot(parent, field, place, node)
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED and not isinstance(node, ast.Call):
            continue
        if isinstance(value, list):
            for n, child in enumerate(value):
                if isinstance(child, ast.AST) and not isinstance(child, ast.cmpop):
                    yield from below(node, name, n)
        elif isinstance(value, (ast.expr, ast.stmt, ast.slice)):
            yield from below(node, name, None)


def is_read(slot: Slot) -> bool:
    """Say whether an expression is read, and not a place that is written to."""
    node = slot.node
    return isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def edit(kind: EditKind, *changes: tuple[Slot, ast.AST]) -> MadeEdit:
    """Return the edit that makes all *changes*, on the lines from the first to the last of them."""
    nodes = [slot.node for slot, _ in changes]
    lines = [getattr(node, "lineno", 0) for node in nodes]
    ends = [
        getattr(node, "end_lineno", None) or line for node, line in zip(nodes, lines, strict=True)
    ]
    return MadeEdit(kind, min(lines), max(ends), changes)


def replaced(slot: Slot, changes: Iterator[Change]) -> Iterator[MadeEdit]:
    """Yield an edit for each of the *changes* of one slot."""
    for kind, new in changes:
        yield edit(kind, (slot, new))
