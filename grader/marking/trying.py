"""Tries the edits of a function on public examples, and compares what they give with the key's.

Edits are made and run in the student's process, which numbers them
(:mod:`grader.sandbox.guest.edits`); what they give is compared here. Nothing of a student's is
parsed on this side, and no edit's text is known here. What a process says of its edits is read
within bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from grader.kinds import Judge, judge
from grader.marking.sessions import Asked, ChangedSession, mended
from grader.model.checks import AnsweredRun, Check
from grader.model.edits import EDIT_KINDS, MOST_EDITS, NumberedEdit
from grader.model.programs import Outcome, Program, Run
from grader.model.steps import Mend, TryEdits
from grader.model.trees import Tree
from grader.model.verdicts import Verdict
from grader.numeric.errors import normwise
from grader.sandbox import Batch

#: A share of the largest number in an output by which no right or nearly right one is off.
_FAR = 1e-3
#: Of a process that says after each edit that there are more, so many are asked for.
_MOST_MESSAGES = 200
_GIVE = {"trials": {"@": "t"}}


class Goal(NamedTuple):
    """A check that failed, and the number of the first public example that shows it.

    *formed*: what the function gives for it has the right form.
    """

    check: Check
    ladder: AnsweredRun
    rung: int
    formed: bool = False


class TriedEdits(NamedTuple):
    """Edits that lead to one answer, and its outcome."""

    outcome: Outcome
    edits: Sequence[NumberedEdit]


class Message(NamedTuple):
    """What edits of one tier lead to. *last*: there are no others."""

    tried: Sequence[TriedEdits]
    tier: int
    last: bool


class Trying:
    """Tries edits in *session*, a process that holds nothing hidden; *judges* are the key's."""

    def __init__(self, session: Asked, judges: Mapping[str, Judge]) -> None:
        self.session, self._judges = session, judges

    def tried(
        self, goal: Goal, target: str, seconds: float, most: int, beneath: int = -1
    ) -> Iterator[Message]:
        """Yield, message by message, what the edits of *target* lead to on the goal's example.

        *seconds* are those of CPU time for all messages, of *most* edits each. *beneath* is the
        number of an edit in effect.
        """
        run, session = goal.ladder.run, self.session
        program = run.program
        if isinstance(session, ChangedSession):
            session, program = session.within(run)
        first, until = 0, session.cpu_seconds + seconds
        for _ in range(_MOST_MESSAGES):
            left = until - session.cpu_seconds
            if left <= 0:
                return
            step = _step(goal, program, target, first, most, left)
            steps = (step,) if beneath < 0 else (Mend(target, beneath), step)
            asked = Run(f"{run.id}.edits", Program(steps, _GIVE), [run.examples[goal.rung]])
            (reply,) = session.ask(Batch([asked]), left + 1.0)
            outcome = reply.outcomes[0]

            told = outcome.gave.get("trials")
            if not isinstance(told, dict):
                return
            read = read_edits(told.get("found"), target, most, beneath)
            tier, later = told.get("tier"), told.get("next")
            tried = [TriedEdits(Outcome(gave), edits) for gave, edits in read]
            yield Message(tried, tier if type(tier) is int else 0, later == 0)
            if type(later) is not int or not first < later < MOST_EDITS:
                return
            first = later

    def error(self, goal: Goal, outcome: Outcome) -> float:
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

    def far(self, goal: Goal, outcome: Outcome) -> frozenset[str]:
        """Return the outputs that are far off at a look: most edits give such ones."""
        answers = goal.ladder.answers[goal.rung] if goal.ladder.answers else {}
        gave = outcome.gave
        return frozenset(n for n, right in answers.items() if _is_far(gave.get(n), right))

    def verdict(self, goal: Goal, outcome: Outcome) -> Verdict | None:
        """Return the verdict on an outcome of the goal's example; ``None`` where a judge raises."""
        ladder, rung = goal.ladder, goal.rung
        answers = [given[rung] for given in (ladder.answers, *ladder.also) if given]
        try:
            return judge(goal.check, ladder.run.examples[rung], outcome, answers, self._judges)
        except Exception:
            return None

    def right(self, goal: Goal, outcome: Outcome) -> bool:
        """Say whether an outcome of the goal's example is right; a judge that raises says no."""
        verdict = self.verdict(goal, outcome)
        return verdict is not None and verdict.passed

    def passes(self, goal: Goal, edit: NumberedEdit) -> bool:
        """Say whether an edit is right on all public examples of the goal."""
        return all(self.right(one, outcome) for one, outcome in self.outcomes(goal, edit))

    def outcomes(self, goal: Goal, edit: NumberedEdit) -> Iterator[tuple[Goal, Outcome]]:
        """Yield, for each public example of the goal, what comes with an edit in effect."""
        (reply,) = mended(self.session, [edit]).ask(Batch([goal.ladder.run]))
        for rung, outcome in enumerate(reply.outcomes):
            yield goal._replace(rung=rung), outcome


def _is_far(got: Tree, right: Tree) -> bool:
    if isinstance(got, dict) and isinstance(right, dict):
        return any(_is_far(got.get(name), entry) for name, entry in right.items())
    if isinstance(got, float) and isinstance(right, float):
        return not abs(got - right) <= _FAR * abs(right)
    if not isinstance(got, np.ndarray) or not isinstance(right, np.ndarray):
        return False
    if got.shape != right.shape or got.dtype.kind != "f" or not got.size:
        return False
    with np.errstate(all="ignore"):
        return not float(np.abs(got - right).max()) <= _FAR * float(np.abs(right).max())


def _step(
    goal: Goal, program: Program, target: str, first: int, most: int, seconds: float
) -> TryEdits:
    record = program.to_json()
    # Some judges need more than the outputs, and none of the others may get wrong.
    give = record["give"]
    return TryEdits("t", target, record["steps"], give, first, most, seconds, goal.formed)


def read_edits(
    found: Tree, target: str, most: int, beneath: int = -1
) -> Iterator[tuple[dict[str, Tree], list[NumberedEdit]]]:
    """Yield each answer that was told with the edits that lead to it, as far as it makes sense.

    *most* edits were asked for: of a process that tells more, what is beyond isn't read.
    """
    left = most
    for told in found if isinstance(found, list) else ():
        if not isinstance(told, dict) or not isinstance(told.get("gave"), dict):
            continue
        columns: list[Tree] = [told.get(name) for name in ("numbers", "lines", "kinds", "several")]
        arrays = [column for column in columns if _is_column(column)]
        if len(arrays) < 4 or len({len(array) for array in arrays}) > 1:
            continue
        left -= max(1, len(arrays[0]))
        if left < 0:
            return
        rows = zip(*(array.tolist() for array in arrays), strict=True)
        edits = [
            NumberedEdit(target, number, line, EDIT_KINDS[kind], beneath, bool(several))
            for number, line, kind, several in rows
            if 0 <= number < MOST_EDITS and 0 <= kind < len(EDIT_KINDS)
        ]
        yield told["gave"], edits


def _is_column(column: Tree) -> bool:
    return isinstance(column, np.ndarray) and column.ndim == 1 and column.dtype.kind == "i"
