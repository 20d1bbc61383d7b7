"""In the child: single generic edits of a function's syntax tree, in a fixed order.

Nothing here knows a layer: the edits are those of Python and numpy, one expression at a time, or
the same option of every call at once. The likely ones come first. An edit is made in place and
undone again; its number is its position in the list.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import chain

from grader.sandbox.guest import additions, replacements, statements
from grader.sandbox.guest.slots import MadeEdit, below, is_read, replaced

#: Fields whose expression is no term: what is called, an index, a keyword's own.
_NO_TERMS = frozenset(("func", "slice", "keywords"))
#: How many variables, and how many entries of dicts, an expression may be combined with; how
#: many variables may stand in another one's place; and of how many the sizes are factors.
_MOST_NAMES, _MOST_ENTRIES, _MOST_RENAMED, _MOST_SIZED = 10, 4, 30, 4


#: Kinds of edits by which a mistake can be made up for on another line: what lacks a sign or a
#: factor here may get it there.
_MADE_UP_FOR = frozenset(
    ("sign", "operator", "number", "term", "factor", "size", "root", "variable", "order", "line")
)

#: By the name of a function: others that take as many arguments.
Peers = Mapping[str, Sequence[str]]
_NO_PEERS: Peers = {}


def tiers(function: ast.FunctionDef, peers: Peers = _NO_PEERS) -> list[list[MadeEdit]]:
    """Return all edits of *function*, in their order, the likeliest in the first of the lists.

    Those that a mistake on another line can be made up for by are in one list. *peers* are
    functions that it could call in the place of others.
    """
    slots = [slot for n, _ in enumerate(function.body) for slot in below(function, "body", n)]
    read, names = [slot for slot in slots if is_read(slot)], Names(function)
    terms = [slot for slot in read if slot.field not in _NO_TERMS and not names.table(slot.node)]
    handed = _handed_on(function)
    worked = [slot for slot in terms if id(slot.node) not in handed]
    # Variables first: what is wrong with a longer expression is mostly wrong with one in it.
    simple = sorted(worked, key=lambda slot: not isinstance(slot.node, ast.Name))
    likely = [*statements.everywhere(slots)]
    for slot in read:
        likely += replaced(slot, replacements.replacements(slot.node, names.keys))
    for slot in worked:
        likely += replaced(slot, additions.epsilons(slot.node, names.epsilons(slot.node)))
    for slot in slots:
        likely += statements.single(slot)
    renamed: list[MadeEdit] = []
    for slot in terms:
        atoms = names.atoms(slot.node, _MOST_RENAMED)
        renamed += replaced(slot, replacements.renamings(slot.node, atoms))
    for slot in read:
        renamed += replaced(slot, replacements.calls(slot.node, peers))
    wrapped = [e for slot in worked for e in replaced(slot, additions.wraps(slot.node))]
    combined: list[MadeEdit] = []
    for tier in (additions.terms, additions.factors):
        for slot in simple:
            combined += replaced(slot, tier(slot.node, names.atoms(slot.node)))
    moved = [edit for slot in slots for edit in statements.moved(slot, names.variables)]
    further: list[MadeEdit] = []
    for slot in simple:
        arrays = names.arrays[:_MOST_SIZED]
        further += replaced(slot, additions.further(slot.node, names.atoms(slot.node), arrays))
    listed = [*likely, *renamed, *wrapped, *combined, *further]
    return [
        [edit for edit in likely if edit.kind not in _MADE_UP_FOR],
        [edit for edit in (*renamed, *wrapped, *moved) if edit.kind not in _MADE_UP_FOR],
        [edit for edit in listed if edit.kind in _MADE_UP_FOR],
        [edit for edit in (*combined, *further) if edit.kind not in _MADE_UP_FOR],
    ]


def edits(function: ast.FunctionDef) -> list[MadeEdit]:
    """Return all edits of *function* in one list."""
    return [*chain.from_iterable(tiers(function))]


def _handed_on(function: ast.FunctionDef) -> frozenset[int]:
    """Return the expressions that are handed on as they are, by their identity.

    Options that are read, variables that are returned or kept: what could be done to them belongs
    where they are computed or used. And arrays that a part is assigned of: with anything done to
    one, what is assigned goes into a copy and is lost, which is to delete the line.
    """
    found: list[ast.AST] = []
    for node in ast.walk(function):
        match node:
            case ast.Return(value=ast.Name() as name):
                found.append(name)
            case ast.Return(value=ast.Tuple(elts=names)) | ast.Assign(value=ast.Tuple(elts=names)):
                found += [name for name in names if isinstance(name, ast.Name)]
            case (
                ast.Assign(value=ast.Subscript(slice=ast.Constant(value=str())) as option)
                | ast.Assign(value=ast.Call(func=ast.Attribute(attr="get")) as option)
            ):
                found.append(option)
            case ast.Subscript(value=array, ctx=ast.Store()):
                found.append(array)
    return frozenset(map(id, found))


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
        #: Variables that are assigned somewhere, and arguments, which may be arrays.
        self.variables = [name for line, name in self._bound if line][:_MOST_NAMES]
        self.arrays = [name for line, name in self._bound if not line and name != "self"]

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
