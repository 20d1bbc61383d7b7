"""README's term: each of its lines does what it says, as it is written there.

Here on the small assignment of lines and neighbours, in this process. ``tox -e term`` types the
lines into a shell, in a copy of the whole project, with a fresh environment that they install into.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import downloads
import pytest
from conftest_exports import PLAIN, canvas_id
from downloads import CLASS

from grader.authoring.release import template
from grader.cli import main
from grader.key.sources import manifest
from grader.web import server

WHOLE = os.environ.get("GRADER_TERM") == "all"
COUNT = 3


def lines(root: Path) -> Iterator[str]:
    """Yield the commands of the section, without the sentences between them."""
    page = (root / "README.md").read_text("utf-8")
    section = page.partition("## One term")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    yield from (line for line in block.splitlines() if not line.startswith("#"))


def gradebook() -> str:
    """Return a gradebook as Canvas exports it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Student", "ID", "SIS Login ID", "Section", "Homework 2 (777)"])
    writer.writerow(["    Points Possible", "", "", "", ""])
    for student in CLASS[: COUNT + 1]:
        name = f"{student.last}, {student.first}"
        writer.writerow([name, canvas_id(student), student.user, "Sec 1", ""])
    return text.getvalue()


def download(handed_in: Mapping[str, bytes], count: int) -> bytes:
    made = downloads.canvas(lambda number: handed_in)
    few = {name: made[name] for name in made if re.search(rf"_100[0-{count - 1}]_", name)}
    return downloads.packed({name: data for name, data in few.items() if "hw2" in name})


def mark(grades: Path, score: str) -> int:
    """Fill in the table of marks, as an instructor does; return how many answers it has."""
    path = grades / "written.csv"
    found = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]), delimiter=";")
    writer.writeheader()
    writer.writerows({**row, "score": score, "comment": "good"} for row in found)
    path.write_text("\ufeff" + text.getvalue(), "utf-8")
    return len(found)


def code(grades: Path) -> str:
    page = next((grades / "submissions").glob("*_1000/feedback.html")).read_text("utf-8")
    found = re.search(r"<dt>Replay</dt><dd><code>(\w+)</code>", page)
    assert found is not None
    return found[1]


def walk(
    folder: Path, root: Path, handed_in: Mapping[str, bytes], type_: Callable[[str], None]
) -> None:
    """Type all lines in *folder*, and do between them what their sentences say."""
    (folder / "gradebook.csv").write_text(gradebook(), "utf-8")
    (folder / "download.zip").write_bytes(download(handed_in, COUNT))
    grades = folder / "grades"
    commands = []
    for line in lines(root):
        words = shlex.split(line)
        commands.append(words[1])
        if words[1] == "report":
            assert mark(grades, "1") >= COUNT
        if commands.count("grade") == 2 and words[1] == "grade":
            (folder / "download.zip").write_bytes(download(handed_in, COUNT + 1))
        type_(line.replace("CODE", code(grades)) if "CODE" in line else line)
    assert commands == ["install", "build", "release", "grade", "mark", "report", "export",
                        "export", "grade", "replay", "appeal"]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((grades / "grades.csv").read_text("utf-8-sig"))))
    assert [row["name"] for row in rows if row["status"] == "graded"] == [
        student.name for student in sorted(CLASS[: COUNT + 1], key=lambda s: _place(s, rows))
    ]
    sent = list(csv.reader(io.StringIO((folder / "upload.csv").read_text("utf-8"))))
    points = {row[1]: float(row[-1]) for row in sent[2:]}
    by_id = {row["id"]: row for row in rows}
    assert set(points) == {canvas_id(student) for student in CLASS[:COUNT]}, "all were marked"
    for id, number in points.items():
        assert number == float(by_id[id]["score"]), "the marks are in, and the regrade kept them"
    assert by_id["1003"]["pending"] != "0", "whoever came late waits for a mark"
    top = float(by_id["1000"]["max_score"])
    assert float(by_id["1000"]["grade"]) == min(top, points["1000"] + 1)


def _place(student: downloads.Student, rows: list[dict[str, str]]) -> int:
    return next(i for i, row in enumerate(rows) if row["id"] == canvas_id(student))


def test_each_line_of_the_term_works(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From an own key to the decision on an appeal; marks and numbers arrive in Canvas's table."""
    folder = tmp_path / "course"
    shutil.copytree(root / "tests" / "linreg", folder / "assignment")
    monkeypatch.chdir(folder)
    assert main(["build", "-q"]) == 0, "the folder is one in which everything is built"
    solved = template.solved(folder / "assignment", manifest(folder / "assignment"))

    def type_(line: str) -> None:
        program, command, *words = shlex.split(line)
        if program == "pip":
            (what,) = words
            extra = what.partition("[")[2].rstrip("]")
            project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
            assert {*extra.split(",")} <= {*project["optional-dependencies"]}
            return
        assert program == "grader"
        more = (*PLAIN, "-j", "1") if command == "grade" else PLAIN if command == "replay" else ()
        with monkeypatch.context() as patched:
            patched.setattr(server, "serve", lambda *served: None)  # as if by Ctrl-C at once
            assert main([command, *words, *more]) == 0, (line, capsys.readouterr().err)

    walk(folder, root, solved, type_)


@pytest.mark.skipif(not WHOLE, reason="GRADER_TERM is not all: run `tox -e term`")
def test_the_term_in_a_shell_with_what_it_installs(root: Path, tmp_path: Path) -> None:
    """In a copy of the project, by bash, in an environment that holds nothing else."""
    folder = tmp_path / "project"
    left_out = shutil.ignore_patterns(".*", "tests", "grades", "build", "*.egg-info", "__pycache__")
    shutil.copytree(root, folder, ignore=left_out)
    venv.create(tmp_path / "venv", with_pip=True)
    kept = ("HOME", "LANG", "PIP_INDEX_URL", "PIP_CACHE_DIR", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    own = str(Path(sys.base_prefix) / "bin")
    path = [str(tmp_path / "venv" / "bin"), own, os.environ["PATH"]]
    environment["PATH"] = os.pathsep.join(path)
    assignment = folder / "assignment"
    solved = template.solved(assignment, manifest(assignment))

    def type_(line: str) -> None:
        if line.startswith("grader mark"):  # Ctrl-C, once it has printed its address
            line = (
                f"coproc {line}; read -ru ${{COPROC[0]}} address && kill -INT $COPROC_PID && wait"
            )
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout[-2000:])

    walk(folder, root, solved, type_)
