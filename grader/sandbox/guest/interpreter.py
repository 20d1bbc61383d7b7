"""In the child: takes the steps of a program with a student's functions.

A program is compiled to closures once and replayed with each example. What can be patched by a
submission (numpy's functions, the module ``random``) is held by reference from the start. What a
step raises stands in its slot as a failure; a step that needs the slot fails by the same one.
"""

from __future__ import annotations

import inspect
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from grader.model import steps
from grader.model.programs import Failure, ProgramRecord
from grader.model.steps import Step
from grader.model.trees import Opaque, Tree
from grader.sandbox.guest import parameters
from grader.sandbox.guest.blanks import written
from grader.sandbox.guest.call_counts import counted
from grader.sandbox.guest.edited import Edited
from grader.sandbox.guest.encoding import Packer, outcome
from grader.sandbox.guest.failures import from_exception
from grader.sandbox.guest.given_masks import GivenMasks
from grader.sandbox.guest.line_ranges import line_ranges
from grader.sandbox.guest.notebooks.cells import Cells
from grader.sandbox.guest.references import Value, compiled
from grader.sandbox.guest.scope import Failed, Foreign, Scope, Skip
from grader.sandbox.guest.steps import SEED, STEPS, Action, guarded, restored

_seed_numpy, _seed_random, _seterr = np.random.seed, random.seed, np.seterr
_array = np.array
_ERRORS = np.geterr()


class Notebook(Protocol):
    """A notebook's namespace, which lives as long as the process.

    Cells are run by the steps of the program, or by a Jupyter kernel: each kind has further steps.
    """

    def give(self, name: str, value: object) -> None: ...
    def model(self, names: Sequence[str], method: str) -> object: ...
    def holdings(self, names: Sequence[str], method: str) -> Mapping[str, object]: ...
    def trainings(
        self, attributes: Sequence[str], variable: str, images: Sequence[str]
    ) -> Sequence[object]: ...
    def histories(
        self, names: Sequence[str], attributes: Sequence[str]
    ) -> Mapping[str, object]: ...


#: Steps in a notebook, by the methods that take them and give what is kept.
_IN_A_NOTEBOOK: Mapping[type[Step], str] = {
    steps.RunSetup: "setup",
    steps.RunCell: "run",
    steps.Begin: "begin",
    steps.FindModel: "model",
    steps.Histories: "histories",
    steps.Holdings: "holdings",
    steps.Trainings: "trainings",
    steps.Reach: "reach",
}


class Interpreter:
    """Answers runs. *find* gives the object that a target names, or raises.

    Without a *notebook*, one is made when a step needs it.
    """

    def __init__(self, find: Callable[[str], Foreign], notebook: Notebook | None = None) -> None:
        self._find = find
        self._made = notebook
        #: Why the last run's examples gave nothing, where they didn't.
        self.failures: list[Failure] = []
        self._edited = Edited(find)
        self._steps: Mapping[type[Step], Callable[..., Action]] = {
            steps.Call: self._call,
            steps.New: self._call,
            **STEPS,
            steps.LineRanges: self._line_ranges,
            steps.GiveMasks: self._give_masks,
            steps.Mend: self._edited.mend,
            steps.TryEdits: lambda step: self._edited.tried(step, self._actions(step.steps)),
            steps.Assign: self._assign,
            **dict.fromkeys(_IN_A_NOTEBOOK, self._in_a_notebook),
        }

    def answer(self, program: ProgramRecord, examples: Sequence[Tree], packer: Packer) -> str:
        """Return the outcomes of *examples* as JSON text; arrays go into *packer*.

        Both *program* and *examples* are :func:`~grader.sandbox.guest.decoding.typed`. Raises
        :class:`ValueError` for a word that is no step of a program; what a step raises is part of
        the outcome.
        """
        _seterr(**_ERRORS)
        _seed_random(SEED)  # slow, and few draw from it: once is enough to be repeatable
        warnings.simplefilter("ignore")
        actions = self._actions(program["steps"])
        give = {name: compiled(reference) for name, reference in program["give"].items()}
        answers, self.failures = [], []
        for number, example in enumerate(examples):
            scope = Scope(example, number == 0)
            text, failed = _example(actions, give, scope, packer)
            answers.append(text)
            if failed is not None:
                self.failures.append(failed)
        return f"[{','.join(answers)}]"

    def _actions(self, listed: Sequence[Sequence[Tree]]) -> list[Action]:
        return [self._steps[type(step)](step) for step in map(steps.from_json, listed)]

    def _call(self, step: steps.Call | steps.New) -> Action:
        slot, target = step.to, step.target
        args, kwargs = compiled(step.args), compiled(step.kwargs)
        respell = _respelling(step.spellings) if isinstance(step, steps.New) else None
        method = target.startswith("@")
        find = _method(target) if method else self._function(target)

        def do(scope: Scope) -> None:
            function = find(scope)
            given = args(scope)
            if any(type(argument) is Opaque for argument in given):
                # An earlier call gave one value in place of several: that is at fault, not this.
                raise Skip(Failed(Failure("type", target)))
            named = kwargs(scope)
            if respell is not None:
                named = respell(function, named)
                scope.options[slot] = _options(named)
            if scope.lent is None or method:
                scope.slots[slot] = written(function, function(*given, **named))
                return
            with counted(function, scope.called, target, scope.notes):
                scope.slots[slot] = written(function, function(*given, **named))
            scope.called[target.rpartition(":")[2]] = function

        return guarded(slot, target.removeprefix("@"), do)

    def _function(self, target: str) -> Value:
        found: list[Foreign] = []

        def find(scope: Scope) -> Foreign:
            if not found:
                try:
                    found.append(self._find(target))
                except BaseException as error:
                    found.append(Failed(from_exception(error, target)))
            if isinstance(found[0], Failed):
                raise Skip(found[0])
            return found[0]

        return find

    def _line_ranges(self, step: steps.LineRanges) -> Action:
        to, module = step

        def do(scope: Scope) -> None:
            scope.slots[to] = line_ranges(self._find(f"{module}:__dict__"))

        return guarded(to, module, do)

    def _give_masks(self, step: steps.GiveMasks) -> Action:
        to, forward, masks = step.to, step.forward, compiled(step.masks)
        find = [self._function(target) for target in (forward, step.backward)]
        module = forward.partition(":")[0]

        def do(scope: Scope) -> None:
            restored(scope)
            # A function that isn't there isn't called: what the network does instead will show.
            made = GivenMasks(masks(scope), *(_found(function, scope) for function in find))
            scope.slots[to] = made.record
            made.install(str(self._find(f"{module}:__dict__")["__name__"]).partition(".")[0])
            scope.after.append(made.restore)

        return guarded(to, forward, do)

    def _assign(self, step: steps.Assign) -> Action:
        name, value = step.name, compiled(step.value)

        def do(scope: Scope) -> None:
            self._notebook().give(name, value(scope))

        return guarded(name, name, do)

    def _in_a_notebook(self, step: Step) -> Action:
        method = _IN_A_NOTEBOOK[type(step)]
        to, *rest = step

        def do(scope: Scope) -> None:
            scope.slots[to] = getattr(self._notebook(), method)(*rest)

        return guarded(to, to, do)

    def _notebook(self) -> Notebook:
        if self._made is None:
            self._made = Cells()
        return self._made


def _example(
    actions: Sequence[Action], give: dict[str, Value], scope: Scope, packer: Packer
) -> tuple[str, Failure | None]:
    """Return the JSON text of one example's outcome, and its failure."""
    _seed_numpy(SEED)
    try:
        for action in actions:
            action(scope)
    finally:
        restored(scope)
    gave: dict[str, str] = {}
    failed: Failure | None = None
    for name, value in give.items():
        try:
            gave[name] = packer.pack(parameters.translate(value(scope), scope.names))
        except Skip as skip:
            failed = failed or skip.failed.failure
        except BaseException as error:
            failed = failed or from_exception(error, name)
    return outcome(gave, failed, scope.notes + scope.changed()), failed


def _found(find: Value, scope: Scope) -> Foreign:
    try:
        return find(scope)
    except Skip:
        return None


def _method(target: str) -> Value:
    """Return what finds the method that ``"@slot.name"`` names."""
    slot, _, name = target[1:].partition(".")

    def find(scope: Scope) -> Foreign:
        owner = scope.slot(slot)
        method = getattr(owner, name, None)
        if method is None:
            kind = type(owner).__name__
            raise Skip(Failed(Failure("missing", target[1:], text=f"{kind} has no {name}.")))
        return method

    return find


def _respelling(
    spellings: Sequence[Mapping[str, Tree]],
) -> Callable[[Foreign, dict[str, Tree]], dict[str, Tree]]:
    """Return what spells a class's options as the student's constructor does."""
    known: list[frozenset[str]] = []  # the class is one for all examples

    def respell(function: Foreign, options: dict[str, Tree]) -> dict[str, Tree]:
        if not known:
            known.append(_signature(function) if spellings else frozenset())
        return parameters.respell(known[0], options, spellings)

    return respell


def _options(named: Mapping[str, Tree]) -> str:
    """Return the options of a constructor that are words, as a sentence goes on with them."""
    words = [f"{name}={value!r}" for name, value in named.items() if type(value) is str]
    return f" with {' and '.join(words)}" if words else ""


def _signature(function: Foreign) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
