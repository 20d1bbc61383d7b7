"""One grading run at a time in a folder: a lock that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from grader.classroom.gradebook import Gradebook
from grader.model.problem import Problem

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

#: Under what name the gradebook keeps who runs.
_HOLDER = "run"


class Busy(Problem, RuntimeError):
    """Another run works in the folder; the message says which."""


@contextmanager
def only_run(folder: Path, gradebook: Gradebook) -> Iterator[None]:
    """Hold *folder* while the block runs. Raises :class:`Busy` where another run holds it.

    The folder itself is locked: nothing is left behind, and a run that was killed holds nothing.
    Where the system can't lock a folder, nobody is kept out.
    """
    descriptor = _locked(folder)
    if descriptor == _TAKEN:
        holder = gradebook.about(_HOLDER) or "another run"
        raise Busy(
            f"{holder} is grading into {folder}: wait until it is done, or choose another folder "
            "with -o"
        )
    try:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        gradebook.tell(_HOLDER, f"process {os.getpid()} on {socket.gethostname()}, since {now},")
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


_TAKEN = -1


def _locked(folder: Path) -> int | None:
    """Return a descriptor that holds the lock; ``None`` where there are no locks."""
    if fcntl is None:
        return None
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return _TAKEN
        except OSError:
            os.close(descriptor)
            return None
        return descriptor
    return None
