"""The options of all commands: each has help, shells complete them, and numbers are checked."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess

import pytest

from grader.cli import main, parser


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command."""
    (found,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


def test_every_option_has_help() -> None:
    """Of every command; an option without a word is one that nobody finds."""
    silent = [
        f"{name} {action.dest}"
        for name, made in commands().items()
        for action in made._actions
        if not action.help
    ]
    assert silent == []


def test_no_jobs_are_all_cores(capsys: pytest.CaptureFixture[str]) -> None:
    """-j 0 means one on each core; a number below is refused."""
    assert parser().parse_args(["grade", "x", "-j", "0"]).jobs == len(os.sched_getaffinity(0))
    for wrong in ("-1", "many"):
        with pytest.raises(SystemExit):
            parser().parse_args(["grade", "x", f"-j={wrong}"])


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("grader ex", {"explain", "export"}),
        ("grader grade --lay", {"--layout"}),
        ("grader grade --layout mood", {"moodle"}),
        ("grader export canv", {"canvas", "canvas-feedback"}),
    ],
)
def test_bash_completes(capsys: pytest.CaptureFixture[str], words: str, offered: set[str]) -> None:
    """Commands, options and choices, by the script that the command prints."""
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    typed = words.split()
    ask = (
        f"{script}\nCOMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _grader\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_scripts(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    """They name the same commands."""
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in commands())
