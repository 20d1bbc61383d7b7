"""In the child: single generic edits of a function's syntax tree, in a fixed order.

Nothing here knows a layer: the edits are those of Python and numpy, one expression at a time, or
the same option of every call at once. The likely ones come first. An edit is made in place and
undone again; its number is its position in the list.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.model.edits import EditKind
from grader.sandbox.guest import replacements
from grader.sandbox.guest.replacements import Change

#: Fields that hold no expression of the function's own work.
_SKIPPED = frozenset(
    ("ctx", "op", "ops", "type_comment", "decorator_list", "returns", "annotation", "args")
)
#: How many names and the like an expression may be combined with.
_MOST_ATOMS = 12


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


class MadeEdit(NamedTuple):
    """One edit: its kind, the lines it stands on, and the slots with what is to stand there."""

    kind: EditKind
    first: int
    last: int
    changes: Sequence[tuple[Slot, ast.AST]]

    def make(self) -> None:
        """Change the tree; :meth:`undo` changes it back."""
        for slot, new in self.changes:
            if not hasattr(new, "lineno"):  # what stood in the function keeps its line
                ast.fix_missing_locations(ast.copy_location(new, slot.node))
            slot.put(new)

    def undo(self) -> None:
        """Put back what stood there."""
        for slot, _ in self.changes:
            slot.put(slot.node)


def edits(function: ast.FunctionDef) -> list[MadeEdit]:
    """Return all edits of *function*, in their order."""
    slots = [slot for n, _ in enumerate(function.body) for slot in _slots(function, "body", n)]
    found = list(_everywhere(slots))
    for tier in (_replaced, _renamed, _lines, _wrapped):
        for slot in slots:
            found += tier(function, slot)
    return found


def _slots(parent: ast.AST, field: str, place: int | None) -> Iterator[Slot]:
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
                    yield from _slots(node, name, n)
        elif isinstance(value, (ast.expr, ast.stmt, ast.slice)):
            yield from _slots(node, name, None)


def _loaded(slot: Slot) -> bool:
    """Say whether an expression is read, and not a place that is written to."""
    node = slot.node
    return isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _edit(kind: EditKind, *changes: tuple[Slot, ast.AST]) -> MadeEdit:
    nodes = [slot.node for slot, _ in changes]
    lines = [getattr(node, "lineno", 0) for node in nodes]
    ends = [
        getattr(node, "end_lineno", None) or line for node, line in zip(nodes, lines, strict=True)
    ]
    return MadeEdit(kind, min(lines), max(ends), changes)


def _of(slot: Slot, changes: Iterator[Change]) -> Iterator[MadeEdit]:
    for kind, new in changes:
        yield _edit(kind, (slot, new))


def _everywhere(slots: Sequence[Slot]) -> Iterator[MadeEdit]:
    """Yield edits that give every reduction the same other axis or the like."""
    calls = [slot for slot in slots if replacements.reduces(slot.node)]
    if len(calls) < 2:
        return
    options = [replacements.reductions(slot.node) for slot in calls]
    for changes in zip(*options, strict=True):
        yield _edit("axis", *((slot, new) for slot, (_, new) in zip(calls, changes, strict=True)))


def _replaced(function: ast.FunctionDef, slot: Slot) -> Iterator[MadeEdit]:
    if _loaded(slot):
        yield from _of(slot, replacements.replacements(slot.node, _keys(function)))


def _renamed(function: ast.FunctionDef, slot: Slot) -> Iterator[MadeEdit]:
    if _loaded(slot) and slot.field != "func":
        yield from _of(slot, replacements.renamings(slot.node, _atoms(function, slot.node)))


def _wrapped(function: ast.FunctionDef, slot: Slot) -> Iterator[MadeEdit]:
    if _loaded(slot) and slot.field not in ("func", "slice", "keywords"):
        yield from _of(slot, replacements.wraps(slot.node, _atoms(function, slot.node)))


def _lines(function: ast.FunctionDef, slot: Slot) -> Iterator[MadeEdit]:
    """Yield edits of whole statements: one too many, two in the other order, ``=`` for ``+=``."""
    parent, field, place, node = slot
    if not isinstance(node, ast.stmt) or place is None:
        return
    yield _edit("line", (slot, ast.Pass()))
    if isinstance(node, ast.AugAssign):
        yield from _of(slot, replacements.assignments(node))
    body = getattr(parent, field)
    if place + 1 < len(body):
        after = Slot(parent, field, place + 1, body[place + 1])
        yield _edit("order", (slot, after.node), (after, node))


def _keys(function: ast.FunctionDef) -> list[str]:
    """Return the short texts in a function that can be keys of a dict."""
    texts = (n.value for n in ast.walk(function) if isinstance(n, ast.Constant))
    found = (t for t in texts if isinstance(t, str) and t.isidentifier() and len(t) < 20)
    return list(dict.fromkeys(found))


def _atoms(function: ast.FunctionDef, node: ast.AST) -> list[ast.expr]:
    """Return what may stand in an expression: names bound before it, and entries of dicts."""
    line = getattr(node, "lineno", 0)
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = [argument.arg for argument in arguments]
    entries: dict[str, ast.expr] = {}
    for inner in ast.walk(function):
        if (
            isinstance(inner, ast.Name)
            and isinstance(inner.ctx, ast.Store)
            and inner.lineno <= line
        ):
            names.append(inner.id)
        match inner:
            case ast.Subscript(slice=ast.Constant(value=str()), ctx=ast.Load()):
                entries.setdefault(ast.dump(inner), inner)
    loads: list[ast.expr] = [ast.Name(name, ast.Load()) for name in dict.fromkeys(names)]
    # Those that were bound last are likelier to be meant.
    return [*loads[: -_MOST_ATOMS - 1 : -1], *list(entries.values())[:4]]
