"""In the child: code that numpy 1.26 runs and the installed numpy refuses.

Versions from 2.0 on refuse what 1.26 takes, some of it with a warning: a one-element array as a
number (``float(a)``, ``x[i] = a``), ``np.array(a, copy=False)`` where a copy is needed,
``reshape(newshape=...)``, methods of arrays. Where a submission fails by one of these, and only
there, its package is loaded again with its text rewritten: each such place goes by a function of
this module, which does what 1.26 does. Sources: numpy's release notes 2.0 to 2.4.
"""

from __future__ import annotations

import ast
import builtins
import re
import types

import numpy as np

from grader.model.programs import Failure
from grader.sandbox.guest.scope import Foreign

_compile, _ndarray = compile, np.ndarray
_numpy: Foreign = np
#: Whether the installed numpy refuses any of it.
NEWER = np.lib.NumpyVersion(np.__version__) >= "2.0.0"
_SYMPTOM = re.compile(
    r"only 0-dimensional arrays can be converted|only (length-1|size-1) arrays|"
    r"setting an array element with a sequence|Unable to avoid copy|"
    r"unexpected keyword argument 'newshape'|Calling np\.sum\(generator\)|"
    r"Calling nonzero on 0d arrays|"
    r"'numpy\.ndarray' object has no attribute '(ptp|itemset|newbyteorder|tostring)'"
)
#: The functions of this module by the names that rewritten text has for them.
_NUMBER, _ITEMS, _ATTRIBUTE = "__number__", "__items__", "__attribute__"
_METHODS = frozenset(("ptp", "itemset", "newbyteorder", "nonzero", "tostring"))
_CASTS = frozenset(("float", "int", "complex", "round"))
_FUNCTIONS = frozenset(("array", "asarray", "reshape", "sum", "nonzero"))


def refused(failure: Failure) -> bool:
    """Say whether *failure* may be one of numpy's later refusals."""
    return NEWER and failure.stage == "raised" and bool(_SYMPTOM.search(failure.text))


def rewritten(source: str | bytes | ast.Module, filename: str) -> types.CodeType:
    """Return the code of *source* that does what numpy 1.26 does. Raises :class:`SyntaxError`."""
    tree = source if isinstance(source, ast.Module) else parsed(source, filename)
    whole = ast.fix_missing_locations(_Rewriting().visit(tree))
    return _compile(whole, filename, "exec", dont_inherit=True)


def parsed(source: str | bytes, filename: str) -> ast.Module:
    """Return *source* as a tree. Raises :class:`SyntaxError`."""
    tree = _compile(source, filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


class _Rewriting(ast.NodeTransformer):
    """Sends what numpy refuses through the functions below."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Store):
            node.value = _through(_ITEMS, node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Name) and function.id in _CASTS and node.args:
            node.args[0] = _numbered(node.args[0])
        if isinstance(function, ast.Attribute):
            owner = function.value
            if isinstance(owner, ast.Name) and owner.id == "math":
                node.args = [_numbered(argument) for argument in node.args]
            elif function.attr in _METHODS | _FUNCTIONS:
                node.func = _through(_ATTRIBUTE, owner, ast.Constant(function.attr))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left = node.left
        text = isinstance(left, ast.Constant) and isinstance(left.value, str)
        if isinstance(node.op, ast.Mod) and text:
            node.right = _numbered(node.right)
        return node


def _through(function: str, *arguments: ast.expr) -> ast.Call:
    made = ast.Call(ast.Name(function, ast.Load()), list(arguments), [])
    return ast.copy_location(made, arguments[0])


def _numbered(argument: ast.expr) -> ast.expr:
    return argument if isinstance(argument, ast.Starred) else _through(_NUMBER, argument)


def number(value: Foreign) -> Foreign:
    """Return the element of an array of one; a tuple with its arrays so; anything else as it is."""
    if type(value) is _ndarray and value.ndim and value.size == 1:
        return value.item()
    return tuple(map(number, value)) if type(value) is tuple else value


class _Items:
    """An array whose elements may be set to arrays of one."""

    def __init__(self, array: Foreign) -> None:
        self._array = array

    def __getitem__(self, index: Foreign) -> Foreign:
        return self._array[index]

    def __setitem__(self, index: Foreign, value: Foreign) -> None:
        try:
            self._array[index] = value
        except ValueError:
            one = number(value)
            if one is value:
                raise
            self._array[index] = one


def _items(owner: Foreign) -> Foreign:
    return _Items(owner) if type(owner) is _ndarray else owner


def _attribute(owner: Foreign, name: str) -> Foreign:
    """Return a function of numpy, or a method of an array, as 1.26 has it."""
    if owner is _numpy:
        return _function(name)
    if type(owner) is not _ndarray or (hasattr(owner, name) and owner.ndim):
        return getattr(owner, name)

    def itemset(*arguments: Foreign) -> None:
        owner[arguments[:-1] or ...] = number(arguments[-1])

    return {
        "ptp": lambda *args, **kwargs: np.ptp(owner, *args, **kwargs),
        "tostring": owner.tobytes,
        "newbyteorder": lambda order="S": owner.view(owner.dtype.newbyteorder(order)),
        "nonzero": np.atleast_1d(owner).nonzero,
        "itemset": itemset,
    }.get(name) or getattr(owner, name)


def _function(name: str) -> Foreign:
    own = getattr(_numpy, name)

    def called(*args: Foreign, **kwargs: Foreign) -> Foreign:
        if name in ("array", "asarray") and kwargs.get("copy", True) is False:
            kwargs["copy"] = None
        if name == "reshape" and "newshape" in kwargs:
            args = (*args, kwargs.pop("newshape"))
        if name == "sum" and args and isinstance(args[0], types.GeneratorType):
            return builtins.sum(args[0])
        if name == "nonzero" and args:
            args = (np.atleast_1d(args[0]), *args[1:])
        return own(*args, **kwargs)

    return called


#: What rewritten text calls, by name, for its builtins.
HELPERS = {_NUMBER: number, _ITEMS: _items, _ATTRIBUTE: _attribute}
