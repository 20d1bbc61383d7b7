"""A proof: a program, its examples, its checks; and what the rows of all kinds are made of."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from grader.model.checks import SHAPE_SHARE, Check, Replaceable
from grader.model.dependence import Varied
from grader.model.problem import Problem
from grader.model.programs import Inputs, Program, Run
from grader.model.trees import Tree
from grader.numeric.gradients import probe

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: How many examples a central-difference check replays in `grade`: agreement with the key at
#: 1e-9 implies the rest.
SLOPES = 3
#: How many small public examples stand in the key to explain a failure, smallest first.
LADDER = 8


class KindError(Problem, ValueError):
    """A row or a judge can't be used; the message names it and says what to do."""


class Row(Protocol):
    """One row of an assignment's table of checks. Any class of this shape can be one.

    A kind of row is a module: the row's class, what it proves, and the judges of these proofs by
    name (:data:`grader.kinds.JUDGES`). A course's own kind is a class of this shape in its
    ``checks/``, whose judges stand by name in ``JUDGES`` there.
    """

    @property
    def question(self) -> str: ...

    def proofs(self, *, live: bool) -> Iterator[Proof]:
        """Yield the row's proofs. *live*: on a student's own machine, with no key at hand."""
        ...

    def replaceable(self) -> ReplaceableGroup | None:
        """Return what the reference can answer for where the row's questions failed."""
        ...


class PublishedRow(Protocol):
    """A row whose figures the course's notebook shows."""

    @property
    def question(self) -> str: ...
    @property
    def cases(self) -> tuple[Case, ...]: ...
    @property
    def published(self) -> tuple[Published, ...]: ...
    @property
    def published_points(self) -> float: ...


class FunctionRow(PublishedRow, Protocol):
    """The same, of one function."""

    @property
    def function(self) -> str: ...


@dataclass(frozen=True)
class ReplaceableGroup:
    """Functions by question that the reference answers for together, under the name *group*.

    A backward pass reads what its own forward pass kept, so a layer is replaced as a whole.
    """

    group: str
    parts: Mapping[str, Replaceable]


@dataclass(frozen=True)
class Proof:
    """A program, its examples, and the checks judged on them.

    Either ``inputs`` draws ``count`` examples, or ``examples`` are fixed; for fixed ones
    ``answers`` may be known already (the published ones). ``compared`` says that the
    reference's answers are what is expected, so that the key must hold them; ``also`` are
    programs for the witness whose answers are right too. ``rounded`` mends an example of the
    ladder whose numbers were rounded: probe points lie closer than that. ``first`` is the part of
    the program that a submission is asked before it is told the rest of the inputs. ``varies`` says
    how inputs may vary (``x``, ``config.momentum``), where that can't be seen from the examples.
    """

    run: str
    program: Program
    checks: tuple[Check, ...]
    inputs: SearchStrategy[dict[str, Tree]] | None = None
    count: int = 0
    examples: Sequence[Inputs] = ()
    answers: Sequence[Mapping[str, Tree]] = ()
    compared: bool = True
    ladder: bool = False
    rounded: Callable[[dict[str, Tree]], dict[str, Tree]] | None = None
    also: tuple[Program, ...] = ()
    first: Program | None = None
    varies: Mapping[str, Varied] = field(default_factory=dict)

    def fixed(self) -> Run:
        return Run(self.run, self.program, self.examples)


def values(question: str, case: Case, program: Program, function: str) -> Proof:
    """Return the proof of one case by its values, with a ladder to explain a failure."""
    check = row_check(question, case, None, function)
    # The function's own output is always asked for, so that a call that fails is seen to fail.
    wanted = dict.fromkeys((*list(program.give)[:1], *case.outputs))
    program = given(program, wanted, check.id)
    return Proof(check.run, program, (check,), case.inputs, case.count, ladder=True)


def given(program: Program, wanted: Iterable[str], check: str) -> Program:
    """Return *program* that gives the *wanted* outputs alone.

    Raises :class:`KindError`, naming the *check*, for one that the row has no name for.
    """
    for name in wanted:
        if name not in program.give:
            raise KindError(
                f"{check}: the row gives no output {name!r}: choose from {', '.join(program.give)}"
            )
    return Program(program.steps, {name: program.give[name] for name in wanted})


def row_check(
    question: str, case: Case, run: str | None, function: str, judge: str = "match"
) -> Check:
    """Return the hidden check of one case of a row."""
    if case.shares and (case.shares.keys() != set(case.outputs) or min(case.shares.values()) < 0):
        raise KindError(
            f"{question}.{case.name}: shares must give each of {', '.join(case.outputs)} a number "
            "that is not negative"
        )
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
        shares=case.shares,
    )


def published(row: FunctionRow, program: Program) -> Iterator[Proof]:
    """Yield the proofs of the figures that the notebook shows of a function."""
    for figures in row.published:
        check = figure_check(row, figures, row.function)
        yield Proof(
            check.run,
            given(program, figures.outputs, check.id),
            (check,),
            examples=[figures.inputs],
            answers=[figures.outputs],
        )


def figure_check(row: PublishedRow, figures: Published, function: str) -> Check:
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
        settings={"bound": figures.bound, "row": figures.row},
    )


def callee(function: str) -> str:
    """Return what is called, without its module."""
    return function.rpartition(":")[2]


def suffixes(live: bool) -> tuple[str, ...]:
    """Return the endings of the names of probe points."""
    return ("_plus", "_minus", "_half_plus", "_half_minus") if live else ("_plus", "_minus")


def with_probes(drawn: Inputs, wrt: Sequence[str], live: bool) -> dict[str, Tree]:
    """Return *drawn* with the probe points of each array of *wrt*, moved along one direction.

    In a key's draws the direction is as secret as its examples.
    """
    from grader.numeric.strategies import salt  # which Hypothesis comes with

    probed = dict(drawn)
    for name in wrt:
        array = drawn[name] if name in drawn else drawn["params"][name]
        plus, minus = probe(array, [zlib.crc32(name.encode()), int(array.size), salt()])
        probed[name + "_plus"], probed[name + "_minus"] = plus, minus
        if live:
            probed[name + "_half_plus"] = (array + plus) / 2
            probed[name + "_half_minus"] = (array + minus) / 2
    return probed


@dataclass(frozen=True)
class Published:
    """Figures of the course's notebook: its row there, inputs, outputs and the bound to meet.

    ``bound`` is on the notebook's element-wise relative error.
    """

    row: int
    inputs: Inputs
    outputs: Mapping[str, Tree]
    bound: float


@dataclass(frozen=True)
class Case:
    """One family of inputs that gets a check of its own.

    ``outputs`` are compared with the key; ``points`` are the check's. ``count`` says how many
    examples the key holds. ``shares`` are the outputs' parts of the points, by name, in any unit;
    without them, all outputs have the same. ``needs`` names the case whose passing the points
    depend on, where doing nothing at all would pass this one.
    """

    name: str
    title: str
    inputs: SearchStrategy[dict[str, Tree]]
    points: float
    outputs: tuple[str, ...]
    count: int = 25
    shape_share: float = SHAPE_SHARE
    needs: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)
