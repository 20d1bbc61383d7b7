"""A search of a student's own code: Hypothesis draws inputs, and shrinks what fails.

Nothing here knows an answer: calls must come to numbers; gradients are held against central
differences of the student's own forward pass; and what must hold of any layer, must hold.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from grader.key.checks import Checks
from grader.key.draws import draw
from grader.kinds import Judge, Proof, judge
from grader.marking.explaining.evidence import asked, shown
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Inputs, Outcome, Run
from grader.model.verdicts import CheckResult, Verdict
from grader.sandbox import Batch, Reply
from grader.wording import messages

#: How many inputs are drawn for each check.
EXAMPLES = 25


@dataclass(frozen=True)
class Budget:
    """How long to search: *examples* for each check, and no more than *seconds*.

    *home* is the folder in which Hypothesis keeps what it keeps.
    """

    examples: int = EXAMPLES
    seconds: float = 10.0
    home: Path | None = None


class Respondent(Protocol):
    """What answers runs: a session of the sandbox, or the objects of this process."""

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]: ...
    def text(self, path: str) -> bytes | None: ...
    @property
    def used_share(self) -> float: ...
    @property
    def cpu_seconds(self) -> float: ...


class _Wrong(Exception):
    """An example fails. Raised within Hypothesis, which then looks for a smaller one."""


def search(
    checks: Checks,
    questions: Sequence[str],
    session: Respondent,
    budget: Budget,
    *,
    valued: bool,
    explaining: bool = False,
) -> Iterator[CheckResult]:
    """Yield a result for each check of *questions* that can be searched, in the rows' order.

    With *explaining*, only properties are: they say more of a failure that is known already.

    *valued* says that the values of the same checks were compared on public examples: elsewhere a
    title says that a pass here is no more than numbers that came.
    """
    for proof in checks.proofs(live=True):
        wanted = [
            check
            for check in proof.checks
            if check.question in questions
            and (not valued or _searchable(check, proof))
            and (not explaining or check.visibility == "property")
        ]
        if wanted and proof.inputs is not None:
            public = tuple(_public(check, valued) for check in wanted)
            yield from _searched(replace(proof, checks=public), checks.judges, session, budget)


def _searchable(check: Check, proof: Proof) -> bool:
    """Say whether a check tells something of an input whose answers nobody has.

    Most judges forgive what is another question's fault, which they see by the answers.
    """
    return check.visibility == "property" or check.judge == "match" or not proof.compared


def _public(check: Check, valued: bool) -> Check:
    """Return a check without its answers: what is compared with the key must at least be usable."""
    if check.judge == "match":
        title = check.title if valued else check.title + " (runs, and gives numbers)"
        return replace(check, judge="usable", title=title)
    return check


def _searched(
    proof: Proof, judges: Mapping[str, Judge], session: Respondent, budget: Budget
) -> Iterator[CheckResult]:
    """Ask all inputs in one message; look for the smallest of those that fail, if any do."""
    assert proof.inputs is not None
    drawn = draw(proof.inputs, budget.examples, f"search/{proof.run}")
    (reply,) = session.ask(Batch([Run(proof.run, proof.program, drawn)]))
    for check in proof.checks:
        judged = [
            (example, outcome, judge(check, example, outcome, [], judges))
            for example, outcome in zip(drawn, reply.outcomes, strict=True)
        ]
        failing = next((entry for entry in judged if not entry[2].passed), None)
        if failing is None:
            yield _result(check, None, Outcome(), Verdict())
            continue
        smallest = _smallest(proof, check, judges, session, budget)
        example, outcome, verdict = smallest or failing
        sheet = AnsweredRun(Run(proof.run, proof.program, [example]), [])
        yield _result(check, sheet, outcome, verdict)


def _smallest(
    proof: Proof,
    check: Check,
    judges: Mapping[str, Judge],
    session: Respondent,
    budget: Budget,
) -> tuple[Inputs, Outcome, Verdict] | None:
    """Return the smallest failing example that Hypothesis finds, with what it gave."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.configuration import set_hypothesis_home_dir

    if budget.home:
        set_hypothesis_home_dir(budget.home)
    assert proof.inputs is not None
    found: list[tuple[Inputs, Outcome, Verdict]] = []
    until = time.monotonic() + budget.seconds

    @settings(
        max_examples=budget.examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(proof.inputs)
    def passes(example: Inputs) -> None:
        if time.monotonic() > until:
            return
        (reply,) = session.ask(Batch([Run(proof.run, proof.program, [example])]))
        outcome = reply.outcomes[0]
        verdict = judge(check, example, outcome, [], judges)
        if not verdict.passed:
            found.append((example, outcome, verdict))
            raise _Wrong

    try:
        passes()
    except _Wrong:
        pass
    except Exception:
        # When the time is up in the middle of shrinking, Hypothesis finds that what failed no
        # longer does, and says so. The smallest failure so far stands all the same.
        if not found:
            raise
    return found[-1] if found else None


def _result(
    check: Check, sheet: AnsweredRun | None, outcome: Outcome, verdict: Verdict
) -> CheckResult:
    result = CheckResult(
        id=check.id,
        title=check.title,
        visibility="published" if check.visibility == "published" else "property",
        status="passed" if verdict.passed else "failed",
        score=0.0,
        max_score=0.0,
        stage=verdict.stage,
        nearly=bool(verdict.nearly),
    )
    if not verdict.passed and sheet is not None:
        facts = shown(sheet, 0, outcome, verdict, asked(check, sheet, 0))
        facts["example"] = "ladder"
        facts["call"], facts["output"] = check.call, messages.name_of(verdict.output)
        if check.words and "property" in facts:
            hint = check.words.hints.get(facts["property"]["name"])
            if hint:
                facts["hint"] = hint
        result.evidence = facts
        result.message = messages.message(check, verdict, facts, public=True)
    return result
