"""In the child: the steps of a program that need no more than what earlier ones kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.model import steps
from grader.model.programs import Failure
from grader.sandbox.guest import networks, parameters
from grader.sandbox.guest.failures import from_exception
from grader.sandbox.guest.references import compiled, fresh
from grader.sandbox.guest.scope import Failed, Scope, Skip

#: A step, ready to be taken with an example.
Action = Callable[[Scope], None]
#: Of numpy's generator and of Python's, ahead of each example.
SEED = 20_160_101


def guarded(slot: str, target: str, do: Action) -> Action:
    """Return the step that does *do*, and keeps in *slot* what that raises: *target* failed."""

    def take(scope: Scope) -> None:
        try:
            do(scope)
        except Skip as skip:
            scope.slots[slot] = skip.failed
        except BaseException as error:
            scope.slots[slot] = Failed(from_exception(error, target))

    return take


def restored(scope: Scope) -> None:
    """Undo what is to last for one example at most."""
    while scope.after:
        scope.after.pop()()


def _params(step: steps.Params) -> Action:
    model, values = step.model, compiled(step.values)

    def do(scope: Scope) -> None:
        scope.names.update(parameters.assign(scope.slot(model), values(scope)))

    return _of_a_model(model, model, do)


def _read(step: steps.Read) -> Action:
    to, model, shapes = step.to, step.model, compiled(step.shapes)

    def do(scope: Scope) -> None:
        scope.slots[to], names = parameters.named(scope.slot(model), shapes(scope))
        scope.names.update(names)

    return _of_a_model(to, model, do)


def _of_a_model(slot: str, model: str, do: Action) -> Action:
    """Return the guarded step that does *do* with the parameters of *model*."""
    target = f"{model}.params"

    def found(scope: Scope) -> None:
        try:
            do(scope)
        except parameters.NoParameters:
            failure = Failure("not_implemented", target, cause="no_parameters")
            raise Skip(Failed(failure)) from None
        except LookupError as error:
            text = f"{error.args[0]}{scope.options.get(model, '')}."[:300]
            failure = Failure("missing", target, text=text, cause="no_parameter")
            raise Skip(Failed(failure)) from None

    return guarded(slot, target, found)


def _hand_out(step: steps.HandOut) -> Action:
    to, model = step

    def do(scope: Scope) -> None:
        scope.slots[to] = networks.handed_out(scope.slot(model))

    return guarded(to, model, do)


def _keep(step: steps.Keep) -> Action:
    to, value = step.to, compiled(step.value)

    def do(scope: Scope) -> None:
        scope.slots[to] = fresh(value(scope))

    return guarded(to, to, do)


def _set(step: steps.Set) -> Action:
    model, name, value = step.model, step.name, compiled(step.value)

    def do(scope: Scope) -> None:
        setattr(scope.slot(model), name, value(scope))

    return guarded(model, f"{model}.{name}", do)


#: What compiles a step, by its class.
STEPS: Mapping[type[steps.Step], Callable[..., Action]] = {
    steps.Params: _params,
    steps.Read: _read,
    steps.HandOut: _hand_out,
    steps.Keep: _keep,
    steps.Set: _set,
}
