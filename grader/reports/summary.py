"""A result as aligned plain text for a terminal."""

from __future__ import annotations

import textwrap

from grader.model.records import SubmissionRecord
from grader.reports.environment import clean
from grader.reports.findings import first, points
from grader.wording.labels import STATUSES, count

WIDTH = 88


def summary(result: SubmissionRecord) -> str:
    """Return *result* in lines of at most :data:`WIDTH` characters where words allow it.

    One line a question, and under it the message of the failure to look at first. No colours.
    """
    lines = [f"{_line(result['submission'])}: {_score(result)}"]
    lines += [line for note in result["notes"] for line in _wrapped(note, 2)]
    questions = result["questions"]
    if questions:
        lines.append("")
    labels = [STATUSES.get(q["status"], q["status"]).lower() for q in questions]
    titles = [_line(q["title"]) for q in questions]
    scores = [points(q) for q in questions]
    for question, label, title, score in zip(questions, labels, titles, scores, strict=True):
        line = f"  {label:<{_width(labels)}}  {title:<{_width(titles)}}  {score:>{_width(scores)}}"
        lines.append(line)
        failed = first(question.get("checks") or [])
        notes = [failed["message"]] if failed and question["status"] != "not_implemented" else []
        if question.get("given"):
            notes.append(f"Judged with a correct {', '.join(question['given'])} in its place.")
        for note in [*notes, *question.get("notes", [])]:
            lines += _wrapped(note, _width(labels) + 4)
    return "\n".join(lines) + "\n"


def _score(result: SubmissionRecord) -> str:
    if result["status"] == "unreadable":
        return "unreadable"
    text = f"{result['score']:g} of {count(result['max_score'], 'point')}"
    if result["pending"]:
        text += f", {result['pending']:g} more to be marked"
    if result["status"] == "not_graded":
        text += "; some questions could not be graded"
    return text


def _wrapped(text: str, indent: int) -> list[str]:
    space = " " * indent
    return textwrap.wrap(
        _line(text),
        WIDTH,
        initial_indent=space,
        subsequent_indent=space,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _line(text: str) -> str:
    return clean(text).replace("\n", " ").replace("\t", " ")


def _width(texts: list[str]) -> int:
    return max(map(len, texts))
