"""In the child: a function that returns nothing since nothing is written in it.

The assignment's own blanks raise NotImplementedError; other editions of the course return None,
after lines that were given out. Such a function is told as not written, and not by what it gives.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator

from grader.sandbox.guest.scope import Foreign

#: What the lines that are given out around a blank call: options, zeros to begin with, an error.
_GIVEN = frozenset(
    (
        *("get", "setdefault", "pop", "items", "values", "copy", "format", "seed", "ValueError"),
        *("zeros", "zeros_like", "astype", "range", "len", "super", "__init__", "enumerate"),
    )
)
#: Comparisons that choose between modes and options.
_CHOICES = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)


class Blank(NotImplementedError):
    """A function returned nothing, and its lines work nothing out."""


def written(function: Foreign, value: Foreign) -> Foreign:
    """Return *value*, which *function* gave. Raises :class:`Blank` where nothing is written."""
    if _nothing(value) and not any(map(_works_out, _nodes(function))):
        raise Blank
    return value


def _nothing(value: Foreign) -> bool:
    """Say whether there is no array and no number in what came; a cache may be of any kind."""
    if type(value) not in (tuple, list):
        return value is None
    if not value:
        return False
    first, last = value[0], value[-1]
    return first is None or (type(first) is float and not first and last == {})


def _nodes(function: Foreign) -> Iterator[ast.AST]:
    """Yield the nodes of a function's text; of one that has none, one that works something out."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except Exception:  # of whatever a student puts in a function's place
        tree = ast.parse("1 + 1")
    yield from ast.walk(tree)


def _works_out(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return called not in _GIVEN
    if isinstance(node, ast.Return):  # who writes None means it
        return isinstance(node.value, ast.Constant) and node.value.value is None
    if isinstance(node, ast.BinOp):
        return not (isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant))
    if isinstance(node, ast.Compare):
        return not all(isinstance(operator, _CHOICES) for operator in node.ops)
    return isinstance(node, ast.AugAssign | ast.Lambda | ast.ListComp | ast.FunctionDef) and not (
        isinstance(node, ast.FunctionDef) and node.col_offset == 0
    )
