"""What a machine doesn't allow or doesn't have is one clear line, and costs no result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said, table

from grader.cli import main


def limited(limit: str, course: Path, klass: Path, grades: Path) -> Said:
    """Grade in a shell with a limit of the system's."""
    words = [sys.executable, "-m", "grader", "grade", "-a", course, "-o", grades, *PLAIN, klass]
    command = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "-c", f"ulimit {limit} && {command}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_few_open_files_are_enough(toy_course: Path, put: Put, klass: Path, grades: Path) -> None:
    """64 of them, which some systems have for each program."""
    put("ada")
    said = limited("-n 64", toy_course, klass, grades)
    assert said.code == 0, said.err
    assert table(grades)["ada"]["score"] == "15"


def test_a_limit_on_files_sizes_is_one_line(
    toy_course: Path, put: Put, klass: Path, grades: Path
) -> None:
    """It ends the run as a full disk does: with the file, and without a traceback."""
    put("ada")
    said = limited("-f 40", toy_course, klass, grades)
    assert said.code == 2
    assert "Traceback" not in said.err
    (last,) = [line for line in said.err.splitlines() if line.startswith("grader:")]
    assert str(grades) in last
    assert limited("-f unlimited", toy_course, klass, grades).code == 0


def test_a_data_set_that_is_not_here_is_said_first(
    assignment_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of --train full, and before the first submission; other ways of training need none."""
    monkeypatch.setenv("CIFAR10_DIR", str(tmp_path / "nothing"))
    (tmp_path / "class" / "ada").mkdir(parents=True)
    command = ["grade", "-a", assignment_folder, "-o", tmp_path / "grades", *PLAIN]
    for words, told in ((["--train", "full"], True), (["--train", "short"], False)):
        main([str(word) for word in (*command, *words, "--as", "class", tmp_path / "class")])
        said = capsys.readouterr().err
        assert ("CIFAR-10 isn't here (data_batch_1" in said) == told
        assert not told or said.index("CIFAR-10") < said.index("isolation:")


def test_numbers_that_are_none_are_named(grade: Grade, klass: Path) -> None:
    """By the option and what it takes, in a line."""
    for words, told in (
        (["-j", "-1"], "'-1' is no number of processes"),
        (["-j", "many"], "'many' is no number of processes"),
        (["--attempt", "0"], "'0' is none: newest, first, or a number from 1"),
    ):
        said = grade(*words, klass)
        assert (said.code, told in said.err) == (2, True), said.err


def test_no_examples_are_none(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A search through no inputs would find nothing wrong with anything."""
    monkeypatch.chdir(root / "student_template")
    for number in ("0", "-3"):
        assert main(["check", "-q", "--examples", number]) == 2
        assert "--examples must be at least 1" in capsys.readouterr().err
