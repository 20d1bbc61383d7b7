"""Explains what only hidden examples showed: by further public ones, or by how those differ.

Where a check fails on hidden examples and every rung of its ladder passes, more public ones are
asked of the process that holds nothing hidden, until one fails; that one is told with all its
text. Where none does, it is said in which property the hidden ones that failed differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from grader.kinds.arrays import Answer
from grader.marking.explaining.evidence import PasteableCode, shown
from grader.marking.explaining.properties import differing
from grader.marking.results import Explained
from grader.marking.scoring import Judged
from grader.marking.sessions import Asked
from grader.model.checks import AnsweredRun, Check
from grader.model.literals import InputProperty
from grader.model.programs import Inputs, Outcome
from grader.model.verdicts import Verdict
from grader.sandbox import Batch, Reply
from grader.wording.stages import NO_ANSWER

#: How many are asked in one message: the first that fails ends the search.
CHUNK = 25
#: A process that has used this share of its CPU time is asked for no more of them.
SHARE = 0.5
#: Where a process was lost, or needed more time than it gets, no example of many is to blame.
_LOST = frozenset((*NO_ANSWER, "timed_out", "died", "out_of_memory"))

Judges = Callable[[Check, Inputs, Outcome, Sequence[Answer]], Verdict]


class Draws(Protocol):
    """What has more public examples of a run, with their answers: ``key.public.PublicDraws``."""

    def of(self, run: str) -> AnsweredRun | None: ...


class FailingDraw(NamedTuple):
    """A public example that was drawn and fails, alone with its answers; and what came."""

    explained: Explained
    example: AnsweredRun
    outcome: Outcome


class Drawing:
    """Looks for public examples that fail; *verdict* judges one, *draws* has more of them."""

    def __init__(self, draws: Draws, scripts: PasteableCode, verdict: Judges) -> None:
        self._draws, self._scripts, self._verdict = draws, scripts, verdict
        self._chunks: dict[str, list[tuple[int, Batch]]] = {}

    def explained(self, failed: Sequence[Judged], session: Asked) -> dict[str, FailingDraw]:
        """Return, by check, the first public example that fails.

        *failed* are checks that nothing shown explains; *session* holds nothing hidden. Raises
        :class:`~grader.sandbox.Fault` where it can't be asked.
        """
        found: dict[str, FailingDraw] = {}
        waiting: dict[str, list[Check]] = {}
        for entry in failed:
            if entry.verdict.stage not in _LOST and not entry.verdict.nearly:
                waiting.setdefault(entry.check.run, []).append(entry.check)
        for run, checks in waiting.items():
            more = self._draws.of(run)
            if more is not None:
                found |= self._first_failing(more, checks, session)
        return found

    def _first_failing(
        self, more: AnsweredRun, checks: Sequence[Check], session: Asked
    ) -> dict[str, FailingDraw]:
        found: dict[str, FailingDraw] = {}
        for begin, batch in self._batches(more):
            left = [check for check in checks if check.id not in found]
            if not left or session.used_share > SHARE:
                break
            (reply,) = session.ask(batch)
            if any(o.failed and o.failed.stage in _LOST for o in reply.outcomes):
                break
            for i, outcome in enumerate(reply.outcomes, begin):
                for check in left:
                    if check.id in found:
                        continue
                    verdict = self._verdict(
                        check, more.run.examples[i], outcome, answers_to(more, i)
                    )
                    if not verdict.passed:
                        script = self._scripts.of(check, more, i, "drawn")
                        facts = shown(more, i, outcome, verdict, script)
                        explained: Explained = verdict, {"example": "ladder", **facts}
                        found[check.id] = FailingDraw(explained, alone(more, i), outcome)
        return found

    def _batches(self, more: AnsweredRun) -> Iterator[tuple[int, Batch]]:
        """Yield the examples in pieces: where each begins, and what asks for it."""
        run = more.run
        if run.id not in self._chunks:
            self._chunks[run.id] = [
                (begin, Batch([replace(run, examples=run.examples[begin : begin + CHUNK])]))
                for begin in range(0, len(run.examples), CHUNK)
            ]
        yield from self._chunks[run.id]

    def differences(
        self,
        failed: Sequence[Judged],
        sheets: Mapping[str, AnsweredRun],
        replies: Mapping[str, Reply],
        shown: Mapping[str, AnsweredRun],
    ) -> dict[str, InputProperty]:
        """Return, by check, in which property the hidden examples that failed differ.

        They differ from the hidden ones that passed and from all that were shown or drawn, which
        passed as well.
        """
        found: dict[str, InputProperty] = {}
        for entry in failed:
            check = entry.check
            sheet, outcomes = sheets[check.run], replies[check.run].outcomes
            bad: list[Inputs] = []
            good = [*shown[check.run].run.examples] if check.run in shown else []
            more = self._draws.of(check.run)
            good += more.run.examples if more is not None else []
            for i, (inputs, outcome) in enumerate(zip(sheet.run.examples, outcomes, strict=True)):
                verdict = self._verdict(check, inputs, outcome, answers_to(sheet, i))
                (good if verdict.passed else bad).append(inputs)
            name = differing(bad, good)
            if name is not None:
                found[check.id] = name
        return found


def alone(answered: AnsweredRun, index: int) -> AnsweredRun:
    """Return one example of a run with its answers."""
    return replace(
        answered,
        run=replace(answered.run, examples=[answered.run.examples[index]]),
        answers=answered.answers[index : index + 1],
        also=[answers[index : index + 1] for answers in answered.also],
        nearly=(),
    )


def answers_to(answered: AnsweredRun, index: int) -> list[Mapping[str, object]]:
    """Return the right answers to one example of a run; those of none where it has none."""
    return [answers[index] for answers in (answered.answers, *answered.also) if answers]
