"""In the child: the steps that run a student's function with an edit of it in effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

import numpy as np

from grader.model import steps
from grader.model.edits import EDIT_KINDS
from grader.sandbox.guest import parameters
from grader.sandbox.guest.editor import Editor
from grader.sandbox.guest.encoding import Packer, entries
from grader.sandbox.guest.references import Value, compiled
from grader.sandbox.guest.scope import Foreign, Scope
from grader.sandbox.guest.steps import SEED, Action, guarded, restored
from grader.sandbox.guest.trials import Trials

_array, _seed_numpy = np.array, np.random.seed


class Edited:
    """Functions with their edits, by target. *find* gives the object that a target names."""

    def __init__(self, find: Callable[[str], Foreign]) -> None:
        self._find = find
        self._editors: dict[str, Editor] = {}

    def mend(self, step: steps.Mend) -> Action:
        """Return the step that has an edit in effect until the example ends."""

        def do(scope: Scope) -> None:
            edited = ExitStack()
            edited.enter_context(self._editor(step.target).applied(step.number))
            scope.after.append(edited.close)

        return guarded(step.target, step.target, do)

    def tried(self, step: steps.TryEdits, actions: Sequence[Action]) -> Action:
        """Return the step that tries edits, *actions* being its own steps."""
        give = {name: compiled(reference) for name, reference in step.give.items()}

        def do(scope: Scope) -> None:
            def run() -> tuple[bytes, Mapping[str, Foreign]] | None:
                gave = _given(actions, give, Scope(scope.inputs, False))
                return None if gave is None else (_bytes(gave), gave)

            editor = self._editor(step.target)
            trials = Trials(editor, run, formed=step.formed)
            answers, later = trials.found(step.first, step.most, step.seconds)
            found = []
            for numbers, gave in answers.values():
                made = [editor[number] for number in numbers]
                kinds = [EDIT_KINDS.index(edit.kind) for edit in made]
                places = [editor.function(number).place(editor[number]) for number in numbers]
                lines, several = zip(*places, strict=True)
                table = {"numbers": numbers, "lines": lines, "kinds": kinds, "several": several}
                found.append({"gave": gave} | {n: _array(v) for n, v in table.items()})
            scope.slots[step.to] = {"found": found, "next": later, "tier": editor.tier(step.first)}

        return guarded(step.to, step.target, do)

    def _editor(self, target: str) -> Editor:
        if target not in self._editors:
            self._editors[target] = Editor(self._find(target))
        return self._editors[target]


def _given(
    actions: Sequence[Action], give: Mapping[str, Value], scope: Scope
) -> dict[str, Foreign] | None:
    """Return what one example gives; ``None`` where a part of it isn't there."""
    _seed_numpy(SEED)
    try:
        for action in actions:
            action(scope)
        return {n: parameters.translate(value(scope), scope.names) for n, value in give.items()}
    except BaseException:
        return None
    finally:
        restored(scope)


def _bytes(gave: Mapping[str, Foreign]) -> bytes:
    packer = Packer()
    text = entries({name: packer.pack(value) for name, value in gave.items()})
    return b"".join((text.encode("ascii"), *packer.parts))
