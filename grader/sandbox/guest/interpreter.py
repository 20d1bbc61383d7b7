"""In the child: takes the steps of a program with a student's functions.

A program is compiled to closures once and replayed with each example. What can be patched by a
submission (numpy's functions, the module ``random``) is held by reference from the start.
"""

from __future__ import annotations

import inspect
import random
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.model.programs import Failure
from grader.model.trees import Opaque
from grader.sandbox.guest.call_counts import counted
from grader.sandbox.guest.encoding import Packer, outcome
from grader.sandbox.guest.failures import explain
from grader.sandbox.guest.line_ranges import spans
from grader.sandbox.guest.notebooks.cells import Cells
from grader.sandbox.guest.parameters import assign, named, respell, shapes, translate

_ndarray, _array = np.ndarray, np.array
_seed_numpy, _seed_random, _seterr = np.random.seed, random.seed, np.seterr
_ERRORS = np.geterr()
_SEED = 20_160_101

#: Steps in a notebook's namespace, by the methods that take them.
_CELLS = {
    "setup": "setup",
    "cell": "run",
    "model": "model",
    "histories": "histories",
    "reach": "reach",
}

Value = Callable[["Scope"], Any]


class Failed:
    """Stands in a slot for what a step couldn't give."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class Skip(Exception):
    """A step needs what an earlier one couldn't give."""

    def __init__(self, failed: Failed) -> None:
        self.failed = failed


class Scope:
    """One example under way: its inputs, what the steps gave, the models' parameter names."""

    def __init__(self, inputs: Mapping[str, Any], watch: bool) -> None:
        self.inputs = inputs
        self.slots: dict[str, Any] = {}
        self.names: dict[Any, str] = {}
        self.lent: list[tuple[str, Any]] | None = [] if watch else None
        self.called: dict[str, Any] = {}
        self.notes: list[str] = []


class Interpreter:
    """Answers runs. *find* gives the object that a target names, or raises.

    *notebook* is where a notebook's cells run; without it, a namespace is made when one is needed.
    """

    def __init__(self, find: Callable[[str], Any], notebook: Cells | None = None) -> None:
        self._find = find
        self._notebook = notebook

    def answer(self, program: Mapping[str, Any], examples: list[Any], packer: Packer) -> str:
        """Return the outcomes of *examples* as JSON text; arrays go into *packer*.

        Both *program* and *examples* are :func:`~grader.sandbox.guest.decoding.typed`.
        """
        _seterr(**_ERRORS)
        _seed_random(_SEED)  # slow, and few draw from it: once is enough to be repeatable
        warnings.simplefilter("ignore")
        steps = [self._step(step) for step in program["steps"]]
        give = {name: _value(reference) for name, reference in program["give"].items()}
        answers = []
        for number, example in enumerate(examples):
            scope = Scope(example, number == 0)
            answers.append(_example(steps, give, scope, packer))
        return f"[{','.join(answers)}]"

    def _step(self, step: list[Any]) -> Callable[[Scope], None]:
        word = step[0]
        if word in ("call", "new"):
            return self._call(step)
        if word == "params":
            return _params(step)
        if word == "read":
            return _read(step)
        if word == "shapes":
            return _shapes(step)
        if word == "keep":
            return _keep(step)
        if word == "set":
            return _set(step)
        if word == "spans":
            return self._spans(step)
        if word == "name" or word in _CELLS:
            return self._cells(step)
        raise ValueError(f"{word!r} is no step of a program")

    def _call(self, step: list[Any]) -> Callable[[Scope], None]:
        word, slot, target = step[:3]
        args = _value(step[3])
        kwargs = _value(step[4] if len(step) > 4 else {})
        spellings = step[5] if len(step) > 5 else ()
        find = self._method(target) if target.startswith("@") else self._function(target)
        watched = target.startswith("@")
        parameters: list[frozenset[str]] = []  # of the class, which is one for all examples

        def take(scope: Scope) -> None:
            try:
                function = find(scope)
                given = args(scope)
                named = kwargs(scope)
                if word == "new":
                    if not parameters:
                        parameters.append(_parameters(function) if spellings else frozenset())
                    named = respell(parameters[0], named, spellings)
                if scope.lent is None or watched:
                    scope.slots[slot] = function(*given, **named)
                    return
                with counted(function, scope.called, target, scope.notes):
                    scope.slots[slot] = function(*given, **named)
                scope.called[target.rpartition(":")[2]] = function
            except Skip as skip:
                scope.slots[slot] = skip.failed
            except BaseException as error:
                scope.slots[slot] = Failed(explain(error, target[1:] if watched else target))

        return take

    def _spans(self, step: list[Any]) -> Callable[[Scope], None]:
        _, to, module = step

        def take(scope: Scope) -> None:
            try:
                scope.slots[to] = spans(self._find(f"{module}:__dict__"))
            except BaseException as error:
                scope.slots[to] = Failed(explain(error, module))

        return take

    def _cells(self, step: list[Any]) -> Callable[[Scope], None]:
        """A step in the notebook's namespace, which lives as long as the process."""
        word, to, *rest = step
        given = _value(rest[0]) if word == "name" else None

        def take(scope: Scope) -> None:
            if self._notebook is None:
                self._notebook = Cells()
            notebook = self._notebook
            try:
                if given is not None:
                    notebook.give(to, given(scope))
                else:
                    scope.slots[to] = getattr(notebook, _CELLS[word])(*rest)
            except Skip as skip:
                scope.slots[to] = skip.failed
            except BaseException as error:
                scope.slots[to] = Failed(explain(error, to))

        return take

    def _function(self, target: str) -> Value:
        found: list[Any] = []

        def find(scope: Scope) -> Any:
            if not found:
                try:
                    found.append(self._find(target))
                except BaseException as error:
                    found.append(Failed(explain(error, target)))
            if isinstance(found[0], Failed):
                raise Skip(found[0])
            return found[0]

        return find

    def _method(self, target: str) -> Value:
        slot, _, name = target[1:].partition(".")

        def find(scope: Scope) -> Any:
            owner = _slot(scope, slot)
            method = getattr(owner, name, None)
            if method is None:
                kind = type(owner).__name__
                raise Skip(Failed(Failure("missing", target[1:], text=f"{kind} has no {name}.")))
            return method

        return find


def _example(
    steps: list[Callable[[Scope], None]], give: dict[str, Value], scope: Scope, packer: Packer
) -> str:
    _seed_numpy(_SEED)
    for step in steps:
        step(scope)
    gave: dict[str, str] = {}
    failed: Failure | None = None
    for name, value in give.items():
        try:
            gave[name] = packer.pack(translate(value(scope), scope.names))
        except Skip as skip:
            failed = failed or skip.failed.failure
        except BaseException as error:
            failed = failed or explain(error, name)
    notes = scope.notes + (_changed(scope.lent, scope.inputs) if scope.lent else [])
    return outcome(gave, failed, notes)


def _changed(lent: list[tuple[str, Any]], inputs: Mapping[str, Any]) -> list[str]:
    names = {
        name
        for name, copy in lent
        if copy.shape != inputs[name].shape or copy.tobytes() != inputs[name].tobytes()
    }
    return sorted(f"changed:{name}" for name in names)


def _params(step: list[Any]) -> Callable[[Scope], None]:
    _, slot, reference = step
    values = _value(reference)

    def take(scope: Scope) -> None:
        try:
            scope.names.update(assign(_slot(scope, slot), values(scope)))
        except Skip as skip:
            scope.slots[slot] = skip.failed
        except LookupError as error:
            failure = Failure("missing", f"{slot}.params", text=str(error.args[0])[:300])
            scope.slots[slot] = Failed(failure)
        except BaseException as error:
            scope.slots[slot] = Failed(explain(error, f"{slot}.params"))

    return take


def _read(step: list[Any]) -> Callable[[Scope], None]:
    _, to, slot, reference = step
    shapes = _value(reference)

    def take(scope: Scope) -> None:
        try:
            scope.slots[to], names = named(_slot(scope, slot), shapes(scope))
            scope.names.update(names)
        except Skip as skip:
            scope.slots[to] = skip.failed
        except LookupError as error:
            failure = Failure("missing", f"{slot}.params", text=str(error.args[0])[:300])
            scope.slots[to] = Failed(failure)
        except BaseException as error:
            scope.slots[to] = Failed(explain(error, f"{slot}.params"))

    return take


def _shapes(step: list[Any]) -> Callable[[Scope], None]:
    _, to, slot = step

    def take(scope: Scope) -> None:
        # Beside the point where it fails: what a model is asked for stands in other steps.
        try:
            scope.slots[to] = shapes(_slot(scope, slot))
        except BaseException:
            scope.slots[to] = None

    return take


def _keep(step: list[Any]) -> Callable[[Scope], None]:
    _, to, reference = step
    value = _value(reference)

    def take(scope: Scope) -> None:
        try:
            scope.slots[to] = _fresh(value(scope))
        except Skip as skip:
            scope.slots[to] = skip.failed
        except BaseException as error:
            scope.slots[to] = Failed(explain(error, to))

    return take


def _set(step: list[Any]) -> Callable[[Scope], None]:
    _, slot, name, reference = step
    value = _value(reference)

    def take(scope: Scope) -> None:
        try:
            setattr(_slot(scope, slot), name, value(scope))
        except Skip as skip:
            scope.slots[slot] = skip.failed
        except BaseException as error:
            scope.slots[slot] = Failed(explain(error, f"{slot}.{name}"))

    return take


def _slot(scope: Scope, slot: str) -> Any:
    value = scope.slots[slot]
    if isinstance(value, Failed):
        raise Skip(value)
    return value


def _value(tree: Any) -> Value:
    """Return a function that gives the value of an argument's *tree*, made afresh."""
    if isinstance(tree, dict):
        if "with" in tree:
            whole = _input(tree["$"])
            instead = _value(tree["with"])
            return lambda scope: {**whole(scope), **instead(scope)}
        if "$" in tree:
            return _input(tree["$"])
        if "@" in tree:
            return _output(tree)
        entries = [(key, _value(child)) for key, child in tree.items()]
        return lambda scope: {key: value(scope) for key, value in entries}
    if isinstance(tree, list):
        values = [_value(child) for child in tree]
        return lambda scope: [value(scope) for value in values]
    return lambda scope: tree


def _input(name: str) -> Value:
    def give(scope: Scope) -> Any:
        value = _fresh(scope.inputs[name])
        if scope.lent is not None and type(value) is _ndarray:
            scope.lent.append((name, value))
        return value

    return give


def _output(tree: dict[str, Any]) -> Value:
    slot, items = tree["@"], tree.get("item", [])
    items = items if isinstance(items, list) else [items]
    other = _value(tree["else"]) if "else" in tree else None

    def give(scope: Scope) -> Any:
        try:
            value = _slot(scope, slot)
        except Skip:
            if other is None:
                raise
            return other(scope)
        for item in items:
            value = _item(value, item)
        if value is None and other is not None:
            return other(scope)
        return value

    return give


def _item(value: Any, item: Any) -> Any:
    """Return an item of what a function returned; ``None`` where it isn't there.

    An array in place of a tuple isn't walked into: its first row is not its first item.
    """
    if isinstance(value, (list, tuple)):
        return value[item] if isinstance(item, int) and item < len(value) else None
    if isinstance(value, dict):
        return value.get(item)
    return None if value is None else Opaque(f"{type(value).__name__} in place of several values")


def _fresh(value: Any) -> Any:
    kind = type(value)
    if isinstance(value, _ndarray):
        return _array(value)
    if kind is dict:
        return {key: _fresh(child) for key, child in value.items()}
    if kind is list:
        return [_fresh(child) for child in value]
    return value


def _parameters(function: Any) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
