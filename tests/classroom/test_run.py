"""A class's run: each hand-in is read once and aligned once, whatever is made of it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.classroom import pool, run, worker
from grader.classroom.gradebook import Gradebook
from grader.cli import main
from grader.submissions import cells

NAME = "FullyConnectedNets"
PLAIN = ("--isolation", "process", "--allow-unsandboxed")


@pytest.fixture
def klass(root: Path, tmp_path: Path) -> Path:
    """Two submissions of the course's own template, notebook included."""
    for name in ("ada", "bo"):
        folder = tmp_path / "class" / name
        shutil.copytree(root / "student_template" / "cs682", folder / "cs682")
        shutil.copy(root / "student_template" / f"{NAME}.ipynb", folder)
    return tmp_path / "class"


@pytest.fixture
def grade(klass: Path, assignment_folder: Path, tmp_path: Path) -> Callable[..., int]:
    """Grade the class's written answers, and write its notebooks back."""

    def grade(*options: object) -> int:
        command = ["grade", klass, "-a", assignment_folder, "-o", tmp_path / "grades", "-q"]
        asked = ["--only", "written", "--annotate", *PLAIN, *options]
        return main([str(word) for word in [*command, *asked]])

    return grade


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is read and what is aligned."""
    counts: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any) -> Any:
            counts[name] += 1
            return function(*arguments)

        return counting

    monkeypatch.setattr(worker, "read_submission", counted("read", worker.read_submission))
    monkeypatch.setattr(run, "read_submission", counted("read", run.read_submission))
    monkeypatch.setattr(cells, "match", counted("aligned", cells.match))
    return counts


def test_a_hand_in_is_read_once_and_aligned_once(
    grade: Callable[..., int], klass: Path, tmp_path: Path, counts: Counter[str]
) -> None:
    """So at first, where its result is kept, and where it was handed in again since."""
    page = tmp_path / "grades" / "submissions" / "ada" / f"{NAME}.html"
    for change in ("first", "kept", "again"):
        if change == "again":
            (klass / "ada" / "cs682" / "optim.py").write_text("changed = True\n")
        counts.clear()
        assert grade() == 0
        assert counts == {"read": 2, "aligned": 2}, change
        assert "verdict" in page.read_text("utf-8")
        page.unlink()


def test_what_was_read_comes_back_from_another_process(
    grade: Callable[..., int], tmp_path: Path
) -> None:
    """With several processes the notebooks written back are the same."""
    made = []
    for options in ((), ("-j", "2")):
        assert grade(*options) == 0
        folder = tmp_path / "grades"
        books = sorted(folder.glob(f"submissions/*/{NAME}.ipynb"))
        made.append({book.parent.name: book.read_text() for book in books})
        assert set(made[-1]) == {"ada", "bo"}
        shutil.rmtree(folder)
    assert made[0] == made[1]


def test_a_gradebook_of_before_is_read(tmp_path: Path) -> None:
    """The column of what a run asked once had the name of the notebooks alone."""
    result: Any = {"submission": "ada", "content": "c", "key": "k", "grader": "1"}
    result |= {"status": "graded", "questions": []}
    with Gradebook(tmp_path) as gradebook:
        gradebook.save(result, ("Nets", "code"))
    with sqlite3.connect(tmp_path / "gradebook.sqlite") as database:
        database.execute("alter table results rename column asked to notebooks")
    database.close()
    for _ in range(2):
        with Gradebook(tmp_path) as gradebook:
            assert gradebook.graded("ada", "k", "1", ("Nets", "code")) == "c"
            assert gradebook.graded("ada", "k", "1", ("Nets",)) is None
            assert list(gradebook.all()) == [result]
            gradebook.save(result, ("Nets", "code"))


def statuses(folder: Path) -> dict[str, str]:
    with Gradebook(folder) as gradebook:
        return {result["submission"]: result["status"] for result in gradebook.all()}


@pytest.mark.parametrize("kills", [1, 2])
def test_a_process_that_is_killed_costs_no_other_submission(
    grade: Callable[..., int], tmp_path: Path, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its submission goes to another process once, then it isn't graded; the run goes on."""
    give, left = pool.Pool.give, [None] * kills

    def give_and_kill(self: pool.Pool, job: pool.Unmarked) -> None:
        give(self, job)
        if job.place.name == "ada" and left:
            left.pop()
            (process,) = [hand.process for hand in self._hands if hand.job is job]
            process.kill()

    monkeypatch.setattr(pool.Pool, "give", give_and_kill)
    assert grade("-j", "2") == (0 if kills == 1 else 3)
    assert not left
    found = statuses(tmp_path / "grades")
    assert found["bo"] == "graded"
    assert found["ada"] == ("graded" if kills == 1 else "not_graded")
    monkeypatch.undo()
    assert grade("-j", "2") == 0
    assert set(statuses(tmp_path / "grades").values()) == {"graded"}


def test_a_process_that_cannot_start_costs_nothing_once(
    grade: Callable[..., int],
    klass: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another takes its submission; where that can't start either, its reason is told."""
    start, asked = pool._Hand.__init__, [0]

    def unable(self: pool._Hand, settings: worker.Settings) -> None:
        asked[0] += 1
        key = settings.key if asked[0] != wrong else tmp_path / "no key"
        start(self, replace(settings, key=key if always is None else always))

    monkeypatch.setattr(pool._Hand, "__init__", unable)
    wrong, always = 1, None
    assert grade("-j", "2") == 0
    assert set(statuses(tmp_path / "grades").values()) == {"graded"}
    shutil.rmtree(tmp_path / "grades")
    always = tmp_path / "no key"
    capsys.readouterr()
    assert grade("-j", "2") == 2
    said = capsys.readouterr().err
    assert "no key" in said
    assert "Traceback" not in said


def test_term_stops_a_run_as_an_interrupt_does(
    grade: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs is finished and kept, nothing new is begun."""
    mark = worker.Worker.mark

    def mark_and_stop(self: worker.Worker, *arguments: Any) -> worker.Marked:
        os.kill(os.getpid(), signal.SIGTERM)
        return mark(self, *arguments)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(worker.Worker, "mark", mark_and_stop)
    assert grade("-j", "1") == 130
    assert statuses(tmp_path / "grades") == {"ada": "graded"}
    assert signal.getsignal(signal.SIGTERM) == before


MAIN = """
import sys
from pathlib import Path
from grader.classroom import pool, worker
from grader.submissions import Place

def below(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [*found, *(other for child in found for other in below(child))]

if __name__ == "__main__":
    course, key, package = map(Path, sys.argv[1:])
    settings = worker.Settings(course, key, level="process", allow_unsandboxed=True)
    found = pool.Pool(settings, 1)
    found.give(pool.Unmarked(Place("right", package)))
    while not (marked := list(found.results(60))):
        pass
    found.give(pool.Unmarked(Place("endless", package.parent / "endless")))
    pid = found._hands[0].process.pid
    print(marked[0].result["status"], pid, *below(pid), flush=True)
    sys.stdin.read()
"""


def test_processes_that_mark_end_with_the_grader(toy_course: Path, tmp_path: Path) -> None:
    """SIGKILL of the main process alone leaves none of them, nor their fork servers.

    The process has marked one submission, and is at work on another.
    """
    for name, text in (("right", ""), ("endless", "while True:\n    pass\n")):
        shutil.copytree(toy_course / "scales", tmp_path / name / "scales")
        with (tmp_path / name / "scales" / "scale.py").open("a") as file:
            file.write(text)
    (tmp_path / "main.py").write_text(MAIN)
    key = toy_course.parent / "reference_outputs"
    command = [sys.executable, tmp_path / "main.py", toy_course, key, tmp_path / "right"]
    with subprocess.Popen(
        list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as grader:
        assert grader.stdout is not None
        status, *pids = grader.stdout.readline().split()
        watched = [os.pidfd_open(int(pid)) for pid in pids]
        for pidfd in watched[1:]:  # its work can't come to an end by itself
            signal.pidfd_send_signal(pidfd, signal.SIGSTOP)
        grader.kill()
        ended = [bool(select.select(watched[:1], [], [], 60)[0])]
        for pidfd in watched[1:]:
            signal.pidfd_send_signal(pidfd, signal.SIGCONT)
            ended.append(bool(select.select([pidfd], [], [], 60)[0]))
    for pidfd in watched:
        os.close(pidfd)
    assert status == "graded"
    assert len(pids) >= 2  # itself and a fork server
    assert all(ended)
