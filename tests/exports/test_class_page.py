"""The page about a class: each of its commands does what it says, as it is written there."""

from __future__ import annotations

import csv
import io
import re
import shlex
import shutil
from pathlib import Path

import downloads
import pytest
from conftest_exports import PLAIN, canvas_id
from downloads import CLASS

from grader.cli import main


def gradebook() -> str:
    """Return a gradebook as Canvas exports it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Student", "ID", "SIS Login ID", "Section", "Homework 2 (777)"])
    writer.writerow(["    Points Possible", "", "", "", "10"])
    for student in CLASS[:4]:
        name = f"{student.last}, {student.first}"
        writer.writerow([name, canvas_id(student), student.user, "Sec 1", ""])
    return text.getvalue()


def code_of(course: Path) -> str:
    """Return the code that a student's page shows."""
    page = next(course.glob("grades/submissions/*1002*/feedback.html"))
    found = re.search(r"<dt>Replay</dt><dd><code>(\w+)</code>", page.read_text("utf-8"))
    assert found is not None
    return found[1]


def test_every_command_of_the_page_works(
    root: Path,
    work: downloads.Work,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Typed in their order, with the policy that the page shows beside the results."""
    page = (root / "docs" / "class.md").read_text("utf-8")
    course = tmp_path / "assignment"
    shutil.copytree(root / "tests" / "toy", course)
    few = {n: d for n, d in downloads.canvas(work).items() if re.search(r"_100[0-3]_", n)}
    (course / "download.zip").write_bytes(downloads.packed(few))
    (course / "gradebook.csv").write_text(gradebook(), "utf-8")
    monkeypatch.chdir(course)
    for kind, text in re.findall(r"```(sh|toml)\n(.*?)```", page, re.DOTALL):
        if kind == "toml":
            (course / "policy.toml").write_text(text, "utf-8")
            continue
        for line in text.splitlines():
            program, command, *words = shlex.split(line)
            assert program == "grader"
            more = PLAIN if command in ("grade", "replay") else ()
            words = [code_of(course) if word == "CODE" else word for word in words]
            assert main([command, *words, *more]) == 0, (line, capsys.readouterr().err)
    capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO((course / "grades" / "grades.csv").read_text())))
    assert len(rows) == 4, "three, and one who was taken out and hasn't handed in now"
    assert {row["name"] for row in rows} == {student.name for student in CLASS[:4]}
    sent = list(csv.reader(io.StringIO((course / "upload.csv").read_text("utf-8"))))
    # One point less and half a point more, of 15, brought to 10.
    assert float(sent[2][-1]) == pytest.approx((15 - 1 + 0.5) * 10 / 15, abs=0.005)
