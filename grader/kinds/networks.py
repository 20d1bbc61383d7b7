"""The proofs of a network: its start, its scores, its loss, its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.kinds.proof import SLOPES, Proof, callee, figure_check, row_check, suffixes, with_probes
from grader.model.checks import Case, Check, Network, Published
from grader.model.programs import Program


def network(row: Network, live: bool) -> Iterator[Proof]:
    """Yield the proofs of a network; the published ones first."""
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
            call=callee(row.cls),
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
    return program, (figure_check(row, figures, row.cls),)


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
                row_check(
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
        for suffix in suffixes(live):
            moved = name + suffix
            steps.append(["params", "m", {"$": "params", "with": {name: {"$": moved}}}])
            steps.append(["call", moved, *_LOSS[2:]])
            give[moved] = {"@": moved, "item": 0}
    check = replace(
        row_check(row.question, case, None, "@" + row.cls, "slope"),
        outputs=("grads",),
        settings={"wrt": list(case.outputs)},
    )

    def probed(drawn: dict[str, Any]) -> dict[str, Any]:
        return with_probes(drawn, case.outputs, live)

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
    check = replace(
        row_check(row.question, case, None, "@" + row.cls, "dropped"),
        outputs=("grads",),
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
