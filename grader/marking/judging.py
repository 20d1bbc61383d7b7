"""Judges one code question: asks its runs, compares the answers, asks for what explains them."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.key import Key
from grader.kinds import Judge, judge
from grader.kinds.arrays import Answer
from grader.kinds.layers import own_work
from grader.marking import results, scoring
from grader.marking.explaining.diagnosis import diagnose
from grader.marking.explaining.drawing import Drawing, Draws, answers_to
from grader.marking.explaining.evidence import PasteableCode, shown
from grader.marking.explaining.source import Sources
from grader.marking.results import Explained
from grader.marking.scoring import Judged
from grader.marking.sessions import Asked
from grader.marking.told import Places
from grader.marking.verdict_cache import VerdictCache
from grader.model.assignment import Question
from grader.model.checks import AnsweredRun, Check
from grader.model.literals import InputProperty
from grader.model.programs import Inputs, Outcome, Run
from grader.model.verdicts import PASSED, CheckResult, QuestionResult, Verdict
from grader.sandbox import Batch, Reply
from grader.wording import messages
from grader.wording.stages import NO_ANSWER, NO_CODE


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


class Judging:
    """Judges the code questions of one key; holds what every submission is asked, encoded once.

    *draws* has further public examples, for what only hidden ones show.
    """

    def __init__(self, key: Key, draws: Draws | None = None) -> None:
        self.key = key
        self._batches: dict[str, Batch] = {}
        self._cache = VerdictCache()
        self._scripts = PasteableCode()
        self._drawing = Drawing(draws, self._scripts, self._verdict) if draws else None
        #: What exceptions said on hidden examples, by check: for the instructor's terminal alone.
        self.overheard: dict[str, str] = {}
        #: Tracebacks of the grader's own errors, each of which cost one check, in order.
        self.faults: dict[str, None] = {}

    def mark(
        self,
        question: Question,
        session: Asked,
        *,
        failed: Mapping[str, Sequence[str]] | None = None,
        own_share: float = 0.5,
        nearly_forward: bool = False,
        explaining: Callable[[], Asked] | None = None,
    ) -> QuestionResult:
        """Return the result of *question* for the submission that *session* holds.

        *explaining* gives a session of the same submission that holds nothing hidden, for what is
        shown of a failure with all its text; without it, *session* is asked for that, too.

        *failed* are the failed questions that it builds on, with their functions: what is right
        but for them is right. *own_share* is the share of its gradient points that a backward pass
        earns which is right for the student's own wrong forward pass: all of them, and the others,
        where that is nearly right (*nearly_forward*).

        Raises :class:`~grader.sandbox.Fault` where the session can't be asked.
        """
        look = self.look(question.id, session, explaining)
        explained = self._explained(look)
        differing = self._drawn(look, explained, explaining or (lambda: session))
        self.faults |= dict.fromkeys(look.faults)
        known = None
        if look.failed and not look.faults:  # a mistake is known by all of its verdicts
            known = diagnose(self.key.probes.get(question.id, ()), look.rungs, look.verdicts)
        checks = results.check_results(look.judged, explained, known, Places(session))
        self._overhear(look, explained)
        for result in checks:
            if nearly_forward:
                results.forgive_nearly(result, failed or {})
            if self._fits_own_forward(look, result.id, failed or {}):
                if nearly_forward:
                    results.forgive(self._roughly_right(look, checks), failed or {})
                if lost := result.max_score - result.score:
                    result.score = results.rounded(result.score + own_share * lost)
                    result.message = messages.OWN_FORWARD
            elif result.id in differing:
                result.evidence["differs"] = differing[result.id]
                result.message += " " + messages.DIFFERS[differing[result.id]]
        self._show_sources(look, checks, session)
        return results.question_result(question, checks, results.notes(look.judged))

    def _drawn(
        self, look: Look, explained: dict[str, Explained], session: Callable[[], Asked]
    ) -> Mapping[str, InputProperty]:
        """Add to *explained* what further public examples show; return how the others differ."""
        silent = [
            entry
            for entry in look.failed
            if entry.check.run in look.rungs and entry.check.id not in explained
        ]
        if self._drawing is None or not silent:
            return {}
        explained |= self._drawing.explained(silent, session())
        silent = [entry for entry in silent if entry.check.id not in explained]
        return self._drawing.differences(silent, self.key.sheets, look.replies, self.key.ladders)

    def _overhear(self, look: Look, explained: Mapping[str, Explained]) -> None:
        for entry in look.failed:
            exception = entry.verdict.evidence.get("exception")
            if entry.check.id not in explained and exception and exception["text"]:
                self.overheard[entry.check.id] = exception["text"]

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

    def _explained(self, look: Look) -> dict[str, Explained]:
        """Return, by check id, the verdict on the first rung that fails and its evidence."""
        found: dict[str, Explained] = {}
        for entry in look.failed:
            check = entry.check
            if check.visibility == "published":
                answered, i = self.key.sheets[check.run], entry.index
                given = look.published.get(check.run)
                inputs, answers = answered.run.examples[i], answers_to(answered, i)
                if given is None:
                    continue
                verdict = self._verdict(check, inputs, given[i], answers)
                if not verdict.passed:
                    script = self._scripts.of(check, answered, i, "published")
                    facts = shown(answered, i, given[i], verdict, script)
                    found[check.id] = verdict, {"example": "published", **facts}
            for i, outcome in enumerate(look.rungs.get(check.run, ())):
                answered = self.key.ladders[check.run]
                inputs, answers = answered.run.examples[i], answers_to(answered, i)
                verdict = self._verdict(check, inputs, outcome, answers)
                if not verdict.passed:
                    script = self._scripts.of(check, answered, i, "ladder")
                    facts = shown(answered, i, outcome, verdict, script)
                    found[check.id] = verdict, {"example": "ladder", **facts}
                    break
        return found

    def _verdict(
        self, check: Check, inputs: Inputs, outcome: Outcome, answers: Sequence[Answer]
    ) -> Verdict:
        """Return the verdict on a public example; where a judge raises, it shows nothing."""
        try:
            return judge(check, inputs, outcome, answers, self.key.judges)
        except Exception:
            self.faults[traceback.format_exc()] = None
            return PASSED

    def _fits_own_forward(self, look: Look, id: str, failed: Mapping[str, Sequence[str]]) -> bool:
        """Say whether a check shows a backward pass that is right for a wrong forward pass."""
        entry = next(entry for entry in look.judged if entry.check.id == id)
        check = entry.check
        if not entry.verdict.passed or check.settings.get("forward") not in failed:
            return False
        if check.run not in look.replies:  # nothing was asked: the gradients are the key's
            return False
        examples = self.key.sheets[check.run].run.examples
        outcomes = look.replies[check.run].outcomes
        # Not on all: on an example that happens to be positive throughout, say, a layer of the
        # student's own may hand its input through.
        works = [own_work(check, *both) for both in zip(examples, outcomes, strict=True)]
        return sum(works) > len(works) / 2

    def _roughly_right(self, look: Look, checks: Sequence[CheckResult]) -> list[CheckResult]:
        """Return those of *checks* whose gradients can be right for a nearly right forward pass.

        A forward pass that remembers its calls can fit any gradient: that it fits is not enough.
        """
        return [
            result
            for entry, result in zip(look.judged, checks, strict=True)
            if (reply := look.replies.get(entry.check.run)) is not None
            and scoring.roughly_right(entry.check, self.key.sheets[entry.check.run], reply.outcomes)
        ]

    def _show_sources(self, look: Look, checks: Sequence[CheckResult], session: Asked) -> None:
        """Put the student's own function into the evidence of each check that failed."""
        sources = Sources(session)
        for entry, result in zip(look.judged, checks, strict=True):
            if result.status == "failed" and result.stage not in NO_CODE:
                exception = result.evidence.get("exception", {})
                answered = self.key.sheets[entry.check.run]
                found = sources.beside(entry.check, answered, exception)
                if found is not None:
                    result.evidence["source"] = found


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
