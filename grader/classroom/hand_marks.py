"""Marks that a person gives, and results with the marks in them.

A mark belongs to the text that it was given for: an answer that has changed since waits again, and
the earlier mark stays in the gradebook. :mod:`grader.classroom.marks_table` has the table that
people fill in.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping

from grader.classroom.gradebook import Gradebook, Mark
from grader.model.evidence import QuestionEvidence
from grader.model.records import QuestionRecord, SubmissionRecord

Marks = Mapping[tuple[str, str, str], Mark]


def fingerprint(text: str) -> str:
    """Return a digest of an answer's text that ignores spaces and capitals."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:12]


def marks(gradebook: Gradebook) -> dict[tuple[str, str, str], Mark]:
    """Return the marks by submission, question and answer."""
    return {(m.submission, m.question, m.answer): m for m in gradebook.marks()}


def applied(result: SubmissionRecord, marks: Marks) -> SubmissionRecord:
    """Return *result* with the marks that were given for its answers; the stored one stays."""
    given = {
        question["id"]: mark
        for question in result["questions"]
        if question["status"] == "needs_marking"
        and (mark := marks.get((result["submission"], question["id"], answer_id(result, question))))
    }
    if not given:
        return result.copy()  # as most are, and to copy one takes as long as to compare it
    made = copy.deepcopy(result)
    for question in made["questions"]:
        if question["id"] not in given:
            continue
        mark = given[question["id"]]
        points = question["max_score"]
        question["score"] = mark.score
        question["status"] = (
            "passed" if mark.score >= points else "partial" if mark.score > 0 else "failed"
        )
        question["evidence"]["marked_by"] = "hand"
        if mark.comment:
            question["notes"].append(mark.comment)
        made["pending"] = round(made["pending"] - points, 6)
        made["score"] = round(made["score"] + question["score"], 6)
        made["max_score"] = round(made["max_score"] + points, 6)
        total = made["notebooks"][question["notebook"]]
        total["score"] = round(total["score"] + question["score"], 6)
        total["max_score"] = round(total["max_score"] + points, 6)
    return made


def results(gradebook: Gradebook, submissions: Iterable[str]) -> Iterator[SubmissionRecord]:
    """Yield the stored results of *submissions* with the marks in them."""
    given = marks(gradebook)
    for result in gradebook.results(submissions):
        yield applied(result, given)


def answers(
    results: Iterable[SubmissionRecord],
) -> dict[str, list[tuple[SubmissionRecord, QuestionRecord]]]:
    """Return the answers that a person judges, marked or not, by question."""
    found: dict[str, list[tuple[SubmissionRecord, QuestionRecord]]] = {}
    for result in results:
        for question in result["questions"]:
            if question["status"] == "needs_marking":
                found.setdefault(question["id"], []).append((result, question))
    return found


def text_of(question: QuestionRecord) -> str:
    """Return the text that a person judges: the answer, or else the grader's notes."""
    answer = question["evidence"].get("answer")
    return str(answer) if answer else "\n".join(question["notes"])


def answer_id(result: SubmissionRecord, question: QuestionRecord) -> str:
    """Return the id that a mark is stored under: the answer's, or else the whole hand-in's."""
    answer = (question.get("evidence") or QuestionEvidence()).get("answer")
    return fingerprint(str(answer)) if answer else str(result["content"])[7:19]
