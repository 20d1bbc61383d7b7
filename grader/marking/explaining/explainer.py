"""Asks one mechanism after another what is wrong; the first that has shown something speaks."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from grader.marking import results
from grader.marking.explaining.failure import Explaining, MarkedWay, PublicFailure
from grader.model.evidence import ExplanationFacts
from grader.sandbox import Fault

#: Stages at which numbers came, or should have come: what is wrong with them can be looked for.
_WITH_NUMBERS = frozenset(("shape", "dtype", "not_finite", "value", "gradient", "raised"))


class Explainer:
    """Explains the failed checks of a question by *mechanisms*, in their order."""

    def __init__(self, mechanisms: Sequence[Explaining]) -> None:
        self._mechanisms = mechanisms
        #: Tracebacks of mechanisms that raised: each cost one explanation, and no mark.
        self.faults: dict[str, None] = {}

    def explain(self, marked: MarkedWay) -> None:
        """Put into the failed checks of *marked* what is found out about them.

        A check without public examples of its own is told what is found out about another of the
        question that fails in the same output. Where the catalogue has a name for some outputs of a
        check, the failure is of the others. What can't be asked is not explained, and costs
        no mark.
        """
        by_output: dict[str, list[ExplanationFacts]] = {}
        waiting = []
        for check in marked.result.checks:
            if check.status != "failed" or check.stage not in _WITH_NUMBERS:
                continue
            failure = marked.failures.get(check.id)
            if check.nearly or "property" in check.evidence or (check.diagnosis and not failure):
                continue
            if failure is None:
                waiting.append(check)
                continue
            found = self._found(failure)
            if found:
                results.explain(check, found)
                if found[0]["mechanism"] == "structure":  # shown on these examples alone
                    continue
                for name in failure.wrong:
                    about = [facts for facts in found if name in facts.get("outputs", [name])]
                    if about:
                        by_output.setdefault(name, about)
        for check in waiting:
            name = check.evidence.get("output", "").partition("[")[0]
            if check.evidence.get("example") != "hidden" and name in by_output:
                results.explain(check, by_output[name])

    def _found(self, failure: PublicFailure) -> list[ExplanationFacts]:
        """Return what the first mechanism says that has shown something.

        What a mechanism raises is an error of the grader's own, and costs what it would have said.
        """
        for mechanism in self._mechanisms:
            try:
                found = mechanism.explain(failure)
            except Fault:
                return []
            except Exception:
                self.faults[traceback.format_exc()] = None
                continue
            if found:
                return found
        return []
