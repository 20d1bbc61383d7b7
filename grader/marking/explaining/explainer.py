"""Asks one mechanism after another what is wrong; the first that has shown something speaks."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from contextlib import suppress

from grader.marking import results
from grader.marking.explaining.failure import Explaining, MarkedWay, PublicFailure
from grader.marking.explaining.source import Sources, shows
from grader.model.evidence import ExplanationFacts
from grader.model.verdicts import CheckResult
from grader.sandbox import Fault

#: Stages at which numbers came, or should have come: what is wrong with them can be looked for.
_WITH_NUMBERS = frozenset(("shape", "dtype", "not_finite", "value", "gradient", "raised"))

#: Mechanisms that go by the numbers of public examples; the others are confirmed on hidden ones.
_OF_NUMBERS = frozenset(("terms", "dependence", "structure"))


class Explainer:
    """Explains the failed checks of a question by *mechanisms*, in their order."""

    def __init__(self, mechanisms: Sequence[Explaining]) -> None:
        self._mechanisms = mechanisms
        #: Tracebacks of mechanisms that raised: each cost one explanation, and no mark.
        self.faults: dict[str, None] = {}

    def explain(self, marked: MarkedWay) -> None:
        """Put into the failed checks of *marked* what is found out about them.

        A check of which nothing is found out is told what is found out about another of the
        question, of the same output. Where the catalogue has a name for some outputs of a
        check, the failure is of the others. What can't be asked is not explained, and costs
        no mark.
        """
        shown: list[tuple[PublicFailure, ExplanationFacts]] = []
        waiting = []
        asked: list[tuple[PublicFailure, list[ExplanationFacts]]] = []
        for check in marked.result.checks:
            if check.status != "failed" or check.stage not in _WITH_NUMBERS:
                continue
            failure = marked.failures.get(check.id)
            if check.nearly or "property" in check.evidence or (check.diagnosis and not failure):
                continue
            found = self._found(failure, asked) if failure is not None else []
            if failure is not None:
                asked.append((failure, found))
            if failure is None or not found:
                waiting.append(check)
                continue
            results.explain(check, found)
            _show_line(check, found, failure)
            if found[0]["mechanism"] != "structure":  # that is shown on these examples alone
                shown += [(failure, facts) for facts in found]
        for check in waiting:
            about = [entry for entry in shown if _concerns(entry[1], entry[0], check)]
            if about and "differs" not in check.evidence:
                facts = [facts for _, facts in about]
                results.explain(check, facts)
                _show_line(check, facts, about[0][0])

    def _found(
        self,
        failure: PublicFailure,
        asked: Sequence[tuple[PublicFailure, Sequence[ExplanationFacts]]],
    ) -> list[ExplanationFacts]:
        """Return what the first mechanism says that has shown something.

        *asked* are failures of the question before it, with what was found out. What a mechanism
        raises is an error of the grader's own, and costs what it would have said.
        """
        for mechanism in self._mechanisms:
            try:
                found = mechanism.explain(failure)
            except Fault:
                return []
            except Exception:
                self.faults[traceback.format_exc()] = None
                continue
            if found := [facts for facts in found if not _contradicted(facts, failure, asked)]:
                return found
        return []


def _show_line(
    check: CheckResult, found: Sequence[ExplanationFacts], failure: PublicFailure
) -> None:
    """Show the function in which the line lies that is told, where what is shown lacks it.

    A long function is shown in part, and the line may lie in another one that it calls. What raised
    stays in sight.
    """
    source = check.evidence.get("source")
    place = next(((one["file"], one["line"]) for one in found if "line" in one), None)
    if place is None or (source and source.get("line")) or shows(source, *place):
        return
    with suppress(Fault):  # what can't be asked isn't shown, and costs no mark
        around = Sources(failure.asked()).around(*place)
        if around is not None:
            check.evidence["source"] = around


def _contradicted(
    facts: ExplanationFacts,
    failure: PublicFailure,
    asked: Sequence[tuple[PublicFailure, Sequence[ExplanationFacts]]],
) -> bool:
    """Say whether the same calls on other numbers were wrong, too, and showed something else.

    What is wrong shows in the first; where gradients are tiny, say, other things may seem so.
    """
    if facts["mechanism"] not in _OF_NUMBERS:
        return False
    outputs = {*facts.get("outputs", failure.wrong)}
    return any(
        before.ladder.run.program == failure.ladder.run.program
        and outputs & {*before.wrong}
        and facts["text"] not in [told["text"] for told in found]
        for before, found in asked
    )


def _concerns(facts: ExplanationFacts, failure: PublicFailure, check: CheckResult) -> bool:
    """Say whether what is found out about a failure is about the output in which *check* fails.

    That is named as another one where a rule takes several steps: the text says what it is.
    """
    name = check.evidence.get("output", "").partition("[")[0]
    call = check.evidence.get("call", "").partition(".")[0]
    if not name or call != failure.check.call.partition(".")[0]:
        return False
    outputs = facts.get("outputs", failure.wrong)
    return name in outputs or bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", facts["text"]))
