"""Marks one question: asks its runs, judges the answers, explains what failed, adds up points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.key import Key
from grader.key.fingerprints import Misconception
from grader.kinds import judge
from grader.kinds.layers import own_work
from grader.marking.explaining.diagnosis import diagnose
from grader.marking.explaining.evidence import PasteableCode, shown
from grader.marking.explaining.source import Sources
from grader.marking.verdict_cache import VerdictCache
from grader.model.assignment import Question
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Outcome
from grader.model.verdicts import PASSED, STAGES, CheckResult, QuestionResult, Verdict
from grader.sandbox import Batch, Reply, Session
from grader.wording import messages
from grader.wording.stages import NO_ANSWER, NO_CODE


@dataclass(frozen=True)
class Judged:
    """One check with the verdict that counts, its example, and how many examples failed.

    ``notes`` are those of all its examples.
    """

    check: Check
    verdict: Verdict
    index: int
    failing: int
    examples: int
    notes: frozenset[str]

    @property
    def right_numbers(self) -> bool:
        return self.verdict.passed or bool(self.verdict.evidence.get("right_numbers"))


@dataclass(frozen=True)
class Look:
    """What one look at a question shows: verdicts, replies by run, outcomes of the ladders."""

    judged: Sequence[Judged]
    replies: Mapping[str, Reply]
    rungs: Mapping[str, Sequence[Outcome]]

    @property
    def failed(self) -> list[Judged]:
        return [entry for entry in self.judged if not entry.verdict.passed]

    @property
    def verdicts(self) -> dict[str, Verdict]:
        return {entry.check.id: entry.verdict for entry in self.judged}


class Examiner:
    """Holds what every submission is asked, encoded once."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self._batches: dict[str, Batch] = {}
        self._recall = VerdictCache()
        self._scripts = PasteableCode()

    def examine(
        self,
        question: Question,
        session: Session,
        *,
        failed: Mapping[str, Sequence[str]] | None = None,
        own_share: float = 0.5,
    ) -> QuestionResult:
        """Mark *question* with the submission that *session* holds.

        *failed* are the failed questions that it builds on, with their functions: what is right
        but for them is right. *own_share* is what a backward pass earns of its gradient points
        that is right for a wrong forward pass.
        """
        look = self.look(question.id, session)
        excused = _excused(look, failed or {})
        evidence = self._explained(look)
        known = diagnose(self.key.probes.get(question.id, ()), look.rungs, look.verdicts)
        results = _results(look.judged, evidence, known if look.failed else None)
        for result in results:
            if result.id in excused:
                _excuse(result, excused[result.id])
            elif result.score == 0 and self._own(look, result.id, failed or {}):
                result.score = _tidy(own_share * result.max_score)
                result.message = messages.OWN_FORWARD
        self._show_sources(look, results, session)
        return QuestionResult(
            id=question.id,
            notebook=question.notebook,
            title=question.title,
            score=_tidy(sum(result.score for result in results)),
            max_score=float(question.points),
            status=_status(results, question.points),
            given=sorted({name for names in excused.values() for name in names}),
            notes=_notes(look),
            checks=results,
        )

    def _own(self, look: Look, id: str, failed: Mapping[str, Sequence[str]]) -> bool:
        """Say whether a check shows a backward pass that is right for a wrong forward pass."""
        entry = next(entry for entry in look.judged if entry.check.id == id)
        check = entry.check
        if not entry.verdict.passed or check.settings.get("forward") not in failed:
            return False
        sheet = self.key.sheets[check.run]
        return all(
            own_work(check, inputs, outcome)
            for inputs, outcome in zip(
                sheet.run.examples, look.replies[check.run].outcomes, strict=True
            )
        )

    def _show_sources(self, look: Look, results: Sequence[CheckResult], session: Session) -> None:
        """Put the student's own function into the evidence of each check that failed."""
        sources = Sources(session)
        for entry, result in zip(look.judged, results, strict=True):
            if result.status == "failed" and result.stage not in NO_CODE:
                exception = result.evidence.get("exception") or {}
                sheet = self.key.sheets[entry.check.run]
                found = sources.beside(entry.check, sheet, exception)
                if found is not None:
                    result.evidence["source"] = found

    def prepare(self, question: str) -> Batch:
        """Return what a question asks, encoded ahead of the first submission."""
        batch = self._batch(question, [self.key.sheets[run] for run in self._asked(question)[1]])
        batch.encoded()
        return batch

    def _asked(self, question: str) -> tuple[list[Check], list[str]]:
        """Return the checks of a question that are asked here, and their runs."""
        checks = [c for c in self.key.by_question.get(question, ()) if c.visibility != "property"]
        return checks, list(dict.fromkeys(check.run for check in checks))

    def look(self, question: str, session: Session) -> Look:
        """Ask the runs of a question and judge them; climb its ladders if one fails."""
        checks, runs = self._asked(question)
        replies = self._ask(question, [self.key.sheets[run] for run in runs], session)
        judged = [self._judge(c, self.key.sheets[c.run], replies[c.run]) for c in checks]
        look = Look(judged, replies, {})
        if not look.failed or all(entry.verdict.stage in NO_ANSWER for entry in look.failed):
            return look
        ladders = [self.key.ladders[run] for run in runs if run in self.key.ladders]
        rungs = self._ask(f"{question} ladder", ladders, session)
        return replace(look, rungs={run: reply.outcomes for run, reply in rungs.items()})

    def _ask(
        self, name: str, sheets: Sequence[AnsweredRun], session: Session
    ) -> Mapping[str, Reply]:
        return {reply.run: reply for reply in session.ask(self._batch(name, sheets))}

    def _batch(self, name: str, sheets: Sequence[AnsweredRun]) -> Batch:
        if name not in self._batches:
            self._batches[name] = Batch([sheet.run for sheet in sheets])
        return self._batches[name]

    def _judge(self, check: Check, sheet: AnsweredRun, reply: Reply) -> Judged:
        count = len(sheet.run.examples)
        known = self._recall.known(check, reply)
        wrong: list[int] = []
        if known is None:
            notes = frozenset(note for outcome in reply.outcomes for note in outcome.notes)
            outcomes = dict(enumerate(reply.outcomes))
        else:
            # Those whose numbers are wrong fail alike: the first of them stands for the rest.
            notes, wrong = known.notes, known.wrong
            outcomes = reply.some(sorted({*known.open, *wrong[:1]}))
        verdicts = {
            i: judge(check, sheet.run.examples[i], outcome, _answers(sheet, i), self.key.judges)
            for i, outcome in outcomes.items()
        }
        failed = [i for i, verdict in verdicts.items() if not verdict.passed]
        if not failed:
            if verdicts:
                self._recall.learn(check, sheet, reply)
            return Judged(check, PASSED, 0, 0, count, notes)
        worst = min(failed, key=lambda i: _gravity(verdicts[i]))
        failing = len(failed) + len(wrong[1:])
        return Judged(check, verdicts[worst], worst, failing, count, notes)

    def _explained(self, look: Look) -> dict[str, tuple[Verdict, dict[str, object]]]:
        """Return, by check id, the verdict on the first rung that fails and its evidence."""
        found: dict[str, tuple[Verdict, dict[str, object]]] = {}
        for entry in look.failed:
            check = entry.check
            if check.visibility == "published":
                sheet = self.key.sheets[check.run]
                outcome = look.replies[check.run].outcomes[entry.index]
                script = self._scripts.of(check, sheet, entry.index, "published")
                facts = shown(sheet, entry.index, outcome, entry.verdict, script)
                found[check.id] = entry.verdict, {"example": "published", **facts}
            for i, outcome in enumerate(look.rungs.get(check.run, ())):
                sheet = self.key.ladders[check.run]
                verdict = judge(
                    check, sheet.run.examples[i], outcome, _answers(sheet, i), self.key.judges
                )
                if not verdict.passed:
                    script = self._scripts.of(check, sheet, i, "ladder")
                    facts = shown(sheet, i, outcome, verdict, script)
                    found[check.id] = verdict, {"example": "ladder", **facts}
                    break
        return found


def _excused(look: Look, failed: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the checks that failed through a failed forward pass alone, with its functions.

    Agreement with the key implies agreement with central differences: where a backward pass has
    the first and not the second, what the differences were taken of is wrong.
    """
    passed = {entry.check.id for entry in look.judged if entry.verdict.passed}
    return {
        entry.check.id: failed[entry.check.settings["forward"]]
        for entry in look.failed
        if entry.check.settings.get("forward") in failed and entry.check.needs in passed
    }


def _excuse(result: CheckResult, functions: Sequence[str]) -> None:
    result.status, result.score, result.stage = "passed", result.max_score, None
    result.evidence, result.diagnosis = {}, None
    result.message = messages.GIVEN.format(functions=", ".join(functions))


def _answers(sheet: AnsweredRun, index: int) -> list[Mapping[str, object]]:
    return [answers[index] for answers in (sheet.answers, *sheet.also) if answers]


def _gravity(verdict: Verdict) -> tuple[bool, int]:
    # Right numbers in a wrong shape count as the failure only if all that fails is such.
    return bool(verdict.evidence.get("right_numbers")), STAGES.index(verdict.stage or "value")


def _results(
    judged: Sequence[Judged],
    evidence: Mapping[str, tuple[Verdict, dict[str, object]]],
    known: Misconception | None,
) -> list[CheckResult]:
    by_id = {entry.check.id: entry for entry in judged}
    results = []
    for entry in judged:
        unmet = _unmet(entry.check, by_id)
        result = _result(entry, evidence.get(entry.check.id), unmet)
        if known and result.status == "failed":
            result.diagnosis = known.id
        results.append(result)
    return results


def _unmet(check: Check, by_id: Mapping[str, Judged]) -> str:
    """Return the check that a check's points wait for, what it needs or what that needs, or ""."""
    needed = by_id.get(check.needs or "")
    if needed is None:
        return ""
    return _unmet(needed.check, by_id) if needed.right_numbers else needed.check.id


def _result(
    entry: Judged, explained: tuple[Verdict, dict[str, object]] | None, unmet: str
) -> CheckResult:
    check, verdict = entry.check, entry.verdict
    result = CheckResult(
        id=check.id,
        title=check.title,
        visibility=check.visibility,
        status="passed" if verdict.passed else "failed",
        score=check.points if verdict.passed else 0.0,
        max_score=check.points,
        stage=verdict.stage,
    )
    if verdict.passed:
        if unmet and check.points:
            result.score = 0.0
            result.message = messages.NEEDS.format(needs=unmet)
        return result
    if verdict.evidence.get("right_numbers") and not unmet:
        result.score = _tidy(check.points * (1 - check.shape_share))
    shown_verdict, facts = explained or (verdict, {"example": "hidden", **_hidden(verdict)})
    facts["call"], facts["output"] = check.call, messages.name_of(shown_verdict.output)
    facts["failing"] = [entry.failing, entry.examples]
    result.evidence = dict(facts)
    public = facts["example"] != "hidden"
    result.message = messages.message(check, shown_verdict, facts, public=public)
    return result


def _hidden(verdict: Verdict) -> dict[str, object]:
    """Return a verdict's evidence without what an exception said: text can carry inputs out."""
    facts = dict(verdict.evidence)
    exception = facts.get("exception")
    if isinstance(exception, dict) and verdict.stage == "raised":
        facts["exception"] = {**exception, "text": ""}
    return facts


def _status(results: Sequence[CheckResult], points: float) -> str:
    score = sum(result.score for result in results)
    if score >= points - 1e-9:
        return "passed"
    if score > 0:
        return "partial"
    stages = {result.stage for result in results if result.status == "failed"}
    return "not_implemented" if stages == {"not_implemented"} else "failed"


def _notes(look: Look) -> list[str]:
    """Return a sentence for each thing that is worth a look; nothing is taken off for any.

    An input that was written into, and a function that calls another one, its forward pass,
    again and again, as a numeric derivative does.
    """
    found = {
        (entry.check.call, note.partition(":")[2])
        for entry in look.judged
        for note in entry.notes
        if note.startswith("changed:")
    }
    calls = sorted(
        {
            tuple(note.split(":")[1:4])
            for entry in look.judged
            for note in entry.notes
            if note.startswith("calls:") and note.count(":") == 3
        }
    )
    counted: dict[tuple[str, str], str] = {}
    for call, name, count in calls:
        counted[call, name] = count
    return [messages.CHANGED.format(call=call, name=name) for call, name in sorted(found)] + [
        messages.COUNTED.format(call=call, name=name, count=count)
        for (call, name), count in counted.items()
    ]


def _tidy(points: float) -> float:
    return round(points, 6) + 0.0
