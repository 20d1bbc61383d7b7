"""Results as a gradebook holds them, made by hand: what tests of people's decisions share."""

from __future__ import annotations

from typing import Any


def check(id: str, score: float, points: float, **facts: Any) -> dict[str, Any]:
    """A check of question ``q``; it failed unless it has all its points."""
    status = "passed" if score >= points else "failed"
    known = {"id": id, "title": id, "visibility": "hidden", "status": status, "score": score,
             "max_score": points, "stage": None if status == "passed" else "value",
             "message": "" if status == "passed" else "Look here.", "evidence": {},
             "diagnosis": None}  # fmt: skip
    return {**known, **facts}


def result(name: str, *checks: dict[str, Any], code: str = "") -> dict[str, Any]:
    """The result of a submission with one question, ``q``, of these checks."""
    score, points = (sum(c[of] for c in checks) for of in ("score", "max_score"))
    question = {"id": "q", "notebook": "N", "title": "Q", "score": score, "max_score": points,
                "status": "passed" if score >= points else "partial", "given": [], "notes": [],
                "checks": list(checks), "evidence": {}}  # fmt: skip
    return {"schema": "grader/result/v1", "assignment": "a", "submission": name,
            "status": "graded", "score": score, "max_score": points, "pending": 0.0,
            "notebooks": {"N": {"score": score, "max_score": points}}, "isolation": "process",
            "grader": "0.2.0", "key": "sha256:" + "0" * 64, "content": "sha256:" + "1" * 64,
            "source": name, "started": "2026-10-05T12:00:00+00:00", "seconds": {}, "notes": [],
            "questions": [question], "replay": code or f"code{name}"}  # fmt: skip
