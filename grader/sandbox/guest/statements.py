"""In the child: edits of whole statements, and of several calls at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.sandbox.guest import replacements
from grader.sandbox.guest.replacements import Change
from grader.sandbox.guest.slots import Body, MadeEdit, Slot, edit, replaced

#: How many lines further down or up a line may belong.
_FARTHEST = 3
_BLOCKS = (ast.For, ast.While, ast.If, ast.With)


def everywhere(slots: Sequence[Slot]) -> Iterator[MadeEdit]:
    """Yield edits that give every reduction the same other axis or the like."""
    calls = [
        (slot, slot.node)
        for slot in slots
        if replacements.reduces(slot.node)
        # What puts an axis back goes with the call in it.
        and not (isinstance(slot.parent, ast.Subscript) and replacements.reduces(slot.parent))
    ]
    if len(calls) < 2:
        return
    options = [replacements.reductions(node) for _, node in calls]
    for changes in zip(*options, strict=True):
        yield edit(
            "axis", *((slot, new) for (slot, _), (_, new) in zip(calls, changes, strict=True))
        )


def single(slot: Slot) -> Iterator[MadeEdit]:
    """Yield edits of one statement: one too many, two in the other order, ``=`` for ``+=``."""
    parent, field, place, node = slot
    if not isinstance(node, ast.stmt) or place is None:
        return
    yield edit("line", (slot, ast.Pass()))
    if isinstance(node, ast.AugAssign):
        yield from replaced(slot, replacements.assignments(node))
    body = getattr(parent, field)
    if place + 1 < len(body):
        after = Slot(parent, field, place + 1, body[place + 1])
        yield edit("order", (slot, after.node), (after, node))


def moved(slot: Slot, variables: Sequence[str]) -> Iterator[MadeEdit]:
    """Yield edits that assign otherwise, or have a statement run elsewhere: farther, in a block."""
    parent, field, place, node = slot
    if not isinstance(node, ast.stmt) or place is None:
        return
    yield from replaced(slot, targets(node, variables))
    body: list[ast.stmt] = getattr(parent, field)
    for far in range(2, _FARTHEST + 1):
        if place + far < len(body):
            span = body[place : place + far + 1]
            slots = [Slot(parent, field, place + n, span[n]) for n in range(far + 1)]
            for other in ([*span[1:], span[0]], [span[-1], *span[:-1]]):
                yield edit("order", *zip(slots, other, strict=True))
    if isinstance(node, _BLOCKS):
        yield from _across(node, Body(parent, field, body), place)


def targets(node: ast.AST, variables: Sequence[str]) -> Iterator[Change]:
    """Yield a statement that adds what it assigns, or assigns it to another of *variables*."""
    match node:
        case ast.Assign(targets=[ast.Name() | ast.Subscript() as target], value=value):
            yield "assignment", ast.AugAssign(target, ast.Add(), value)
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            for other in variables:
                if other != name:
                    yield "assignment", ast.Assign([ast.Name(other, ast.Store())], value)


def _across(
    block: ast.For | ast.While | ast.If | ast.With, outer: Body, place: int
) -> Iterator[MadeEdit]:
    """Yield edits that move a statement into the *block* at a place of a body, or out of it."""
    inner, within = Body(block, "body", block.body), block.body
    before, after = outer.statements[:place], outer.statements[place + 1 :]
    found: list[tuple[ast.stmt, Sequence[ast.stmt], Sequence[ast.stmt]]] = []
    if after:
        found.append((after[0], [*within, after[0]], [*before, block, *after[1:]]))
    if before:
        found.append((before[-1], [before[-1], *within], [*before[:-1], block, *after]))
    if len(within) > 1:
        found.append((within[0], within[1:], [*before, within[0], block, *after]))
        found.append((within[-1], within[:-1], [*before, block, within[-1], *after]))
    for line, inside, outside in found:
        last = line.end_lineno or line.lineno
        moves = ((inner, inside), (outer, outside))
        yield MadeEdit("indentation", line.lineno, last, (), moves)
