"""Which examples a key may hold: those on which two independent right formulas agree.

Reference and witness are asked in the same way as a submission is, through a function that is
handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.key.variants import CERTIFIED, Answers, same
from grader.kinds import Judge, Proof, judge
from grader.model.checks import AnsweredRun
from grader.model.problem import Problem
from grader.model.programs import Failure, Inputs, Outcome, Program, Run

Judges = Mapping[str, Judge]


class BuildError(Problem, ValueError):
    """The key can't be built: the message names the check and what is wrong with it."""


def certain(
    proof: Proof,
    examples: Sequence[Inputs],
    reference: Answers,
    witness: Answers,
    judges: Judges,
    id: str,
    count: int | None = None,
) -> AnsweredRun:
    """Return those of *examples*, or the first *count*, on which both formulas agree, answered.

    Raises :class:`BuildError`, which names the run by *id*, where one of them fails.
    """
    run = Run(proof.run, proof.program, examples)
    (outcomes,) = reference([run])
    also = [_answers(witness, run, program) for program in proof.also]
    (seconds,) = witness([run]) if proof.compared else (outcomes,)
    kept: list[int] = []
    for i, (outcome, second) in enumerate(zip(outcomes, seconds, strict=True)):
        for failed, who in ((outcome.failed, "reference"), (second.failed, "witness")):
            if failed:
                raise BuildError(f"{id}: {failure(who, failed)}")
        if proof.compared and not same(outcome.gave, second.gave, CERTIFIED):
            continue
        # A kink between probe points, a variance that cancels: not an example to judge by.
        right = [outcome.gave] if proof.compared else []
        if not all(judge(c, examples[i], outcome, right, judges).passed for c in proof.checks):
            continue
        kept.append(i)
    kept = kept[:count]
    return AnsweredRun(
        Run(proof.run, proof.program, [examples[i] for i in kept]),
        [dict(outcomes[i].gave) for i in kept] if proof.compared else [],
        [[dict(given[i].gave) for i in kept] for given in also],
        proof.first,
    )


def _answers(witness: Answers, run: Run, program: Program) -> list[Outcome]:
    (outcomes,) = witness([Run(run.id, program, run.examples)])
    for outcome in outcomes:
        if outcome.failed:
            raise BuildError(f"{run.id}: {failure('witness', outcome.failed)}")
    return outcomes


def failure(who: str, failed: Failure) -> str:
    """Return why the reference or the witness gave nothing, in one line."""
    if failed.stage == "not_implemented":
        return f"the {who} has no {failed.target} of its own: write it"
    if failed.stage == "missing":
        return f"the {who} has no {failed.target}: write it, or correct the row ({failed.text})"
    place = f" at {failed.file}:{failed.line}" if failed.file else ""
    said = f": {failed.type}: {failed.text}" if failed.type else ""
    return f"the {who} failed{place} ({failed.stage}{said})"
