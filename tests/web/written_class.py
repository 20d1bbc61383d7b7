"""A class of written answers, made from a seed straight into a gradebook.

Each answer is one of a question's typical ones, whole, partial or wrong, as students vary them: an
opening, other words for the same, a closing, a slip, capitals. One in five has sentences of several
in an order of its own.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.classroom.gradebook import Gradebook
from grader.model.manifest import parse

ASSIGNMENT = Path(__file__).resolve().parents[2] / "assignment"

#: Typical answers by question, right ones first.
TYPICAL: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "answers.toml").read_text("utf-8")
)

_OPENINGS = ("", "", "", "", "I think: ", "From the plots: ", "Answer: ", "In my opinion, ")
_CLOSINGS = ("", "", "", "", " That is what the plots show.", " (see the lecture)")
_WORDS = (
    ("because", "as"),
    ("since", "because"),
    ("does not", "doesn't"),
    ("nearly", "almost"),
    ("large", "big"),
    ("network", "net"),
    ("accuracy", "acc"),
    ("gradient", "gradiant"),
    ("therefore", "so"),
)


def make(folder: Path, students: int = 60, seed: int = 1) -> list[str]:
    """Store a class in a new gradebook in *folder*; return the ids of its questions."""
    text = (ASSIGNMENT / "assignment.toml").read_text("utf-8")
    assignment = parse(tomllib.loads(text))
    asked = [question for question in assignment.questions if question.id in TYPICAL]
    with Gradebook(folder) as gradebook:
        for number in range(students):
            draw = random.Random(f"{seed} {number}")
            answers = {question.id: answer(question.id, draw) for question in asked}
            gradebook.save(record(f"s{number:04d}", asked, answers), ["written"])
    return [question.id for question in asked]


def answer(question: str, draw: random.Random) -> str:
    """Return one student's answer to a question."""
    typical = TYPICAL[question]
    weights = [5, 4, 3, 2, 1][: len(typical)]
    text = draw.choices(typical, weights)[0]
    if draw.random() < 1 / 5:
        # Of their own: sentences of several answers, in an order of their own.
        sentences = [part.strip(". ") for one in typical for part in one.split(". ")]
        text = ". ".join(draw.sample(sentences, min(len(sentences), draw.randint(1, 3)))) + "."
    for old, new in draw.sample(_WORDS, 4):
        if draw.random() < 0.5:
            text = text.replace(old, new, 1)
    if draw.random() < 0.15:
        text = text.lower()
    return draw.choice(_OPENINGS) + text + draw.choice(_CLOSINGS)


def record(name: str, asked: Sequence[Any], answers: dict[str, str]) -> Any:
    """Return a result that has written questions only."""
    books = dict.fromkeys(question.notebook for question in asked)
    return {
        "schema": "grader/result/v1",
        "assignment": "fully-connected-nets",
        "submission": name,
        "status": "graded",
        "score": 0.0,
        "max_score": 0.0,
        "pending": float(sum(question.points for question in asked)),
        "notebooks": {book: {"score": 0.0, "max_score": 0.0} for book in books},
        "isolation": "none",
        "grader": "0",
        "key": "sha256:" + "0" * 64,
        "content": "sha256:" + name.encode().hex().rjust(64, "0"),
        "source": name,
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": {"wall": 0.0, "cpu": 0.0},
        "notes": [],
        "questions": [
            {
                "id": question.id,
                "notebook": question.notebook,
                "title": question.title,
                "score": 0.0,
                "max_score": float(question.points),
                "status": "needs_marking",
                "given": [],
                "notes": [],
                "checks": [],
                "evidence": {"answer": answers[question.id], "cell": 4, "found": "id"},
            }
            for question in asked
        ],
    }
