"""In the child: what may stand in the place of one expression, each with the kind of the edit.

Parts of the old expression stand in the new one as they are, not as copies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeGuard

from grader.model.edits import EditKind
from grader.sandbox.guest import brackets
from grader.sandbox.guest.scope import Foreign

#: A kind of edit, and the new expression.
Change = tuple[EditKind, ast.AST]

_SWAPPED: dict[str, tuple[str, ...]] = {
    "mean": ("sum", "var"),
    "sum": ("mean", "max"),
    "max": ("maximum", "sum"),
    "maximum": ("minimum",),
    "min": ("max", "maximum"),
    "minimum": ("maximum",),
    "amax": ("maximum",),
    "var": ("std", "mean"),
    "std": ("var",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "rand": ("randn",),
    "randn": ("rand",),
    "abs": ("square",),
    "square": ("abs", "sqrt"),
    "sqrt": ("square",),
    "dot": ("multiply",),
    "multiply": ("dot",),
}
_REDUCTIONS = frozenset(("sum", "mean", "var", "std", "max", "min", "amax", "amin", "prod"))
_OPTIONS = frozenset(("axis", "keepdims", "ddof"))
_SINGLE = frozenset(
    ("sqrt", "abs", "square", "sum", "mean", "log", "exp", "float", "int", "round", "transpose")
)
_OPERATORS: dict[type[ast.operator], tuple[tuple[EditKind, type[ast.operator]], ...]] = {
    ast.Add: (("sign", ast.Sub),),
    ast.Sub: (("sign", ast.Add),),
    ast.Mult: (("operator", ast.Div), ("operator", ast.MatMult)),
    ast.Div: (("operator", ast.Mult),),
    ast.FloorDiv: (("operator", ast.Div),),
    ast.Pow: (("operator", ast.Mult),),
    ast.MatMult: (("operator", ast.Mult),),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.Gt, ast.LtE),
    ast.Gt: (ast.Lt, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_NO_VALUES = (
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.JoinedStr,
    ast.Slice,
    ast.Starred,
)
#: Epsilons as they are usually written.
EPSILONS = (1e-5, 1e-8)


def replacements(node: ast.AST, keys: Sequence[str]) -> Iterator[Change]:
    """Yield what may stand in the place of *node*, by its own parts; *keys* are known texts."""
    match node:
        case ast.BinOp():
            yield from _binary(node)
        case ast.UnaryOp(operand=operand):
            yield "sign", operand
        case ast.Compare(ops=[op]):
            for other in _COMPARISONS.get(type(op), ()):
                yield "comparison", _with(node, ops=[other()])
        case ast.BoolOp(values=values):
            for value in values:
                yield "condition", value
        case ast.IfExp(body=body, orelse=orelse):
            yield "condition", body
            yield "condition", orelse
        case ast.Constant(value=value):
            yield from _constant(value, keys)
        case ast.Call():
            yield from _call(node)
        case ast.Attribute(attr="T", value=value):
            yield "transpose", value
        case ast.Subscript() if reduces(node):
            yield from reductions(node)
        case ast.Subscript(slice=ast.Name() | ast.BinOp() | ast.Constant(value=int())):
            for step in (1, -1):
                yield "index", _moved(node, step)
        case ast.Tuple(elts=elts) if 2 <= len(elts) <= 4:
            for i, j in combinations(range(len(elts)), 2):
                yield "order", _with(node, elts=_swapped(elts, i, j))


def renamings(node: ast.AST, atoms: Sequence[ast.expr]) -> Iterator[Change]:
    """Yield the *atoms* in the place of a name or of a number."""
    match node:
        case ast.Name(id=name):
            for atom in atoms:
                if not (isinstance(atom, ast.Name) and atom.id == name):
                    yield "variable", atom
        case ast.Constant(value=value) if (
            isinstance(value, (int, float)) and type(value) is not bool
        ):
            for atom in atoms:
                yield "number", atom
            for atom in atoms:
                yield "number", ast.BinOp(ast.Constant(1), ast.Sub(), atom)


def calls(node: ast.AST, peers: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    """Yield the *peers* of a function that is named."""
    if isinstance(node, ast.Name):
        for name in peers.get(node.id, ()):
            yield "function", ast.Name(name, ast.Load())


def assignments(node: ast.AugAssign) -> Iterator[Change]:
    """Yield ``=`` and the other operators in the place of ``+=`` and its like."""
    yield "assignment", ast.Assign([node.target], node.value)
    for kind, operator in _OPERATORS.get(type(node.op), ()):
        yield kind, ast.AugAssign(node.target, operator(), node.value)


def reduces(node: ast.AST) -> bool:
    """Say whether *node* calls a function that takes an axis, or puts one back: ``[:, None]``."""
    return _reduction(node) is not None


def _reduction(node: ast.AST) -> ast.Call | None:
    if isinstance(node, ast.Subscript) and any(map(_is_new_axis, ast.walk(node.slice))):
        node = node.value
    return node if isinstance(node, ast.Call) and _called(node) in _REDUCTIONS else None


def _is_new_axis(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=None) | ast.Attribute(attr="newaxis"):
            return True
    return False


def reductions(node: ast.AST) -> list[Change]:
    """Return the same call over each axis, with its axis kept or not, and without ddof."""
    call = _reduction(node)
    assert call is not None
    node = call
    own = isinstance(node.func, ast.Attribute) and not _isnumpy_call(node.func.value)
    kept = [] if own else node.args[:1]
    others = [word for word in node.keywords if word.arg not in _OPTIONS]
    found: list[Change] = []
    # The same axis without ddof first.
    words = [word for word in node.keywords if word.arg != "ddof"]
    found.append(("axis", _with(node, keywords=words)))
    for axis in (0, 1, -1, None):
        for keeps in (False, True):
            options: dict[str, int | bool] = {} if axis is None else {"axis": axis}
            options |= {"keepdims": True} if keeps else {}
            new = [ast.keyword(name, ast.Constant(value)) for name, value in options.items()]
            found.append(("axis", ast.Call(node.func, kept, [*others, *new])))
    return found


def _binary(node: ast.BinOp) -> Iterator[Change]:
    left, op, right = node.left, node.op, node.right
    # An epsilon, or another term, moved into a root or out of it.
    for outer, moved in ((left, right), (right, left)):
        if isinstance(outer, ast.Call) and outer.args:
            yield brackets.kind_of(moved), brackets.inside(outer, op, moved)
        if isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Pow):
            yield brackets.kind_of(moved), brackets.under(outer, op, moved)
    if isinstance(op, ast.Pow) and isinstance(left, ast.BinOp):
        yield brackets.kind_of(left.right), brackets.beside(left, right)
    for kind, operator in _OPERATORS.get(type(op), ()):
        yield kind, ast.BinOp(left, operator(), right)
    for side in (left, right):
        yield "term", side
    if isinstance(op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
        yield "order", ast.BinOp(right, op, left)
    if isinstance(right, ast.BinOp):  # a - (b / c): (a - b) / c
        a, b, outside, c = left, right.left, right.op, right.right
        yield "bracket", ast.BinOp(ast.BinOp(a, op, b), outside, c)
    if isinstance(left, ast.BinOp):
        d, e, inner, f = left.left, left.right, left.op, right
        yield "bracket", ast.BinOp(d, inner, ast.BinOp(e, op, f))


def _call(node: ast.Call) -> Iterator[Change]:
    func, name = node.func, _called(node)
    if len(node.args) == 1 and isinstance(node.args[0], ast.BinOp):
        inner = node.args[0]
        if isinstance(inner.op, (ast.Add, ast.Sub)):
            for kept, moved in ((inner.left, inner.right), (inner.right, inner.left)):
                yield brackets.kind_of(moved), brackets.outside(node, kept, inner.op, moved)
    if reduces(node):
        yield from reductions(node)
    for other in _SWAPPED.get(name, ()):
        swapped: EditKind = "factor" if {name, other} == {"sum", "mean"} else "function"
        if isinstance(func, ast.Attribute):
            yield swapped, _with(node, func=_with(func, attr=other))
        else:
            yield swapped, numpy_call(other, node.args)
    if name in _SINGLE and node.args:
        yield "function", node.args[0]
    if isinstance(func, ast.Attribute) and not _isnumpy_call(func.value):
        if name in ("astype", "copy", "view"):
            yield "cast", func.value
        elif not node.args:
            yield "function", func.value
    for word in node.keywords:
        kind: EditKind = "cast" if word.arg == "dtype" else "number"
        kind = "axis" if word.arg in _OPTIONS else kind
        rest = [other for other in node.keywords if other is not word]
        yield kind, _with(node, keywords=rest)
    for i, j in combinations(range(min(len(node.args), 4)), 2):
        yield "order", _with(node, args=_swapped(node.args, i, j))
    if name == "range":
        for n, arg in enumerate(node.args):
            for step in (1, -1):
                bound = ast.BinOp(arg, ast.Add(), ast.Constant(step))
                yield "bound", _with(node, args=[*node.args[:n], bound, *node.args[n + 1 :]])
    if name == "clip" and len(node.args) == 3:
        yield "function", numpy_call("maximum", node.args[:2])


def _constant(value: Foreign, keys: Sequence[str]) -> Iterator[Change]:
    if isinstance(value, bool):
        yield "condition", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        others = (value + 1, value - 1, -value, 2 * value, value / 2, 1 - value, 0, 1, 2, 0.5)
        tens = (10 * value, value / 10, *EPSILONS) if isinstance(value, float) else ()
        for other in dict.fromkeys((*others, *tens)):
            if other != value:
                yield "number", ast.Constant(other)
    elif isinstance(value, str):
        for key in keys:
            if key != value:
                yield "key", ast.Constant(key)


def _moved(node: ast.Subscript, step: int) -> ast.AST:
    """``a[i]`` as ``a[i + step]``."""
    return _with(node, slice=ast.BinOp(node.slice, ast.Add(), ast.Constant(step)))


def is_value(node: ast.AST) -> TypeGuard[ast.expr]:
    """Say whether *node* may be an array or a number, as far as its form tells."""
    return isinstance(node, ast.expr) and not isinstance(node, _NO_VALUES)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _isnumpy_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy")


def numpy_call(name: str, args: Sequence[ast.expr]) -> ast.Call:
    """Return a call of one of numpy's functions."""
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), [*args], [])


def _swapped(nodes: Sequence[ast.expr], i: int, j: int) -> list[ast.expr]:
    changed = [*nodes]
    changed[i], changed[j] = changed[j], changed[i]
    return changed


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """Return a node like *node* with other *fields*."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})
