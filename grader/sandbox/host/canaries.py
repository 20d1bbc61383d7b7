"""Attacks tried in a real child before any submission: they show what a level holds.

:func:`prove` runs in the grader, :func:`serve` in the child. A level holds when the child has
tried every attack, each was turned away, and the grader finds nothing written. Anything else
(a child that doesn't answer, an answer that lacks an attack) counts as not held.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from grader.sandbox.confinement.attacks import ALLOWED_TO_KERNELS, ATTACKS
from grader.sandbox.errors import ChildEnded
from grader.sandbox.protocol import frames

if TYPE_CHECKING:
    from grader.model.assignment import Limits
    from grader.sandbox.host.forkserver import ForkServer

_SECONDS = 10.0


def prove(server: ForkServer, level: str, limits: Limits, *, kernel: bool = False) -> str:
    """Try the attacks at *level*; return "" if all were turned away, else what wasn't.

    A *kernel* may open unix sockets, though none that leads out.
    """
    from grader.sandbox.host.forked import ForkedProcess

    token = secrets.token_bytes(16)
    planted = ctypes.create_string_buffer(token)
    with tempfile.TemporaryDirectory(prefix="grader-canary-") as folder:
        secret, trace = Path(folder, "secret"), Path(folder, "trace")
        secret.write_bytes(token)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(Path(folder, "socket")))
        listening.listen()
        Path(folder, "socket").chmod(0o777)
        # The levels must hold by their own means, whatever the modes of files are.
        secret.chmod(0o644)
        Path(folder).chmod(0o777)
        facts = {
            "secret": str(secret),
            "trace": str(trace),
            "socket": str(Path(folder, "socket")),
            "pid": os.getpid(),
            "address": ctypes.addressof(planted),
        }
        printed = os.memfd_create("canary")
        try:
            child = ForkedProcess(server, "attack", level, limits, printed)
            try:
                child.send(frames.frame(frames.ATTACK, json.dumps(facts).encode()))
                answer = child.receive(_SECONDS)
                if answer is not None and answer.kind == frames.READY:
                    answer = child.receive(_SECONDS)
            except (ChildEnded, frames.Garbled):
                answer = None
            finally:
                child.close()
            if answer is None or answer.kind != frames.OUTCOMES:
                said = os.pread(printed, 200, 0).decode("utf-8", "replace")
                return f"the trial process didn't answer ({said or 'it said nothing'})"
        finally:
            os.close(printed)
            listening.close()
        left = trace.exists()
    worked: dict[str, str] = json.loads(answer.text)
    if set(worked) != set(ATTACKS):
        return "the trial process didn't try every attack"
    got_through = sorted(
        name for name, how in worked.items() if how and not (kernel and name in ALLOWED_TO_KERNELS)
    )
    if left:
        got_through.append("a file was left")
    return ", ".join(got_through)
