"""Starts the fork server that an isolation level needs, and proves that the level holds.

What Linux alone has is imported where it is needed: the level ``none`` works everywhere.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from grader.sandbox.errors import Fault
from grader.sandbox.protocol.levels import CODE, CONFINED, KERNEL

#: How often a level is tried whose processes are killed while it is proven.
_TRIES = 3

if TYPE_CHECKING:
    from grader.model.assignment import Limits
    from grader.sandbox.host.forkserver import ForkServer


def forks() -> bool:
    """Return whether this system can fork children, which all levels above ``none`` need."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def begin(level: str, holds: str = CODE) -> tuple[ForkServer | None, str]:
    """Begin to start what *level* needs; return it and "", or ``None`` and why there is none.

    At the level ``none`` nothing is needed. *holds* is one of
    :data:`~grader.sandbox.protocol.levels.HOLDS`.
    """
    if level == "none":
        return None, ""
    if not forks():
        return None, "it needs Linux 5.3 or newer"
    from grader.sandbox.confinement import confine, landlock
    from grader.sandbox.host import bubblewrap
    from grader.sandbox.host.forkserver import ForkServer

    confine.hide()
    wrapper: list[str] = []
    if level.startswith("namespaces"):
        wrapper, why = bubblewrap.command(holds)
        if why:
            return None, why
    if "landlock" in level and not landlock.version():
        return None, "the kernel has no Landlock (Linux 5.13 or newer, switched on)"
    preload = level == "seccomp-strict" or not confine.sees_library()
    return ForkServer(wrapper, preload=preload, holds=holds), ""


def prove(server: ForkServer | None, level: str, limits: Limits, *, kernel: bool = False) -> str:
    """Wait for what was begun; return "" if the level holds, else end it and return why not."""
    if server is None:
        return ""
    from grader.sandbox.host import bubblewrap, trial

    try:
        server.greet()
        why = bubblewrap.shared(server.facts["spaces"]) if level.startswith("namespaces") else ""
        if not why and level in CONFINED:
            why = trial.prove(server, level, limits, kernel=kernel)
    except Fault as fault:
        why = str(fault)
    if why:
        server.close()
    return why


def started(
    level: str,
    limits: Limits,
    holds: str = CODE,
    first: tuple[ForkServer | None, str] | None = None,
) -> tuple[ForkServer | None, str]:
    """Start what *level* needs and prove it; return it and "", or ``None`` and why there is none.

    *first* is what :func:`begin` has returned before. Where the fork server or the trial process
    was killed or stopped by somebody else, that says nothing of the level: it is started again.
    """
    for _ in range(_TRIES):
        server, why = first or begin(level, holds)
        first = None
        if why or server is None:
            return server, why
        why = prove(server, level, limits, kernel=holds == KERNEL)
        if not why:
            return server, ""
        from grader.sandbox.host.trial import NO_ANSWER

        if not (server.killed or why.startswith(NO_ANSWER)):
            break
    return None, why
