"""A class whose results are made by hand: code that is wrong in two ways, and objections to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.classroom.appeals import record
from grader.classroom.replays import ReplayRow
from grader.classroom.steps import Steps

#: The one question that they were asked, of the real assignment.
QUESTION = "affine-forward"
_LINES = [
    "def affine_forward(x, w, b):",
    "    out = x @ w  # <b>bold</b>",
    "    return out, (x, w, b)",
]


def _check(score: float, got: float) -> dict[str, Any]:
    source = {"file": "layers.py", "name": "affine_forward", "first": 9, "lines": _LINES}
    evidence = {"call": "affine_forward", "output": "out", "got": [got], "expected": [2.0],
                "example": "ladder", "source": source}  # fmt: skip
    passed = score == 4
    return {"id": f"{QUESTION}.values", "title": "Output", "visibility": "hidden",
            "status": "passed" if passed else "failed", "score": score, "max_score": 4.0,
            "stage": None if passed else "value", "message": "" if passed else "Look at out.",
            "evidence": {} if passed else evidence, "diagnosis": None}  # fmt: skip


def _result(name: str, score: float, got: float) -> Any:
    question = {"id": QUESTION, "notebook": "FullyConnectedNets", "title": "Affine layer: forward",
                "score": score, "max_score": 4.0, "status": "passed" if score == 4 else "failed",
                "given": [], "notes": [], "checks": [_check(score, got)],
                "evidence": {}}  # fmt: skip
    return {"schema": "grader/result/v1", "assignment": "fully-connected-nets",
            "submission": name, "status": "graded", "score": score, "max_score": 4.0,
            "pending": 0.0, "notebooks": {"FullyConnectedNets": {"score": score, "max_score": 4.0}},
            "isolation": "none", "grader": "0", "key": "sha256:" + "0" * 64,
            "content": "sha256:" + "1" * 64, "source": name,
            "started": "2026-01-01T00:00:00+00:00", "seconds": {}, "notes": [],
            "questions": [question], "replay": f"code{name}"}  # fmt: skip


def make(folder: Path) -> None:
    """Make a class of five: three are wrong in one way, one in another; one of them objects."""
    with Steps(folder) as gradebook:
        for name, score, got in (
            ("ada", 4.0, 2.0),
            *((name, 0.0, 1.0) for name in ("bo", "cy", "di")),
            ("eve", 0.0, 7.0),
        ):
            gradebook.save(_result(name, score, got), ["code"])
            row = ReplayRow(f"code{name}", name, name, "none", "none", "{}", "{}", "{}")
            gradebook.replayable(row)
        record(gradebook, "codeeve", "The <i>lecture</i> has it so.", QUESTION, by="kim")
