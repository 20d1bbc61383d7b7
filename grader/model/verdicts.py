"""Verdicts and results: what was found, as facts. The words for them are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The stages of a check, in the order in which they are tried.
STAGES = (
    "missing",
    "not_implemented",
    "refused",
    "raised",
    "timed_out",
    "out_of_memory",
    "died",
    "returned_none",
    "type",
    "shape",
    "dtype",
    "not_finite",
    "value",
    "gradient",
)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right; if not, the first stage that failed and the evidence.

    ``evidence`` holds plain JSON values only.
    """

    stage: str | None = None
    output: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return self.stage is None


PASSED = Verdict()


@dataclass
class CheckResult:
    """One check of one submission. ``status`` is ``passed``, ``failed`` or ``error``."""

    id: str
    title: str
    visibility: str
    status: str
    score: float
    max_score: float
    stage: str | None = None
    message: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    diagnosis: str | None = None


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
    status: str
    given: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass
class SubmissionResult:
    """One submission, as ``result.json`` holds it (schema ``grader/result/v1``).

    ``status`` is ``graded``, ``unreadable`` or ``not_graded``. ``engine`` is what ran the
    notebooks: ``cells`` or ``kernel``.
    """

    assignment: str
    submission: str
    status: str
    score: float
    max_score: float
    pending: float
    notebooks: dict[str, dict[str, float]]
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
    engine: str = "cells"

    def to_json(self) -> dict[str, Any]:
        """Return this as plain data, evidence as it is: nothing of it is copied."""
        questions = [
            {**vars(question), "checks": [dict(vars(check)) for check in question.checks]}
            for question in self.questions
        ]
        return {**vars(self), "questions": questions}
