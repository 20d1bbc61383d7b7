"""The search for repairs: edits that make what is wrong with a check right on all examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.marking.explaining.failure import PublicFailure
from grader.marking.looking import Look, Looking
from grader.marking.sessions import Asked, mended
from grader.marking.trying import Goal, TriedEdits, Trying
from grader.model.checks import Check
from grader.model.edits import NumberedEdit
from grader.model.verdicts import Verdict

#: Repairs by line.
ByLine = dict[int, list[NumberedEdit]]


class Repairs(NamedTuple):
    """Confirmed repairs, and the outputs that they make right."""

    lines: ByLine
    outputs: frozenset[str]


@dataclass(frozen=True)
class RepairBudget:
    """What the search for repairs may take.

    CPU seconds of the student's process for one check and for one submission; ``edits`` in one
    message; how many of one kind on one line, right on the first example, are tried on all
    ``public`` ones, and then on the ``hidden`` ones; and how many are ``looked`` at in all, of a
    process that lies.
    """

    check_seconds: float = 3.25
    submission_seconds: float = 4.5
    edits: int = 1_000
    public: int = 24
    hidden: int = 3
    looked: int = 300

    @classmethod
    def of(cls, seconds: float) -> RepairBudget:
        """Return the budget of *seconds* for a submission; what is under way may end."""
        return cls(0.65 * seconds, 0.9 * seconds)


class Search:
    """The search for repairs of one failure, whose *wrong* outputs are to come out right.

    *trying* tries edits on public examples; *marked* is the process that holds the hidden ones.
    """

    def __init__(
        self,
        looking: Looking,
        budget: RepairBudget,
        trying: Trying,
        failure: PublicFailure,
        goal: Goal,
        wrong: frozenset[str],
        marked: Asked,
    ) -> None:
        self._looking, self._budget, self._marked = looking, budget, marked
        self._trying, self._goal, self._wrong = trying, goal, wrong
        self._own = [
            trying.far(goal._replace(rung=rung), outcome)
            for rung, outcome in enumerate(failure.outcomes)
        ]
        #: Whether the time sufficed for the last search.
        self.ended = False
        self._before: Look | None = None
        self._looked = 0
        #: Of edits by line and kind: how many were right on all public examples, and on all.
        self._held: dict[tuple[int, str], tuple[int, int]] = {}

    def repairs(self, target: str, seconds: float) -> list[Repairs]:
        """Return confirmed repairs: those of all that is wrong, or of outputs one by one.

        The search ends with the tier of edits in which there are some, or where they lie on two
        lines. What the time doesn't suffice for is not known: then nothing is returned.
        """
        parts: dict[frozenset[str], list[NumberedEdit]] = {}
        found: ByLine = {}
        tier, self.ended = 0, False
        for message in self._trying.tried(self._goal, target, seconds, self._budget.edits):
            self.ended = message.last or bool(found and message.tier != tier)
            if found and message.tier != tier:
                break
            tier = message.tier
            for fixed, edits in self._fixed(message.tried):
                if fixed == self._wrong:
                    self._confirm(edits, fixed, found)
                else:
                    parts.setdefault(fixed, []).extend(edits)
            if len(found) > 1:
                self.ended = True
                break
        if not self.ended:
            return []
        return [Repairs(found, self._wrong)] if found else list(self._partly(parts))

    def _partly(self, parts: Mapping[frozenset[str], Sequence[NumberedEdit]]) -> Iterator[Repairs]:
        """Yield the repairs of some outputs, those of most of them first, each output once."""
        done: set[str] = set()
        for fixed in sorted(parts, key=lambda names: (-len(names), sorted(names))):
            if not done & fixed:
                self._held.clear()
                found: ByLine = {}
                self._confirm(sorted(parts[fixed], key=lambda edit: edit.number), fixed, found)
                if found:
                    done |= fixed
                    yield Repairs(found, fixed)

    def confirmed(self, edit: NumberedEdit, fixed: frozenset[str]) -> bool:
        """Say whether an edit is right on all public examples, and then on the hidden ones.

        Right is what it gives for the *fixed* outputs, in whatever check asks for them. It may
        make nothing else wrong.
        """
        return self._public(edit, fixed) and self._hidden(edit, fixed)

    def _public(self, edit: NumberedEdit, fixed: frozenset[str]) -> bool:
        for goal, outcome in self._trying.outcomes(self._goal, edit):
            verdict = self._trying.verdict(goal, outcome)
            if verdict is None or wrong_outputs(goal.check, verdict) & fixed:
                return False
            if self._trying.far(goal, outcome) - self._own[goal.rung]:
                return False
        return True

    def _hidden(self, edit: NumberedEdit, fixed: frozenset[str]) -> bool:
        question = self._goal.check.question
        if self._before is None:
            public = self._trying.session
            self._before = self._looking.look(question, self._marked, lambda: public)
        changed = mended(self._trying.session, [edit])
        after = self._looking.look(question, mended(self._marked, [edit]), lambda: changed)
        for before, entry in zip(self._before.judged, after.judged, strict=True):
            wrong = wrong_outputs(entry.check, entry.verdict)
            if wrong & fixed or (wrong and before.verdict.passed):
                return False
        return True

    def _fixed(
        self, tried: Sequence[TriedEdits]
    ) -> Iterator[tuple[frozenset[str], Sequence[NumberedEdit]]]:
        """Yield what edits make right of what is wrong, where they make nothing else wrong."""
        goal = self._goal
        for outcome, edits in tried:
            far = self._trying.far(goal, outcome)
            if far - self._own[goal.rung] or far >= self._wrong:
                continue
            verdict = self._trying.verdict(goal, outcome)
            if verdict is not None and (still := wrong_outputs(goal.check, verdict)) < self._wrong:
                yield self._wrong - still, edits

    def _confirm(self, edits: Sequence[NumberedEdit], fixed: frozenset[str], found: ByLine) -> None:
        """Add to *found* those of *edits* that hold on all examples, one of a kind on a line."""
        for edit in edits:
            place = edit.line, edit.kind
            public, hidden = self._held.get(place, (0, 0))
            known = any(other.kind == edit.kind for other in found.get(edit.line, ()))
            if edit.several or known or public >= self._budget.public:
                continue
            self._looked += 1
            if self._looked > self._budget.looked:
                return
            holds = self._public(edit, fixed)
            self._held[place] = public + 1, hidden + holds
            if holds and hidden < self._budget.hidden and self._hidden(edit, fixed):
                found.setdefault(edit.line, []).append(edit)
                if len(found) > 1:
                    return


def wrong_outputs(check: Check, verdict: Verdict) -> frozenset[str]:
    """Return the outputs of a check that a verdict finds wrong; all where it doesn't tell."""
    if verdict.passed:
        return frozenset()
    names = frozenset(check.outputs)
    return frozenset(verdict.parts) & names or names
