"""In the child: the steps of a program that need no more than what earlier ones kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.model.programs import Failure
from grader.sandbox.guest import parameters
from grader.sandbox.guest.failures import from_exception
from grader.sandbox.guest.references import compiled, fresh
from grader.sandbox.guest.scope import Failed, Scope, Skip

#: A step, ready to be taken with an example.
Step = Callable[[Scope], None]


def guarded(slot: str, target: str, do: Step) -> Step:
    """Return the step that does *do*, and keeps in *slot* what that raises: *target* failed."""

    def take(scope: Scope) -> None:
        try:
            do(scope)
        except Skip as skip:
            scope.slots[slot] = skip.failed
        except BaseException as error:
            scope.slots[slot] = Failed(from_exception(error, target))

    return take


def _params(step: list[Any]) -> Step:
    _, slot, reference = step
    values = compiled(reference)

    def do(scope: Scope) -> None:
        scope.names.update(parameters.assign(scope.slot(slot), values(scope)))

    return _of_a_model(slot, slot, do)


def _read(step: list[Any]) -> Step:
    _, to, slot, reference = step
    shapes = compiled(reference)

    def do(scope: Scope) -> None:
        scope.slots[to], names = parameters.named(scope.slot(slot), shapes(scope))
        scope.names.update(names)

    return _of_a_model(to, slot, do)


def _of_a_model(slot: str, model: str, do: Step) -> Step:
    """Return the guarded step that does *do* with the parameters of *model*."""
    target = f"{model}.params"

    def found(scope: Scope) -> None:
        try:
            do(scope)
        except LookupError as error:
            raise Skip(Failed(Failure("missing", target, text=str(error.args[0])[:300]))) from None

    return guarded(slot, target, found)


def _shapes(step: list[Any]) -> Step:
    _, to, slot = step

    def take(scope: Scope) -> None:
        # Errors are ignored here; the step that needs the model reports them.
        try:
            scope.slots[to] = parameters.shapes(scope.slot(slot))
        except BaseException:
            scope.slots[to] = None

    return take


def _keep(step: list[Any]) -> Step:
    _, to, reference = step
    value = compiled(reference)

    def do(scope: Scope) -> None:
        scope.slots[to] = fresh(value(scope))

    return guarded(to, to, do)


def _set(step: list[Any]) -> Step:
    _, slot, name, reference = step
    value = compiled(reference)

    def do(scope: Scope) -> None:
        setattr(scope.slot(slot), name, value(scope))

    return guarded(slot, f"{slot}.{name}", do)


#: What compiles a step, by its word.
STEPS: Mapping[str, Callable[[list[Any]], Step]] = {
    "params": _params,
    "read": _read,
    "shapes": _shapes,
    "keep": _keep,
    "set": _set,
}
