"""How far a class is: what a terminal shows, and what a log holds in its place."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest_cli import PLAIN, Put, table
from rich.console import Console

from grader.cli import progress

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
import termios  # noqa: E402

LOOP = "def decay(w, dw, config=None):\n    while True: pass\n"
HIDE, SHOW, ERASE = b"\x1b[?25l", b"\x1b[?25h", b"\x1b[2K"
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*[349]\d")
#: Makes the terminal of that descriptor the process's own, and becomes the command.
AT = "import os, sys; os.login_tty(int(sys.argv[1])); os.execv(sys.executable, sys.argv[2:])"

Answer = Callable[[bytes], bytes]


class Screen:
    """A command at a terminal of its own: all that it wrote there, and its exit code."""

    def __init__(
        self,
        *arguments: object,
        env: Mapping[str, str] | None = None,
        answer: Answer = lambda seen: b"",
    ) -> None:
        """*answer* is what is typed, given all that was seen so far."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        before = termios.tcgetattr(theirs)
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        bare = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        with subprocess.Popen(
            [sys.executable, "-c", AT, str(theirs), *command],
            pass_fds=[theirs],
            env={**bare, "TERM": "xterm-256color", **(env or {})},
        ) as process:
            self.seen = b""
            while part := _read(ours, process):
                self.seen += part
                if typed := answer(self.seen):
                    os.write(ours, typed)
        self.code = process.returncode
        self.whole = termios.tcgetattr(theirs) == before
        os.close(theirs)
        os.close(ours)


def _read(terminal: int, process: subprocess.Popen[bytes]) -> bytes:
    """Return what was written; nothing once the command has ended and all is read."""
    import select

    while True:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            return os.read(terminal, 65536)
        if process.poll() is not None:
            return b""


@pytest.fixture
def command(toy_course: Path, klass: Path, grades: Path) -> list[object]:
    """What grades the class of the toy assignment."""
    return ["grade", klass, "-a", toy_course, "-o", grades, *PLAIN]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_terminal_sees_who_is_marked_and_what_is_left(
    command: list[object], put: Put, jobs: int
) -> None:
    """The bar counts, names what runs, and is gone when the scores are printed."""
    names = ["ada", "bo", "cy"][: jobs + 1]
    for name in names:
        put(name, steps=LOOP)
    screen = Screen(*command, "-j", jobs)
    assert screen.code == 0
    _, _, shown = screen.seen.partition(HIDE)
    bar, _, after = shown.rpartition(ERASE)
    assert b"0/%d" % len(names) in bar
    assert b"%d/%d" % (jobs, len(names)) in bar
    assert re.search(rb"\d+ s left", bar)
    assert b", ".join(name.encode() for name in names[:jobs]) in bar
    for name in names:
        assert name.encode() in bar
        assert f"] {name}  10/15".encode() not in screen.seen
        assert f"{name} ".encode() in after
    assert COLOUR.search(bar)
    assert b"\x1b" not in after
    assert screen.seen.count(HIDE) == screen.seen.count(SHOW) == 1


def test_who_needs_a_look_is_named_above_the_bar(
    command: list[object], put: Put, klass: Path
) -> None:
    """A submission that can't be read has its line at once, on a terminal too."""
    put("ada")
    (klass / "empty").mkdir()
    screen = Screen(*command, env={"NO_COLOR": "1"})
    assert re.search(rb"\[\d/2\] empty  unreadable: ", screen.seen)
    assert HIDE in screen.seen
    assert not COLOUR.search(screen.seen)


@pytest.mark.parametrize("how", ["quiet", "dumb"])
def test_a_bar_can_be_refused(command: list[object], put: Put, how: str) -> None:
    """With --quiet only the data is left; a terminal that moves no cursor gets lines."""
    put("ada")
    screen = Screen(*command, *(["-q"] if how == "quiet" else []), env={"TERM": "dumb"})
    assert screen.code == 0
    assert b"\x1b" not in screen.seen
    assert (b"[1/1] ada  15/15" in screen.seen) == (how == "dumb")
    first = b"ada: 15 of 15" if how == "quiet" else b"assignment: "
    assert screen.seen.splitlines()[0].startswith(first)


def test_an_interrupt_leaves_the_terminal_whole(
    command: list[object], put: Put, grades: Path
) -> None:
    """Ctrl-C: the bar says that it ends, the cursor comes back, what ran is in the table."""
    names = ["ada", "bo", "cy"]
    for name in names:
        put(name, steps=LOOP)
    typed: list[bytes] = []

    def answer(seen: bytes) -> bytes:
        if typed or b"0/3" not in seen or b"ada" not in seen.partition(HIDE)[2]:
            return b""
        typed.append(b"\x03")
        return b"\x03"

    screen = Screen(*command, answer=answer)
    assert screen.code == 130
    assert screen.whole
    assert b"finishing what runs" in screen.seen
    assert screen.seen.rindex(SHOW) > screen.seen.rindex(HIDE)
    assert b"interrupted: results so far are kept" in screen.seen.rpartition(ERASE)[2]
    assert b"Traceback" not in screen.seen
    rows = table(grades)
    assert 1 <= len(rows) < len(names)
    assert {row["score"] for row in rows.values()} == {"10"}


def result(name: str, status: str = "graded") -> dict[str, Any]:
    return {"submission": name, "status": status, "score": 1.0, "max_score": 2.0, "notes": []}


def test_what_is_left_follows_from_what_was_marked() -> None:
    """Results that were kept took no time: the rest is reckoned from those of this run."""
    now = [100.0]
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=60)
    bar = progress.Bar(6, console=console, clock=lambda: now[0])

    def drawn() -> str:
        with console.capture() as captured:
            console.print(bar.drawn())
        return captured.get()

    with bar:
        bar.marked(result("kept"), True)
        bar.running(["[bold]bo[/bold]"])
        assert "left" not in drawn()
        assert "1/6" in drawn()
        assert "[bold]bo[/bold]" in drawn()
        now[0] += 30
        bar.marked(result("bo"), False)
        assert "2 min left" in drawn()
        now[0] += 40
        assert "80 s left" in drawn()
        bar.running(["a name that is longer than what a narrow window has room for"])
        assert len(drawn().splitlines()) == 1
        assert "…" in drawn()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "1 s left"),
        (0.4, "1 s left"),
        (89.4, "89 s left"),
        (90, "2 min left"),
        (3600, "60 min left"),
        (2 * 3600 + 120, "2 h 2 min left"),
    ],
)
def test_time_is_said_as_exactly_as_it_is_known(seconds: float, said: str) -> None:
    """Seconds, then minutes, then hours; never less than a second while something runs."""
    assert progress.left(seconds) == said
