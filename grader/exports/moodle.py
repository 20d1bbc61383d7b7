"""Moodle: the offline grading worksheet, filled in, and a zip of feedback files.

The importer needs the worksheet's own columns, which are in the site's language, and refuses a row
whose ``Last modified (grade)`` isn't the site's: so the instructor's worksheet is filled in, and
nothing but grades and comments is changed. Rows whose grade stays are left out.
(Source: moodle, ``mod/assign/feedback/offline/importgradeslib.php``.)
"""

from __future__ import annotations

import csv
import io
import re
import zipfile

from grader.classroom import folder
from grader.classroom.sheets import decoded, grid, separator_of
from grader.classroom.sheets import number as read_number
from grader.exports.outgoing import ExportError, Files, Number, Outgoing, Target, listed, sum_of

_PARTICIPANT = re.compile(r"^\D*(\d+)$")
#: The column of grades in the languages that it is known in; others are named by --column.
_GRADE = ("grade", "bewertung", "note", "calificación", "valutazione", "nota", "beoordeling")
_MAXIMUM = ("maximum grade", "höchste bewertung", "note maximale", "calificación máxima")
_COMMENTS = ("feedback comments", "feedback als kommentar", "commentaires de feedback")
_MAY = ("grade can be changed",)


def worksheet(out: Outgoing) -> Files:
    """Return the worksheet with the grades that differ. Raises :class:`ExportError`."""
    path = out.table("Moodle")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path} can't be read: {error.strerror}") from None
    text = decoded(data)
    lines = grid(text)
    head = [cell.strip() for cell in lines[0]] if lines else []
    names = [name.casefold().lstrip("\ufeff") for name in head]
    first = next((line for line in lines[1:] if line and line[0].strip()), [""])
    if not _PARTICIPANT.match(first[0].strip()):
        raise ExportError(
            f"{path} has no Identifier in its first column: download the grading worksheet from "
            "the assignment in Moodle"
        )
    grade = _place(names, (out.options.column.casefold(),) if out.options.column else _GRADE)
    if grade is None:
        raise ExportError(
            f"{path} has no column Grade: name the one for grades with --column; it has "
            f"{listed(head, 14)}"
        )
    comments, may, most = (_place(names, known) for known in (_COMMENTS, _MAY, _MAXIMUM))
    numbers = _by_participant(out)
    made, seen, same, shut = [lines[0]], set(), 0, []
    for line in lines[1:]:
        cells = line + [""] * (len(head) - len(line))
        match = _PARTICIPANT.match(cells[0].strip())
        one = numbers.get(match[1]) if match else None
        if match is None or one is None:
            continue
        seen.add(match[1])
        if one.points is None:
            continue
        points = _points(out, one.points, one.maximum, cells[most] if most is not None else "")
        if _equal(cells[grade], points):
            same += 1
            continue
        if may is not None and cells[may].strip().casefold() in ("no", "nein", "non"):
            shut.append(one.submission)
            continue
        cells[grade] = points
        if comments is not None and out.feedback != "none" and (why := sum_of(one.result)):
            cells[comments] = why.replace("\n", "; ")
        made.append(cells)
    out.notes.append(f"{len(made) - 1} grades change, {same} are as they were")
    if shut:
        out.notes.append(f"Moodle doesn't let their grade be changed: {listed(shut)}")
    if lost := [one.submission for id, one in numbers.items() if id not in seen]:
        out.notes.append(f"not in the worksheet: {listed(lost)}")
    written = io.StringIO()
    csv.writer(written, delimiter=separator_of(text), lineterminator="\n").writerows(made)
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    return {"moodle.csv": mark + written.getvalue().encode("utf-8")}


def _by_participant(out: Outgoing) -> dict[str, Number]:
    """Return what counts by the participant's number, of each member of a team."""
    found = {}
    for one in out.numbers():
        id = one.person.ids.get("moodle")
        if id:
            found[id] = one
    return found


def _points(out: Outgoing, points: float, maximum: float, theirs: str) -> str:
    most = read_number(theirs) if theirs else None
    if most and maximum and abs(most - maximum) > 1e-6:
        if out.options.scale:
            points = points * most / maximum
        else:
            note = f"Moodle's maximum is {most:g}, ours {maximum:g}: --scale brings them even"
            if note not in out.notes:
                out.notes.append(note)
    return f"{points:.2f}"


def _equal(before: str, points: str) -> bool:
    old = read_number(before)
    return old is not None and abs(old - float(points)) < 0.005


def _place(names: list[str], known: tuple[str, ...]) -> int | None:
    return next((i for i, name in enumerate(names) if name in known), None)


def feedback(out: Outgoing) -> Files:
    """Return a zip of pages in folders named as in Moodle's download, which it takes back.

    Raises :class:`ExportError` before their time.
    """
    out.refuse_early()
    made = io.BytesIO()
    without = []
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in out.names:
            page = folder.of(out.folder, name) / folder.FEEDBACK
            whose = _folders(out, name)
            if not whose or not page.is_file():
                without.append(name)
            for place in whose if page.is_file() else ():
                archive.writestr(f"{place}/feedback.html", page.read_bytes())
    if without:
        out.notes.append(f"no participant of Moodle's known: {listed(without)}")
    return {"moodle-feedback.zip": made.getvalue()}


def _folders(out: Outgoing, submission: str) -> list[str]:
    """Return the folder of a submission in Moodle's form: name, number, plugin."""
    about = out.owners.get(submission, {})
    if about.get("layout") == "moodle" and about["ids"].get("moodle"):
        pairs = [(about["name"] or "Participant", about["ids"]["moodle"])]
    else:
        people = out.people(submission)
        pairs = [(p.name or "Participant", p.ids["moodle"]) for p in people if p.ids.get("moodle")]
    return [f"{re.sub(r'[_/]', ' ', name)}_{id}_assignsubmission_file_" for name, id in pairs]


TARGETS = (
    Target("moodle", "the grading worksheet of Moodle, filled in", "moodle.csv", worksheet),
    Target("moodle-feedback", "pages for Moodle's bulk upload", "moodle-feedback.zip", feedback),
)
