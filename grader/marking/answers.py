"""Answers of trusted code, asked in the same way as a submission's: for building a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.marking.judging import judge
from grader.model.checks import Check
from grader.model.programs import Inputs, Outcome, Run
from grader.model.trees import Tree
from grader.sandbox import Batch, Package, Sandbox


def asking(sandbox: Sandbox, package: Package) -> Callable[[Sequence[Run]], list[list[Outcome]]]:
    """Return a function that answers runs with *package*, each time in a fresh process."""

    def ask(runs: Sequence[Run]) -> list[list[Outcome]]:
        with sandbox.start(package) as session:
            return [reply.outcomes for reply in session.ask(Batch(runs))]

    return ask


def passes(
    check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Mapping[str, Tree]]
) -> bool:
    """Say whether an outcome passes a check."""
    return judge(check, inputs, outcome, answers).passed
