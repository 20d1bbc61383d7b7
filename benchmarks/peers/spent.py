"""The CPU seconds of a command with all that it leaves behind, which it also ends."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h


def spent(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float | None = None
) -> float:
    """Run *command* quietly, however it ends, and return the CPU seconds of all its processes.

    A kernel that outlives it, or that a submission forked, is ended and counted too. Raises
    :class:`subprocess.TimeoutExpired` after *timeout* seconds, with all of them ended.
    """
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    before = _cpu()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        process.wait(timeout)
    finally:
        while children := Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            for pid in map(int, children):  # the orphans of these are ours in the next turn
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    return _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
