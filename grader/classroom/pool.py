"""Processes that mark submissions side by side; one that ends costs the others nothing."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Protocol, cast

from grader.classroom.worker import Marked, Settings, Worker
from grader.model.problem import Problem
from grader.sandbox.protocol.levels import LEVELS
from grader.submissions import Place, Submission

#: How many processes a submission may lose before it is given up.
TRIES = 2


@dataclass(frozen=True)
class Unmarked:
    """A submission to mark: its place, and its content if that has been read already.

    ``reason`` says why one was given up, where there is more to say than that it was.
    """

    place: Place
    submission: Submission | None = None
    reason: str = ""


class Hands(Protocol):
    """What marks submissions side by side: :class:`Pool`, or a cluster."""

    @property
    def free(self) -> bool:
        """Whether something can be given."""

    @property
    def busy(self) -> Sequence[str]:
        """The names of the submissions that were given and haven't come back."""

    def give(self, job: Unmarked) -> None:
        """Have *job* marked."""

    def results(self, seconds: float) -> Iterator[Marked | Unmarked]:
        """Yield what is marked within *seconds*; an :class:`Unmarked` has been given up."""

    def stop(self) -> None:
        """Begin nothing new: what was given and isn't begun is forgotten."""

    def close(self, *, kill: bool = False) -> None:
        """End all of it, at once with *kill*."""


class _Hand:
    """One process of the pool, and the submission that it has."""

    def __init__(self, settings: Settings) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(settings, theirs))
        self.process.start()
        theirs.close()
        self.job: Unmarked | None = None

    def end(self, *, kill: bool) -> None:
        """Have the process end, at once with *kill*, and wait for it."""
        self.pipe.close()
        if kill:
            self.process.kill()
        self.process.join()
        self.process.close()


class Pool:
    """At most *jobs* processes with a :class:`~grader.classroom.worker.Worker` each.

    A process starts when there is something for it to mark. It ends with this one, however this
    one ends. Each is to hold the isolation *level* that the first worker has found.
    """

    def __init__(self, settings: Settings, jobs: int, level: str = "") -> None:
        found = next((name for name in LEVELS if name == level), settings.level)
        self._settings, self._jobs = replace(settings, level=found), jobs
        self._hands: list[_Hand] = []
        self._lost: dict[str, int] = {}

    @property
    def free(self) -> bool:
        """Whether something can be given."""
        return len(self.busy) < self._jobs

    @property
    def busy(self) -> Sequence[str]:
        """The names of the submissions that are being marked."""
        return [hand.job.place.name for hand in self._hands if hand.job is not None]

    def give(self, job: Unmarked) -> None:
        """Have *job* marked, by a process that is idle or a new one."""
        idle = [hand for hand in self._hands if hand.job is None]
        if not idle:
            idle = [_Hand(self._settings)]
            self._hands += idle
        idle[0].job = job
        with suppress(OSError):  # it may have ended: that is met when its answer is awaited
            idle[0].pipe.send(job)

    def results(self, seconds: float) -> Iterator[Marked | Unmarked]:
        """Yield what is marked within *seconds*; an :class:`Unmarked` has been given up.

        A submission whose process ends, or can't start, is given to another one, :data:`TRIES`
        times in all. Raises what the last of them raised.
        """
        waiting = {hand.pipe: hand for hand in self._hands if hand.job is not None}
        for pipe in wait(list(waiting), seconds):
            hand = waiting[cast("Connection[object, object]", pipe)]
            job, hand.job = hand.job, None
            assert job is not None
            try:
                found = hand.pipe.recv()
            except (EOFError, OSError):
                found = None
            if isinstance(found, Marked):
                yield found
                continue
            self._hands.remove(hand)
            hand.end(kill=True)
            name = job.place.name
            self._lost[name] = self._lost.get(name, 0) + 1
            if self._lost[name] < TRIES:
                self.give(job)
            elif isinstance(found, BaseException):
                raise found  # it can't start here, where another could
            else:
                yield job

    def stop(self) -> None:
        """Do nothing: what is given is begun."""

    def close(self, *, kill: bool = False) -> None:
        """End all processes: idle ones by themselves, at once with *kill*."""
        while self._hands:
            hand = self._hands.pop()
            hand.end(kill=kill or hand.job is not None)


def _serve(settings: Settings, pipe: Connection[object, object]) -> None:
    """Mark what comes through *pipe* until it is closed: the program of a process of the pool."""
    # The terminal, or a supervisor, signals every process of the group; the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_watch, daemon=True).start()
    worker = None
    try:
        worker = Worker(settings)
        while True:
            job = cast(Unmarked, pipe.recv())
            pipe.send(worker.mark(job.place, job.submission))
    except (EOFError, OSError):
        pass
    except Problem as problem:
        pipe.send(Problem(str(problem)))
    except Exception:  # one of another class might not cross
        pipe.send(RuntimeError(traceback.format_exc()))
    finally:
        if worker is not None:
            worker.close()


def _watch() -> None:
    """End this process with the one that started it; its sandbox ends with it."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
