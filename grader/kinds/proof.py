"""A proof: a program, its examples, its checks; and the parts that all kinds of rows share."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.model.checks import Backward, Case, Check, Forward, Network, Published, Rule
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


def values(question: str, case: Case, program: Program, function: str) -> Proof:
    """Return the proof of one case by its values, with a ladder to explain a failure."""
    check = row_check(question, case, None, function)
    # The function's own output is always asked for, so that a call that fails is seen to fail.
    wanted = dict.fromkeys((*list(program.give)[:1], *case.outputs))
    program = Program(program.steps, {name: program.give[name] for name in wanted})
    return Proof(check.run, program, (check,), case.inputs, case.count, ladder=True)


def row_check(
    question: str, case: Case, run: str | None, function: str, judge: str = "match"
) -> Check:
    """Return the hidden check of one case of a row."""
    # A network's checks are about what its loss gives; a function's about what it returns.
    call = callee(function[1:]) + ".loss" if function.startswith("@") else callee(function)
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


def published(row: Forward | Backward | Rule, program: Program) -> Iterator[Proof]:
    """Yield the proofs of the figures that the notebook shows of a function."""
    for figures in row.published:
        check = figure_check(row, figures, row.function)
        give = {name: program.give[name] for name in figures.outputs}
        yield Proof(
            check.run,
            Program(program.steps, give),
            (check,),
            examples=[figures.inputs],
            answers=[figures.outputs],
        )


def figure_check(
    row: Forward | Backward | Rule | Network, figures: Published, function: str
) -> Check:
    """Return the check of one row of the notebook."""
    return Check(
        id=f"{row.question}.published-{figures.row}",
        question=row.question,
        title="The notebook's own figures",
        visibility="published",
        run=f"{row.question}.published-{figures.row}",
        judge="published",
        outputs=tuple(figures.outputs),
        points=row.published_points / len(row.published),
        call=callee(function),
        needs=f"{row.question}.{row.cases[0].name}",
        settings={"bound": figures.bound, "row": figures.row},
    )


def callee(function: str) -> str:
    """Return what is called, without its module."""
    return function.rpartition(":")[2]


def suffixes(live: bool) -> tuple[str, ...]:
    """Return the endings of the names of probe points."""
    return ("_plus", "_minus", "_half_plus", "_half_minus") if live else ("_plus", "_minus")


def with_probes(drawn: dict[str, Any], wrt: Sequence[str], live: bool) -> dict[str, Any]:
    """Return *drawn* with the probe points of each array of *wrt*, moved along one direction."""
    probed = dict(drawn)
    for name in wrt:
        array = drawn[name] if name in drawn else drawn["params"][name]
        plus, minus = probe(array, zlib.crc32(name.encode()) + int(array.size))
        probed[name + "_plus"], probed[name + "_minus"] = plus, minus
        if live:
            probed[name + "_half_plus"] = (array + plus) / 2
            probed[name + "_half_minus"] = (array + minus) / 2
    return probed
