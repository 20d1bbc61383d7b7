"""Runs a whole notebook in one kernel, from its top, and measures each question's model on the way.

The kernel is measured like any child process: it gets images and returns scores, and the labels
stay here. If it ends before a question is reached, that question's cells can still run alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType

from grader.marking.training.attempt import Attempt, completed, judged
from grader.marking.training.datasets import DataSet
from grader.marking.training.measure import Measure
from grader.marking.training.runs import facts_run, scores_run
from grader.model.assignment import Limits, Models, Question, Scale
from grader.model.programs import Failure, Outcome, Program, Run
from grader.model.steps import FindModel, Reach
from grader.sandbox import Batch, Fault, Package, ProcessGone, Sandbox, Session, WallBudget

#: CPU seconds, beyond those for training, after which a process that doesn't stop is killed.
GRACE = 5.0
#: Stages of a failure after which the process can't be asked anything more.
_LOST = ("timed_out", "died")


class KernelRun:
    """The run of one notebook, the package's ``kernel_cells``, through a kernel.

    The kernel starts at the first question that is asked for, and ends with the ``with`` block.
    *budget* is the wall time that it shares with the submission's other processes.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        package: Package,
        limits: Limits,
        models: Models,
        budget: WallBudget | None = None,
    ) -> None:
        self._models, self._budget = models, budget
        self._sandbox, self._package, self._limits = sandbox, package, limits
        self._left = [
            entry.name for entry in package.kernel_cells if entry.kind == "reach" and entry.name
        ]
        self._kernel = ExitStack()
        self._session: Session | None = None
        self.cpu_seconds = 0.0
        self._shown = False

    def __enter__(self) -> KernelRun:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def attempt(
        self,
        question: Question,
        scale: Scale,
        data: DataSet,
        measures: Sequence[Measure],
        *,
        blind: bool = False,
    ) -> Attempt | None:
        """Run on to the end of the answer to *question*; return what was measured.

        *blind*: something that it builds on has failed. ``None`` where the kernel ended before
        that, or has run past it already.

        Raises :class:`~grader.sandbox.Fault` where the notebook's data can't be made, and
        :class:`~grader.sandbox.IsolationUnavailable` where no kernel can be confined.
        """
        if question.training is None or question.id not in self._left:
            return None
        self._left = self._left[1 + self._left.index(question.id) :]
        names = question.training.names
        try:
            session = self._session or self._started(data)
            until = _reached(question, scale, data, self._models)
            ran = self._asked(session, until, 2 * scale.cpu_seconds + GRACE)
            find = FindModel("model", list(names), self._models.method)
            facts = self._asked(session, facts_run(question.training, self._models, data))
            printed = session.printed
            # Hidden images came with an earlier answer's scores: nothing is said any more.
            silent, self._shown = self._shown, True
            if silent:
                ran, printed = _silent(ran), b""
            scores = self._asked(session, scores_run(find, measures, {}, self._models))
        except ProcessGone:
            self._end()
            return None
        found = judged(scores, measures, self._models, facts, blind=blind)
        found = completed(found, ran, facts, printed, question.training, data)
        return replace(found, silent=silent)

    def _started(self, data: DataSet) -> Session:
        session = self._kernel.enter_context(
            self._sandbox.kernel(self._package, self._limits, self._budget)
        )
        self._session = session
        there = self._asked(session, data.run())
        if there.failed:
            raise Fault(f"The notebook's data could not be made: {there.failed.text}")
        return session

    def _asked(self, session: Session, run: Run, seconds: float | None = None) -> Outcome:
        outcome = session.ask(Batch([run]), seconds)[0].outcomes[0]
        if outcome.failed and outcome.failed.stage in _LOST:
            raise ProcessGone
        return outcome

    def _end(self) -> None:
        """End the kernel; nothing can be asked of it any more."""
        self._left = []
        self._kernel.close()
        if self._session is not None:
            self.cpu_seconds = self._session.usage.cpu_seconds


def _silent(ran: Outcome) -> Outcome:
    """Return how cells ended without what an exception said, and where."""
    if ran.failed is None:
        return ran
    return Outcome(ran.gave, Failure(ran.failed.stage, type=ran.failed.type))


def _reached(question: Question, scale: Scale, data: DataSet, models: Models) -> Run:
    """Return the run of the cells up to the end of an answer; its output says if that was cut."""
    assert question.training is not None
    reach = Reach(
        "cut",
        question.id,
        scale.cpu_seconds,
        data.variable,
        question.training.first,
        list(data.names),
        models.seeds[0],
        models.method,
        list(question.training.calls),
    )
    return Run(question.id, Program((reach,), {"cut": {"@": "cut"}}), [{}])
