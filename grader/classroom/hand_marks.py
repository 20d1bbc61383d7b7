"""Marks that a person gives: a table of answers to fill in, and results with the marks in them.

``written.csv`` has a row for each answer that waits for a person, those that are alike next to
each other. A mark belongs to the text that it was given for: an answer that has changed since
waits again, and the earlier mark stays in the gradebook.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.classroom.gradebook import Gradebook, GradebookError, Mark
from grader.classroom.similar import groups
from grader.classroom.spreadsheets import guarded, table, unguarded
from grader.files import write
from grader.model.evidence import QuestionEvidence
from grader.model.records import QuestionRecord, SubmissionRecord

CSV = "written.csv"
COLUMNS = (
    "question",
    "group",
    "submission",
    "points",
    "score",
    "comment",
    "answer",
    "rubric",
    "answer_id",
)
#: In place of a score: takes back the mark that was given.
WITHDRAW = "-"

Marks = Mapping[tuple[str, str, str], Mark]


def fingerprint(text: str) -> str:
    """Return a digest of an answer's text that ignores spaces and capitals."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:12]


def import_table(folder: Path, gradebook: Gradebook) -> int:
    """Store the marks in *folder*'s ``written.csv``; return how many rows hold one.

    Raises :class:`GradebookError` for a score that is no number of the right size, naming its
    line; nothing is stored then.
    """
    path = folder / CSV
    if not path.is_file():
        return 0
    marks, withdrawn = [], []
    for number, row in _rows(path):
        score = (row.get("score") or "").strip()
        where = unguarded(row["submission"]), row["question"], row["answer_id"]
        if score == WITHDRAW:
            withdrawn.append(where)
        elif score:
            points = _score(score, row, f"{path}, line {number}")
            marks.append(Mark(*where, points, unguarded((row.get("comment") or "").strip())))
    for mark in marks:
        gradebook.mark(mark)
    for where in withdrawn:
        gradebook.unmark(*where)
    return len(marks)


def marks(gradebook: Gradebook) -> dict[tuple[str, str, str], Mark]:
    """Return the marks by submission, question and answer."""
    return {(m.submission, m.question, m.answer): m for m in gradebook.marks()}


def applied(result: SubmissionRecord, marks: Marks) -> SubmissionRecord:
    """Return *result* with the marks that were given for its answers; the stored one stays."""
    given = {
        question["id"]: mark
        for question in result["questions"]
        if question["status"] == "needs_marking"
        and (
            mark := marks.get((result["submission"], question["id"], _answer_id(result, question)))
        )
    }
    if not given:
        return result.copy()  # as most are, and to copy one takes as long as to compare it
    made = copy.deepcopy(result)
    for question in made["questions"]:
        if question["id"] not in given:
            continue
        mark = given[question["id"]]
        points = question["max_score"]
        question["score"] = min(mark.score, points)
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


def write_table(
    folder: Path,
    gradebook: Gradebook,
    submissions: Iterable[str],
    rubrics: Mapping[str, Sequence[str]],
) -> int:
    """Write ``written.csv`` in *folder*; return how many of its answers wait for a mark.

    Rows of other submissions stay, and so do columns that someone added. Without any answer
    nothing is written. Raises :class:`grader.files.WriteError` or :class:`GradebookError`.
    """
    given = marks(gradebook)
    path = folder / CSV
    before = {_where(row): row for _, row in _rows(path)} if path.is_file() else {}
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for question, answers in _answers(gradebook.results(submissions)).items():
        texts = [_text(entry) for _, entry in answers]
        for number, members in enumerate(groups(texts), start=1):
            for i in members:
                result, entry = answers[i]
                where = (result["submission"], question, _answer_id(result, entry))
                kept = before.pop(where, {})
                rows[where] = kept | _row(where, entry, number, given, rubrics)
    rows |= before
    if not rows:
        return 0
    names = dict.fromkeys((*COLUMNS, *(name for row in rows.values() for name in row)))
    text = table([names, *([row.get(name, "") for name in names] for row in rows.values())])
    # Spreadsheets take a file for UTF-8 by this mark only.
    write(path, b"\xef\xbb\xbf" + text.encode("utf-8"))
    return sum(not row["score"] for row in rows.values())


def _answers(
    results: Iterable[SubmissionRecord],
) -> dict[str, list[tuple[SubmissionRecord, QuestionRecord]]]:
    found: dict[str, list[tuple[SubmissionRecord, QuestionRecord]]] = {}
    for result in results:
        for question in result["questions"]:
            if question["status"] == "needs_marking":
                found.setdefault(question["id"], []).append((result, question))
    return found


def _row(
    where: tuple[str, str, str],
    question: QuestionRecord,
    group: int,
    marks: Marks,
    rubrics: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    submission, id, answer = where
    mark = marks.get(where)
    return {
        "question": id,
        "group": str(group),
        "submission": guarded(submission),
        "points": f"{question['max_score']:g}",
        "score": f"{mark.score:g}" if mark else "",
        "comment": guarded(mark.comment) if mark else "",
        "answer": guarded(_text(question)),
        "rubric": " | ".join(rubrics.get(id, ())),
        "answer_id": answer,
    }


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a table with the lines where they end; of one with semicolons, too."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GradebookError(
            f"{path} can't be read ({error}): save it as CSV in UTF-8, or move it away"
        ) from None
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    missing = {"question", "submission", "score", "answer_id"} - set(reader.fieldnames or ())
    if missing:
        raise GradebookError(
            f"{path} has no column {', '.join(sorted(missing))}: put it back, or move the file "
            "away, and a new one is written with the marks that are stored"
        )
    return [
        (reader.line_num, {name: value or "" for name, value in row.items() if name})
        for row in reader
    ]


def _score(text: str, row: Mapping[str, str], where: str) -> float:
    points = float(row.get("points") or "inf")
    try:
        score = float(text.replace(",", "."))
    except ValueError:
        score = -1.0
    if not 0 <= score <= points:
        raise GradebookError(
            f"{where}: the score of {row['question']} is {text!r}; write a number from 0 to "
            f"{points:g}, nothing, or {WITHDRAW} to take a mark back"
        )
    return score


def _where(row: Mapping[str, str]) -> tuple[str, str, str]:
    return unguarded(row["submission"]), row["question"], row["answer_id"]


def _text(question: QuestionRecord) -> str:
    """Return the text that a person judges: the answer, or else the grader's notes."""
    answer = question["evidence"].get("answer")
    return str(answer) if answer else "\n".join(question["notes"])


def _answer_id(result: SubmissionRecord, question: QuestionRecord) -> str:
    """Return the id that a mark is stored under: the answer's, or else the whole hand-in's."""
    answer = (question.get("evidence") or QuestionEvidence()).get("answer")
    return fingerprint(str(answer)) if answer else str(result["content"])[7:19]
