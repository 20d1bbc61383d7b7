"""Code questions, checked as `grade` marks them: by the public examples, then by a search.

The judging is that of :mod:`grader.marking.judging`, with a key that holds the public examples in
place of the hidden ones. What passes them is then tried on inputs that Hypothesis draws. A question
that builds on one that fails waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grader.key import Key
from grader.key.checks import Checks
from grader.key.examples import public_key
from grader.marking.explaining.dependence import Dependence
from grader.marking.explaining.explainer import Explainer
from grader.marking.explaining.repair import Repair
from grader.marking.explaining.searching import RepairBudget
from grader.marking.judging import Judging
from grader.model.assignment import Assignment, Question
from grader.model.checks import AnsweredRun
from grader.model.dependence import Table
from grader.model.verdicts import CheckResult
from grader.selfcheck.search import Budget, Respondent, search
from grader.wording.stages import NO_ANSWER

#: CPU seconds of the search for the line of a mistake, for each question that fails.
_SEARCH_SECONDS = 2.0
State = Literal["passed", "failed", "unwritten", "waits"]
#: How a part that isn't written yet names its question.
_NAMED = re.compile(r"\bquestion (\S+)")


@dataclass
class CheckedQuestion:
    """What was found of one question; *needs* are the questions that it waits for.

    Not *valued*: without public examples its values were compared with nothing.
    """

    id: str
    state: State
    checks: list[CheckResult] = field(default_factory=list)
    needs: tuple[str, ...] = ()
    valued: bool = True

    @property
    def failed(self) -> list[CheckResult]:
        """The checks that failed, of a question that failed."""
        return [c for c in self.checks if c.status != "passed"] if self.state == "failed" else []


def check(
    assignment: Assignment,
    checks: Checks,
    public: Mapping[str, AnsweredRun] | None,
    asked: Sequence[str],
    session: Respondent,
    budget: Budget,
    stubs: Collection[str] = (),
    tables: Callable[[], Mapping[str, Table]] = dict,
) -> Iterator[CheckedQuestion]:
    """Yield what is found of each question that is *asked*, in the manifest's order.

    Those that they build on are judged first, and told of where something waits for them. *stubs*
    are the questions of which a part stands in the files as it was given out. Without *public*
    examples nothing can be said of values but the notebook's own. *tables* gives what the
    reference's outputs depend on, by run.
    """
    key = public_key(assignment, checks, public or {})
    judging = Judging(key)
    repair = Repair(judging, RepairBudget.of(_SEARCH_SECONDS))
    explainer = Explainer((Dependence(tables), repair))
    valued = {check.question for check in key.checks if check.visibility == "hidden"}
    found: dict[str, CheckedQuestion] = {}
    for question in assignment.questions:
        if question.kind == "code" and question.id in _reached(assignment, asked):
            checked = _judged(question, key, judging, explainer, session, found)
            if checked.state == "waits" and question.id in stubs:
                checked.state = "unwritten"
            if question.id in asked and checked.state in ("passed", "failed"):
                _searched(checked, checks, session, budget, valued=question.id in valued)
            found[question.id] = checked
            checked.valued = question.id in valued
            if question.id in asked:
                yield checked


def _reached(assignment: Assignment, asked: Sequence[str]) -> set[str]:
    """Return the questions that are *asked*, and all that they build on."""
    found: set[str] = set()
    waiting = list(asked)
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += assignment.question(id).builds_on
    return found


def _judged(
    question: Question,
    key: Key,
    judging: Judging,
    explainer: Explainer,
    session: Respondent,
    found: Mapping[str, CheckedQuestion],
) -> CheckedQuestion:
    before = [found[id] for id in question.builds_on if found[id].state != "passed"]
    needs = [id for other in before for id in other.needs or (other.id,)]
    if any(check.stage == "timed_out" for other in before for check in other.checks):
        return CheckedQuestion(question.id, "waits", needs=tuple(dict.fromkeys(needs)))
    asked = question.id in key.by_question
    way = judging.mark(question, session) if asked else None
    if way is not None:
        explainer.explain(way)
    marked = way.result if way is not None else None
    results = marked.checks if marked else []
    if marked and marked.status == "passed":  # what fails beside all points is another question's
        results = [result for result in results if result.status == "passed"]
    failed = [result for result in results if result.status != "passed"]
    unwritten = [result for result in failed if result.stage == "not_implemented"]
    if unwritten and len(unwritten) == len(failed):
        named = [name for result in unwritten if (name := _named(result)) in key.by_question]
        if question.id in named or not (named or needs):
            return CheckedQuestion(question.id, "unwritten", results)
        needs += named
    if needs:
        return CheckedQuestion(question.id, "waits", needs=tuple(dict.fromkeys(needs)))
    return CheckedQuestion(question.id, "failed" if failed else "passed", results)


def _named(result: CheckResult) -> str:
    """Return the question that the exception of an unwritten part names."""
    said = _NAMED.search(result.evidence.get("exception", {}).get("text", ""))
    return said[1] if said else ""


def _searched(
    checked: CheckedQuestion, checks: Checks, session: Respondent, budget: Budget, *, valued: bool
) -> None:
    """Search inputs of a question; put what fails in the place of its pass.

    Of one that fails already, properties say more; and of its checks, where none has an example,
    one is taken that fails in the same way. What gave no answer is not asked again.
    """
    failed = checked.failed
    if any(result.stage in NO_ANSWER for result in failed):
        return
    explaining = any("input" in result.evidence for result in failed)
    by_id = {result.id: result for result in checked.checks}
    for result in search(
        checks, [checked.id], session, budget, valued=valued, explaining=explaining
    ):
        before = by_id.get(result.id)
        if before is not None and before.status != "passed":
            if (result.stage, result.evidence.get("output")) == (
                before.stage,
                before.evidence.get("output"),
            ):
                before.evidence |= {"example": "ladder"}
                before.evidence |= {"input": result.evidence["input"]}
        elif before is None or result.status != "passed":
            by_id[result.id] = result
    checked.checks = list(by_id.values())
    if any(result.status != "passed" for result in checked.checks):
        checked.state = "failed"
