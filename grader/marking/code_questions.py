"""Marks code questions: in a fresh process, and again with failed parts answered for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from grader.key import Key
from grader.marking import results
from grader.marking.behind import Failed, OtherWays, lost, names_of, nearly_right
from grader.marking.examiner import HandIn
from grader.marking.explaining.dependence import Dependence
from grader.marking.explaining.drawing import Draws
from grader.marking.explaining.explainer import Explainer
from grader.marking.explaining.failure import MarkedWay
from grader.marking.explaining.relations import Relations
from grader.marking.explaining.repair import Repair
from grader.marking.explaining.searching import RepairBudget
from grader.marking.explaining.source import Sources
from grader.marking.explaining.terms import ByTerms
from grader.marking.isolation import Isolation, PublicSession, prefill_answers, withheld_inputs
from grader.marking.judging import Judging
from grader.marking.mending import Mending
from grader.model.assignment import Assignment, Question
from grader.model.verdicts import QuestionResult
from grader.sandbox import Fault, Package, Sandbox, Session, WallBudget
from grader.wording import messages


@dataclass(frozen=True)
class Sessions:
    """What one submission can be asked through: with all inputs, with public ones, and so on.

    ``leaning`` holds, by question, the failed questions of other layers that its function calls.
    """

    session: Session
    public: PublicSession
    isolation: Isolation | None
    ways: OtherWays
    leaning: dict[str, Failed] = field(default_factory=dict)


class CodeExaminer:
    """An :class:`~grader.marking.examiner.Examiner` of code questions.

    With the course's own package, *reference*, a question that builds on a failed one is marked as
    if that one were right. *questions* are those of the run. *draws* has further public examples.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        sandbox: Sandbox,
        questions: Sequence[Question],
        reference: Package | None = None,
        draws: Draws | None = None,
    ) -> None:
        self._assignment, self._key, self._sandbox = assignment, key, sandbox
        self._questions, self._reference = questions, reference
        self._judging = Judging(key, draws)
        self._repair = Repair(self._judging, RepairBudget.of(assignment.explaining.cpu_seconds))
        dependence = Dependence(lambda: key.dependence)
        self._explainer = Explainer((ByTerms(key), dependence, self._repair, Relations()))
        self._sealed_answers: Mapping[str, bytes] | None = None
        self._withheld = withheld_inputs(key)

    @property
    def overheard(self) -> dict[str, str]:
        """What the last submission's exceptions said on hidden examples, by check.

        No result has it: it is for the instructor's terminal.
        """
        return self._judging.overheard

    @property
    def faults(self) -> list[str]:
        """Tracebacks of the grader's own errors on the last submission; each cost one check."""
        return [*self._judging.faults, *self._explainer.faults]

    def prepare(self) -> None:
        """Encode all questions; to be done while the sandbox starts."""
        for question in self._questions:
            self._judging.prepare(question.id)

    def preload(self) -> None:
        """Load the questions' inputs into the fork server, ahead of a class.

        Raises :class:`~grader.sandbox.Fault` where the sandbox can't be reached.
        """
        course = Package(self._assignment.package, {}, self._key.given, self._assignment.given)
        batches = [self._judging.prepare(question.id) for question in self._questions]
        self._sandbox.preload(batches, course)

    def sealed_answers(self) -> Mapping[str, bytes]:
        """Return the reference's sealed answers to its own calls, by function.

        They are made on first use, once in a class, at less than one submission's cost.
        """
        if self._sealed_answers is None:
            self._sealed_answers = self._prefilled()
        return self._sealed_answers

    def examine(
        self, questions: Sequence[Question], hand_in: HandIn, done: dict[str, QuestionResult]
    ) -> float:
        """Store each question's result in *done*; return the CPU seconds used."""
        self._judging.begin()
        self._explainer.faults.clear()
        self._repair.begin()
        budget = WallBudget(self._assignment.limits)
        try:
            with (
                self._isolation(hand_in.package, budget) as isolation,
                self._sandbox.start(hand_in.package, budget=budget) as session,
                PublicSession(self._sandbox, hand_in.package, budget) as public,
                PublicSession(self._sandbox, hand_in.package, budget) as searching,
            ):
                mending = Mending(self._key, self._judging, session, searching.session)
                ways = OtherWays(self._key, self._judging, session, public, mending)
                asked = Sessions(session, public, isolation, ways)
                for question in questions:
                    try:
                        done[question.id] = self._mark(question, asked, done)
                    except Fault as fault:
                        done[question.id] = results.not_graded(question, str(fault))
        except Fault as fault:
            for question in questions:
                done.setdefault(question.id, results.not_graded(question, str(fault)))
            return 0.0
        used = session.usage.cpu_seconds + public.cpu_seconds + searching.cpu_seconds
        return used + (isolation.cpu_seconds if isolation else 0.0)

    def _mark(
        self, question: Question, asked: Sessions, done: Mapping[str, QuestionResult]
    ) -> QuestionResult:
        """Mark one question; where that isn't all right, in the other ways that are fair to it.

        Of each check the best mark counts. At equal points that of another way does: fewer faults
        show in it.
        """
        tried: list[MarkedWay] = []
        for marked in self._results(question, asked, done):
            tried.append(marked)
            if marked.result.status == "passed":
                return marked.result
            if results.best(question, tried).result.status == "passed":
                break
        best = results.best(question, tried)
        self._explainer.explain(best)
        return best.result

    def _results(
        self, question: Question, asked: Sessions, done: Mapping[str, QuestionResult]
    ) -> Iterator[MarkedWay]:
        """Yield the results of *question* in one way after another, the student's own way first.

        Where it builds on what failed, its own way may come last, or not at all: it can't be all
        right then, and may take all the time that there is.
        """
        failed = self._failed(question, done)
        if not self._apart(question):
            yield from self._behind(question, asked, failed, done)
        elif not failed or asked.isolation is None:
            own = self._own(question, asked, failed)
            yield own
            failed = self._failed(question, done, asked.session)
            if failed and asked.isolation is None:
                own.result.notes.append(messages.NO_REFERENCE.format(functions=names_of(failed)))
            elif failed and asked.isolation is not None:
                yield self._isolated(question, asked.isolation, failed)
        else:
            isolated = self._isolated(question, asked.isolation, failed)
            if isolated.result.status != "passed":
                yield self._own(question, asked, failed)
            yield isolated
            if any(check.stage == "raised" for check in isolated.result.checks):
                # One layer's functions may be written with another's, whose cache they read.
                yield from asked.ways.together(question, failed)
        yield from self._leaning(question, asked, done)

    def _behind(
        self,
        question: Question,
        asked: Sessions,
        failed: Failed,
        done: Mapping[str, QuestionResult],
    ) -> Iterator[MarkedWay]:
        """Yield the results of a backward pass: on its own forward pass, then on right ones."""
        spent = any(lost(done[other]) for other in failed if other in done)
        if spent and asked.ways.has_usual_cache(question):
            yield from asked.ways.results(question, failed)
            return
        forwards = [done[other] for other in failed if other in done]
        nearly = bool(forwards) and all(map(nearly_right, forwards))
        own = self._own(question, asked, failed, nearly)
        yield own
        failed = failed or self._failed(question, done, asked.session)
        if not failed:
            # What a right forward pass keeps for it wrongly is this question's own fault.
            return
        others = False
        for result in asked.ways.results(question, failed):
            others = True
            yield result
        if not others:
            own.result.notes.insert(0, messages.FORWARD_FIRST.format(functions=names_of(failed)))

    def _leaning(
        self, question: Question, asked: Sessions, done: Mapping[str, QuestionResult]
    ) -> Iterator[MarkedWay]:
        """Yield the results of a function with what it calls of other questions, which failed."""
        if question.id not in self._key.parts:
            return
        known = [asked.leaning.get(other, {}) for other in question.builds_on]
        failed = dict(self._called(question, asked.session, done))
        failed |= {other: names for found in known for other, names in found.items()}
        asked.leaning[question.id] = failed
        if failed:
            yield from asked.ways.results(question, failed)
            if asked.isolation is not None:
                yield self._isolated(question, asked.isolation, failed)

    def _called(
        self, question: Question, session: Session, done: Mapping[str, QuestionResult]
    ) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the failed questions of other layers whose functions this one's text names."""
        own = set(self._key.parts[question.id])
        others = [
            other
            for other in self._questions
            if other.id in done and done[other.id].status != "passed"
            if other.id in self._key.parts and not own & set(self._key.parts[other.id])
        ]
        if not others:
            return
        check = next(iter(self._key.by_question[question.id]))
        found = Sources(session).beside(check, self._key.sheets[check.run], {})
        words = set(re.findall(r"\w+", " ".join(found["lines"]))) if found else set()
        for other in others:
            if words.intersection(other.functions):
                yield other.id, other.functions

    def _apart(self, question: Question) -> bool:
        """Say whether *question* is replaced apart from all that it builds on.

        A backward pass and its forward pass are replaced together: one can't stand in alone.
        """
        own = set(self._key.parts.get(question.id, ()))
        return not any(own & set(self._key.parts.get(other, ())) for other in question.builds_on)

    def _own(
        self, question: Question, asked: Sessions, failed: Failed, nearly_forward: bool = False
    ) -> MarkedWay:
        return self._judging.mark(
            question,
            asked.session,
            failed=failed,
            own_share=self._assignment.own_forward_share,
            nearly_forward=nearly_forward,
            explaining=asked.public.session,
            editable=not failed,
        )

    def _isolated(self, question: Question, isolation: Isolation, failed: Failed) -> MarkedWay:
        marked = self._judging.mark(
            question,
            isolation.session(failed),
            explaining=lambda: isolation.session(failed, public=True),
            editable=False,
        )
        marked.result.given = [name for names in failed.values() for name in names]
        return marked

    def _failed(
        self,
        question: Question,
        done: Mapping[str, QuestionResult],
        session: Session | None = None,
    ) -> dict[str, Sequence[str]]:
        """Return the questions that *question* builds on and that failed, with their functions.

        Those that weren't asked are looked at if there is a *session* to ask.
        """
        found: dict[str, Sequence[str]] = {}
        for other in self._assignment.builds_on(question):
            if other.id in done:
                failed = done[other.id].status != "passed"
            else:
                failed = session is not None and bool(self._judging.look(other.id, session).failed)
            if failed and other.id in self._key.parts:
                found[other.id] = other.functions
        return found

    def _isolation(
        self, package: Package, budget: WallBudget
    ) -> AbstractContextManager[Isolation | None]:
        if self._reference is None:
            return nullcontext()
        return Isolation(
            self._sandbox,
            package,
            self._reference,
            self._key.parts,
            sealed_answers=self.sealed_answers,
            budget=budget,
            withheld=self._withheld,
        )

    def _prefilled(self) -> Mapping[str, bytes]:
        code = [question for question in self._questions if self._apart(question)]
        building = [question for question in code if question.builds_on]
        others = {other for question in building for other in question.builds_on}
        parts = [part for other in sorted(others) for part in self._key.parts.get(other, ())]
        if self._reference is None or not parts:
            return {}
        batches = [self._judging.prepare(question.id) for question in building]
        return prefill_answers(self._sandbox, self._reference, parts, batches)
