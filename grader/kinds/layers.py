"""Layers: a forward pass, its backward pass, and the judges of gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.kinds.arrays import Answer, Judge, failed, kind_of
from grader.kinds.proof import (
    SLOPES,
    Case,
    Proof,
    Published,
    ReplaceableGroup,
    callee,
    published,
    suffixes,
    values,
    with_probes,
)
from grader.model.checks import Check, Replaceable
from grader.model.dependence import Varied
from grader.model.programs import Inputs, Outcome, Program
from grader.model.steps import Call, Keep, Reference, Step
from grader.model.trees import Array, Tree
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.errors import agrees, norm, normwise
from grader.numeric.structure import structure

#: The calls of a backward pass whose answers show its properties, by the slot that keeps each,
#: and the input that is its ``dout``.
FIRST, ZERO, OTHER, SUM, AGAIN = "g", "z", "h", "s", "r"
PASSES: Mapping[str, str] = {
    FIRST: "dout",
    ZERO: "zero",
    OTHER: "other",
    SUM: "sum",
    AGAIN: "dout",
}


@dataclass(frozen=True)
class Forward:
    """A layer's forward pass, ``function(*arguments) -> (out, cache)``.

    ``state`` names inputs that the function updates in place, and the items to look at.
    ``cache`` is the usual form of what it hands to the backward pass, where there is one: the
    name of an argument, or several. A backward pass is called on it where the forward gave none.
    ``varies`` says how inputs may vary, and what their axes are; for the backward pass, too.
    """

    question: str
    function: str
    arguments: tuple[str, ...]
    cases: tuple[Case, ...]
    published: tuple[Published, ...] = ()
    published_points: float = 0.0
    state: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cache: str | tuple[str, ...] = ()
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the published figures, then each case. The same wherever it is asked."""
        del live
        program = _forward_program(self)
        yield from published(self, program)
        for case in self.cases:
            proof = values(self.question, case, program, self.function)
            yield replace(proof, varies=self.varies)

    def replaceable(self) -> ReplaceableGroup:
        return ReplaceableGroup(
            self.function, {self.question: Replaceable(self.function, handle=1)}
        )


@dataclass(frozen=True)
class Backward:
    """A layer's backward pass, ``function(dout, cache) -> one gradient for each of wrt``.

    Its inputs are the forward's and ``dout``. ``gradient_points`` go to agreement with central
    differences of the student's own forward.
    """

    question: str
    function: str
    forward: Forward
    wrt: tuple[str, ...]
    cases: tuple[Case, ...]
    gradient_points: float
    published: tuple[Published, ...] = ()
    published_points: float = 0.0

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple("d" + name for name in self.wrt)

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield values, central differences and properties."""
        program = _backward_program(self)
        yield from published(self, program)
        for case in self.cases:
            proof = values(self.question, case, program, self.function)
            yield replace(proof, varies=self.forward.varies)
        yield _layer_slope(self, live)
        yield _layer_properties(self)

    def replaceable(self) -> ReplaceableGroup:
        return ReplaceableGroup(self.forward.function, {self.question: Replaceable(self.function)})


def _forward_program(row: Forward) -> Program:
    kept = [Keep(name, {"$": name}) for name in row.state]
    items = {
        item: {"@": name, "item": item} for name, wanted in row.state.items() for item in wanted
    }
    return Program(
        (*kept, Call("f", row.function, _arguments(row, kept=True))),
        {"out": {"@": "f", "item": 0}, **items},
    )


def _arguments(
    row: Forward, *, kept: bool = False, instead: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    names = {name: name for name in row.arguments} | dict(instead or {})
    return [{"@": n} if kept and n in row.state else {"$": names[n]} for n in row.arguments]


def _backward_program(row: Backward) -> Program:
    return Program(
        (
            Call("f", row.forward.function, _arguments(row.forward)),
            Call("g", row.function, [{"$": "dout"}, _cache(row, "f")]),
        ),
        {name: _output(row, "g", i) for i, name in enumerate(row.outputs)},
    )


def _cache(row: Backward, slot: str) -> Reference:
    """Return what to call a backward pass on: its own forward's cache, else the usual form."""
    usual = row.forward.cache
    found: Reference = {"@": slot, "item": 1}
    if usual:
        found["else"] = {"$": usual} if isinstance(usual, str) else [{"$": name} for name in usual]
    return found


def _output(row: Backward, slot: str, index: int) -> Reference:
    # A layer with one input returns its gradient bare, not a tuple of one.
    return {"@": slot} if len(row.wrt) == 1 else {"@": slot, "item": index}


def _layer_slope(row: Backward, live: bool) -> Proof:
    steps: list[Step] = [
        Call("f", row.forward.function, _arguments(row.forward)),
        Call("g", row.function, [{"$": "dout"}, _cache(row, "f")]),
    ]
    give: dict[str, Reference] = {"out": {"@": "f", "item": 0}}
    for i, name in enumerate(row.wrt):
        give["d" + name] = _output(row, "g", i)
        for suffix in suffixes(live):
            moved = name + suffix
            arguments = _arguments(row.forward, instead={name: moved})
            steps.append(Call(moved, row.forward.function, arguments))
            give[moved] = {"@": moved, "item": 0}
    check = Check(
        id=f"{row.question}.gradient",
        question=row.question,
        title="Agrees with central differences of your own forward pass",
        visibility="hidden",
        run=f"{row.question}.gradient",
        judge="slope",
        outputs=row.outputs,
        points=row.gradient_points,
        call=callee(row.function),
        needs=f"{row.question}.{row.cases[0].name}",
        settings={"wrt": list(row.wrt), "forward": row.forward.question},
    )
    inputs = row.cases[0].inputs.map(lambda drawn: with_probes(drawn, row.wrt, live))
    return Proof(
        check.run,
        Program(tuple(steps), give),
        (check,),
        inputs,
        SLOPES,
        compared=not live,
        first=Program(tuple(steps[:2]), {name: give[name] for name in row.outputs}),
    )


def _layer_properties(row: Backward) -> Proof:
    """Three facts of every backward pass: zero in, zero out; linear in dout; repeatable."""
    steps: list[Step] = []
    give: dict[str, Reference] = {}
    for slot, dout in PASSES.items():
        own = f"{slot}f"
        steps.append(Call(own, row.forward.function, _arguments(row.forward)))
        steps.append(Call(slot, row.function, [{"$": dout}, _cache(row, own)]))
        for i, name in enumerate(row.outputs):
            give[f"{name}.{slot}"] = _output(row, slot, i)
    check = Check(
        id=f"{row.question}.properties",
        question=row.question,
        title="Zero in gives zero out, sums in give sums out, and twice the same is the same",
        visibility="property",
        run=f"{row.question}.properties",
        judge="linear",
        outputs=row.outputs,
        points=0,
        call=callee(row.function),
    )
    inputs = row.cases[0].inputs.map(_with_sums)
    return Proof(check.run, Program(tuple(steps), give), (check,), inputs, SLOPES, compared=False)


def _with_sums(drawn: dict[str, Tree]) -> dict[str, Tree]:
    dout = drawn["dout"]
    other = dout[..., ::-1] * 0.5 - 1.0
    return {**drawn, "zero": 0.0 * dout, "other": other, "sum": 2.0 * dout + other}


def own_work(check: Check, inputs: Inputs, outcome: Outcome) -> bool:
    """Say whether a layer that agrees with itself does something with each of its inputs.

    Zeros agree with zeros, and the input handed through has a gradient that is handed through:
    neither is a layer.
    """
    out = outcome.gave.get("out")
    if not isinstance(out, np.ndarray):
        return False
    for name in check.settings["wrt"]:
        gradient = outcome.gave.get("d" + name)
        if not isinstance(gradient, np.ndarray) or not norm(gradient):
            return False
        given = np.asarray(inputs[name])
        if given.size == out.size:
            found = structure(out.reshape(given.shape), given)
            scaled = found is not None and found.kind in ("rows_scaled", "columns_scaled")
            # Normalizing scales each row or column by a number of its own: that is work.
            if agrees(out.reshape(given.shape), given) or (found is not None and not scaled):
                return False
    return True


def linear(check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]) -> Verdict:
    """A backward pass gives zero for zero, is linear in ``dout``, and repeats itself."""
    del inputs, answers
    if outcome.failed:
        return failed(check, outcome)
    for name in check.outputs:
        given = {slot: outcome.gave.get(f"{name}.{slot}") for slot in PASSES}
        arrays: dict[str, Array] = {
            slot: value
            for slot, value in given.items()
            if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        }
        if len(arrays) < len(given):
            return Verdict("type", name, {"got": kind_of(given[FIRST])})
        if len({array.shape for array in arrays.values()}) > 1:
            return Verdict("shape", name, {"property": {"name": "shape_varies"}})
        first = arrays[FIRST]
        for fact, got, expected in (
            ("repeat", arrays[AGAIN], first),
            ("zero_dout", arrays[ZERO], np.zeros_like(first)),
            ("linear", arrays[SUM], 2.0 * first + arrays[OTHER]),
        ):
            if not agrees(got, expected):
                error = normwise(got, expected)
                return Verdict("value", name, {"property": {"name": fact, "error": error}})
    return PASSED


JUDGES: Mapping[str, Judge] = {"linear": linear}
