"""Verdicts and results: what was found, as facts. The words for them are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast, get_args

from grader.model.evidence import CheckEvidence, QuestionEvidence
from grader.model.literals import (
    CheckStatus,
    Engine,
    QuestionStatus,
    Stage,
    SubmissionStatus,
    Visibility,
)
from grader.model.records import CheckRecord, OutputRecord, Points, SubmissionRecord

#: The stages of a check, in the order in which they are tried.
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right; if not, the first stage that failed and the evidence.

    ``evidence`` holds plain JSON values only. ``right_numbers`` says of an answer in a wrong shape
    whether its numbers are right; ``None`` where that wasn't asked, or can't be: no other verdict
    has numbers to compare. ``nearly`` says in what way a wrong answer is nearly right: by
    :data:`CLOSE`, or the id of a variant that it equals (:class:`~grader.model.checks.Variant`).
    ``parts`` are the verdicts on the outputs of a check that failed, by name, where each is judged
    for itself; none: the check is judged as a whole. Verdicts are equal that say the same, whatever
    their parts.
    """

    stage: Stage | None = None
    output: str = ""
    evidence: CheckEvidence = field(default_factory=CheckEvidence)
    right_numbers: bool | None = None
    nearly: str = ""
    parts: Mapping[str, Verdict] = field(default_factory=dict, compare=False)

    @property
    def passed(self) -> bool:
        return self.stage is None

    @property
    def facts(self) -> CheckEvidence:
        """The evidence as a result holds it: a copy, with ``right_numbers`` where that is known."""
        facts = self.evidence.copy()
        if self.right_numbers is not None:
            facts["right_numbers"] = self.right_numbers
        return facts


PASSED = Verdict()
#: In what way an answer is nearly right that is off by no more than
#: :data:`grader.numeric.errors.NEARLY`.
CLOSE = "close"


@dataclass
class CheckResult:
    """One check of one submission. ``status`` is ``passed``, ``failed`` or ``error``.

    ``nearly``: it failed, and all that fails is nearly right. ``outputs`` are what it compares,
    each with its share of the points.
    """

    id: str
    title: str
    visibility: Visibility
    status: CheckStatus
    score: float
    max_score: float
    stage: Stage | None = None
    message: str = ""
    evidence: CheckEvidence = field(default_factory=CheckEvidence)
    diagnosis: str | None = None
    nearly: bool = False
    outputs: list[OutputRecord] = field(default_factory=list)

    def to_json(self) -> CheckRecord:
        """Return this as plain data; the evidence isn't copied."""
        # The fields are those of the record, which a test compares.
        return cast(CheckRecord, dict(vars(self)))


@dataclass
class QuestionResult:
    """One question of one submission.

    ``status`` is ``passed``, ``partial``, ``failed``, ``not_implemented``, ``needs_marking`` or
    ``not_graded`` (the grader's own fault). ``given`` names the functions that the reference
    answered for. ``evidence`` are plain JSON values: what was found in the notebook.
    """

    id: str
    notebook: str
    title: str
    score: float
    max_score: float
    status: QuestionStatus
    given: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)
    evidence: QuestionEvidence = field(default_factory=QuestionEvidence)


@dataclass
class SubmissionResult:
    """One submission, as ``result.json`` holds it (schema ``grader/result/v1``).

    ``status`` is ``graded``, ``unreadable`` or ``not_graded``. ``engine`` is what ran the
    notebooks: ``cells`` or ``kernel``. ``versions`` are those of what ran the code, by name.
    """

    assignment: str
    submission: str
    status: SubmissionStatus
    score: float
    max_score: float
    pending: float
    notebooks: dict[str, Points]
    isolation: str
    grader: str
    key: str
    content: str
    source: str
    started: str
    seconds: dict[str, float]
    notes: list[str]
    questions: list[QuestionResult]
    schema: str = "grader/result/v1"
    engine: Engine = "cells"
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> SubmissionRecord:
        """Return this as plain data, evidence as it is: nothing of it is copied."""
        questions = [
            {**vars(question), "checks": [check.to_json() for check in question.checks]}
            for question in self.questions
        ]
        # The fields of these classes are those of the records, which a test compares.
        return cast(SubmissionRecord, {**vars(self), "questions": questions})
