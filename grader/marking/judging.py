"""Judges one code question: what it earns, and what explains that which fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence

from grader.key import Key
from grader.kinds import judge
from grader.kinds.arrays import Answer
from grader.kinds.layers import own_work
from grader.marking import results, scoring
from grader.marking.explaining.diagnosis import Catalogue
from grader.marking.explaining.drawing import Drawing, Draws, FailingDraw, answers_to
from grader.marking.explaining.evidence import PasteableCode, related, shown
from grader.marking.explaining.failure import MarkedWay, PublicFailure
from grader.marking.explaining.naming import Naming
from grader.marking.explaining.source import Sources
from grader.marking.looking import Look, Looking
from grader.marking.results import Explained
from grader.marking.sessions import Asked
from grader.marking.told import Places
from grader.model.assignment import Question
from grader.model.checks import AnsweredRun, Check
from grader.model.evidence import CheckEvidence
from grader.model.literals import InputProperty
from grader.model.programs import Inputs, Outcome
from grader.model.verdicts import PASSED, CheckResult, Verdict
from grader.wording import messages
from grader.wording.stages import NO_CODE


class Judging(Looking):
    """Judges the code questions of one key and explains what fails.

    *draws* has further public examples, for what only hidden ones show.
    """

    def __init__(self, key: Key, draws: Draws | None = None) -> None:
        super().__init__(key)
        self._catalogue = Catalogue(key)
        self._scripts = PasteableCode()
        self._drawing = Drawing(draws, self._scripts, self._verdict) if draws else None
        #: What exceptions said on hidden examples, by check: for the instructor's terminal alone.
        self.overheard: dict[str, str] = {}
        #: Tracebacks of the grader's own errors, each of which cost one check, in order.
        self.faults: dict[str, None] = {}
        #: Lines told of hidden examples, by question: few, however often one is marked.
        self._places: dict[str, Places] = {}

    def begin(self) -> None:
        """Forget what was heard and told of the submission before."""
        self.overheard.clear()
        self.faults.clear()
        self._places.clear()

    def mark(
        self,
        question: Question,
        session: Asked,
        *,
        failed: Mapping[str, Sequence[str]] | None = None,
        own_share: float = 0.5,
        nearly_forward: bool = False,
        explaining: Callable[[], Asked] | None = None,
        editable: bool = True,
    ) -> MarkedWay:
        """Return the result of *question* for the submission that *session* holds.

        *explaining* gives a session of the same submission that holds nothing hidden, for what is
        shown of a failure with all its text; without it, *session* is asked for that, too. Its
        functions are *editable* where nobody else answers for some, and no other ones failed.

        *failed* are the failed questions that it builds on, with their functions: what is right
        but for them is right. *own_share* is the share of its gradient points that a backward pass
        earns which is right for the student's own wrong forward pass: all of them, and the others,
        where that is nearly right (*nearly_forward*).

        Raises :class:`~grader.sandbox.Fault` where the session can't be asked.
        """
        look = self.look(question.id, session, explaining)
        explained = self._explained(look)
        drawn, differing = self._drawn(look, explained, explaining or (lambda: session))
        explained |= {id: draw.explained for id, draw in drawn.items()}
        self.faults |= dict.fromkeys(look.faults)
        known: Mapping[str, Naming] = {}
        if look.failed and not look.faults:  # a mistake is known by all of its verdicts
            known = self._catalogue.diagnose(question.id, look)
        places = self._places.setdefault(question.id, Places(session))
        checks = results.check_results(look.judged, explained, known, places)
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
        made = results.question_result(question, checks, results.notes(look.judged))
        asked, marked = explaining or (lambda: session), session if editable else None
        return MarkedWay(made, self._failures(look, explained, known, drawn, asked, marked))

    def _failures(
        self,
        look: Look,
        explained: Mapping[str, Explained],
        known: Mapping[str, Naming],
        drawn: Mapping[str, FailingDraw],
        asked: Callable[[], Asked],
        marked: Asked | None,
    ) -> dict[str, PublicFailure]:
        """Return the failed checks that public examples show, by id.

        Of a check that has a name for some of its outputs, the failure is of the others.
        """
        found: dict[str, PublicFailure] = {}
        for entry in look.failed:
            check, drawn_one = entry.check, drawn.get(entry.check.id)
            shown: tuple[AnsweredRun, Sequence[Outcome]]
            if drawn_one is not None:
                shown = drawn_one.example, [drawn_one.outcome]
            elif check.run in look.rungs and check.id in explained:
                shown = self.key.ladders[check.run], look.rungs[check.run]
            else:
                continue
            failure = PublicFailure(
                check,
                entry.verdict,
                *shown,
                asked,
                drawn=drawn_one is not None,
                marked=marked if drawn_one is None else None,
            )
            naming = known.get(check.id, Naming())
            if naming.named:
                failure = failure.only(naming.unnamed)
            if failure.wrong:
                found[check.id] = failure
        return found

    def _drawn(
        self, look: Look, explained: Mapping[str, Explained], session: Callable[[], Asked]
    ) -> tuple[Mapping[str, FailingDraw], Mapping[str, InputProperty]]:
        """Return what further public examples show, and how the hidden ones differ otherwise."""
        silent = [
            entry
            for entry in look.failed
            if entry.check.run in look.rungs and entry.check.id not in explained
        ]
        if self._drawing is None or not silent:
            return {}, {}
        drawn = self._drawing.explained(silent, session())
        silent = [entry for entry in silent if entry.check.id not in drawn]
        ladders = self.key.ladders
        return drawn, self._drawing.differences(silent, self.key.sheets, look.replies, ladders)

    def _overhear(self, look: Look, explained: Mapping[str, Explained]) -> None:
        for entry in look.failed:
            exception = entry.verdict.evidence.get("exception")
            if entry.check.id not in explained and exception and exception["text"]:
                self.overheard[entry.check.id] = exception["text"]

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
                    _relate(facts, verdict, answered, [(i, given[i])])
                    found[check.id] = verdict, {"example": "published", **facts}
            self._explain_by_rungs(check, look.rungs.get(check.run, ()), found)
        return found

    def _explain_by_rungs(
        self, check: Check, rungs: Sequence[Outcome], found: dict[str, Explained]
    ) -> None:
        """Add to *found* the first rung that fails, and what all that fail have in common."""
        failing: list[tuple[int, Outcome]] = []
        for i, outcome in enumerate(rungs):
            answered = self.key.ladders[check.run]
            inputs, answers = answered.run.examples[i], answers_to(answered, i)
            verdict = self._verdict(check, inputs, outcome, answers)
            if verdict.passed:
                continue
            failing.append((i, outcome))
            if len(failing) == 1:
                script = self._scripts.of(check, answered, i, "ladder")
                facts = shown(answered, i, outcome, verdict, script)
                found[check.id] = verdict, {"example": "ladder", **facts}
        if failing:
            verdict, facts = found[check.id]
            _relate(facts, verdict, self.key.ladders[check.run], failing)

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


def _relate(
    facts: CheckEvidence,
    verdict: Verdict,
    answered: AnsweredRun,
    failing: Sequence[tuple[int, Outcome]],
) -> None:
    """Add how what is shown is related to what is right, if all that fail are related so."""
    if "exception" not in facts:
        found = related(answered, failing, verdict.output)
        if found is not None:
            facts["structure"] = found
