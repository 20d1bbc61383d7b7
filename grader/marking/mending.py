"""Mending: which edits of a failed function make it right, one of them or two.

The edits are made and run in the student's process, which numbers them
(:mod:`grader.sandbox.guest.edits`); what they give is compared here, with the key's answers: first
on the smallest public example that fails, then on the others, then on the hidden ones. Nothing of
a student's is parsed on this side, and no edit's text is known here. Where no single edit serves,
a second one is looked for beside those that bring the answer nearest. A mended function earns
nothing by itself: it is what a question that builds on it is marked behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import NamedTuple

import numpy as np

from grader.key import Key
from grader.kinds import judge
from grader.marking.judging import Judging
from grader.marking.looking import Look
from grader.marking.nearest import Nearest
from grader.marking.sessions import Asked, mended
from grader.model.checks import AnsweredRun, Check
from grader.model.edits import EDIT_KINDS, MOST_EDITS, NumberedEdit
from grader.model.programs import Outcome, Program, Run
from grader.model.steps import Mend, Step, TryEdits
from grader.model.trees import Tree
from grader.numeric.errors import normwise
from grader.sandbox import Batch, Session, targets
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


class Goal(NamedTuple):
    """A check that failed, and the number of the first public example that shows it."""

    check: Check
    ladder: AnsweredRun
    rung: int


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
        before = self._judging.look(question, self._session, lambda: searching)
        found: list[NumberedEdit] = []
        whole = max(self._budget.whole - searching.cpu_seconds, 0.0)
        left = min(self._budget.cpu_seconds, whole)
        for goal in self._goals(before):
            if any(self._passes(goal, edit, searching) for edit in found):
                continue
            began = searching.cpu_seconds
            enough = left
            self._refused = 0
            near = Nearest(self._error(goal, before.rungs[goal.check.run][goal.rung]))
            for right in self._tried(goal, target, searching, left, near):
                # Edits of one line leave the same for others.
                lines = {edit.line for edit in found}
                some = _spread(e for e in right if e.line not in lines)[: self._budget.confirmed]
                kept = (edit for edit in some if self._passes(goal, edit, searching))
                mends = (edit for edit in kept if self._confirmed(goal, edit, before, searching))
                for edit in islice(mends, MOST_MENDS):
                    found.append(edit)
                    yield edit
                    enough = min(enough, searching.cpu_seconds - began + self._budget.further)
                if searching.cpu_seconds - began > enough or self._refused > self._budget.refused:
                    break
            left -= searching.cpu_seconds - began
            if not found:
                second = self._second(goal, target, searching, near)
                kept = (edit for edit in second if self._passes(goal, edit, searching))
                mends = (edit for edit in kept if self._confirmed(goal, edit, before, searching))
                for edit in islice(mends, 1):
                    found.append(edit)
                    yield edit

    def _second(
        self, goal: Goal, target: str, searching: Session, near: Nearest
    ) -> Iterator[NumberedEdit]:
        """Yield second edits that are right on the first example, beside the *near* ones."""
        for base in near.best(self._budget.bases):
            left = min(self._budget.second, self._budget.whole - searching.cpu_seconds)
            for right in self._tried(goal, target, searching, left, beneath=base.number):
                yield from _spread(right)[: self._budget.confirmed]

    def _goals(self, look: Look) -> Iterator[Goal]:
        """Yield the failed checks that a public example explains, in the key's order."""
        for entry in look.failed:
            check, ladder = entry.check, self._key.ladders.get(entry.check.run)
            if ladder is None or entry.verdict.stage in NO_ANSWER:
                continue
            for rung, outcome in enumerate(look.rungs.get(check.run, ())):
                if not self._right(Goal(check, ladder, rung), outcome):
                    yield Goal(check, ladder, rung)
                    break

    def _tried(
        self,
        goal: Goal,
        target: str,
        searching: Session,
        seconds: float,
        near: Nearest | None = None,
        beneath: int = -1,
    ) -> Iterator[list[NumberedEdit]]:
        """Yield, message by message, the edits that are right on the first example that fails.

        Those that come *near* are remembered there. *beneath* is the number of one in effect.
        """
        first, until = 0, searching.cpu_seconds + seconds
        while (left := until - searching.cpu_seconds) > 0:
            step = self._step(goal, target, first, left)
            steps = (step,) if beneath < 0 else (Mend(target, beneath), step)
            outcome = self._asked(goal, steps, searching, left)
            told = outcome.gave.get("trials")
            if not isinstance(told, dict):
                return
            answers = list(_read(told.get("found"), target, self._budget.edits, beneath))
            if near is not None:
                for gave, edits in answers:
                    near.add(self._error(goal, Outcome(gave)), edits)
            yield [e for gave, edits in answers if self._right(goal, Outcome(gave)) for e in edits]
            later = told.get("next")
            if type(later) is not int or not first < later < MOST_EDITS:
                return
            first = later

    def _step(self, goal: Goal, target: str, first: int, seconds: float) -> TryEdits:
        record = goal.ladder.run.program.to_json()
        wanted = {name: record["give"][name] for name in goal.check.outputs}
        return TryEdits("t", target, record["steps"], wanted, first, self._budget.edits, seconds)

    def _asked(
        self, goal: Goal, steps: tuple[Step, ...], searching: Session, seconds: float
    ) -> Outcome:
        run = goal.ladder.run
        program = Program(steps, {"trials": {"@": "t"}})
        asked = Run(f"{run.id}.edits", program, [run.examples[goal.rung]])
        (reply,) = searching.ask(Batch([asked]), seconds + 1.0)
        return reply.outcomes[0]

    def _error(self, goal: Goal, outcome: Outcome) -> float:
        """Return how far an outcome's outputs are from the key's, relative to their size."""
        answer = goal.ladder.answers[goal.rung] if goal.ladder.answers else {}
        pairs = [(outcome.gave.get(name), answer.get(name)) for name in goal.check.outputs]
        errors = [
            normwise(got.astype(np.float64), right)
            if isinstance(got, np.ndarray)
            and isinstance(right, np.ndarray)
            and got.shape == right.shape
            and got.dtype.kind == "f"
            and np.isfinite(got).all()
            else np.inf
            for got, right in pairs
        ]
        return float(max(errors, default=np.inf))

    def _right(self, goal: Goal, outcome: Outcome) -> bool:
        """Say whether an outcome of the goal's example is right; a judge that raises says no."""
        ladder, rung = goal.ladder, goal.rung
        answers = [given[rung] for given in (ladder.answers, *ladder.also) if given]
        with suppress(Exception):
            inputs = ladder.run.examples[rung]
            return judge(goal.check, inputs, outcome, answers, self._key.judges).passed
        return False

    def _passes(self, goal: Goal, edit: NumberedEdit, searching: Asked) -> bool:
        """Say whether an edit is right on all public examples of the goal."""
        (reply,) = mended(searching, (edit,)).ask(Batch([goal.ladder.run]))
        outcomes = enumerate(reply.outcomes)
        return all(self._right(goal._replace(rung=i), outcome) for i, outcome in outcomes)

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


def _read(
    found: Tree, target: str, most: int, beneath: int = -1
) -> Iterator[tuple[dict[str, Tree], list[NumberedEdit]]]:
    """Yield each answer that was told with the edits that lead to it, as far as it makes sense.

    *most* edits were asked for: of a process that tells more, what is beyond isn't read.
    """
    left = most
    for told in found if isinstance(found, list) else ():
        if not isinstance(told, dict) or not isinstance(told.get("gave"), dict):
            continue
        columns: list[Tree] = [told.get(name) for name in ("numbers", "lines", "kinds")]
        arrays = [column for column in columns if _whole(column)]
        if len(arrays) < 3 or len({len(array) for array in arrays}) > 1:
            continue
        left -= max(1, len(arrays[0]))
        if left < 0:
            return
        rows = zip(*(array.tolist() for array in arrays), strict=True)
        edits = [
            NumberedEdit(target, number, line, EDIT_KINDS[kind], beneath)
            for number, line, kind in rows
            if 0 <= number < MOST_EDITS and 0 <= kind < len(EDIT_KINDS)
        ]
        yield told["gave"], edits


def _whole(column: Tree) -> bool:
    return isinstance(column, np.ndarray) and column.ndim == 1 and column.dtype.kind == "i"


def _spread(edits: Iterable[NumberedEdit]) -> list[NumberedEdit]:
    """Return *edits* so that those of different lines come first, earlier lines before later ones.

    What an early line computes goes into all that a function keeps for others.
    """
    lines: dict[int, list[NumberedEdit]] = {}
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.number)):
        lines.setdefault(edit.line, []).append(edit)
    turns = chain.from_iterable(zip_longest(*lines.values()))
    return [edit for edit in turns if edit is not None]
