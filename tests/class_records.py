"""Results of classes, as ``result.json`` holds them, made from tables of marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def check(
    id: str, score: float, maximum: float = 2.0, *, stage: str | None = None, **more: Any
) -> dict[str, Any]:
    """Return a check: passed if it has all its points and no stage."""
    passed = score >= maximum and stage is None
    return {
        "id": id,
        "title": f"Check {id}",
        "visibility": "hidden",
        "status": "passed" if passed else "failed",
        "score": score,
        "max_score": maximum,
        "stage": None if passed else stage or "value",
        "message": "" if passed else f"Look at {id}.",
        "evidence": {},
        "diagnosis": None,
        **more,
    }


def question(id: str, *checks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a question of *checks*, its marks theirs."""
    score = sum(one["score"] for one in checks)
    maximum = sum(one["max_score"] for one in checks)
    stages = {one["stage"] for one in checks}
    status = "passed" if score >= maximum else "partial" if score else "failed"
    return {
        "id": id,
        "notebook": "N",
        "title": f"Question {id}",
        "score": score,
        "max_score": maximum,
        "status": "not_implemented" if stages == {"not_implemented"} else status,
        "given": [],
        "notes": [],
        "checks": list(checks),
        "evidence": {},
        **more,
    }


def result(name: str, *questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a result of *questions*; what waits for a person is in no sum."""
    judged = [q for q in questions if q["status"] not in ("needs_marking", "not_graded")]
    points = {
        "score": sum(q["score"] for q in judged),
        "max_score": sum(q["max_score"] for q in judged),
    }
    waiting = [q["max_score"] for q in questions if q["status"] == "needs_marking"]
    return {
        "schema": "grader/result/v1",
        "assignment": "a",
        "submission": name,
        "status": "graded",
        **points,
        "pending": float(sum(waiting)),
        "notebooks": {"N": points},
        "isolation": "process",
        "grader": "0",
        "key": "",
        "content": "",
        "source": name,
        "started": "2026-10-01T10:00:00+00:00",
        "seconds": {},
        "notes": [],
        "questions": list(questions),
        **more,
    }


def class_of(
    marks: Sequence[Sequence[float]], maxima: Sequence[float], names: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return a class: a row of *marks* for each student, one check in each of its questions."""
    return [
        result(
            names[i] if names else f"s{i:03}",
            *(
                question(f"q{j}", check(f"q{j}.c", mark, maximum))
                for j, (mark, maximum) in enumerate(zip(row, maxima, strict=True))
            ),
        )
        for i, row in enumerate(marks)
    ]


def waiting(id: str, maximum: float = 3.0) -> dict[str, Any]:
    """Return a written question that waits for a person."""
    return question(id, status="needs_marking", max_score=maximum)


def mistaken(id: str, maximum: float, misconception: str) -> dict[str, Any]:
    """Return a question whose one check shows a known mistake."""
    return question(id, check(f"{id}.c", 0.0, maximum, diagnosis=misconception))


Builds = Mapping[str, Sequence[str]]
