"""Repair: one small change on one line of the student's own code makes everything right.

Single edits of the failed function are tried in the student's process, on the first public example
that fails; what is right there is confirmed on the other examples, the hidden ones at last. Told
are the line and the kind of the edit, never the edit, and only where all that is found lies on one
line. Unlikely edits are tried where no likely one serves.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from grader.marking.explaining.failure import PublicFailure
from grader.marking.explaining.remembering import SearchedFunctions
from grader.marking.explaining.searching import ByLine, RepairBudget, Repairs, Search, wrong_outputs
from grader.marking.looking import Looking
from grader.marking.sessions import Asked, ChangedSession
from grader.marking.trying import Goal, Trying
from grader.model.edits import NumberedEdit
from grader.model.evidence import ExplanationFacts
from grader.sandbox import targets
from grader.wording import repairs

#: Stages of verdicts on values in the right form.
_FORMED = frozenset(("not_finite", "value", "gradient"))
#: Of the repairs of one check, so many of a line are tried on the question's other checks.
_AGAIN = 2


#: A name that isn't there is told by its own sentence; another one in its place isn't the mistake.
_NAMES_GONE = frozenset(("NameError", "UnboundLocalError"))


class Repair:
    """Explains failures by repairs. *looking* asks the questions, *budget* bounds the search."""

    def __init__(self, looking: Looking, budget: RepairBudget | None = None) -> None:
        self._looking, self._budget = looking, budget or RepairBudget()
        self._searched = SearchedFunctions()
        self._spent = 0.0
        #: By question: repairs of checks before.
        self._found: dict[str, list[NumberedEdit]] = {}
        #: By question: outputs that have no repair, or for whose the time didn't suffice.
        self._given_up: dict[str, frozenset[str]] = {}

    def begin(self) -> None:
        """Forget the submission before, but not what the search of its functions has shown."""
        self._spent = 0.0
        self._found.clear()
        self._given_up.clear()

    def explain(self, failure: PublicFailure) -> list[ExplanationFacts]:
        """Return the line of all repairs, if it is one.

        Raises :class:`~grader.sandbox.Fault` where the submission can't be asked.
        """
        raised = failure.verdict.evidence.get("exception", {}).get("type")
        if failure.marked is None or raised in _NAMES_GONE:
            return []
        session = failure.asked()
        began = _used(session, failure.marked)
        try:
            return self._explained(failure, failure.marked, session)
        finally:
            self._spent += _used(session, failure.marked) - began

    def _left(self) -> float:
        return self._budget.submission_seconds - self._spent

    def _explained(
        self, failure: PublicFailure, marked: Asked, session: Asked
    ) -> list[ExplanationFacts]:
        began = _used(session, marked)
        trying = Trying(session, self._looking.key.judges)
        goal, wrong = _goal(failure, trying)
        if goal is None:
            return []
        known = self._found.setdefault(failure.check.question, [])
        again = [edit for edit in known if trying.passes(goal, edit)]
        if again:
            return _told(Repairs(_by_line(again), wrong), goal, session)
        if wrong & self._given_up.get(failure.check.question, frozenset()):
            return []  # what repairs them here repairs them there
        whole = self._budget.check_seconds
        search = Search(self._looking, self._budget, trying, failure, goal, wrong, marked)
        for target in _targets(failure, session):
            found = self._searched.repairs(failure, target, session, search.confirmed)
            if found is None:
                seconds = min(self._left() - _used(session, marked) + began, whole)
                if seconds <= 0:
                    return []
                found = search.repairs(target, seconds)
                if found or seconds == whole:  # less time finds less
                    self._searched.keep(failure, target, session, found)
            if found:
                lines = [edits for one in found for edits in one.lines.values()]
                known += [edit for edits in lines for edit in edits[:_AGAIN]]
                return [facts for one in found for facts in _told(one, goal, session)]
        before = self._given_up.get(failure.check.question, frozenset())
        self._given_up[failure.check.question] = before | wrong
        return []


def _used(*sessions: Asked) -> float:
    """Return the CPU seconds that sessions have used so far, and this process, which compares."""
    return time.process_time() + sum(session.cpu_seconds for session in sessions)


def _goal(failure: PublicFailure, trying: Trying) -> tuple[Goal | None, frozenset[str]]:
    """Return the first public example that fails, and the outputs that are wrong on any."""
    first, wrong = None, set[str]()
    for rung, outcome in enumerate(failure.outcomes):
        goal = Goal(failure.check, failure.ladder, rung)
        verdict = trying.verdict(goal, outcome)
        if verdict is not None and not verdict.passed:
            wrong |= wrong_outputs(goal.check, verdict)
            first = first or goal._replace(formed=verdict.stage in _FORMED)
    return first, frozenset(wrong)


def _by_line(edits: Sequence[NumberedEdit]) -> ByLine:
    return {edit.line: [other for other in edits if other.line == edit.line] for edit in edits}


def _targets(failure: PublicFailure, session: Asked) -> Iterator[str]:
    """Yield the functions and classes to be searched: the one that the check is about first.

    The others that are called may leave for it what is wrong, unless something else stands in.
    """
    own = failure.check.call.lstrip("@").partition(".")[0]
    called = sorted(targets(failure.ladder.run))
    first = [target for target in called if target.partition(":")[2] == own]
    others = [] if isinstance(session, ChangedSession) else called
    for target in dict.fromkeys((*first, *others)):
        if session.text(file_of(target)) is not None:
            yield target


def file_of(target: str) -> str:
    """Return the file of the package that a target is looked for in."""
    return target.partition(":")[0].replace(".", "/") + ".py"


def _told(found: Repairs, goal: Goal, session: Asked) -> list[ExplanationFacts]:
    """Return what is told of repairs that lie on one line; of others nothing."""
    if len(found.lines) != 1:
        return []
    ((line, edits),) = found.lines.items()
    file = file_of(edits[0].target)
    lines = (session.text(file) or b"").splitlines()
    if not 1 <= line <= len(lines) or not lines[line - 1].strip():  # a process may say anything
        return []
    kinds = list(dict.fromkeys(edit.kind for edit in edits))
    named = [name for name in goal.check.outputs if name in found.outputs]
    whole = len(named) == len(goal.check.outputs)
    facts: ExplanationFacts = {
        "mechanism": "repair",
        "text": repairs.sentence(file, line, kinds, [] if whole else named),
        "outputs": named,
        "file": file,
        "line": line,
        "edit": kinds[0],
    }
    return [facts]
