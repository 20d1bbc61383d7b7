"""Canvas: the gradebook's CSV, filled in, and a zip of feedback to be uploaded in bulk.

The importer matches rows by ``ID`` and columns by the id in parentheses at a column's end; a cell
that is blank where there was a score takes the score away, and a column that it doesn't know
becomes a new assignment. So the instructor's own export is filled in: the student's columns, the
one assignment, and of the rows only those whose score changes.
(Source: canvas-lms, ``lib/gradebook_importer.rb``.)
"""

from __future__ import annotations

import csv
import io
import re
import zipfile

from grader.classroom import folder
from grader.classroom.sheets import decoded, grid, separator_of
from grader.classroom.sheets import number as read_number
from grader.exports.outgoing import ExportError, Files, Outgoing, Target, listed

_ID = re.compile(r"\((\d+)\)\s*$")
_POINTS = "points possible"
#: Columns that Canvas counts by itself.
_TOTALS = re.compile(r"^(current|final|unposted|override) ", re.IGNORECASE)


def gradebook(out: Outgoing) -> Files:
    """Return the instructor's export with the scores that differ. Raises :class:`ExportError`."""
    path = out.table("Canvas")
    try:
        text = decoded(path.read_bytes())
    except OSError as error:
        raise ExportError(f"{path} can't be read: {error.strerror}") from None
    lines = [line for line in grid(text) if any(cell.strip() for cell in line)]
    head = [cell.strip() for cell in lines[0]] if lines else []
    id_at = head.index("ID") if "ID" in head else -1
    section_at = max((i for i, name in enumerate(head) if "Section" in name), default=-1)
    if id_at < 0 or section_at < 0:
        missing = "ID" if id_at < 0 else "Section"
        raise ExportError(f"{path} has no column {missing}: export the gradebook from Canvas")
    column = _column(out, head, section_at)
    possible = next((line for line in lines[1:4] if _POINTS in line[0].casefold()), None)
    scale = _scale(out, possible[column] if possible and column < len(possible) else "")
    numbers = {
        one.person.ids["canvas"]: one for one in out.numbers() if one.person.ids.get("canvas")
    }
    kept = [*range(section_at + 1), column]
    made = [[lines[0][i] for i in kept]]
    if possible is not None:
        made.append([possible[i] if i < len(possible) else "" for i in kept])
    seen, same = set(), 0
    unasked: list[str] = []
    excused: list[str] = []
    for line in lines[1:]:
        cells = line + [""] * (len(head) - len(line))
        one = numbers.get(cells[id_at].strip())
        if one is None or line is possible:
            continue
        seen.add(cells[id_at].strip())
        if cells[column].strip().upper() == "N/A":
            unasked.append(one.submission)
            continue
        if cells[column].strip().upper() == "EX" and one.points is not None:
            excused.append(one.submission)
        score = "EX" if one.points is None else f"{one.points * scale:.2f}"
        if _equal(cells[column], score):
            same += 1
            continue
        cells[column] = score
        made.append([cells[i] for i in kept])
    if unasked:
        out.notes.append(f"Canvas doesn't ask it of them, so they are left out: {listed(unasked)}")
    if excused:
        out.notes.append(f"excused in Canvas, and have points now: {listed(excused)}")
    _tell(out, made, same, [one.submission for id, one in numbers.items() if id not in seen])
    written = io.StringIO()
    csv.writer(written, delimiter=separator_of(text), lineterminator="\r\n").writerows(made)
    return {"canvas.csv": written.getvalue().encode("utf-8")}


def _column(out: Outgoing, head: list[str], section_at: int) -> int:
    """Return the place of the assignment's column: the named one, by its title, or the only one."""
    own = [
        i
        for i in range(section_at + 1, len(head))
        if _ID.search(head[i]) and not _TOTALS.match(head[i])
    ]
    wanted = out.options.column or out.assignment.title
    found = [
        i
        for i in own
        if wanted in (head[i], _ID.sub("", head[i]).strip())
        or ((match := _ID.search(head[i])) and match[1] == wanted)
    ]
    if not found and out.options.column is None and len(own) == 1:
        found = own
    if len(found) != 1:
        raise ExportError(
            f"which column is it? name it, or the id in its parentheses, with --column: "
            f"{listed([head[i] for i in own]) or 'there is no column of an assignment'}"
        )
    return found[0]


def _scale(out: Outgoing, possible: str) -> float:
    """Return by what points are multiplied; a maximum that differs is noted, or brought even."""
    theirs = read_number(possible) if possible else None
    ours = max((result["max_score"] + result["pending"] for result in out.results()), default=0.0)
    if not theirs or not ours or abs(theirs - ours) < 1e-6:
        return 1.0
    if out.options.scale:
        return theirs / ours
    out.notes.append(
        f"Canvas has {theirs:g} points possible, and the results {ours:g}: --scale brings them even"
    )
    return 1.0


def _equal(before: str, score: str) -> bool:
    old, new = read_number(before), read_number(score)
    if old is None or new is None:
        return before.strip().casefold() == score.casefold()
    return abs(old - new) < 0.005


def _tell(out: Outgoing, made: list[list[str]], same: int, lost: list[str]) -> None:
    rows = sum(_POINTS not in row[0].casefold() for row in made[1:])
    out.notes.append(f"{rows} scores change, {same} are as they were")
    if lost:
        out.notes.append(f"not in the table: {listed(lost)}")
    unknown = [name for name in out.names if not any(p.ids.get("canvas") for p in out.people(name))]
    if unknown:
        out.notes.append(f"no Canvas id known (see --roster): {listed(unknown)}")


def feedback(out: Outgoing) -> Files:
    """Return a zip of pages, named so that Canvas knows whose each is.

    Raises :class:`ExportError` before their time.
    """
    out.refuse_early()
    made = io.BytesIO()
    without = []
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in out.names:
            page = folder.of(out.folder, name) / folder.FEEDBACK
            about = out.owners.get(name, {})
            ids = about.get("ids", {})
            if "attachment" not in ids or not page.is_file():
                without.append(name)
                continue
            user = ids.get("canvas") or about["key"]
            whose = re.sub(r"\W", "", about["name"]) or "student"
            archive.writestr(f"{whose}_{user}_{ids['attachment']}_feedback.html", page.read_bytes())
    if without:
        out.notes.append(f"not out of a download of Canvas's: {listed(without)}")
    return {"canvas-feedback.zip": made.getvalue()}


TARGETS = (
    Target("canvas", "the gradebook that Canvas exported, filled in", "canvas.csv", gradebook),
    Target("canvas-feedback", "pages for Canvas's bulk upload", "canvas-feedback.zip", feedback),
)
