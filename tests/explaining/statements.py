"""Operators that make statements wrong: gone, doubled, exchanged, too early, in place of an input.

They are of kinds that no search for a repair undoes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from operators import names_read
from syntax import Change, Code, Operator, bodies, into

STATEMENTS: dict[str, Operator] = {}
operator = into(STATEMENTS)


@operator("a statement gone")
def _gone(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            yield code.change(node, "pass")


@operator("a statement twice")
def _twice(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, (ast.AugAssign, ast.Assign)):
            indent = " " * node.col_offset
            yield code.change(node, f"{code.source(node)}\n{indent}{code.source(node)}")


@operator("two statements exchanged")
def _exchanged(code: Code) -> Iterator[Change]:
    for node in ast.walk(code.top):
        for body in bodies(node):
            for one, other in pairwise(body):
                if isinstance(one, (ast.Assign, ast.AugAssign)) and isinstance(
                    other, (ast.Assign, ast.AugAssign)
                ):
                    start, end = code.at(one)[0], code.at(other)[1]
                    between = code.text[code.at(one)[1] : code.at(other)[0]]
                    yield Change(start, end, code.source(other) + between + code.source(one))


@operator("the branches of an if exchanged")
def _branches(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, ast.If):
            yield code.change(node.test, f"not ({code.source(node.test)})")


@operator("a block that never runs")
def _never(code: Code) -> Iterator[Change]:
    for node in code.statements():
        if isinstance(node, ast.If):
            yield code.change(node.test, f"False and {code.source(node.test)}")


@operator("a return before the work is done")
def _early(code: Code) -> Iterator[Change]:
    for function in code.functions():
        *before, last = function.body
        if isinstance(last, ast.Return) and last.value is not None:
            names = {n.id for n in ast.walk(last.value) if isinstance(n, ast.Name)}
            for i, statement in enumerate(before):
                made = {
                    n.id
                    for s in before[:i]
                    for n in ast.walk(s)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
                }
                if names <= made:
                    early = f"{code.source(last)}\n{' ' * statement.col_offset}"
                    yield Change(code.at(statement)[0], code.at(statement)[0], early)


@operator("an input changed in place before it is used")
def _in_place(code: Code) -> Iterator[Change]:
    for function in code.functions():
        for argument in function.args.args:
            if argument.arg in ("x", "w", "dw", "dout", "gamma"):
                first = function.body[0]
                if isinstance(first, ast.Expr) and len(function.body) > 1:
                    first = function.body[1]
                work = f"{argument.arg} *= 1.5\n{' ' * first.col_offset}"
                yield Change(code.at(first)[0], code.at(first)[0], work)


@operator("a copy that is another name for the same array")
def _alias(code: Code) -> Iterator[Change]:
    for node in code.assigned():
        target = node.targets[0]
        if isinstance(target, ast.Name) and isinstance(node.value, ast.BinOp):
            left = node.value.left
            if isinstance(left, ast.Name) and isinstance(node.value.op, (ast.Sub, ast.Mult)):
                sign = "-" if isinstance(node.value.op, ast.Sub) else "*"
                rest = code.source(node.value.right)
                indent = " " * node.col_offset
                yield code.change(
                    node, f"{target.id} = {left.id}\n{indent}{target.id} {sign}= {rest}"
                )


@operator("one variable for another in two places")
def _two_variables(code: Code) -> Iterator[Change]:
    found = list(names_read(code))
    for i, (node, other) in enumerate(found):
        for again, same in found[i + 1 : i + 40]:
            if again.id == node.id and same == other and again.lineno > node.lineno:
                between = code.text[code.at(node)[1] : code.at(again)[0]]
                yield Change(code.at(node)[0], code.at(again)[1], other + between + other)
                break
