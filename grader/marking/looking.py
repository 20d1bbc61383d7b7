"""Looks at a question: asks its runs, judges the replies, and asks for public examples."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.key import Key
from grader.kinds import Judge, judge
from grader.marking import scoring
from grader.marking.explaining.drawing import answers_to
from grader.marking.scoring import Judged
from grader.marking.sessions import Asked
from grader.marking.verdict_cache import VerdictCache
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Outcome, Run
from grader.model.verdicts import PASSED, Verdict
from grader.sandbox import Batch, Reply
from grader.wording.stages import NO_ANSWER


@dataclass(frozen=True)
class Look:
    """What one look at a question shows: verdicts, replies by run, outcomes of public examples.

    ``rungs`` are those of the ladders, ``published`` those of the notebook's own figures that
    failed, each as a process gave them that holds nothing hidden.
    """

    judged: Sequence[Judged]
    replies: Mapping[str, Reply]
    rungs: Mapping[str, Sequence[Outcome]]
    published: Mapping[str, Sequence[Outcome]] = field(default_factory=dict)

    @property
    def failed(self) -> list[Judged]:
        return [entry for entry in self.judged if not entry.verdict.passed and not entry.fault]

    @property
    def faults(self) -> list[str]:
        """The tracebacks of judges that raised: of the grader's own errors."""
        return [entry.fault for entry in self.judged if entry.fault]

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {entry.check.id: entry.verdict for entry in self.judged}


class Looking:
    """Asks and judges the questions of one key; holds what every submission is asked, encoded."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self._batches: dict[str, Batch] = {}
        self._cache = VerdictCache()

    def prepare(self, question: str) -> Batch:
        """Return a question's batch, encoded ahead of the first submission."""
        batch = self._batch(question, [self.key.sheets[run] for run in self._asked(question)[1]])
        batch.encoded()
        return batch

    def look(
        self, question: str, session: Asked, explaining: Callable[[], Asked] | None = None
    ) -> Look:
        """Ask the runs of a question and judge them; ask for its public examples if one fails.

        Raises :class:`~grader.sandbox.Fault` where the session can't be asked.
        """
        checks, runs = self._asked(question)
        replies = dict(self._ask(question, [self.key.sheets[run] for run in runs], session))
        judged: dict[str, Judged] = {}
        for check in sorted(checks, key=self._in_two):
            answered = self.key.sheets[check.run]
            needed = judged.get(check.needs or "")
            if self._in_two(check) and needed is not None and scoring.agrees_with_key(needed):
                # Agreement with the key implies agreement with central differences.
                count = len(answered.run.examples)
                judged[check.id] = Judged(check, PASSED, 0, 0, count, frozenset())
                continue
            if self._in_two(check):
                replies[check.run] = self._ask_in_two(answered, session)
            reply = replies[check.run]
            entry = judge_reply(check, answered, reply, self.key.judges, self._cache)
            judged[check.id] = scoring.implied(entry, needed) if self._in_two(check) else entry
        judged = {id: self._otherwise(entry, replies) for id, entry in judged.items()}
        look = Look([judged[check.id] for check in checks], replies, {})
        if not look.failed or all(entry.verdict.stage in NO_ANSWER for entry in look.failed):
            return look
        public = explaining() if explaining is not None else session
        ladders = [self.key.ladders[run] for run in runs if run in self.key.ladders]
        rungs = self._ask(f"{question} ladder", ladders, public)
        figures = {e.check.run for e in look.failed if e.check.visibility == "published"}
        shown = {
            run: self._ask(f"{run} alone", [self.key.sheets[run]], public)[run].outcomes
            for run in runs
            if run in figures
        }
        return replace(
            look, rungs={r: reply.outcomes for r, reply in rungs.items()}, published=shown
        )

    def _otherwise(self, entry: Judged, replies: Mapping[str, Reply]) -> Judged:
        """Return the pass of a check that failed as its settings say, and passes in another run.

        ``otherwise`` holds the properties by which it may have failed (``where``), and the judge,
        the run, the outputs and the settings by which it passes all the same.
        """
        check = entry.check
        other = check.settings.get("otherwise")
        found = entry.verdict.evidence.get("property", {}).get("name")
        if other is None or found not in other["where"]:
            return entry
        again = replace(
            check,
            id=f"{check.id}.otherwise",
            judge=other["judge"],
            run=other["run"],
            outputs=tuple(other["outputs"]),
            settings=other["settings"],
        )
        answered, reply = self.key.sheets[again.run], replies[again.run]
        second = judge_reply(again, answered, reply, self.key.judges, self._cache)
        return replace(second, check=check) if second.verdict.passed else entry

    def _asked(self, question: str) -> tuple[list[Check], list[str]]:
        """Return the checks of a question that are asked here, and their runs."""
        checks = [c for c in self.key.by_question.get(question, ()) if c.visibility != "property"]
        return checks, list(dict.fromkeys(c.run for c in checks if not self._in_two(c)))

    def _in_two(self, check: Check) -> bool:
        """Say whether a check's run is asked in two messages, and only where it says something."""
        return self.key.sheets[check.run].first is not None

    def _ask_in_two(self, answered: AnsweredRun, session: Asked) -> Reply:
        """Ask for gradients, then, in another message, for what they are held against.

        Until its gradients have come, the process holds nothing of the directions along which
        they will be compared.
        """
        before = answered.before()
        assert before is not None
        name = answered.run.id
        (first,) = session.ask(self._of_runs(f"{name} first", [before]))
        (then,) = session.ask(self._of_runs(f"{name} then", [answered.run]))
        return then.preceded(first)

    def _ask(
        self, name: str, answered: Sequence[AnsweredRun], session: Asked
    ) -> Mapping[str, Reply]:
        return {reply.run: reply for reply in session.ask(self._batch(name, answered))}

    def _batch(self, name: str, answered: Sequence[AnsweredRun]) -> Batch:
        return self._of_runs(name, [entry.run for entry in answered])

    def _of_runs(self, name: str, runs: Sequence[Run]) -> Batch:
        if name not in self._batches:
            self._batches[name] = Batch(runs)
        return self._batches[name]


def judge_reply(
    check: Check,
    answered: AnsweredRun,
    reply: Reply,
    judges: Mapping[str, Judge],
    cache: VerdictCache,
) -> Judged:
    """Return a check's verdict: of those on the reply's examples, the most serious failure.

    *judges* are the key's, by name. A reply that passes is stored in *cache*. What a judge raises
    is an error of the grader's own: it costs this check, which has a ``fault`` and no verdict.
    """
    try:
        return _judged(check, answered, reply, judges, cache)
    except Exception:
        count, fault = len(answered.run.examples), traceback.format_exc()
        return Judged(check, Verdict("value"), 0, 0, count, frozenset(), fault)


def _judged(
    check: Check,
    answered: AnsweredRun,
    reply: Reply,
    judges: Mapping[str, Judge],
    cache: VerdictCache,
) -> Judged:
    count = len(answered.run.examples)
    compared = bool(answered.answers)
    known = cache.lookup(check, reply)
    if known is not None:
        return Judged(check, PASSED, 0, 0, count, known, compared=compared)
    notes = frozenset(note for outcome in reply.outcomes for note in outcome.notes)
    verdicts = [
        judge(check, inputs, outcome, answers_to(answered, i), judges)
        for i, (inputs, outcome) in enumerate(
            zip(answered.run.examples, reply.outcomes, strict=True)
        )
    ]
    failed = [i for i, verdict in enumerate(verdicts) if not verdict.passed]
    if not failed:
        cache.store(check, reply, notes)
        return Judged(check, PASSED, 0, 0, count, notes, compared=compared)
    verdict, worst = scoring.combined(check, answered, reply.outcomes, verdicts)
    return Judged(
        check,
        verdict,
        worst,
        len(failed),
        count,
        notes,
        says=next((v.says for v in answered.nearly if v.id == verdict.nearly), ""),
        holds=scoring.holds(check, verdicts),
        compared=compared,
    )
