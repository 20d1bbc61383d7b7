"""``written.csv``: the answers that wait for a person, to be marked in a spreadsheet.

A row for each answer, those that are alike next to each other. A row is known by ``row_id``, which
no spreadsheet takes for a number, whatever became of the name beside it. ``score`` takes a number
from 0 to ``points``, ``-`` to take a mark back, or ``ok`` to take the mark in ``offer``, which an
equal answer has. A row with ``yes`` in ``apply_to_all`` gives its mark to all of its group that
have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.classroom.gradebook import Gradebook, GradebookError, Mark, Offered
from grader.classroom.hand_marks import Marks, answer_id, answers, marks, text_of
from grader.classroom.marks_sheet import (
    ACCEPT,
    ANSWER,
    WITHDRAW,
    Where,
    known_answers,
    offered_in,
    row_id,
    sheet_of,
    taken,
)
from grader.classroom.sheets import number
from grader.classroom.similar import groups
from grader.classroom.spreadsheets import guarded, table, unguarded
from grader.files import write
from grader.model.records import QuestionRecord, SubmissionRecord

__all__ = ["ACCEPT", "CSV", "WITHDRAW", "forget", "import_table", "row_id", "write_table"]

CSV = "written.csv"
#: Where the table is written when a person's own can't be read again.
ASIDE = "written.new.csv"
#: Spreadsheets cut what is longer, or spread it over the rows below.
_CELL = 30_000
COLUMNS = (
    "question",
    "group",
    "apply_to_all",
    "submission",
    "points",
    "score",
    "comment",
    "offer",
    "answer",
    "rubric",
    "answer_id",
    "row_id",
)


def import_table(folder: Path, gradebook: Gradebook, *, bonus: float = 0.0) -> int:
    """Store the marks in *folder*'s ``written.csv``; return how many rows hold one.

    A score may be so many points above the maximum as *bonus* says. Raises :class:`GradebookError`
    for what can't be a mark, and for a row with a mark that belongs to no answer, naming the rows;
    nothing is stored then. A row that stands as the table was written is nobody's change: what the
    marking desk did since stays.
    """
    path = folder / CSV
    if not path.is_file():
        return 0
    found = taken(path, gradebook, bonus)
    known = marks(gradebook)
    shown = gradebook.shown()
    for mark in found.marks:
        if shown.get(row_id(mark[:3])) == _read_as(mark):
            continue
        before = known.get((mark.submission, mark.question, mark.answer))
        if before != mark:
            gradebook.mark(mark)
            gradebook.log(
                f"marked {mark.score:g}" + (f", was {before.score:g}" if before else ""),
                mark.submission,
                mark.question,
                mark.comment,
            )
    for where in found.withdrawn:
        if where in known:
            gradebook.unmark(*where)
            gradebook.log("took a mark back", where[0], where[1])
    return len(found.marks)


def write_table(
    folder: Path,
    gradebook: Gradebook,
    submissions: Iterable[str],
    rubrics: Mapping[str, Sequence[str]],
    *,
    bonus: float = 0.0,
    results: Sequence[SubmissionRecord] | None = None,
) -> int:
    """Write ``written.csv`` in *folder*; return how many of its answers wait for a mark.

    It is about *submissions*; *results* are theirs as the gradebook stores them, where they have
    been read already: of their questions those that a person marks are enough. What a person saved
    meanwhile is taken first, and a table that can't be taken is left alone: the new one is written
    beside it then, and :class:`GradebookError` says why. Rows of answers that aren't there any more
    stay, and so do columns that someone added. Without any answer nothing is written. Raises
    :class:`grader.files.WriteError`, too.
    """
    path, submissions = folder / CSV, [*submissions]
    fault: GradebookError | None = None
    for _ in range(3):
        seen = _bytes(path)
        try:
            import_table(folder, gradebook, bonus=bonus)
            before = _before(path, gradebook) if seen is not None else {}
        except GradebookError as error:
            fault, before, path = error, {}, folder / ASIDE
        found = gradebook.results(submissions) if results is None else results
        rows, offered = _rows(gradebook, found, rubrics, before)
        if not rows:
            break
        gradebook.offer(offered)
        names = dict.fromkeys((*COLUMNS, *(name for row in rows for name in row)))
        text = table([names, *([row.get(name, "") for name in names] for row in rows)])
        if fault is None and _bytes(path) != seen:
            continue  # saved again just now
        # Spreadsheets take a file for UTF-8 by this mark only.
        write(path, b"\xef\xbb\xbf" + text.encode("utf-8"))
        if fault is None:
            gradebook.show(_shown_in(rows))
        break
    if fault is not None:
        raise GradebookError(f"{fault}; the new table is in {path.name}, and yours is as it was")
    return sum(not row["score"] for row in rows if row["group"])


def forget(folder: Path, submissions: Iterable[str]) -> None:
    """Take the rows of *submissions* out of the table. Raises :class:`GradebookError`."""
    path, gone = folder / CSV, set(submissions)
    if not path.is_file():
        return
    sheet = sheet_of(path)
    kept = [row.cells for row in sheet.rows if unguarded(row["submission"]) not in gone]
    rows = [[cells.get(name, "") for name in sheet.head] for cells in kept]
    write(path, b"\xef\xbb\xbf" + table([sheet.head, *rows]).encode("utf-8"))


def _shown_in(rows: Iterable[Mapping[str, str]]) -> dict[str, tuple[float, str]]:
    """Return the marks in a table's rows, by id, as they are read again."""
    found = ((row["row_id"], number(row["score"]), row["comment"]) for row in rows)
    return {
        id: (score, _words(unguarded(comment))) for id, score, comment in found if score is not None
    }


def _read_as(mark: Mark) -> tuple[float, str]:
    return float(_shown(mark.score)), _words(mark.comment)


def _words(comment: str) -> str:
    """Return a comment whatever a spreadsheet did to its spaces."""
    return " ".join(comment.split())


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GradebookError(f"{path} can't be read: {error.strerror}") from None


def _rows(
    gradebook: Gradebook,
    results: Iterable[SubmissionRecord],
    rubrics: Mapping[str, Sequence[str]],
    before: dict[str, dict[str, str]],
) -> tuple[list[dict[str, str]], list[Offered]]:
    """Return the rows of a table, and the answers in them."""
    given = marks(gradebook)
    by_text = {(question, answer): mark for (_, question, answer), mark in given.items()}
    rows: list[dict[str, str]] = []
    offered: list[Offered] = []
    for question, found in answers(results).items():
        texts = [text_of(entry) for _, entry in found]
        for group, members in enumerate(groups(texts), start=1):
            for i in members:
                result, entry = found[i]
                where = result["submission"], question, answer_id(result, entry)
                id = row_id(where)
                same = by_text.get(where[1:]) if entry["evidence"].get("answer") else None
                kept = before.pop(id, {})
                rows.append(kept | _row(where, entry, group, given, same, rubrics))
                offered.append(Offered(id, *where, entry["max_score"]))
    # An answer that has changed since is no longer of a group.
    rows += [{**row, "group": "", "apply_to_all": ""} for row in before.values()]
    return rows, offered


def _row(
    where: Where,
    question: QuestionRecord,
    group: int,
    marks: Marks,
    same: Mark | None,
    rubrics: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    submission, id, answer = where
    mark = marks.get(where)
    offer = ""
    if same is not None and mark is None:
        offer = f"{same.score:g} points" + (f": {same.comment}" if same.comment else "")
    return {
        "question": guarded(id),
        "group": str(group),
        "apply_to_all": "",
        "submission": guarded(submission),
        "points": _shown(question["max_score"]),
        "score": _shown(mark.score) if mark else "",
        "comment": guarded(mark.comment) if mark else "",
        "offer": guarded(offer),
        "answer": guarded(_cut(text_of(question))),
        "rubric": guarded(" | ".join(rubrics.get(id, ()))),
        "answer_id": ANSWER + answer,
        "row_id": row_id(where),
    }


def _cut(text: str) -> str:
    """Return a text that fits into a cell of a spreadsheet; the page has all of it."""
    return text if len(text) <= _CELL else f"{text[:_CELL]} … (cut: the page has all of it)"


def _shown(points: float) -> str:
    """Return points as they are read again, to the digit."""
    return f"{points:.10g}"


def _before(path: Path, gradebook: Gradebook) -> dict[str, dict[str, str]]:
    """Return the rows of an earlier table by their ids; without one, by their number."""
    known = known_answers(gradebook)
    found = {}
    for row in sheet_of(path).rows:
        offered = offered_in(row, known)
        found[offered.id if offered else f"row {row.number}"] = {
            name: value for name, value in row.cells.items() if name
        }
    return found
