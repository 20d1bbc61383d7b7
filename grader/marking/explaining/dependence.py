"""Dependence: which inputs a wrong output depends on and how it grows, beside the reference's.

The submission is asked one public example that fails under moves of its inputs. Where that differs
from what is known of the reference, it is asked again in other directions and on other examples,
right ones too: what is said has held in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grader.marking.explaining.differences import Difference, compared, statements
from grader.marking.explaining.drawing import answers_to
from grader.marking.explaining.failure import PublicFailure
from grader.model.dependence import FactsOfOutputs, Table
from grader.model.evidence import ExplanationFacts
from grader.model.programs import Inputs, Program, Run
from grader.numeric.dependence import Leaves, Observed, facts, leaves
from grader.numeric.errors import agrees
from grader.numeric.moves import Move, form, moved, moves, varied
from grader.sandbox import Batch

#: A process that has used this share of its CPU time is asked for no more.
_SHARE = 0.5
#: In which further directions what was found is confirmed, and how much farther: that something
#: stays the same needs several.
DIRECTIONS = ((1, 1.0), (2, 3.0), (3, 10.0))
#: On how many other examples it has to hold, right ones too: there it may do otherwise.
MOST_OTHERS = 8


class _Rung(NamedTuple):
    """A public example that fails: its number, and what is known of the reference there."""

    number: int
    known: FactsOfOutputs


@dataclass(frozen=True)
class Dependence:
    """Explains failures by what *tables* gives: what the reference's outputs depend on, by run."""

    tables: Callable[[], Mapping[str, Table]]

    def explain(self, failure: PublicFailure) -> list[ExplanationFacts]:
        """Return at most two differences, the most telling first.

        Raises :class:`~grader.sandbox.Fault` where the submission can't be asked.
        """
        table = self.tables().get(failure.ladder.run.id)
        if table is None:
            return []
        look = _Look(failure, table)
        rungs = look.failing()
        if not rungs:
            return []
        first, *others = rungs
        seen = Observed()
        if not look.ask(seen, [(first, 0, 1.0)], None):
            return []
        found = list(look.differences(seen, first.known))
        if not found:
            return []
        paths = {difference.path for difference in found}
        more = [(first, seed, scale) for seed, scale in DIRECTIONS]
        others = [*others, *look.others(rungs)][:MOST_OTHERS]
        # A step at a time: what a threshold or a rounding keeps as it was moves elsewhere.
        more += [(rung, seed, 1.0) for rung in others for seed in (0, 1)]
        if not look.ask(seen, more, paths):
            return []
        known = [rung.known for rung in (first, *others)]
        kept = [d for d in look.differences(seen, first.known) if _in_all(d, known)]
        return list(statements(kept, table, look.names))


def _in_all(difference: Difference, known: Sequence[FactsOfOutputs]) -> bool:
    """Say whether the same is known of the reference on each example that was asked."""
    return all(
        facts_.get(difference.output, {}).get(difference.path, {}).get(difference.fact)
        == difference.wanted
        for facts_ in known
    )


class _Look:
    """What a submission does on the public examples of one failure."""

    def __init__(self, failure: PublicFailure, table: Table) -> None:
        self._failure, self._table = failure, table
        self._outputs = failure.wrong
        # All of its steps: one may change what another output is read from.
        program = failure.ladder.run.program
        self._program = Program(program.steps, {n: program.give[n] for n in self._outputs})
        self.names: list[str] = []

    def failing(self) -> list[_Rung]:
        """Return the examples on which some output is wrong, the smallest first."""
        found = []
        ladder = self._failure.ladder
        used = ladder.run.program.inputs
        for i, outcome in enumerate(self._failure.outcomes):
            known = self._table.forms.get(form(varied(ladder.run.examples[i], used)), {})
            gave = leaves(outcome.gave, self._outputs)
            right = [leaves(answer, self._outputs) for answer in answers_to(ladder, i)]
            wrong = {name: known[name] for name in known if _is_wrong(name, gave, right)}
            if wrong:
                found.append(_Rung(i, wrong))
        return found

    def others(self, failing: Sequence[_Rung]) -> list[_Rung]:
        """Return the examples on which all is right, where the failing ones are known."""
        there = {rung.number for rung in failing}
        ladder, names = self._failure.ladder, {n for rung in failing for n in rung.known}
        used = ladder.run.program.inputs
        found = []
        for i, outcome in enumerate(self._failure.outcomes):
            known = self._table.forms.get(form(varied(ladder.run.examples[i], used)), {})
            gave = leaves(outcome.gave, self._outputs)
            if i not in there and outcome.failed is None and names <= known.keys() & gave.keys():
                found.append(_Rung(i, {name: known[name] for name in names}))
        return found

    def ask(
        self, seen: Observed, asked: Sequence[tuple[_Rung, int, float]], paths: set[str] | None
    ) -> bool:
        """Move the inputs at *paths* (all: ``None``) of rungs, each by seed and scale; take it in.

        Returns whether there is something to go by: the same call gives the same each time.
        """
        session = self._failure.asked()
        if session.used_share > _SHARE:
            return False
        run = self._failure.ladder.run
        plans = [
            (rung, list(self._moved(run.examples[rung.number], rung, paths, seed, scale)))
            for rung, seed, scale in asked
        ]
        runs = [
            Run(
                f"{run.id}.dependence.{n}",
                self._program,
                [run.examples[rung.number], *(e for _, _, e in plan), run.examples[rung.number]],
            )
            for n, (rung, plan) in enumerate(plans)
        ]
        for (rung, plan), reply in zip(plans, session.ask(Batch(runs)), strict=True):
            first, *outcomes, last = reply.outcomes
            told = [
                leaves(o.gave, self._outputs)
                for o in (self._failure.outcomes[rung.number], first, last)
            ]
            if first.failed or last.failed or not _repeats(told, rung.known):
                return False
            before = {name: told[0][name] for name in rung.known}
            for (move, size, _), outcome in zip(plan, outcomes, strict=True):
                after = None if outcome.failed else leaves(outcome.gave, self._outputs)
                seen.add(move, size, before, after)
        return True

    def _moved(
        self, example: Inputs, rung: _Rung, paths: set[str] | None, seed: int, scale: float
    ) -> Iterator[tuple[Move, tuple[int, ...], Inputs]]:
        inputs = varied(example, self._program.inputs)
        self.names = list(dict.fromkeys((*self.names, *inputs)))
        for path, value in inputs.items():
            if paths is not None and path not in paths:
                continue
            told = {fact for known in rung.known.values() for fact in known.get(path, {})}
            for move in moves(path, value, self._table):
                if _tells(move.how, told):
                    changed = moved(example, move, value, self._table, seed, scale)
                    yield move, value.shape, changed

    def differences(self, seen: Observed, known: FactsOfOutputs) -> Iterator[Difference]:
        """Yield in what the submission's outputs differ from what is known of the reference's."""
        for output, by_path in known.items():
            for path, wanted in by_path.items():
                pairs = {
                    (int(axes[0]), int(axes[2]))
                    for axes in (fact.partition(".")[0] for fact in wanted)
                    if "-" in axes
                }
                yield from compared(output, path, wanted, facts(seen.of(output, path), pairs))


def _tells(how: str, told: set[str]) -> bool:
    """Say whether a move shows any of the facts that are *told* of the reference."""
    if how in ("little", "far"):
        return "change" in told
    if how == "double":
        return "growth" in told
    axis = how.partition(".")[0]
    return how in told or any(fact.startswith(f"{axis}-") for fact in told)


def _is_wrong(name: str, gave: Leaves, right: Sequence[Leaves]) -> bool:
    """Say whether an output came, in the right shape, and agrees with no right answer."""
    got = gave.get(name)
    if got is None or not right or name not in right[0] or right[0][name].shape != got.shape:
        return False
    return not any(name in answer and agrees(got, answer[name]) for answer in right)


def _repeats(told: Sequence[Leaves], names: Mapping[str, object]) -> bool:
    """Say whether each of several calls gave the same."""
    first, *others = told
    return all(
        name in first
        and all(name in other and np.array_equal(first[name], other[name]) for other in others)
        for name in names
    )
