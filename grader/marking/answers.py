"""Answers of trusted code, asked in the same way as a submission's: for building a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.marking.judges import judge
from grader.model.checks import Check
from grader.model.programs import Inputs, Outcome, Run
from grader.sandbox import Batch, Package, Sandbox


def asking(sandbox: Sandbox, package: Package) -> Callable[[Sequence[Run]], list[list[Outcome]]]:
    """Return a function that answers runs with *package*, each time in a fresh process."""

    def ask(runs: Sequence[Run]) -> list[list[Outcome]]:
        with sandbox.start(package) as session:
            return [reply.outcomes for reply in session.ask(Batch(runs))]

    return ask


def passes(answer: Mapping[str, Mapping[str, object]]) -> Callable[[Check, Inputs, Outcome], bool]:
    """Return a function that judges an outcome; *answer* holds what is expected by run id."""

    def passed(check: Check, inputs: Inputs, outcome: Outcome) -> bool:
        expected = answer.get(check.run)
        return judge(check, inputs, outcome, [expected] if expected else []).passed

    return passed
