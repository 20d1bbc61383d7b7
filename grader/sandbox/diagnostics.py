"""What this machine can do: the facts that ``grader doctor`` shows."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from typing import NamedTuple

from grader.model.assignment import Limits
from grader.sandbox.errors import IsolationUnavailable
from grader.sandbox.host.startup import forks
from grader.sandbox.package import Package
from grader.sandbox.protocol.levels import CONFINED, LEVELS
from grader.sandbox.sandbox import Sandbox


class Mechanism(NamedTuple):
    """A means of confinement: whether it works, and its version or what it would take."""

    name: str
    works: bool
    detail: str


class Level(NamedTuple):
    """An isolation level.

    ``holds`` says whether it holds here, ``detail`` why not. ``start_ms`` is what its first start
    takes, ``submission_ms`` to start and end one submission's process (0 where it doesn't hold).
    """

    name: str
    holds: bool
    detail: str
    start_ms: float
    submission_ms: float


class Survey(NamedTuple):
    """What was found out.

    ``level`` is the strongest level available, ``next`` what this machine lacks for the next one.
    """

    level: str
    next: str
    mechanisms: tuple[Mechanism, ...]
    levels: tuple[Level, ...]


def survey() -> Survey:
    """Try every level; return them, strongest first, and the mechanisms. Takes two seconds."""
    levels = tuple(_level(name) for name in reversed(LEVELS))
    strongest = next(level for level in levels if level.holds)
    above = levels[: levels.index(strongest)]
    wanted = f"{above[-1].name}: {above[-1].detail}" if above else ""
    found = (*_mechanisms(), *_kernel(strongest.name))
    return Survey(strongest.name, wanted, found, levels)


def _level(name: str) -> Level:
    limits = Limits()
    began = time.perf_counter()
    try:
        sandbox = Sandbox(limits, level=name, allow_unsandboxed=name not in CONFINED)
    except IsolationUnavailable as refused:
        return Level(name, False, refused.reason, 0.0, 0.0)
    with sandbox:
        started = time.perf_counter()
        times = []
        for _ in range(3):
            before = time.perf_counter()
            sandbox.start(Package("empty", {}, {}, {})).close()
            times.append(time.perf_counter() - before)
    return Level(name, True, "", (started - began) * 1e3, sorted(times)[1] * 1e3)


def _kernel(level: str) -> list[Mechanism]:
    """Say whether whole notebooks can be run; nothing where no level could hold them."""
    if level not in CONFINED:
        return []
    with Sandbox(Limits(), level=level) as sandbox:
        try:
            sandbox.try_kernel()
        except IsolationUnavailable as refused:
            return [Mechanism("Jupyter kernel", False, refused.reason)]
    return [Mechanism("Jupyter kernel", True, "runs notebooks whole (--engine kernel)")]


def _mechanisms() -> list[Mechanism]:
    system = f"{platform.system()} {platform.release()} on {platform.machine()}"
    found = [Mechanism("fork from a zygote", forks(), system)]
    if not forks():
        return found
    from grader.sandbox.confinement import landlock
    from grader.sandbox.confinement.syscalls import MACHINES, machine

    version = landlock.version()
    found.append(
        Mechanism(
            "Landlock",
            version > 0,
            f"ABI {version}" if version else "needs Linux 5.13 or newer with Landlock switched on",
        )
    )
    found.append(
        Mechanism(
            "seccomp",
            machine() is not None,
            "filter for this machine"
            if machine()
            else f"there are tables for {', '.join(MACHINES)}",
        )
    )
    bwrap = shutil.which("bwrap")
    found.append(Mechanism("bubblewrap", bwrap is not None, bwrap or "install bubblewrap (bwrap)"))
    root = os.geteuid() == 0
    found.append(
        Mechanism(
            "another user",
            root,
            "children become nobody" if root else "only a grader run by root can change its user",
        )
    )
    python = f"{platform.python_version()} at {sys.executable}"
    found.append(Mechanism("Python", True, python))
    return found
