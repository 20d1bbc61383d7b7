"""A desk as its own process, to be asked by a real browser and to be killed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """``grader mark`` on a folder of results. ``address`` has the token of this start."""

    def __init__(self, folder: Path, marker: str = "", port: int = 0) -> None:
        self._command = [
            *(sys.executable, "-m", "grader", "mark", str(folder), "-q"),
            *("-a", str(ROOT / "assignment"), "--port", str(port or free_port())),
            *(("--marker", marker) if marker else ()),
        ]
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    @property
    def base(self) -> str:
        return self.address.partition("/?")[0]

    def start(self) -> None:
        """Start it, anew and on the same port where it was killed; return when it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert self.address, "the desk hasn't started"

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> int:
        """End it as Ctrl-C does; return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)


def free_port() -> int:
    """Return a port that nobody has just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(folder: Path, marker: str = "") -> Iterator[Served]:
    """Serve a folder while the block runs."""
    desk = Served(folder, marker)
    desk.start()
    try:
        yield desk
    finally:
        desk.kill()
