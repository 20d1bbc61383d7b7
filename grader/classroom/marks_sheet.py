"""What a person wrote into the table of marks: read whatever a spreadsheet made of it.

A row is known by ``row_id``, else by all that names its answer. What can't be a mark, and what
belongs to no answer, is told with its row before anything is stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom.gradebook import Gradebook, GradebookError, Mark, Offered
from grader.classroom.hand_marks import answer_id, answers
from grader.classroom.sheets import Sheet, SheetRow, TableError, number, read_sheet
from grader.classroom.spreadsheets import unguarded

#: In place of a score: takes back the mark that was given; takes the one that is offered.
WITHDRAW, ACCEPT = "-", "ok"
_NO = ("", "no", "n", "0", "false", "-", "nein", "non")
#: Signs that no spreadsheet reads a number out of, before digits that might be one.
ANSWER, _ROW = "a", "w"
#: How many faults of a table are told at once.
_MOST = 8

Where = tuple[str, str, str]


def row_id(where: Where) -> str:
    """Return the id of an answer's row: the same in every table."""
    return _ROW + hashlib.sha256("\0".join(where).encode()).hexdigest()[:12]


@dataclass
class Taken:
    """What a table says: marks to keep, and those to take back."""

    marks: list[Mark] = field(default_factory=list)
    withdrawn: list[Where] = field(default_factory=list)


def taken(path: Path, gradebook: Gradebook, bonus: float) -> Taken:
    """Return what the table at *path* says; raises :class:`GradebookError` for all its faults."""
    sheet = sheet_of(path)
    known = known_answers(gradebook)
    by_text = {(m.question, m.answer): m for m in gradebook.marks()}
    faults: list[str] = []
    made: dict[Where, Mark | None] = {}
    shared: dict[tuple[str, str], Mark] = {}
    silent: list[tuple[SheetRow, Offered]] = []
    for row in sheet.rows:
        score = row["score"]
        offered = offered_in(row, known)
        if offered is None:
            if score:
                faults.append(f"{_called(row)} belongs to no answer that is known: {_way(row)}")
            continue
        where = offered.submission, offered.question, offered.answer
        if not score:
            silent.append((row, offered))
            continue
        mark = _mark(row, offered, by_text, bonus, faults)
        if where in made and made[where] != mark:
            faults.append(f"{_called(row)} stands twice, with another mark")
        made[where] = mark
        if mark is not None and row["apply_to_all"].casefold() not in _NO and row["group"]:
            group = offered.question, row["group"]
            other = shared.setdefault(group, mark)
            if (other.score, other.comment) != (mark.score, mark.comment):
                faults.append(f"{_called(row)}: its group has another mark that applies to all")
    if faults:
        more = f"; and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
        raise GradebookError(f"{path}: {'; '.join(faults[:_MOST])}{more}. No mark was taken")
    for row, offered in silent:
        common = shared.get((offered.question, row["group"]))
        if common is not None:
            where = offered.submission, offered.question, offered.answer
            made[where] = Mark(*where, min(common.score, offered.points), common.comment)
    return Taken(
        [mark for mark in made.values() if mark is not None],
        [where for where, mark in made.items() if mark is None],
    )


def _mark(
    row: SheetRow,
    offered: Offered,
    by_text: Mapping[tuple[str, str], Mark],
    bonus: float,
    faults: list[str],
) -> Mark | None:
    """Return the mark in a row; ``None`` where it takes one back."""
    score, comment = row["score"], unguarded(row["comment"])
    where = offered.submission, offered.question, offered.answer
    if score in (WITHDRAW, "'-"):
        return None
    if score.casefold() == ACCEPT:
        same = by_text.get((offered.question, offered.answer))
        if same is None:
            faults.append(f"{_called(row)}: no mark is offered to take with {ACCEPT}")
            return None
        return Mark(*where, same.score, comment or same.comment)
    points = number(score)
    limit = offered.points + bonus
    if points is None or not 0 <= points <= limit:
        above = f" (bonus included: {limit:g})" if bonus else ""
        faults.append(
            f"{_called(row)}: the score is {score!r}; write a number from 0 to "
            f"{offered.points:g}{above}, nothing, or {WITHDRAW} to take a mark back"
        )
        return None
    return Mark(*where, points, comment)


def _called(row: SheetRow) -> str:
    return f"row {row.number} ({row['submission']!r}, {row['question']!r})"


def _way(row: SheetRow) -> str:
    if not row["answer_id"] and not row["row_id"]:
        return "points of other questions are changed by `grader adjust`"
    return "put its row_id back, or clear its score"


def sheet_of(path: Path) -> Sheet:
    """Return the table at *path*. Raises :class:`GradebookError` where it is none of marks."""
    try:
        sheet = read_sheet(path)
    except TableError as error:
        raise GradebookError(str(error)) from None
    missing = {"score"} - set(sheet.head)
    if "row_id" not in sheet.head:
        missing |= {"question", "submission", "answer_id"} - set(sheet.head)
    if missing:
        raise GradebookError(
            f"{path} has no column {', '.join(sorted(missing))}: put it back, or move the file "
            "away, and a new one is written with the marks that are stored"
        )
    return sheet


def known_answers(gradebook: Gradebook) -> dict[str, Offered]:
    """Return every answer that a table may be about, by its row's id."""
    known = dict(gradebook.offered())
    for found in answers(gradebook.all()).values() if not known else ():
        for result, entry in found:
            where = result["submission"], entry["id"], answer_id(result, entry)
            known[row_id(where)] = Offered(row_id(where), *where, entry["max_score"])
    for mark in gradebook.marks():
        where = mark.submission, mark.question, mark.answer
        known.setdefault(row_id(where), Offered(row_id(where), *where, mark.score))
    return known


def offered_in(row: SheetRow, known: Mapping[str, Offered]) -> Offered | None:
    """Return the answer that a row is about: by its id, else by all that names it."""
    if row["row_id"] in known:
        return known[row["row_id"]]
    answer = row["answer_id"]
    for text in (answer, answer.removeprefix(ANSWER)):
        where = unguarded(row["submission"]), unguarded(row["question"]), text
        if row_id(where) in known:
            return known[row_id(where)]
    return None
