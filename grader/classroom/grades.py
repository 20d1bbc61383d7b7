"""``grades.csv``: a row a submission, for the instructor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.classroom.roster import Person
from grader.classroom.scoring import OPEN
from grader.classroom.spreadsheets import guarded
from grader.classroom.spreadsheets import table as csv_table
from grader.model.records import SubmissionRecord

CSV = "grades.csv"


def table(
    results: Sequence[SubmissionRecord],
    questions: Sequence[str],
    people: Mapping[str, Sequence[Person]] | None = None,
    missing: Sequence[Person] = (),
) -> str:
    """Return ``grades.csv``: a row a submission, a column a question.

    A question that was not asked or not reached is an empty cell. Where rules or changes apply, the
    number that counts and lateness follow, and where *people* are known by submission, their names
    and ids. Who of a roster handed in nothing has a row, too.
    """
    people = people or {}
    ruled = any("grade" in result for result in results)
    named = any(people.values()) or bool(missing)
    head = ["submission", "status", "score", "max_score", "pending", *questions]
    head += [*(_RULED if ruled else ()), *(_NAMED if named else ())]
    rows = [
        [
            *_row(result, questions),
            *(_ruled(result) if ruled else ()),
            *(_named(people.get(result["submission"], ())) if named else ()),
        ]
        for result in results
    ]
    blank = [""] * (3 + len(questions) + (len(_RULED) if ruled else 0))
    rows += [["", NOTHING, *blank, *_named([person])] for person in missing]
    return csv_table([head, *rows])


#: The status of who handed in nothing.
NOTHING = "nothing_handed_in"
_RULED = ("grade", "late")
_NAMED = ("name", "id", "email", "section")


def _ruled(result: SubmissionRecord) -> list[str]:
    grade = result.get("grade")
    if grade is None:
        return ["", ""]
    points = "excused" if grade["points"] is None else _points(grade["points"])
    return [points, "late" if grade["late"] else ""]


def _named(people: Sequence[Person]) -> list[str]:
    """Return the cells about the people of a submission, those of a group side by side."""
    columns = zip(
        *((one.name, one.id, one.ids.get("email", ""), one.section) for one in people), strict=True
    )
    cells = ["; ".join(dict.fromkeys(text for text in column if text)) for column in columns]
    return [guarded(cell) for cell in cells] or [""] * len(_NAMED)


def _row(result: SubmissionRecord, questions: Sequence[str]) -> list[str]:
    scores = {question["id"]: question for question in result["questions"]}
    return [
        guarded(result["submission"]),
        result["status"],
        _points(result["score"]),
        _points(result["max_score"]),
        _points(result["pending"]),
        *(
            _points(scores[id]["score"])
            if id in scores and scores[id]["status"] not in OPEN
            else ""
            for id in questions
        ),
    ]


def _points(value: float) -> str:
    return f"{value:g}"
