"""The command line as a program: help, streams of other programs, terminals."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Put, Said

import grader as engine
from grader.cli import main, parser


def program(
    *arguments: object, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        capture_output=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


def test_help_names_every_command(grader: Callable[..., Said]) -> None:
    """Each command of the parser has a module, and a line of help."""
    said = grader("--help")
    assert said.code == 0
    for command in ("build", "grade", "check", "explain", "doctor"):
        assert f"\n    {command} " in said.out
        assert grader(command, "--help").code == 0


def undescribed(made: argparse.ArgumentParser) -> list[str]:
    """Return the options and arguments of a parser and its commands that have no help."""
    found = []
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                found += [f"{name} {option}" for option in undescribed(command)]
        elif not action.help:
            found.append("/".join(action.option_strings) or action.dest)
    return found


def test_every_option_has_help() -> None:
    """No option or argument of any command is left without a line; one that were is found."""
    assert undescribed(parser()) == []
    made = argparse.ArgumentParser()
    made.add_subparsers().add_parser("mark").add_argument("--dry")
    assert undescribed(made) == ["mark --dry"]


def test_help_loads_nothing_heavy() -> None:
    """numpy and Hypothesis aren't imported to print a help text."""
    code = (
        "import sys, grader.cli\n"
        "try: grader.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'hypothesis', 'nbformat', 'jinja2', 'rich'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_versions_and_wrong_calls(grader: Callable[..., Said]) -> None:
    """--version is data; no command, or an unknown one, is usage."""
    assert grader("--version").out == f"grader {engine.__version__}\n"
    assert grader().code == 2
    assert grader("mark").code == 2


def test_a_run_off_a_terminal_has_no_colour_and_no_animation(
    toy_course: Path, put: Put, klass: Path, grades: Path
) -> None:
    """Plain lines for a log, with and without NO_COLOR, in whatever encoding it has."""
    put("Zoë")
    put("b\x1b[31mo")
    ran = [
        program(
            "grade", klass, "-a", toy_course, "-o", grades, *PLAIN,
            env={"PYTHONIOENCODING": "ascii", **colour},
        )
        for colour in ({"NO_COLOR": "1"}, {"FORCE_COLOR": "1"})
    ]  # fmt: skip
    for run in ran:
        assert run.returncode == 0
        for text in (run.stdout, run.stderr):
            assert not {b"\x1b", b"\r"} & {text[i : i + 1] for i in range(len(text))}
    assert ran[0].stdout.splitlines()[0].startswith(rb"Zo\xeb")


def test_a_reader_that_goes_away_is_no_error(
    toy_course: Path, put: Put, klass: Path, grades: Path
) -> None:
    """``grader grade ... | head -0`` ends without a traceback, its files written."""
    put("ada")
    reader, writer = os.pipe()
    os.close(reader)
    arguments = ["grade", klass, "-a", toy_course, "-o", grades, *PLAIN, "--json"]
    run = subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert run.returncode == 0
    assert b"Traceback" not in run.stderr
    assert b"BrokenPipe" not in run.stderr
    assert (grades / "grades.csv").exists()


def test_an_error_of_the_system_is_one_line(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of the course's that is gone is named, without a traceback."""
    shutil.rmtree(toy / "checks")
    (toy / "checks").write_text("no folder")
    assert main(["build", "-a", str(toy)]) == 2
    said = capsys.readouterr().err
    assert "checks" in said
    assert said.count("\n") == 1
