"""Plain tables of what counts, and those of nbgrader and Otter."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from grader.classroom.scoring import OPEN
from grader.classroom.spreadsheets import guarded, table
from grader.classroom.telling import number
from grader.exports.outgoing import Files, Outgoing, Target, listed

_NBGRADER = [
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
]


def plain_csv(out: Outgoing) -> Files:
    """Return a row for each person: who it is, what counts, and of how much."""
    head = ["submission", "name", "id", "email", "section", "points", "max_points", "late"]
    rows = []
    for one in out.numbers():
        person = one.person
        late = "late" if number(one.result)["late"] else ""
        cells = (one.submission, person.name, person.id, person.ids.get("email", ""))
        points = "excused" if one.points is None else _shown(one.points)
        texts = [guarded(cell) for cell in (*cells, person.section)]
        rows.append([*texts, points, _shown(one.maximum), late])
    return {"grades.csv": b"\xef\xbb\xbf" + table([head, *rows]).encode("utf-8")}


def plain_json(out: Outgoing) -> Files:
    """Return a list with an object for each submission: its people, its number, its questions."""
    made = []
    for result in out.ready():
        people = [
            {"name": person.name, "ids": dict(person.ids), "section": person.section}
            for person in out.people(result["submission"])
        ]
        questions = [
            {key: question[key] for key in ("id", "status", "score", "max_score")}
            for question in result["questions"]
        ]
        made.append(
            {
                "submission": result["submission"],
                "status": result["status"],
                "people": people,
                **number(result),
                "questions": questions,
            }
        )
    return {"grades.json": json.dumps(made, ensure_ascii=False, indent=1).encode("utf-8")}


def nbgrader(out: Outgoing) -> Files:
    """Return nbgrader's export. Its own writer quotes nothing; names with a comma are quoted here.

    (Source: nbgrader 0.9.6, ``plugins/export.py``.)
    """
    due = out.telling.policy.due
    rows = []
    excused: list[str] = []
    for one in out.numbers():
        first, _, last = one.person.name.rpartition(" ")
        points = one.points
        if points is None:  # the table has no word for it, and 0 would be a grade
            excused.append(one.submission)
            continue
        raw = one.result["score"]
        rows.append(
            [
                out.assignment.id,
                due.isoformat() if due else "None",
                out.owners.get(one.submission, {}).get("when") or one.result["started"],
                guarded(one.person.ids.get("username") or one.person.id or one.submission),
                guarded(last),
                guarded(first),
                guarded(one.person.ids.get("email", "")),
                _shown(raw),
                _shown(max(0.0, raw - points)),
                _shown(points),
                _shown(one.maximum),
            ]
        )
    if excused:
        out.notes.append(f"excused, and left out: {listed(excused)}")
    return {"nbgrader.csv": _csv([_NBGRADER, *rows])}


def otter(out: Outgoing) -> Files:
    """Return Otter's ``final_grades.csv``: the first row holds the points of each question.

    (Source: otter-grader, ``otter/grade/utils.py``.)
    """
    results = list(out.ready())
    points: dict[str, float] = {}
    for result in results:
        for question in result["questions"]:
            points.setdefault(question["id"], question["max_score"])
    ids = sorted(points)
    whole = sum(points.values())
    head = ["file", *ids, "total_points_earned", "percent_correct", "grading_status"]
    rows = [["points-per-question", *(_shown(points[id]) for id in ids), _shown(whole), "", ""]]
    for result in results:
        scores = {q["id"]: q["score"] for q in result["questions"] if q["status"] not in OPEN}
        counted = number(result)["points"]
        earned = result["score"] if counted is None else counted
        done = result["status"] == "graded"
        rows.append(
            [
                guarded(result["submission"]),
                *(_shown(scores.get(id, 0.0)) for id in ids),
                _shown(earned),
                _shown(earned / whole) if whole else "0",
                "Completed" if done else " ".join(result["notes"]) or result["status"],
            ]
        )
    return {"final_grades.csv": _csv([head, *rows])}


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _shown(points: float) -> str:
    return f"{points:.10g}"


TARGETS = (
    Target("csv", "a table: a row for each person", "export.csv", plain_csv),
    Target("json", "the same as JSON, with questions", "export.json", plain_json),
    Target("nbgrader", "the table that nbgrader exports", "nbgrader.csv", nbgrader),
    Target("otter", "final_grades.csv of Otter", "final_grades.csv", otter),
)
