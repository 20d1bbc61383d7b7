"""In the child: one expression with something added to it, each with the kind of the edit.

The old expression stands in the new one as it is, not as a copy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.sandbox.guest.replacements import EPSILONS, Change, is_value, numpy_call


def epsilons(node: ast.AST, known: Sequence[ast.expr]) -> Iterator[Change]:
    """Yield *node* with an epsilon added: one of the *known* ones, or as it is usually written."""
    if is_value(node):
        for atom in (*known, *map(ast.Constant, EPSILONS)):
            yield "epsilon", ast.BinOp(node, ast.Add(), atom)


def wraps(node: ast.AST) -> Iterator[Change]:
    """Yield *node* with something else around it: a sign, a root, a transpose, a number."""
    if not is_value(node):
        return
    yield "sign", ast.UnaryOp(ast.USub(), node)
    yield "transpose", ast.Attribute(node, "T", ast.Load())
    for name in ("sqrt", "square"):
        yield "root", numpy_call(name, [node])
    for factor in (0.5, 2.0):
        yield "factor", ast.BinOp(node, ast.Mult(), ast.Constant(factor))
    yield "term", ast.BinOp(ast.Constant(1), ast.Sub(), node)
    yield "factor", ast.BinOp(ast.Constant(1.0), ast.Div(), node)


def terms(node: ast.AST, atoms: Sequence[ast.expr]) -> Iterator[Change]:
    """Yield *node* less its mean, less one of *atoms*, and with one of them added."""
    if not is_value(node):
        return
    for axis in (0, 1):
        yield "term", ast.BinOp(node, ast.Sub(), _reduced(node, "mean", axis, True))
    for operator in (ast.Sub(), ast.Add()):
        for atom in atoms:
            yield "term", ast.BinOp(node, operator, atom)


def factors(node: ast.AST, atoms: Sequence[ast.expr]) -> Iterator[Change]:
    """Yield *node* with one of *atoms*, or what it leaves of 1, as a factor or a divisor."""
    if not is_value(node):
        return
    for operator in (ast.Mult(), ast.Div()):
        for atom in atoms:
            yield "factor", ast.BinOp(node, operator, atom)
    for atom in atoms:
        rest = ast.BinOp(ast.Constant(1), ast.Sub(), atom)
        yield "factor", ast.BinOp(node, ast.Mult(), rest)


def further(node: ast.AST, atoms: Sequence[ast.expr], arrays: Sequence[str]) -> Iterator[Change]:
    """Yield *node* to the power of one of *atoms*, summed, or with a size of one of *arrays*."""
    if not is_value(node):
        return
    for atom in atoms:
        yield "root", ast.BinOp(node, ast.Pow(), atom)
    for name in ("sum", "mean"):
        for axis in (0, 1):
            for keeps in (False, True):
                yield "function", _reduced(node, name, axis, keeps)
    for array in arrays:
        shape = ast.Attribute(ast.Name(array, ast.Load()), "shape", ast.Load())
        reshape = ast.Attribute(node, "reshape", ast.Load())
        yield "function", ast.Call(reshape, [shape], [])
        for axis in (0, 1):
            size = ast.Subscript(shape, ast.Constant(axis), ast.Load())
            for operator in (ast.Div(), ast.Mult()):
                yield "size", ast.BinOp(node, operator, size)


def _reduced(node: ast.expr, name: str, axis: int, keeps: bool) -> ast.Call:
    words = [ast.keyword("axis", ast.Constant(axis))]
    words += [ast.keyword("keepdims", ast.Constant(True))] if keeps else []
    return ast.Call(ast.Attribute(node, name, ast.Load()), [], words)
