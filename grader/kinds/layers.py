"""The proofs of a layer: its forward pass, its backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.kinds.proof import SLOPES, Proof, callee, published, suffixes, values, with_probes
from grader.model.checks import Backward, Check, Forward
from grader.model.programs import Program


def forward(row: Forward) -> Iterator[Proof]:
    """Yield the proofs of a forward pass: the published figures, then each case."""
    program = _forward_program(row)
    yield from published(row, program)
    for case in row.cases:
        yield values(row.question, case, program, row.function)


def _forward_program(row: Forward) -> Program:
    kept = [["keep", name, {"$": name}] for name in row.state]
    items = {
        item: {"@": name, "item": item} for name, wanted in row.state.items() for item in wanted
    }
    return Program(
        (*kept, ["call", "f", row.function, _arguments(row, kept=True), {}]),
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
            ["call", "f", row.forward.function, _arguments(row.forward), {}],
            ["call", "g", row.function, [{"$": "dout"}, _cache(row, "f")], {}],
        ),
        {name: _output(row, "g", i) for i, name in enumerate(row.outputs)},
    )


def _cache(row: Backward, slot: str) -> dict[str, Any]:
    """Return what to call a backward pass on: its own forward's cache, else the usual form."""
    usual = row.forward.cache
    found: dict[str, Any] = {"@": slot, "item": 1}
    if usual:
        found["else"] = {"$": usual} if isinstance(usual, str) else [{"$": name} for name in usual]
    return found


def _output(row: Backward, slot: str, index: int) -> dict[str, Any]:
    # A layer with one input returns its gradient bare, not a tuple of one.
    return {"@": slot} if len(row.wrt) == 1 else {"@": slot, "item": index}


def backward(row: Backward, live: bool) -> Iterator[Proof]:
    """Yield the proofs of a backward pass: values, central differences, properties."""
    program = _backward_program(row)
    yield from published(row, program)
    for case in row.cases:
        yield values(row.question, case, program, row.function)
    yield _layer_slope(row, live)
    yield _layer_properties(row)


def _layer_slope(row: Backward, live: bool) -> Proof:
    steps: list[list[Any]] = [
        ["call", "f", row.forward.function, _arguments(row.forward), {}],
        ["call", "g", row.function, [{"$": "dout"}, _cache(row, "f")], {}],
    ]
    give = {"out": {"@": "f", "item": 0}}
    for i, name in enumerate(row.wrt):
        give["d" + name] = _output(row, "g", i)
        for suffix in suffixes(live):
            moved = name + suffix
            arguments = _arguments(row.forward, instead={name: moved})
            steps.append(["call", moved, row.forward.function, arguments, {}])
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
    return Proof(check.run, Program(tuple(steps), give), (check,), inputs, SLOPES, compared=False)


def _layer_properties(row: Backward) -> Proof:
    """Three facts of every backward pass: zero in, zero out; linear in dout; repeatable."""
    forward = ["call", "f", row.forward.function, _arguments(row.forward), {}]
    steps: list[list[Any]] = []
    give: dict[str, Any] = {}
    for slot, dout in (("g", "dout"), ("z", "zero"), ("h", "other"), ("s", "sum"), ("r", "dout")):
        own = f"{slot}f"
        steps.append(["call", own, *forward[2:]])
        steps.append(["call", slot, row.function, [{"$": dout}, _cache(row, own)], {}])
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


def _with_sums(drawn: dict[str, Any]) -> dict[str, Any]:
    dout = drawn["dout"]
    other = dout[..., ::-1] * 0.5 - 1.0
    return {**drawn, "zero": 0.0 * dout, "other": other, "sum": 2.0 * dout + other}
