"""The trial attacks, from the grader's side: what gets through at a level before it is believed.

A level holds when a real child has tried every attack
(:mod:`grader.sandbox.confinement.attacks`), each was turned away, and the grader finds nothing
written. Anything else (a child that doesn't answer, an answer that lacks an attack) counts as
getting through.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.sandbox.confinement.attacks import ALLOWED_TO_KERNELS, ATTACKS, Targets
from grader.sandbox.errors import ChildEnded
from grader.sandbox.host.forked import ForkedProcess
from grader.sandbox.protocol import frames

if TYPE_CHECKING:
    from grader.model.assignment import Limits
    from grader.sandbox.host.forkserver import ForkServer

_SECONDS = 10.0
#: How the reason begins where the trial process gave no answer.
NO_ANSWER = "the trial process didn't answer"


def prove(server: ForkServer, level: str, limits: Limits, *, kernel: bool = False) -> str:
    """Try the attacks at *level*; return "" if all were turned away, else what wasn't.

    A *kernel* may open unix sockets, though none that leads out. Raises
    :class:`~grader.sandbox.errors.Fault` where the fork server is gone.
    """
    with _targets() as targets:
        with _attacker(server, level, limits) as (child, printed):
            answer = _answer(child, targets)
            said = os.pread(printed, 200, 0).decode("utf-8", "replace")
        written = Path(targets["trace"]).exists()
    if answer is None:
        return f"{NO_ANSWER} ({said or 'it said nothing'})"
    worked: dict[str, str] = json.loads(answer)
    if set(worked) != set(ATTACKS):
        return "the trial process didn't try every attack"
    got_through = sorted(
        name for name, how in worked.items() if how and not (kernel and name in ALLOWED_TO_KERNELS)
    )
    if written:
        got_through.append("a file was left")
    return ", ".join(got_through)


@contextmanager
def _targets() -> Iterator[Targets]:
    """Set up what the attacks aim at, and give the places of it as facts for the child.

    That is a secret in a file and in this process's memory, a folder to write in and a unix socket
    that listens. The levels must hold by their own means, so the modes of files let everyone in.
    """
    token = secrets.token_bytes(16)
    planted = ctypes.create_string_buffer(token)
    with (
        tempfile.TemporaryDirectory(prefix="grader-trial-") as folder,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        secret, address = Path(folder, "secret"), Path(folder, "socket")
        secret.write_bytes(token)
        listening.bind(str(address))
        listening.listen()
        for path, mode in ((address, 0o777), (secret, 0o644), (Path(folder), 0o777)):
            path.chmod(mode)
        yield {
            "secret": str(secret),
            "trace": str(Path(folder, "trace")),
            "socket": str(address),
            "pid": os.getpid(),
            "address": ctypes.addressof(planted),
        }


@contextmanager
def _attacker(
    server: ForkServer, level: str, limits: Limits
) -> Iterator[tuple[ForkedProcess, int]]:
    """Give a child that attacks, and the descriptor that it prints to; it is ended afterwards."""
    printed = os.memfd_create("trial")
    try:
        child = ForkedProcess(server, "attack", level, limits, printed)
        try:
            yield child, printed
        finally:
            child.close()
    finally:
        os.close(printed)


def _answer(child: ForkedProcess, targets: Targets) -> bytes | None:
    """Have *child* try the attacks on *targets*; return what it says of them, if it does."""
    try:
        child.send(frames.frame(frames.ATTACK, json.dumps(targets).encode()))
        answer = child.receive(_SECONDS)
        if answer is not None and answer.kind == frames.READY:
            answer = child.receive(_SECONDS)
    except (ChildEnded, frames.Garbled):
        return None
    return answer.text if answer is not None and answer.kind == frames.OUTCOMES else None
