"""Mending: which edits of a failed function make it right, one of them or two.

What the edits give (:mod:`grader.marking.trying`) is compared with the key's answers: first on the
smallest public example that fails, then on the others, then on the hidden ones. Where no single
edit serves, a second one is looked for beside those that bring the answer nearest. A mended
function earns nothing by itself: it is what a question that builds on it is marked behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from grader.key import Key
from grader.marking.judging import Judging
from grader.marking.looking import Look
from grader.marking.nearest import Nearest
from grader.marking.sessions import Asked, mended
from grader.marking.trying import Goal, Trying
from grader.model.edits import NumberedEdit
from grader.sandbox import Session, targets
from grader.wording.stages import NO_ANSWER


@dataclass(frozen=True)
class MendingBudget:
    """What the search for edits may take.

    ``cpu_seconds`` of the student's process for one function, ``further`` of them once an edit is
    found that doesn't serve, ``second`` for the second edits beside each of ``bases`` first ones,
    ``whole`` for all functions of a submission; ``edits`` in one message; and how many that are
    right on the first example are ``confirmed`` on the others. After so many as are ``refused``,
    since they are right on all public examples and on hidden ones not, the search for one check
    ends: a process that lies would have each looked at.
    """

    cpu_seconds: float = 2.5
    further: float = 0.5
    second: float = 0.5
    bases: int = 4
    whole: float = 5.0
    edits: int = 300
    confirmed: int = 12
    refused: int = 60


#: How many mended forms of a function are kept: they differ in what they leave for others.
MOST_MENDS = 4


class Mending:
    """Finds the edits that mend one submission's functions, once for each question.

    *session* holds the submission with all that its process is asked. *searching* starts a process
    of it that holds nothing hidden, in which edits are tried: one that ends there takes nothing
    else with it.
    """

    def __init__(
        self,
        key: Key,
        judging: Judging,
        session: Asked,
        searching: Callable[[], Session],
        budget: MendingBudget | None = None,
    ) -> None:
        self._key, self._judging = key, judging
        self._session, self._searching = session, searching
        self._budget = budget or MendingBudget()
        #: How many edits didn't hold on hidden examples, in the search for one check.
        self._refused = 0
        self._found: dict[str, tuple[list[NumberedEdit], Iterator[NumberedEdit]]] = {}

    def edits(self, question: str) -> Iterator[NumberedEdit]:
        """Yield edits that make a failed check of *question* pass and no other one fail.

        They are searched for as they are asked for, once. Raises :class:`~grader.sandbox.Fault`
        where the submission can't be asked.
        """
        if question not in self._found:
            self._found[question] = [], self._search(question)
        known, more = self._found[question]
        yield from known
        for edit in more:
            known.append(edit)
            yield edit

    def _search(self, question: str) -> Iterator[NumberedEdit]:
        checks = self._key.by_question.get(question, ())
        called = {target for check in checks for target in targets(self._key.sheets[check.run].run)}
        if len(called) != 1:  # a class with its methods, or none
            return
        (target,) = called
        searching = self._searching()
        trying = Trying(searching, self._key.judges)
        before = self._judging.look(question, self._session, lambda: searching)
        found: list[NumberedEdit] = []
        whole = max(self._budget.whole - searching.cpu_seconds, 0.0)
        left = min(self._budget.cpu_seconds, whole)
        for goal in self._goals(before, trying):
            if any(trying.passes(goal, edit) for edit in found):
                continue
            began = searching.cpu_seconds
            enough = left
            self._refused = 0
            near = Nearest(trying.error(goal, before.rungs[goal.check.run][goal.rung]))
            for right in self._right(goal, target, trying, left, near):
                # Edits of one line leave the same for others.
                lines = {edit.line for edit in found}
                some = _spread(e for e in right if e.line not in lines)[: self._budget.confirmed]
                kept = (edit for edit in some if trying.passes(goal, edit))
                mends = (edit for edit in kept if self._confirmed(goal, edit, before, searching))
                for edit in islice(mends, MOST_MENDS):
                    found.append(edit)
                    yield edit
                    enough = min(enough, searching.cpu_seconds - began + self._budget.further)
                if searching.cpu_seconds - began > enough or self._refused > self._budget.refused:
                    break
            left -= searching.cpu_seconds - began
            if not found:
                second = self._second(goal, target, trying, near)
                kept = (edit for edit in second if trying.passes(goal, edit))
                mends = (edit for edit in kept if self._confirmed(goal, edit, before, searching))
                for edit in islice(mends, 1):
                    found.append(edit)
                    yield edit

    def _second(
        self, goal: Goal, target: str, trying: Trying, near: Nearest
    ) -> Iterator[NumberedEdit]:
        """Yield second edits that are right on the first example, beside the *near* ones."""
        for base in near.best(self._budget.bases):
            left = min(self._budget.second, self._budget.whole - trying.session.cpu_seconds)
            for right in self._right(goal, target, trying, left, beneath=base.number):
                yield from _spread(right)[: self._budget.confirmed]

    def _right(
        self,
        goal: Goal,
        target: str,
        trying: Trying,
        seconds: float,
        near: Nearest | None = None,
        beneath: int = -1,
    ) -> Iterator[list[NumberedEdit]]:
        """Yield, message by message, the edits that are right on the first example that fails.

        Those that come *near* are remembered there. *beneath* is the number of one in effect.
        """
        for message in trying.tried(goal, target, seconds, self._budget.edits, beneath):
            right: list[NumberedEdit] = []
            for outcome, edits in message.tried:
                if near is not None:
                    near.add(trying.error(goal, outcome), edits)
                if trying.right(goal, outcome):
                    right += edits
            yield right

    def _goals(self, look: Look, trying: Trying) -> Iterator[Goal]:
        """Yield the failed checks that a public example explains, in the key's order."""
        for entry in look.failed:
            check, ladder = entry.check, self._key.ladders.get(entry.check.run)
            if ladder is None or entry.verdict.stage in NO_ANSWER:
                continue
            for rung, outcome in enumerate(look.rungs.get(check.run, ())):
                if not trying.right(Goal(check, ladder, rung), outcome):
                    yield Goal(check, ladder, rung)
                    break

    def _confirmed(self, goal: Goal, edit: NumberedEdit, before: Look, searching: Asked) -> bool:
        """Say whether an edit is right on the hidden examples, and makes nothing else wrong."""
        public = mended(searching, (edit,))
        after = self._judging.look(
            goal.check.question, mended(self._session, (edit,)), lambda: public
        )
        passed = {entry.check.id: entry.verdict.passed for entry in after.judged}
        found = passed[goal.check.id] and all(
            passed[entry.check.id] for entry in before.judged if entry.verdict.passed
        )
        self._refused += not found
        return found


def _spread(edits: Iterable[NumberedEdit]) -> list[NumberedEdit]:
    """Return *edits* so that those of different lines come first, earlier lines before later ones.

    What an early line computes goes into all that a function keeps for others.
    """
    lines: dict[int, list[NumberedEdit]] = {}
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.number)):
        lines.setdefault(edit.line, []).append(edit)
    turns = chain.from_iterable(zip_longest(*lines.values()))
    return [edit for edit in turns if edit is not None]
