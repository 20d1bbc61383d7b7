"""In the child: what variables hold when a line begins to run, and what expressions give then.

An edit of one expression can be judged without a run of the whole function: by what the statement
computes with it. Values are computed by a small interpreter that remembers what every expression
gave that the edit doesn't reach.
"""

from __future__ import annotations

import ast
import copy
import operator
from collections.abc import Callable, Mapping
from types import CodeType, FrameType
from typing import NamedTuple

import numpy as np

from grader.sandbox.guest.scope import Foreign

_compile, _eval, _deepcopy = compile, eval, copy.deepcopy
_ndarray, _generic, _tobytes = np.ndarray, np.generic, np.ndarray.tobytes

#: How often a line is looked at: the first times that it runs.
MOST_MOMENTS = 4
_BINARY: Mapping[type[ast.operator], Callable[[Foreign, Foreign], Foreign]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Foreign], Foreign]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
#: Methods that change what they are called on: what they give can't be looked at in advance.
_CHANGING = frozenset(
    (
        *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "fill"),
        *("setdefault", "sort", "reverse", "resize", "put", "partition", "shuffle", "seed"),
    )
)


class Unforeseen(Exception):
    """What an expression would give can't be told from here."""


class Moment:
    """What the variables of a function held at one moment."""

    def __init__(self, frame: FrameType) -> None:
        self._globals = frame.f_globals
        memo: dict[int, Foreign] = {}
        self._variables = {n: _copied(v, memo) for n, v in dict(frame.f_locals).items()}
        #: What expressions gave that stand in the function as it is, by their identity.
        self._gave: dict[int, Foreign] = {}

    def value(self, node: ast.AST, reached: frozenset[int] = frozenset()) -> Foreign:
        """Return what *node* gives; *reached* are the expressions that an edit is in.

        Raises :class:`Unforeseen` where that can't be told, and what the expression raises.
        """
        if id(node) in self._gave and id(node) not in reached:
            gave = self._gave[id(node)]
            if isinstance(gave, _Raised):
                raise gave.error
            return gave
        try:
            return self._computed(node, reached)
        except NameError as error:  # a name of a comprehension's own, say
            raise Unforeseen from error

    def remember(self, node: ast.AST) -> None:
        """Compute what *node* and all that is in it give, and keep it."""
        if id(node) in self._gave:
            return
        for inner in reversed([*ast.walk(node)]):
            if isinstance(inner, ast.expr) and id(inner) not in self._gave:
                try:
                    self._gave[id(inner)] = self.value(inner)
                except Exception as error:
                    self._gave[id(inner)] = _Raised(error)

    def _computed(self, node: ast.AST, reached: frozenset[int]) -> Foreign:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                if name in self._variables:
                    return self._variables[name]
                if name in self._globals:
                    return self._globals[name]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _BINARY[type(op)](self.value(left, reached), self.value(right, reached))
            case ast.UnaryOp(op=op, operand=operand):
                return _UNARY[type(op)](self.value(operand, reached))
            case ast.Attribute(value=of, attr=name):
                return getattr(self.value(of, reached), name)
            case ast.Subscript(value=of, slice=index) if not _has_slice(index):
                return self.value(of, reached)[self.value(index, reached)]
            case ast.Tuple(elts=elements):
                if not any(isinstance(element, ast.Starred) for element in elements):
                    return tuple(self.value(element, reached) for element in elements)
            case ast.Call(func=function, args=args, keywords=words):
                return self._called(node, function, args, words, reached)
        return self._evaluated(node)

    def _called(
        self,
        node: ast.Call,
        function: ast.expr,
        args: list[ast.expr],
        words: list[ast.keyword],
        reached: frozenset[int],
    ) -> Foreign:
        if isinstance(function, ast.Attribute) and function.attr in _CHANGING:
            raise Unforeseen
        if any(isinstance(a, ast.Starred) for a in args) or any(w.arg is None for w in words):
            return self._evaluated(node)
        given = [self.value(argument, reached) for argument in args]
        named = {str(word.arg): self.value(word.value, reached) for word in words}
        return self.value(function, reached)(*given, **named)

    def _evaluated(self, node: ast.AST) -> Foreign:
        assert isinstance(node, ast.expr)
        if isinstance(node, (ast.Starred, ast.Slice)):
            raise Unforeseen
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and inner.attr in _CHANGING:
                raise Unforeseen
        code: CodeType = _compile(ast.Expression(node), "<moment>", "eval", dont_inherit=True)
        return _eval(code, self._globals, self._variables)


class _Raised(NamedTuple):
    error: Exception


def signature(value: Foreign) -> Foreign:
    """Return what two values have in common that can stand in each other's place: their form."""
    kind = type(value)
    if kind is tuple:
        return tuple(map(signature, value))
    if kind is dict:
        return {name: signature(entry) for name, entry in value.items()}
    if isinstance(value, (_ndarray, _generic)):
        return (value.shape, value.dtype.kind if value.shape else "")
    return ((), "") if kind in (int, float, bool) else kind


def digest(value: Foreign) -> Foreign:
    """Return what is the same for equal values, to be hashed. Raises :class:`Unforeseen`."""
    kind = type(value)
    if kind in (tuple, list):
        return (kind, *map(digest, value))
    if kind is _ndarray:
        return (kind, value.shape, value.dtype.str, _tobytes(value))
    if isinstance(value, _generic):
        return (kind, value.tobytes())
    if kind in (int, float, bool, str, type(None)):
        return (kind, repr(value))
    raise Unforeseen


def _copied(value: Foreign, memo: dict[int, Foreign]) -> Foreign:
    try:
        return _deepcopy(value, memo)
    except Exception:  # a module, a generator: it is what it is
        return value


def _has_slice(index: ast.AST) -> bool:
    return isinstance(index, ast.Slice) or (
        isinstance(index, ast.Tuple)
        and any(isinstance(e, (ast.Slice, ast.Starred)) for e in index.elts)
    )
