"""What a student's process is asked to do, as plain data: runs, steps and references.

A :class:`Run` is one short program and the examples it is replayed with. The program is a list
of steps (:mod:`grader.model.steps`), each a JSON list in keys and messages; their words are the
whole language that the grader speaks to a student's code.

``Keep`` is for what changes later: ``Keep("c", {"$": "config"})`` makes a dict that a function may
update and that can be given back; ``Keep("w1", {"@": "r1", "item": 0})`` saves a step of an
optimizer that works in place. ``LineRanges`` gives a dict: the name of a function or
``"Class.method"`` to the numbers of its first line, of its first line of code and of its last
one. The notebook's variables live as long as the process: from one run to the next. A cell is
transformed by IPython's own rules, without its shell, and cut once the process has used its
seconds of CPU time; what it has made by then can still be asked for. Parameters that a student
named otherwise are matched by initial letters and shape, in insertion order; dicts given back
that are keyed by those names are keyed by the row's own.

A *target* is ``"module:name"`` inside the student's package (``"layers:affine_forward"``,
``"classifiers.fc_net:TwoLayerNet"``) or ``"@slot.method"`` on an object kept earlier.
Arguments are trees (:mod:`grader.model.trees`) in which these dicts are references:

``{"$": "x"}``
    the example's input of that name: arrays and dicts in it are copied afresh at each use; with
    ``"with": {"W1": reference}``, a dict with those entries replaced;
``{"@": "f", "item": 1}``
    what the step *f* returned, or one item of it (a list of items walks down). With
    ``"else": reference``, that reference is taken where the item is ``None`` or isn't there.
    ``"usual": reference`` changes nothing here: it says what stands in for the item where a program
    is asked without the step (:mod:`grader.marking.sessions`);
``{"dtype": "float64"}``
    numpy's type of that name (in inputs too: an option may be one).

``give`` maps names of outputs to references; what they refer to is sent back.

*Spellings* (a list, first match wins) adapt a constructor's keywords to another year's
signature: ``{"if": "dropout_keep_ratio", "rename": {"dropout": "dropout_keep_ratio"},
"complement": ["dropout"], "flag": {"normalization": ["use_batchnorm", "batchnorm"]}}``
applies where the signature has a parameter named by ``if``: ``complement`` replaces a value p
by 1 - p, ``flag`` turns an option into a boolean that says whether it equals the value,
``rename`` renames; all keyed by the row's own option names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from grader.model import steps
from grader.model.literals import FailureStage
from grader.model.steps import Step
from grader.model.trees import Tree

Inputs = Mapping[str, Tree]


class ProgramRecord(TypedDict):
    """A program as a key or a message holds it."""

    steps: list[list[Tree]]
    give: dict[str, Tree]


@dataclass(frozen=True)
class Program:
    """Steps to take and what to give back.

    A step may be given as its JSON list, too.
    """

    steps: tuple[Step, ...]
    give: Mapping[str, Tree]

    def __post_init__(self) -> None:
        made = tuple(steps.from_json(s) if isinstance(s, list) else s for s in self.steps)
        object.__setattr__(self, "steps", made)

    def to_json(self) -> ProgramRecord:
        return {"steps": [steps.to_json(step) for step in self.steps], "give": dict(self.give)}

    @property
    def inputs(self) -> frozenset[str]:
        """The names of the inputs that the steps refer to."""
        return frozenset(_referred([*self.steps, *self.give.values()]))

    def giving(self, outputs: Iterable[str]) -> Program:
        """Return the part of the program that gives some *outputs*, with the steps behind them.

        What a model was called for earlier is among them, since that can change it.
        """
        give = {name: self.give[name] for name in outputs}
        needed = set(slots(list(give.values())))
        kept: list[Step] = []
        for step in reversed(self.steps):
            called = step.target if isinstance(step, (steps.Call, steps.New)) else ""
            # "" without a model: with a step that asks none, those before it that ask none stay.
            model = called[1:].partition(".")[0] if called.startswith("@") else ""
            of = step.model if isinstance(step, (steps.Params, steps.Set)) else ""
            # Given masks concern every later step.
            later = isinstance(step, steps.GiveMasks) and kept
            if later or getattr(step, "to", of) in needed or model in needed:
                kept.append(step)
                needed |= {*slots(step), model}
                if isinstance(step, (steps.Read, steps.HandOut)):
                    needed.add(step.model)
        return Program(tuple(reversed(kept)), give)

    @classmethod
    def from_json(cls, data: ProgramRecord) -> Program:
        return cls(tuple(map(steps.from_json, data["steps"])), dict(data["give"]))


@dataclass(frozen=True)
class Run:
    """A program and the examples (one dict of named inputs each) that it is replayed with."""

    id: str
    program: Program
    examples: Sequence[Inputs]


@dataclass(frozen=True)
class Failure:
    """Why a step gave nothing.

    ``type`` is the nearest built-in exception class, ``text`` what the exception said (bounded and
    cleaned; it can carry inputs out, so it is shown for public examples only), ``file`` and
    ``line`` where in the student's package it was raised, ``caller_file`` and ``caller_line`` where
    the function asked was by then, if that is another place, ``target`` the call that was running.
    ``cause`` is one of :data:`~grader.model.causes.CAUSES`, where one is known.
    """

    stage: FailureStage
    target: str = ""
    type: str = ""
    text: str = ""
    file: str = ""
    line: int = 0
    cause: str = ""
    caller_file: str = ""
    caller_line: int = 0


@dataclass(frozen=True)
class Outcome:
    """What one example gave: outputs by name, or why they are not there.

    ``failed`` stands for every output that is not in ``gave``. ``notes`` are short facts that
    cost nothing (:mod:`grader.model.notes`): ``"changed:x"`` for an input that was written into.
    """

    gave: Mapping[str, Tree] = field(default_factory=dict)
    failed: Failure | None = None
    notes: tuple[str, ...] = ()


def _referred(tree: Tree) -> Iterator[str]:
    """Yield the inputs that a step or a reference names."""
    return _named("$", tree)


def slots(tree: Tree) -> Iterator[str]:
    """Yield the earlier steps that a step or a reference names."""
    return _named("@", tree)


def _named(kind: str, tree: Tree) -> Iterator[str]:
    if isinstance(tree, Mapping):
        if kind in tree:
            yield tree[kind]
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        for child in tree:
            yield from _named(kind, child)
