"""Interrupted once, a run finishes what runs, keeps all of it, and can be taken up again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, table

from grader.cli import progress

NAMES = ["ada", "bo", "cy", "di", "ed", "flo"]
LOOP = "def decay(w, dw, config=None):\n    while True: pass\n"


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_keeps_what_was_marked(
    grade: Grade, put: Put, klass: Path, grades: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing new is begun, what ran is in the table, and the same command marks the rest."""
    for name in NAMES:
        put(name)
    line = progress.line

    def interrupting(*arguments: object) -> str:
        signal.raise_signal(signal.SIGINT)
        monkeypatch.setattr(progress, "line", line)
        return line(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(progress, "line", interrupting)
    said = grade(klass, "-j", jobs)
    assert said.code == 130
    assert said.err.splitlines()[-1].startswith("interrupted: results so far are kept")
    marked = set(table(grades))
    # What a worker holds ready beside what it runs is finished too.
    assert 1 <= len(marked) <= (1 if jobs == 1 else 5)
    assert {path.parent.name for path in grades.glob("submissions/*/result.json")} == marked

    again = grade(klass, "-j", jobs)
    assert again.code == 0
    assert again.err.count("(kept)") == len(marked)
    assert list(table(grades)) == NAMES


def test_a_second_interrupt_stops_at_once(
    grade: Grade, put: Put, klass: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever insists isn't made to wait for what runs."""
    put("ada")
    put("bo")

    def twice(*arguments: object) -> str:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the second interrupt passed")

    monkeypatch.setattr(progress, "line", twice)
    assert grade(klass).code == 130


def test_an_interrupt_is_a_signal_to_everyone(
    toy_course: Path, put: Put, klass: Path, grades: Path
) -> None:
    """As a terminal sends it: to the grader, its zygote and the submission that runs."""
    for name in NAMES:
        put(name, steps=LOOP)
    arguments = ["grade", klass, "-a", toy_course, "-o", grades, *PLAIN]
    started = [sys.executable, "-m", "grader", *map(str, arguments)]
    with subprocess.Popen(
        started, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("[1/6] ada"):
                os.killpg(process.pid, signal.SIGINT)
    assert process.returncode == 130, lines
    assert "Traceback" not in "".join(lines)
    rows = table(grades)
    assert 1 <= len(rows) < len(NAMES)
    # What ran at that moment is not the worse for it.
    assert {row["score"] for row in rows.values()} == {"10"}


def test_an_interrupt_while_the_command_is_loaded_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Modules are still being imported then: no traceback, and the exit code of an interrupt."""
    from grader import __main__

    class Interrupting:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "grader.cli":
                raise KeyboardInterrupt

    for name in [name for name in sys.modules if name.startswith("grader.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    assert __main__.main() == 130
    assert capsys.readouterr().err == "interrupted\n"
