"""In the child: a term moved into a call or a power, or out of it: an epsilon mostly."""

from __future__ import annotations

import ast

from grader.model.edits import EditKind


def kind_of(term: ast.expr) -> EditKind:
    """Return the kind of an edit that moves a *term*."""
    small = isinstance(term, ast.Constant) and isinstance(term.value, float) and term.value < 0.01
    return "epsilon" if small or "eps" in ast.dump(term) else "bracket"


def inside(call: ast.Call, op: ast.operator, term: ast.expr) -> ast.AST:
    """Return ``f(a) + b`` as ``f(a + b)``."""
    return ast.Call(call.func, [ast.BinOp(call.args[0], op, term), *call.args[1:]], call.keywords)


def outside(call: ast.Call, kept: ast.expr, op: ast.operator, term: ast.expr) -> ast.AST:
    """Return ``f(a + b)`` as ``f(a) + b``."""
    return ast.BinOp(ast.Call(call.func, [kept], call.keywords), op, term)


def under(power: ast.BinOp, op: ast.operator, term: ast.expr) -> ast.AST:
    """Return ``a**c + b`` as ``(a + b) ** c``."""
    return ast.BinOp(ast.BinOp(power.left, op, term), power.op, power.right)


def beside(total: ast.BinOp, exponent: ast.expr) -> ast.AST:
    """Return ``(a + b) ** c`` as ``a**c + b``."""
    return ast.BinOp(ast.BinOp(total.left, ast.Pow(), exponent), total.op, total.right)
