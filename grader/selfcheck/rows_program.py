"""The program that runs an assignment's rows for ``grader check``, in a process that holds nothing.

``checks/`` is a program: the course's in a student's own folder, and anybody's in anybody else's.
It is imported here, after this process has given up writing, networks, other processes and every
file but Python's libraries and a copy of ``checks/``. What it draws goes out as data and is asked
of the work elsewhere; answers come back, and are judged here.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import IO

from grader.key import dependence, examples, sources
from grader.key.checks import course_checks
from grader.model.problem import Problem
from grader.model.programs import Run
from grader.model.trees import dumps, pack
from grader.sandbox import Batch, Reply
from grader.selfcheck import wire
from grader.selfcheck.questions import check
from grader.selfcheck.search import Budget

#: Beyond what Python itself takes, in bytes; seconds of CPU.
_MEMORY, _SECONDS = 2 << 30, 900


class Asker:
    """Answers runs by asking them of the process that started this one."""

    def __init__(self, requests: IO[bytes], replies: IO[bytes]) -> None:
        self._out, self._in = requests, replies

    def ask(self, batch: Batch, seconds: float | None = None) -> list[Reply]:
        del seconds  # who answers has limits of its own
        return [self._asked(run) for run in batch.runs]

    @property
    def used_share(self) -> float:
        """Zero: who answers beyond the pipe counts its own time."""
        return 0.0

    @property
    def cpu_seconds(self) -> float:
        """Zero, for the same reason."""
        return 0.0

    def text(self, path: str) -> bytes | None:
        """Return ``None``: the work's files aren't here."""
        return None

    def _asked(self, run: Run) -> Reply:
        examples, data = pack([dict(example) for example in run.examples])
        text = {"id": run.id, "program": run.program.to_json(), "examples": examples}
        wire.send(self._out, wire.ASK, dumps(text), data)
        answer = wire.receive(self._in)
        # Any line may be told: it is the work of who asks.
        return Reply(run, answer.text, answer.data, None)


def main() -> None:
    """Search, and say what was found. Argument: the options, as JSON."""
    options = json.loads(sys.argv[1])
    warnings.simplefilter("ignore")
    replies, requests = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    if options["confined"]:
        _confine(options["readable"], max(replies.fileno(), requests.fileno()) + 1)
    try:
        place = Path(options["place"])
        assignment, checks = sources.manifest(place), course_checks(place)
        public = examples.load(place / examples.FOLDER, assignment.id)
        asker = Asker(requests, replies)
        budget = Budget(options["examples"], options["seconds"])
        found = check(
            assignment,
            checks,
            public,
            options["questions"],
            asker,
            budget,
            options["stubs"],
            cache(lambda: dependence.load(place / examples.FOLDER, assignment.id)),
        )
        for checked in found:
            wire.send(requests, wire.RESULT, json.dumps(asdict(checked)).encode("ascii"))
    except EOFError:
        return  # nobody listens any more
    except BaseException as error:
        said = str(error) if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
        wire.send(requests, wire.FAILED, said[:1000].encode())
    else:
        wire.send(requests, wire.DONE, b"")


def _confine(readable: list[str], descriptors: int) -> None:
    """Give up every power but computing and reading *readable*."""
    from grader.sandbox.confinement.confine import Confinement

    # It stays who it is: its own library may be closed to other users.
    ready = Confinement(readable, None)
    ready.apply(
        "landlock+seccomp", _SECONDS, _MEMORY, 1 << 20, parent=os.getppid(), descriptors=descriptors
    )
