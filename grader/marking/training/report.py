"""The result of a training question: what was run, what came of it, and the words for it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from grader.marking.training.answer_cells import AnswerCells
from grader.marking.training.attempt import Attempt
from grader.marking.training.decision import Decision
from grader.marking.training.trials import TrialFinding
from grader.model.assignment import Models, Question, Scale
from grader.model.evidence import CheckEvidence, ExplanationFacts
from grader.model.literals import DataKind, Engine, QuestionStatus, Stage
from grader.model.programs import Failure
from grader.model.verdicts import CheckResult, QuestionResult
from grader.wording import trainings


class TrainingReport:
    """Collects the evidence on one training question and builds its result.

    *others* are the variables that other training questions ask for as well.
    """

    def __init__(self, question: Question, models: Models, others: Collection[str] = ()) -> None:
        assert question.training is not None
        self._own = set(question.training.names) - set(others)
        self._why, self._tried, self._trained_on = "", "", ""
        self._untrained = False
        self._question, self._training = question, question.training
        self._evidence: CheckEvidence = {"example": "hidden"}
        self._notes: list[str] = []
        self._accuracy: float | None = None
        self._facts: dict[str, object] = {"notebook": question.notebook, "names": ""}
        self._facts["names"] = " or ".join(self._training.names)
        self._facts["noun"], self._facts["form"] = models.noun, trainings.FORMS[models.answers]
        self._facts["method"] = (
            "the function" if models.method == "__call__" else f"the model's {models.method}(X)"
        )
        self._facts["asked"], self._facts["epochs"] = self._training.layers, self._training.epochs

    def note(self, text: str) -> None:
        self._notes.append(text)

    def add_shown(self, cells: AnswerCells) -> None:
        """Add the figure that the notebook's saved outputs show."""
        if cells.shown:
            self._evidence["shown"] = cells.shown

    def add_engine(self, engine: Engine) -> None:
        """Add where the cells ran: ``cells`` or ``kernel``."""
        self._evidence["engine"] = engine

    def add_figures(self, attempt: Attempt, kind: DataKind) -> None:
        """Add the figures of the attempt that counts, on the data set *kind*."""
        self._evidence["data"] = kind
        if attempt.accuracies:
            # One that is not what is asked stands beside no other's.
            if attempt.other:
                self._evidence["own_accuracy"] = attempt.accuracy
            else:
                self._evidence["accuracy"] = attempt.accuracy
            self._evidence["accuracies"] = dict(attempt.accuracies)
        if attempt.layers is not None:
            self._evidence["layers"] = self._facts["layers"] = attempt.layers
        if attempt.histories and not attempt.silent:
            self._evidence["histories"] = dict(attempt.histories)
        self._facts["accuracy"] = self._accuracy = attempt.accuracy
        first = self._training.first
        measure = "first" if first else "full" if kind == "full" else "hidden"
        self._facts["measure"] = trainings.MEASURES[measure].format(
            count=first, noun=self._facts["noun"]
        )

    def add_end(self, attempt: Attempt, enough: float) -> None:
        """Add that the training was ended where it had reached *enough* on validation images.

        Where that is all, it can't reach more, and there is nothing to add.
        """
        if not attempt.left.ended or enough >= 1:
            return
        self._evidence["ended_early"] = True
        self.note(trainings.ENDED_EARLY.format(enough=enough, noun=self._facts["noun"]))

    def add_left(self, attempt: Attempt, classes: int) -> None:
        """Add what the trainings tell that the attempt's cells made, of so many *classes*."""
        left, kept = attempt.left, attempt.left.kept
        if attempt.silent:
            return
        if left.strange:
            self._trained_on = trainings.TRAINED_ON.format(count=left.strange, **self._facts)
        self._untrained = kept is not None and not kept.steps
        why = left.why(attempt.histories.get("loss_history") or [], classes)
        if kept is not None and why:
            facts = {
                **self._facts,
                "step": kept.broke,
                "rate": trainings.RATE.format(rate=kept.rate) if kept.rate else "",
                "better": left.better.best if left.better else 0.0,
                "kept": kept.best,
                "chance": math.log(max(classes, 2)),
            }
            self._why = trainings.FALLS_SHORT[why].format(**facts)

    def add_finding(self, finding: TrialFinding) -> None:
        """Add what trials of the training have shown: it is said first, and instead of a guess."""
        text = trainings.TRIALS[finding.said].format(
            own=_percent(finding.own),
            reached=_percent(finding.reached),
            argument=finding.argument,
            functions=" and ".join(finding.functions),
            count=finding.count,
            noun=self._facts["noun"],
            measure=self._facts["measure"],
        )
        found: ExplanationFacts = {"mechanism": "trial", "text": text}
        if finding.argument:
            found["argument"] = finding.argument
        if finding.functions:
            found["replaced"] = list(finding.functions)
        self._evidence["explained_by"], self._evidence["explanations"] = "trial", [found]
        self._tried, self._why = text, ""

    def decided(
        self, decision: Decision, attempt: Attempt | None, scale: Scale, functions: str
    ) -> QuestionResult:
        """Return the result of a decision on *attempt*; *functions* are named as those to blame."""
        if decision.outcome == "waiting":
            return self.waiting(decision.said, scale, functions=functions)
        if decision.outcome == "failed":
            reach = scale.reach
            return self.failed(decision.said, decision.stage, reach=reach, functions=functions)
        if decision.outcome == "scaled":
            return self.scaled(scale)
        assert attempt is not None
        if decision.outcome == "no_model":
            return self.no_model(attempt, scale)
        if attempt.ended:
            facts = {"where": where(attempt.ended), "type": attempt.ended.type or "an exception"}
            self.note(trainings.RAISED_AFTER.format(**facts))
        if attempt.cut:
            self.note(trainings.SEARCH_CUT.format(seconds=scale.cpu_seconds))
        return self.passed(decision.said)

    def passed(self, said: str, **facts: object) -> QuestionResult:
        """Return the result that has all points."""
        return self._result("passed", 1.0, None, said, facts)

    def failed(self, said: str, stage: Stage | None, **facts: object) -> QuestionResult:
        """Return the result that has no points, and failed at *stage*."""
        written = stage != "not_implemented"
        return self._result("failed" if written else "not_implemented", 0.0, stage, said, facts)

    def scaled(self, scale: Scale) -> QuestionResult:
        """Return the result that has the share of the points that the accuracy earns."""
        share = scale.share(self._accuracy or 0.0)
        return self._result(
            "partial" if share else "failed", share, "value", "part", {"reach": scale.reach}
        )

    def waiting(self, said: str, scale: Scale | None = None, **facts: object) -> QuestionResult:
        """Return the result that waits for a person, with the notebook's figure at hand."""
        if scale is not None:
            facts |= {"reach": scale.reach, "seconds": scale.cpu_seconds}
        if "shown" in self._evidence:
            self.note(trainings.SHOWN.format(text=self._evidence["shown"]))
        stage: Stage = "timed_out" if said in ("cut", "timed_out") else "value"
        result = self._result("needs_marking", 0.0, stage, said, facts)
        # Notes are what a person reads who marks it.
        result.notes.insert(0, result.checks[0].message)
        return result

    def no_model(self, attempt: Attempt, scale: Scale) -> QuestionResult:
        """Return the result where there is no model, or none that gives scores."""
        if attempt.printed:
            self.note(trainings.PRINTED.format(text=attempt.printed))
        failure = attempt.failure or attempt.ended
        if failure is None:
            return self.failed("no_scores", "type", got=attempt.got)
        if found := self._not_made(attempt, failure, scale):
            return found
        if failure.stage == "timed_out" or (attempt.cut and failure.stage == "missing"):
            return self.waiting("timed_out", scale)
        if failure.type == "NameError":
            return self.waiting("order", text=failure.text)
        self._evidence["exception"] = {
            "type": failure.type,
            "text": failure.text,
            "file": failure.file,
            "line": failure.line,
        }
        said = {"missing": "no_model", "not_implemented": "raised"}.get(failure.stage)
        return self.failed(
            said or failure.stage,
            failure.stage,
            where=where(failure),
            type=failure.type or "an exception",
            text=failure.text,
            memory=scale.memory_mb,
        )

    def _not_made(self, attempt: Attempt, failure: Failure, scale: Scale) -> QuestionResult | None:
        """Return the result where the cells made no model: a variable is ``None``, or it is old.

        ``None`` where a cell ended early that may have been about to make one.
        """
        left = attempt.left
        complete = failure.stage == "missing" and not attempt.ended and not attempt.cut
        if left.none and (complete or not left.assigned):
            return self.failed("none", "missing", name=left.none)
        if left.earlier and (complete or not left.assigned):
            if left.earlier in self._own and left.earlier not in left.assigned:
                return self.waiting("elsewhere", scale, name=left.earlier)
            return self.failed("earlier", "missing", name=left.earlier)
        return None

    def _result(
        self,
        status: QuestionStatus,
        share: float,
        stage: Stage | None,
        said: str,
        facts: Mapping[str, object],
    ) -> QuestionResult:
        question, points = self._question, float(self._question.points)
        score = round(share * points, 2)
        message = trainings.TRAINING[said].format(**{**self._facts, **facts}).strip()
        if said in trainings.EXPLAINED or (said == "raised" and self._untrained):
            message = f"{self._why} {message}".strip()
        if said in trainings.TRIED:
            message = f"{self._tried} {message}".strip()
        check = CheckResult(
            id=f"{question.id}.accuracy",
            title=trainings.ACCURACY,
            visibility="hidden",
            status="failed" if stage else "passed",
            score=score,
            max_score=points,
            stage=stage,
            message=message,
            evidence=self._evidence,
        )
        return QuestionResult(
            id=question.id,
            notebook=question.notebook,
            title=question.title,
            score=score,
            max_score=points,
            status=status,
            notes=self._notes,
            checks=[check],
            evidence={"trained_on": [self._trained_on]} if self._trained_on else {},
        )


def _percent(accuracy: float) -> str:
    """Return an accuracy in whole percent, rounded down: what falls short doesn't seem to reach."""
    return f"{math.floor(100 * accuracy + 1e-9)}%"


def where(failure: Failure) -> str:
    """Return where a failure was raised, in words."""
    if failure.file and failure.line:
        return f"line {failure.line} of {failure.file}"
    return "this cell"
