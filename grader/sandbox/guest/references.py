"""In the child: the values that a program's references stand for.

References are explained in :mod:`grader.model.programs`. Each is compiled to a function of the
scope once, and asked for its value with each example.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.model.steps import Reference
from grader.model.trees import Opaque, Tree
from grader.sandbox.guest.scope import Foreign, Scope, Skip

_ndarray, _array = np.ndarray, np.array

Value = Callable[[Scope], Foreign]


def compiled(tree: Tree) -> Value:
    """Return a function that gives the value of an argument's *tree*, made afresh.

    It raises :class:`~grader.sandbox.guest.scope.Skip` where a step that it refers to failed.
    """
    if isinstance(tree, dict):
        if "with" in tree:
            whole = _input(tree["$"])
            instead = compiled(tree["with"])
            return lambda scope: {**whole(scope), **instead(scope)}
        if "$" in tree:
            return _input(tree["$"])
        if "@" in tree:
            return _output(tree)
        entries = [(key, compiled(child)) for key, child in tree.items()]
        return lambda scope: {key: value(scope) for key, value in entries}
    if isinstance(tree, list):
        values = [compiled(child) for child in tree]
        return lambda scope: [value(scope) for value in values]
    return lambda scope: tree


def fresh(value: Foreign) -> Foreign:
    """Return a copy of *value*: of its arrays, and of the dicts and lists around them."""
    kind = type(value)
    if isinstance(value, _ndarray):
        return _array(value)
    if kind is dict:
        return {key: fresh(child) for key, child in value.items()}
    if kind is list:
        return [fresh(child) for child in value]
    return value


def _input(name: str) -> Value:
    def give(scope: Scope) -> Foreign:
        value = fresh(scope.inputs[name])
        if scope.lent is not None and type(value) in (_ndarray, list):
            scope.lent.append((name, value))
        return value

    return give


def _output(tree: Reference) -> Value:
    slot, items = tree["@"], tree.get("item", [])
    items = items if isinstance(items, list) else [items]
    other = compiled(tree["else"]) if "else" in tree else None

    def give(scope: Scope) -> Foreign:
        try:
            value = scope.slot(slot)
        except Skip:
            if other is None:
                raise
            return other(scope)
        for item in items:
            value = _item(value, item)
        if other is not None and (value is None or type(value) is Opaque):
            return other(scope)
        return value

    return give


def _item(value: Foreign, item: Foreign) -> Foreign:
    """Return an item of what a function returned; ``None`` where it isn't there.

    An array in place of a tuple isn't walked into: its first row is not its first item.
    """
    if isinstance(value, (list, tuple)):
        return value[item] if isinstance(item, int) and item < len(value) else None
    if isinstance(value, dict):
        return value.get(item)
    return None if value is None else Opaque(f"{type(value).__name__} in place of several values")
