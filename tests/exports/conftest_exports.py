"""What the tests of exports share."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

from downloads import CLASS, LOOSE, Student

from grader.classroom.gradebook import Gradebook

#: Levels are the sandbox's own tests' matter; this one starts fastest.
PLAIN = ("--isolation", "process", "--allow-unsandboxed")


class Graded(NamedTuple):
    """A folder of results, and the course that they are of."""

    course: Path
    folder: Path

    @property
    def scores(self) -> dict[int, float]:
        """The stored scores by the student's number."""
        with Gradebook(self.folder) as book:
            owners = book.owners()
            return {
                int(owners[result["submission"]]["key"]) - 1000: result["score"]
                for result in book.all()
                if result["submission"] in owners
            }


def canvas_id(student: Student) -> str:
    return str(1000 + student.number)


def moodle_id(student: Student) -> str:
    return str(500 + student.number)


def table(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def roster() -> str:
    """Return a table with all ids, and one person who handed in nothing."""
    head = ["name", "ID", "Identifier", "SID", "Email", "username", "section"]
    rows = [
        [s.name, canvas_id(s), f"Participant {moodle_id(s)}", s.id, s.email, s.user, "1"]
        for s in CLASS
    ]
    return table([head, *rows, ["Zed Absent", "9999", "Participant 999", "z", "z@x", "zed", "2"]])


__all__ = ["LOOSE", "PLAIN", "Graded", "canvas_id", "moodle_id", "roster", "table"]
