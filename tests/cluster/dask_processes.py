"""Clusters of dask's own processes, and what a run on one leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

#: What each worker of a test loads when it starts.
DOUBLE = Path(__file__).with_name("double.py")
#: Of a result that isn't the same twice.
OF_THE_RUN = ("started", "seconds")
Grade = Callable[..., int]


class Dask:
    """A scheduler and two workers, each a process of dask's own commands."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self._folder, self._started = folder, list[subprocess.Popen[bytes]]()
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start all three; the scheduler where it was."""
        there = ["--host", "127.0.0.1", "--port", str(self.port), "--scheduler-file", self.file]
        self._run("scheduler", *there, "--no-dashboard")
        for number in (0, 1):
            own = self._folder / f"worker-{number}"
            words = ["--nthreads", "1", "--nworkers", "1", "--no-dashboard", "--name", str(number)]
            self._run("worker", self.address, *words, "--local-directory", own)

    def wait(self) -> None:
        """Wait until the scheduler has written its file."""
        while not (self.file.exists() and self.file.read_text().endswith("}")):
            assert self._started[0].poll() is None

    def _run(self, *words: object) -> None:
        command = [sys.executable, "-m", "dask", *map(str, words)]
        with (self._folder / "said.log").open("ab") as log:
            self._started.append(subprocess.Popen(command, stdout=log, stderr=log))

    def kill_scheduler(self) -> None:
        """End the scheduler at once; the workers end with it, by themselves."""
        scheduler, *workers = self._started
        scheduler.kill()
        scheduler.wait()
        for worker in workers:
            worker.terminate()
            worker.wait()
        self._started = []

    def close(self) -> None:
        for process in reversed(self._started):
            process.terminate()
        for process in self._started:
            process.wait()


def pids(address: str) -> dict[str, int]:
    """Return the process of each worker, by its address."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return dict(client.run(os.getpid))


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def results(output: Path) -> dict[str, str]:
    """Return each ``result.json`` without what is never the same twice; fields in their order."""
    found = {}
    for path in sorted(output.glob("submissions/*/result.json")):
        result = json.loads(path.read_text("utf-8"))
        found[path.parent.name] = json.dumps(
            {k: v for k, v in result.items() if k not in OF_THE_RUN}
        )
    return found
