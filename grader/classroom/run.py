"""A class on its way through the marker: one process or several, stopped and resumed at will."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from grader.classroom.gradebook import Gradebook
from grader.classroom.machine import data_folder
from grader.key import BadKey, Key, load, sources
from grader.key.checks import judged
from grader.key.sources import manifest
from grader.marking.marker import MARKED, Marker
from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.sandbox import Sandbox
from grader.submissions import Place, Unreadable, read
from grader.version import __version__

Result = dict[str, Any]
Running = Callable[[Sequence[str]], None]


@dataclass(frozen=True)
class Settings:
    """What every worker needs to start for itself. ``notebooks`` empty: the manifest's first.

    ``kinds`` are those of the questions that are asked, ``train`` says how models are trained,
    ``engine`` what runs their notebooks. Nothing below the paths in ``graded`` is ever imported.
    """

    assignment: Path
    key: Path
    notebooks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = MARKED
    train: str = "saved"
    engine: str = "cells"
    level: str | None = None
    allow_unsandboxed: bool = False
    graded: tuple[Path, ...] = ()


class WorkerDied(Problem, RuntimeError):
    """A process of the grader's own ended; the message says what to do."""


class Interrupt:
    """Interrupt once: what runs is finished, nothing new is begun. Twice: stop now."""

    def __init__(self) -> None:
        self.raised = False

    @contextmanager
    def watching(self) -> Iterator[Interrupt]:
        """Take SIGINT while the block runs."""
        before = signal.signal(signal.SIGINT, self._on)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)

    def _on(self, number: int, frame: FrameType | None) -> None:
        if self.raised:
            raise KeyboardInterrupt
        self.raised = True


class Worker:
    """One worker: an assignment, a key, a sandbox and a marker."""

    def __init__(self, settings: Settings) -> None:
        self.assignment: Assignment = manifest(settings.assignment)
        self.assignment.known(settings.notebooks)
        self.sandbox = Sandbox(
            self.assignment.limits,
            level=settings.level,
            allow_unsandboxed=settings.allow_unsandboxed,
            wait=False,
        )
        try:
            # The zygote starts meanwhile.
            self.key: Key = judged(load(settings.key), settings.assignment, settings.graded)
            if self.key.assignment != self.assignment.id:
                raise BadKey(
                    f"the key in {settings.key} is of {self.key.assignment}, and the assignment "
                    f"is {self.assignment.id}: name its own with --key"
                )
            self.marker = Marker(
                self.assignment,
                self.key,
                self.sandbox,
                settings.notebooks,
                _reference(settings.assignment, self.assignment, self.key),
                settings.kinds,
                settings.train,
                _data(self.assignment),
                settings.engine,
            )
            self.marker.code.prepare()
            self.sandbox.settle()
            self.marker.code.preload()
            if settings.engine == "kernel":
                self.sandbox.try_kernel()
        except BaseException:
            self.sandbox.close()
            raise

    def mark(self, place: Place) -> Result:
        """Return the result of the submission at *place*, whatever it is."""
        try:
            return self.marker.mark(read(place, self.assignment)).to_json()
        except Unreadable as unreadable:
            return self.marker.unreadable(place.name, place.source, str(unreadable)).to_json()
        except Exception as error:
            # A mistake of the grader's own: this submission says so, the others go on.
            reason = f"The grader failed: {type(error).__name__}: {error}"
            return self.marker.broken(place.name, place.source, reason).to_json()

    def close(self) -> None:
        self.sandbox.close()


def grade(
    places: Sequence[Place],
    settings: Settings,
    gradebook: Gradebook,
    *,
    jobs: int = 1,
    begun: Callable[[Worker], None] = lambda worker: None,
    running: Running = lambda names: None,
    interrupt: Interrupt | None = None,
) -> Iterator[tuple[Result, bool]]:
    """Yield every result and whether it was taken over from an earlier run; save the new ones.

    *begun* is called once the first sandbox stands, *running* with the names of the submissions
    that are marked from now on. After an *interrupt* the results of what was running still come,
    and then :class:`KeyboardInterrupt` is raised. Raises :class:`WorkerDied` where a process of
    the grader's own ends.
    """
    worker = Worker(settings)
    interrupt = interrupt or Interrupt()
    try:
        begun(worker)
        asked = (*(settings.notebooks or (worker.assignment.notebooks[0].name,)), *settings.kinds)
        if "training" in settings.kinds:
            # The usual engine goes without a name: what was marked before it had one is kept.
            asked += (settings.train, *((settings.engine,) if settings.engine != "cells" else ()))
        todo = []
        for place in places:
            stored = _stored(place, worker, gradebook, asked)
            if stored is None:
                todo.append(place)
            else:
                yield stored, True
        with interrupt.watching():
            jobs = max(1, min(jobs, len(todo)))
            marked = (
                _here(todo, worker, interrupt, running)
                if jobs == 1
                else _there(todo, settings, jobs, interrupt, running)
            )
            for result in marked:
                gradebook.save(result, asked)
                yield result, False
        if interrupt.raised:
            raise KeyboardInterrupt
    finally:
        worker.close()


def _data(assignment: Assignment) -> str | None:
    """Return the folder of the assignment's data set; ``None`` unless all of it is there."""
    if assignment.data is None:
        return None
    found = data_folder(assignment.data)
    return None if found.missing else str(found.folder)


def _reference(folder: Path, assignment: Assignment, key: Key) -> dict[str, bytes] | None:
    """Return the course's own package; ``None`` where there are only the students' stubs."""
    files = sources.package(folder / assignment.package)
    solved = any(
        path in files and files[path] != key.given[path] for path in assignment.files.student
    )
    return files if solved else None


def _stored(
    place: Place, worker: Worker, gradebook: Gradebook, asked: Sequence[str]
) -> Result | None:
    if not gradebook.has(place.name):
        return None
    try:
        submission = read(place, worker.assignment)
    except Exception:
        return None  # whatever it is, marking meets it again and says so
    return gradebook.known(submission.name, submission.content, worker.key.hash, __version__, asked)


def _here(
    todo: Sequence[Place], worker: Worker, interrupt: Interrupt, running: Running
) -> Iterator[Result]:
    for place in todo:
        if interrupt.raised:
            return
        running([place.name])
        yield worker.mark(place)


_worker: Worker | None = None


def _open(settings: Settings) -> None:
    from multiprocessing.util import Finalize

    global _worker
    # The terminal sends an interrupt to every process of the group; the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = Worker(settings)
    Finalize(_worker, _worker.close, exitpriority=1)  # the worker outlives what it started


def _mark(place: Place) -> Result:
    assert _worker is not None
    return _worker.mark(place)


def _there(
    todo: Sequence[Place], settings: Settings, jobs: int, interrupt: Interrupt, running: Running
) -> Iterator[Result]:
    """Mark with *jobs* processes, each with a zygote of its own; results as they come."""
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    waiting = list(reversed(todo))
    given: dict[Future[Result], Place] = {}
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(settings,)
    )
    with pool:
        while waiting or given:
            # Two for each worker: one that runs and one that is ready.
            while waiting and len(given) < 2 * jobs and not interrupt.raised:
                place = waiting.pop()
                given[pool.submit(_mark, place)] = place
            if interrupt.raised:
                waiting.clear()
                for future in [future for future in given if future.cancel()]:
                    del given[future]
            if not given:
                return
            # Workers take them in the order in which they were given.
            running([place.name for place in given.values()][:jobs])
            done, _ = wait(given, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                del given[future]
                try:
                    yield future.result()
                except BrokenProcessPool:
                    raise WorkerDied(
                        "a process that marks has ended, perhaps for want of memory: run the same "
                        "command again, with fewer of them (-j); what is marked is kept"
                    ) from None
