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
#: Fields whose expression is no term: what is called, an index, a keyword's own.
_NO_TERMS = frozenset(("func", "slice", "keywords"))
#: How many variables, and how many entries of dicts, an expression may be combined with; and how
#: many variables may stand in another one's place.
_MOST_NAMES, _MOST_ENTRIES, _MOST_RENAMED = 10, 4, 30


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

    @property
    def removes(self) -> bool:
        """Whether it leaves a simple statement out."""
        (slot, new), *_ = self.changes
        return isinstance(new, ast.Pass) and not hasattr(slot.node, "body")

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
    read, names = [slot for slot in slots if _loaded(slot)], Names(function)
    terms = [slot for slot in read if slot.field not in _NO_TERMS and not names.table(slot.node)]
    found = list(_everywhere(slots))
    for slot in read:
        found += _of(slot, replacements.replacements(slot.node, names.keys))
    for slot in terms:
        found += _of(slot, replacements.epsilons(slot.node, names.epsilons(slot.node)))
    for slot in slots:
        found += _statements(slot)
    for slot in terms:
        found += _of(slot, replacements.renamings(slot.node, names.atoms(slot.node, _MOST_RENAMED)))
    for slot in terms:
        found += _of(slot, replacements.wraps(slot.node))
    # Variables first: what is wrong with a longer expression is mostly wrong with one in it.
    terms.sort(key=lambda slot: not isinstance(slot.node, ast.Name))
    for tier in (replacements.terms, replacements.factors):
        for slot in terms:
            found += _of(slot, tier(slot.node, names.atoms(slot.node)))
    return found


class Names:
    """What an edit of *function* may put somewhere: its variables, entries of dicts, texts."""

    def __init__(self, function: ast.FunctionDef) -> None:
        arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        bound = {argument.arg: 0 for argument in arguments}
        entries: dict[str, ast.expr] = {}
        texts: dict[str, None] = {}
        self._tables: set[str] = set()
        for node in ast.walk(function):
            match node:
                case ast.Name(id=name, ctx=ast.Store(), lineno=line):
                    bound[name] = min(line, bound.get(name, line))
                case (
                    ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str()))
                    | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"))
                ):
                    self._tables.add(name)
                    if not isinstance(getattr(node, "ctx", None), ast.Store):
                        entries.setdefault(ast.dump(node), node)
                case ast.Constant(value=str(text)) if text.isidentifier() and len(text) < 20:
                    texts[text] = None
        #: Short texts that can be keys of a dict.
        self.keys = list(texts)
        self._entries = [*entries.values()][:_MOST_ENTRIES]
        # Those that were bound last are likelier to be meant.
        last = sorted(bound.items(), key=lambda item: -item[1])
        self._bound = [(line, name) for name, line in last if name not in self._tables]

    def table(self, node: ast.AST) -> bool:
        """Say whether *node* is a dict of options: there is no sum of it and a number."""
        return isinstance(node, ast.Name) and node.id in self._tables

    def atoms(self, node: ast.AST, most: int = _MOST_NAMES) -> list[ast.expr]:
        """Return what may stand beside *node*: *most* variables bound before it, and entries."""
        at = getattr(node, "lineno", 0)
        known = [name for line, name in self._bound if line <= at][:most]
        return [*(ast.Name(name, ast.Load()) for name in known), *self._entries]

    def epsilons(self, node: ast.AST) -> list[ast.expr]:
        """Return those of them that are called an epsilon."""
        return [atom for atom in self.atoms(node) if "eps" in ast.dump(atom)]


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
    calls = [
        slot
        for slot in slots
        if replacements.reduces(slot.node)
        # What puts an axis back goes with the call in it.
        and not (isinstance(slot.parent, ast.Subscript) and replacements.reduces(slot.parent))
    ]
    if len(calls) < 2:
        return
    options = [replacements.reductions(slot.node) for slot in calls]
    for changes in zip(*options, strict=True):
        yield _edit("axis", *((slot, new) for slot, (_, new) in zip(calls, changes, strict=True)))


def _statements(slot: Slot) -> Iterator[MadeEdit]:
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
