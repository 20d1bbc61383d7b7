"""Sessions whose programs are changed on the way: behind a mended function, on usual caches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from grader.model.edits import NumberedEdit
from grader.model.programs import Program, Run, slots
from grader.model.steps import Call, Mend, Step, from_json, to_json
from grader.model.trees import Tree
from grader.sandbox import Batch, Reply, targets

#: The words beside which a reference has its usual form.
_OTHER = ("usual", "else")


class Asked(Protocol):
    """Answers runs and has the text of files: a sandbox session, or one that is changed."""

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]: ...
    def text(self, path: str) -> bytes | None: ...
    @property
    def used_share(self) -> float: ...
    @property
    def cpu_seconds(self) -> float: ...


class ChangedSession:
    """A *session* that is asked other programs: what *change* makes of each of them."""

    def __init__(self, session: Asked, change: Callable[[Program], Program]) -> None:
        self._session, self._change = session, change

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]:
        """Ask the changed runs of *batch*, each under its own name, for *seconds* of CPU time."""
        runs = [replace(run, program=self._changed(run)) for run in batch.runs]
        return self._session.ask(Batch(runs), seconds)

    def within(self, run: Run) -> tuple[Asked, Program]:
        """Return the session that is asked in the end, and what it is asked of *run*."""
        program = self._changed(run)
        if isinstance(self._session, ChangedSession):
            return self._session.within(replace(run, program=program))
        return self._session, program

    def text(self, path: str) -> bytes | None:
        """Return the student's own text of the package's file *path*, if there is one."""
        return self._session.text(path)

    @property
    def used_share(self) -> float:
        """The share of its CPU time that the session has used, 0 to 1."""
        return self._session.used_share

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that the session has used so far."""
        return self._session.cpu_seconds

    def _changed(self, run: Run) -> Program:
        return self._change(run.program) if targets(run) else run.program


def mended(session: Asked, edits: Sequence[NumberedEdit]) -> ChangedSession:
    """Return *session* with the *edits* in effect, one for each function."""
    steps = tuple(Mend(edit.target, number) for edit in edits for number in edit.numbers)
    return ChangedSession(session, lambda program: replace(program, steps=(*steps, *program.steps)))


def usual(session: Asked) -> ChangedSession:
    """Return *session* that takes the row's own form where a function's result has one.

    A backward pass is then called on the usual cache, whatever its forward pass gives.
    """
    return ChangedSession(session, on_usual_forms)


def has_usual_forms(program: Program) -> bool:
    """Say whether some result in *program* has another form to take in its place."""
    return _has_other([*program.steps, dict(program.give)])


def on_usual_forms(program: Program) -> Program:
    """Return *program* with each ``usual`` or ``else`` in the place of what it stands beside.

    Calls of functions that nothing refers to any more are left out.
    """
    if not has_usual_forms(program):
        return program
    steps = [from_json(_otherwise(to_json(step))) for step in program.steps]
    give = _otherwise(dict(program.give))
    needed = set(slots(list(give.values())))
    kept: list[Step] = []
    for step in reversed(steps):
        if not isinstance(step, Call) or step.target.startswith("@") or step.to in needed:
            kept.append(step)
            needed |= {*slots(step)}
    return Program(tuple(reversed(kept)), give)


def _has_other(tree: Tree) -> bool:
    if isinstance(tree, Mapping):
        return any(word in tree for word in _OTHER) or any(map(_has_other, tree.values()))
    return isinstance(tree, (list, tuple)) and any(map(_has_other, tree))


def _otherwise(tree: Tree) -> Tree:
    if isinstance(tree, Mapping):
        other = next((tree[word] for word in _OTHER if word in tree), None)
        return (
            other if other is not None else {key: _otherwise(child) for key, child in tree.items()}
        )
    return list(map(_otherwise, tree)) if isinstance(tree, (list, tuple)) else tree
