"""From rows to proofs: which checks a row stands for, and the programs that they replay.

One function for each kind of row. A :class:`Proof` is a program, what draws its examples, and
the checks that are judged on what it gives.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grader.model.checks import (
    Backward,
    Case,
    Check,
    Forward,
    Mask,
    Network,
    Published,
    Row,
    Rule,
)
from grader.model.programs import Inputs, Program, Run
from grader.numeric.gradients import probe

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: How many examples a central-difference check replays in `grade`: agreement with the key at
#: 1e-9 implies the rest.
SLOPES = 3
#: How many small public examples stand in the key to explain a failure, smallest first.
LADDER = 8


@dataclass(frozen=True)
class Proof:
    """A program, its examples, and the checks judged on them.

    Either ``inputs`` draws ``count`` examples, or ``examples`` are fixed; for fixed ones
    ``answers`` may be known already (the published ones). ``compared`` says that the
    reference's answers are what is expected, so that the key must hold them; ``also`` are
    programs for the witness whose answers are right too. ``rounded`` mends an example of the
    ladder whose numbers were rounded: probe points lie closer than that.
    """

    run: str
    program: Program
    checks: tuple[Check, ...]
    inputs: SearchStrategy[dict[str, Any]] | None = None
    count: int = 0
    examples: Sequence[Inputs] = ()
    answers: Sequence[Mapping[str, Any]] = ()
    compared: bool = True
    ladder: bool = False
    rounded: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    also: tuple[Program, ...] = ()

    def fixed(self) -> Run:
        return Run(self.run, self.program, self.examples)


def proofs(rows: Sequence[Row], *, live: bool = False) -> list[Proof]:
    """Return the proofs of *rows*, in their order.

    *live* is for a student's own machine: central differences get probe points at half the step
    too, which tell a kink from a wrong gradient where no reference has chosen the examples.
    """
    made: list[Proof] = []
    for row in rows:
        match row:
            case Forward():
                made += _forward(row)
            case Backward():
                made += _backward(row, live)
            case Rule():
                made += _rule(row)
            case Network():
                made += _network(row, live)
            case Mask():
                made += _mask(row, live)
    return made


# --- layers ---------------------------------------------------------------------------------------


def _forward(row: Forward) -> Iterator[Proof]:
    program = _forward_program(row)
    yield from _published(row, program)
    for case in row.cases:
        yield _values(row.question, case, program, row.function)


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


def _backward(row: Backward, live: bool) -> Iterator[Proof]:
    program = _backward_program(row)
    yield from _published(row, program)
    for case in row.cases:
        yield _values(row.question, case, program, row.function)
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
        for suffix in _suffixes(live):
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
        call=_call(row.function),
        needs=f"{row.question}.{row.cases[0].name}",
        settings={"wrt": list(row.wrt), "forward": row.forward.question},
    )
    inputs = row.cases[0].inputs.map(lambda drawn: _with_probes(drawn, row.wrt, live))
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
        call=_call(row.function),
    )
    inputs = row.cases[0].inputs.map(_with_sums)
    return Proof(check.run, Program(tuple(steps), give), (check,), inputs, SLOPES, compared=False)


def _with_sums(drawn: dict[str, Any]) -> dict[str, Any]:
    dout = drawn["dout"]
    other = dout[..., ::-1] * 0.5 - 1.0
    return {**drawn, "zero": 0.0 * dout, "other": other, "sum": 2.0 * dout + other}


# --- update rules ---------------------------------------------------------------------------------


def _rule(row: Rule) -> Iterator[Proof]:
    for figures in row.published:
        program = Program(
            (
                ["keep", "c", {"$": "config"}],
                ["call", "r", row.function, [{"$": "w"}, {"$": "dw"}, {"@": "c"}], {}],
            ),
            {
                name: {"@": "r", "item": 0}
                if name == "next_w"
                else {"@": "r", "item": [1, name], "else": {"@": "c", "item": name}}
                for name in figures.outputs
            },
        )
        yield from _published(replace(row, published=(figures,)), program)
    for case in row.cases:
        steps = len(case.outputs)
        proof = _values(row.question, case, _trajectory(row.function, steps), row.function)
        also = tuple(_trajectory(function, steps) for function in row.also)
        yield replace(proof, also=also)


def _trajectory(function: str, steps: int) -> Program:
    # Whatever the rule does with its config, the next step sees it: returned, or changed in place.
    taken: list[list[Any]] = [["keep", "c0", {"$": "config"}]]
    give = {}
    w: dict[str, Any] = {"$": "w"}
    config: dict[str, Any] = {"@": "c0"}
    for t in range(1, steps + 1):
        taken.append(["call", f"r{t}", function, [w, {"$": f"dw{t}"}, config], {}])
        w = {"@": f"r{t}", "item": 0}
        config = {"@": f"r{t}", "item": 1, "else": config}
        # An optimizer may work in place: keep each step's weights before the next one.
        taken.append(["keep", f"w{t}", w])
        give[f"w{t}"] = {"@": f"w{t}"}
    return Program(tuple(taken), give)


# --- networks -------------------------------------------------------------------------------------


def _network(row: Network, live: bool) -> Iterator[Proof]:
    new = _new(row)
    for figures in row.published:
        program, checks = _network_published(row, figures)
        yield Proof(
            checks[0].run,
            program,
            checks,
            examples=[figures.inputs],
            answers=[figures.outputs],
        )
    for case in row.initial:
        check = Check(
            id=f"{row.question}.{case.name}",
            question=row.question,
            title=case.title,
            visibility="hidden",
            run=f"{row.question}.{case.name}",
            judge="initial",
            outputs=("params",),
            points=case.points,
            call=_call(row.cls),
        )
        program = Program(
            (new, _READ),
            {"params": {"@": "p"}},
        )
        yield Proof(check.run, program, (check,), case.inputs, case.count, compared=False)
    yield from _network_values(row)
    for case in row.slopes:
        yield _network_slope(row, case, live)
    for case in row.dropped:
        yield _network_dropped(row, case)


def _new(row: Network) -> list[Any]:
    spellings = [dict(spelling) for spelling in row.spellings]
    return ["new", "m", row.cls, {"$": "arguments"}, {"$": "options"}, spellings]


_LOSS = ["call", "l", "@m.loss", [{"$": "X"}, {"$": "y"}], {}]
_SCORES = ["call", "s", "@m.loss", [{"$": "X"}], {}]
_NEW_LOSS = ["call", "n", "@m.loss", [{"$": "X"}, {"$": "y"}], {}]
_READ = ["read", "p", "m", {"$": "shapes"}]
_GIVEN: Mapping[str, tuple[list[list[Any]], dict[str, Any]]] = {
    "params": ([_READ], {"@": "p"}),
    "scores": ([_SCORES], {"@": "s"}),
    "loss": ([_LOSS], {"@": "l", "item": 0}),
    "grads": ([_LOSS], {"@": "l", "item": 1}),
    "new_loss": ([["set", "m", "reg", {"$": "new_reg"}], _NEW_LOSS], {"@": "n", "item": 0}),
    "new_grads": ([["set", "m", "reg", {"$": "new_reg"}], _NEW_LOSS], {"@": "n", "item": 1}),
}


_ORDER = ("params", "loss", "grads", "scores", "new_loss", "new_grads")


def _network_program(row: Network, outputs: Sequence[str]) -> Program:
    steps: list[list[Any]] = [_new(row), ["params", "m", {"$": "params"}]]
    # The training pass first: what test mode then uses (running averages) comes from it.
    for name in sorted(outputs, key=_ORDER.index):
        for step in _GIVEN[name][0]:
            if step not in steps:
                steps.append(step)
    return Program(tuple(steps), {name: _GIVEN[name][1] for name in outputs})


def _network_published(row: Network, figures: Published) -> tuple[Program, tuple[Check, ...]]:
    program = _network_program(row, list(figures.outputs))
    return program, (_published_check(row, figures, row.cls),)


def _network_values(row: Network) -> Iterator[Proof]:
    """Yield one proof for all cases that draw alike, since one model answers for all of them."""
    groups: dict[int, list[Case]] = {}
    for case in row.cases:
        groups.setdefault(id(case.inputs), []).append(case)
    for cases in groups.values():
        outputs = list(dict.fromkeys(name for case in cases for name in case.outputs))
        run = f"{row.question}.{cases[0].name}"
        yield Proof(
            run,
            _network_program(row, outputs),
            tuple(
                _check(
                    row.question,
                    case,
                    run,
                    "@" + row.cls,
                    "complete" if "params" in case.outputs else "match",
                )
                for case in cases
            ),
            cases[0].inputs,
            max(case.count for case in cases),
            ladder=True,
        )


def _network_slope(row: Network, case: Case, live: bool) -> Proof:
    # The strategy of a slope case draws networks of one depth, so that one program fits all:
    # case.outputs names the parameters.
    steps: list[list[Any]] = [_new(row), ["params", "m", {"$": "params"}], _LOSS]
    give: dict[str, Any] = {"loss": {"@": "l", "item": 0}, "grads": {"@": "l", "item": 1}}
    for name in case.outputs:
        for suffix in _suffixes(live):
            moved = name + suffix
            steps.append(["params", "m", {"$": "params", "with": {name: {"$": moved}}}])
            steps.append(["call", moved, *_LOSS[2:]])
            give[moved] = {"@": moved, "item": 0}
    check = Check(
        id=f"{row.question}.{case.name}",
        question=row.question,
        title=case.title,
        visibility="hidden",
        run=f"{row.question}.{case.name}",
        judge="slope",
        outputs=("grads",),
        points=case.points,
        call=_call(row.cls) + ".loss",
        needs=f"{row.question}.{case.needs}" if case.needs else None,
        settings={"wrt": list(case.outputs)},
    )

    def probed(drawn: dict[str, Any]) -> dict[str, Any]:
        return _with_probes(drawn, case.outputs, live)

    # Where dropout draws, nothing else shows the gradients: what they are tells mistakes apart.
    return Proof(
        check.run,
        Program(tuple(steps), give),
        (check,),
        case.inputs.map(probed),
        SLOPES,
        compared=False,
        ladder=bool(row.dropped),
        rounded=probed,
    )


def _network_dropped(row: Network, case: Case) -> Proof:
    """The mask of the last hidden layer shows in the gradients of the last affine layer."""
    plain = [["new", "q", row.cls, {"$": "arguments"}, {"$": "plain"}, _new(row)[5]]]
    steps = [
        *plain,
        ["params", "q", {"$": "params"}],
        ["call", "k", "@q.loss", [{"$": "X"}, {"$": "y"}], {}],
        _new(row),
        ["params", "m", {"$": "params"}],
        _LOSS,
        _NEW_LOSS,
    ]
    check = Check(
        id=f"{row.question}.{case.name}",
        question=row.question,
        title=case.title,
        visibility="hidden",
        run=f"{row.question}.{case.name}",
        judge="dropped",
        outputs=("grads",),
        points=case.points,
        call=_call(row.cls) + ".loss",
        needs=f"{row.question}.{case.needs}" if case.needs else None,
        settings={"last": list(case.outputs)},
    )
    give = {
        "plain": {"@": "k", "item": 1},
        "grads": {"@": "l", "item": 1},
        "again": {"@": "n", "item": 1},
    }
    return Proof(
        check.run, Program(tuple(steps), give), (check,), case.inputs, case.count, compared=False
    )


# --- layers that drop at random -------------------------------------------------------------------


def _mask(row: Mask, live: bool) -> Iterator[Proof]:
    del live
    arguments = [{"$": "x"}, {"$": row.param}]
    other = [{"$": "x"}, {"$": "other"}]
    forward = Program(
        (
            ["call", "f", row.function, arguments, {}],
            ["call", "g", row.function, arguments, {}],
            ["call", "h", row.function, other, {}],
        ),
        {
            "out": {"@": "f", "item": 0},
            "again": {"@": "g", "item": 0},
            "reseeded": {"@": "h", "item": 0},
        },
    )
    test = Program((forward.steps[0],), {"out": {"@": "f", "item": 0}})
    for case in row.cases:
        compared = case.name == "test"
        yield Proof(
            f"{row.question}.{case.name}",
            test if compared else forward,
            (_check(row.question, case, None, row.function, "match" if compared else case.name),),
            case.inputs,
            case.count,
            compared=compared,
            ladder=compared,
        )
    backward = Program(
        (forward.steps[0], ["call", "b", row.backward, [{"$": "dout"}, {"@": "f", "item": 1}], {}]),
        {"out": {"@": "f", "item": 0}, "dx": {"@": "b"}},
    )
    for case in row.backward_cases:
        yield Proof(
            f"{row.backward_question}.{case.name}",
            backward,
            (_check(row.backward_question, case, None, row.backward, "same_mask"),),
            case.inputs,
            case.count,
            compared=False,
        )


# --- shared ---------------------------------------------------------------------------------------


def _values(question: str, case: Case, program: Program, function: str) -> Proof:
    check = _check(question, case, None, function)
    # The function's own output is always asked for, so that a call that fails is seen to fail.
    wanted = dict.fromkeys((*list(program.give)[:1], *case.outputs))
    program = Program(program.steps, {name: program.give[name] for name in wanted})
    return Proof(check.run, program, (check,), case.inputs, case.count, ladder=True)


def _check(
    question: str, case: Case, run: str | None, function: str, judge: str = "match"
) -> Check:
    # A network's checks are about what its loss gives; a function's about what it returns.
    call = _call(function[1:]) + ".loss" if function.startswith("@") else _call(function)
    return Check(
        id=f"{question}.{case.name}",
        question=question,
        title=case.title,
        visibility="hidden",
        run=run or f"{question}.{case.name}",
        judge=judge,
        outputs=case.outputs,
        points=case.points,
        call=call,
        shape_share=case.shape_share,
        needs=f"{question}.{case.needs}" if case.needs else None,
    )


def _published(row: Forward | Backward | Rule, program: Program) -> Iterator[Proof]:
    for figures in row.published:
        check = _published_check(row, figures, row.function)
        give = {name: program.give[name] for name in figures.outputs}
        yield Proof(
            check.run,
            Program(program.steps, give),
            (check,),
            examples=[figures.inputs],
            answers=[figures.outputs],
        )


def _published_check(
    row: Forward | Backward | Rule | Network, figures: Published, function: str
) -> Check:
    return Check(
        id=f"{row.question}.published-{figures.row}",
        question=row.question,
        title="The notebook's own figures",
        visibility="published",
        run=f"{row.question}.published-{figures.row}",
        judge="published",
        outputs=tuple(figures.outputs),
        points=row.published_points / len(row.published),
        call=_call(function),
        needs=f"{row.question}.{row.cases[0].name}",
        settings={"bound": figures.bound, "row": figures.row},
    )


def _call(function: str) -> str:
    return function.rpartition(":")[2]


def _suffixes(live: bool) -> tuple[str, ...]:
    return ("_plus", "_minus", "_half_plus", "_half_minus") if live else ("_plus", "_minus")


def _with_probes(drawn: dict[str, Any], wrt: Sequence[str], live: bool) -> dict[str, Any]:
    probed = dict(drawn)
    for name in wrt:
        array = drawn[name] if name in drawn else drawn["params"][name]
        plus, minus = probe(array, zlib.crc32(name.encode()) + int(array.size))
        probed[name + "_plus"], probed[name + "_minus"] = plus, minus
        if live:
            probed[name + "_half_plus"] = (array + plus) / 2
            probed[name + "_half_minus"] = (array + minus) / 2
    return probed
