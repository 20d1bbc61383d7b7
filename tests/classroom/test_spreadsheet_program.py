"""The table of marks through a spreadsheet program: opened, filled in, saved, and read back.

LibreOffice opens it as its user's language does, with the detection of numbers and dates on, which
is what spoils names; the marks are written as that language writes them.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from test_manual import result

from grader.classroom import marks_table
from grader.classroom.gradebook import Gradebook

PROGRAM = shutil.which("soffice")
pytestmark = pytest.mark.skipif(
    "GRADER_SPREADSHEET" not in os.environ or PROGRAM is None,
    reason="takes a minute, and LibreOffice: run `tox -e spreadsheet`",
)

NAMES = (
    "00123456",
    "3-14",
    "1e5",
    "=ada",
    "+1",
    "TRUE",
    "Émilie",
    "محمد",
    "2,5",
    "5. Mai",
    "Ann;Lee",
)
TEXTS = (
    "=1+1",
    "a, b; c",
    'say "no"',
    "two\nlines",
    "1/2",
    "12:30",
    "\u05d0\u05d1",
    "-",
    "3.0",
    "",
    "@x",
)
SCORES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 0.25, 2.75, 1.25, 3.0)
#: LibreOffice's numbers of languages and of character sets.
ENGLISH, GERMAN, FRENCH = 1033, 1031, 1036
UTF8, CP1252, UTF16 = 76, 1, 65535


class Settings(NamedTuple):
    """How a program is set: its language, and the separator and character set that it saves in."""

    language: int
    separator: str
    charset: int
    decimal: str = "."


SETTINGS = {
    "english": Settings(ENGLISH, ",", UTF8),
    "german": Settings(GERMAN, ";", UTF8, ","),
    "german, an old character set": Settings(GERMAN, ";", CP1252, ","),
    "french, tabs": Settings(FRENCH, "\t", UTF8, ","),
}


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    """A gradebook with an answer of each name, and the table of marks beside it."""
    with Gradebook(tmp_path) as opened:
        for name, text in zip(NAMES, TEXTS, strict=True):
            opened.save(result(name, text), ["Nets"])
        marks_table.write_table(tmp_path, opened, opened.submissions(), {})
        yield opened


def through(path: Path, settings: Settings, folder: Path) -> None:
    """Let the program open *path* and save it as a sheet, and that as CSV again, in its place."""
    assert PROGRAM is not None
    separators = {",": 44, ";": 59, "\t": 9}
    opened = f"CSV:44,34,{UTF8},1,,{settings.language},false,true"
    saved = f"{separators[settings.separator]},34,{settings.charset},1,,0,false,true,false"
    for form, options in (
        ("ods", [f"--infilter={opened}"]),
        (f"csv:Text - txt - csv (StarCalc):{saved}", []),
    ):
        source = path if form == "ods" else folder / f"{path.stem}.ods"
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [PROGRAM, profile, "--headless", *options, "--convert-to", form]
        command += ["--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True)
    shutil.move(folder / path.name, path)


def fill(path: Path, decimal: str) -> None:
    """Write each name's score into the table, as a person of that language types it."""
    text = path.read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    by_answer = {row["submission"].lstrip("'"): row for row in rows}
    for name, score in zip(NAMES, SCORES, strict=True):
        by_answer[name]["score"] = f"{score:g}".replace(".", decimal)
    made = io.StringIO()
    writer = csv.DictWriter(made, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(made.getvalue(), "utf-8")


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_marks_come_back_from_a_spreadsheet_program(
    gradebook: Gradebook, tmp_path: Path, settings: Settings
) -> None:
    """Each answer has the score that was typed beside it, whatever became of its name."""
    table, folder = tmp_path / marks_table.CSV, tmp_path / "program"
    folder.mkdir()
    fill(table, settings.decimal)
    before = table.read_bytes()
    through(table, settings, folder)
    assert table.read_bytes() != before
    marks_table.import_table(tmp_path, gradebook)
    found = {mark.submission: mark.score for mark in gradebook.marks()}
    assert found == dict(zip(NAMES, SCORES, strict=True))


def test_the_program_spoils_names(gradebook: Gradebook, tmp_path: Path) -> None:
    """Rows need ids of their own: the program takes names for numbers and dates."""
    table, folder = tmp_path / marks_table.CSV, tmp_path / "program"
    folder.mkdir()
    through(table, SETTINGS["german"], folder)
    rows = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")), delimiter=";")
    assert {row["submission"].lstrip("'") for row in rows} != set(NAMES)
