"""What a command uses: wall and CPU seconds of all its processes, and the largest one's memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Usage(NamedTuple):
    wall: float
    cpu: float
    megabytes: float


#: What every measured command runs with: as many threads as the sandbox has.
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def run(
    command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] = ENVIRONMENT
) -> Usage:
    """Run *command* quietly. Raises :class:`subprocess.CalledProcessError` for a bad end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    wall = time.perf_counter() - began
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def repeated(command: Callable[[], Sequence[str]], times: int) -> Usage:
    """Return the median of each figure over several runs, after one that warms the caches."""
    run(command())
    found = [run(command()) for _ in range(times)]
    return Usage(*(median(figures) for figures in zip(*found, strict=True)))


def grader(*arguments: str) -> list[str]:
    """Return the command line of ``grader`` in this Python."""
    boot = "from grader.cli import main; raise SystemExit(main())"
    return [sys.executable, "-c", boot, *arguments]
