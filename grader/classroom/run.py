"""Marks a class, in one process or several; a run can be stopped and resumed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from grader.classroom.gradebook import Gradebook
from grader.classroom.worker import Marked, Settings, Worker
from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.submissions import Place, Submission, read_submission
from grader.version import __version__

__all__ = ["Interrupt", "Marked", "Settings", "Unmarked", "Worker", "WorkerDied", "grade"]

Running = Callable[[Sequence[str]], None]


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


@dataclass(frozen=True)
class Unmarked:
    """A submission to mark: its place, and its content if that has been read already."""

    place: Place
    submission: Submission | None = None


def grade(
    places: Sequence[Place],
    settings: Settings,
    gradebook: Gradebook,
    *,
    jobs: int = 1,
    begun: Callable[[Worker], None] = lambda worker: None,
    running: Running = lambda names: None,
    interrupt: Interrupt | None = None,
) -> Iterator[Marked]:
    """Yield every submission marked, or its result of an earlier run; save the new ones.

    *begun* is called once the first sandbox stands, *running* with the names of the submissions
    that are marked from now on. After an *interrupt* the results of what was running still come,
    and then :class:`KeyboardInterrupt` is raised.

    Raises :class:`WorkerDied` where a process of the grader's own ends,
    :class:`~grader.classroom.gradebook.GradebookError` where a result can't be kept, and what
    :class:`~grader.classroom.worker.Worker` raises where it can't start.
    """
    worker = Worker(settings)
    interrupt = interrupt or Interrupt()
    try:
        begun(worker)
        asked = what_is_asked(settings, worker.assignment)
        with interrupt.watching():
            found = (_stored(place, worker, gradebook, asked) for place in places)
            jobs = max(1, min(jobs, len(places)))
            marked = (
                _in_process(found, worker, interrupt, running)
                if jobs == 1
                else _in_pool(found, settings, jobs, interrupt, running)
            )
            for entry in marked:
                if not entry.stored:
                    gradebook.save(entry.result, asked)
                yield entry
        if interrupt.raised:
            raise KeyboardInterrupt
    finally:
        worker.close()


def what_is_asked(settings: Settings, assignment: Assignment) -> tuple[str, ...]:
    """Return the options that a stored result depends on: notebooks, kinds, mode and engine."""
    asked = (*(settings.notebooks or (assignment.notebooks[0].name,)), *settings.kinds)
    if "training" in settings.kinds:
        # The default engine is left out, so that results from before engines existed stay valid.
        asked += (settings.train, *((settings.engine,) if settings.engine != "cells" else ()))
    return asked


def _stored(
    place: Place, worker: Worker, gradebook: Gradebook, asked: Sequence[str]
) -> Marked | Unmarked:
    """Return an earlier run's result, if it is of what stands there now."""
    content = gradebook.graded(place.name, worker.key.hash, __version__, asked)
    if content is None:
        return Unmarked(place)
    try:
        submission = read_submission(place, worker.assignment)
        if submission.content != content:
            return Unmarked(place, submission)
        notebooks = worker.notebooks(submission)
    except Exception:
        return Unmarked(place)  # whatever it is, marking meets it again and says so
    (result,) = gradebook.results([place.name])
    return Marked(result, notebooks, stored=True)


def _in_process(
    found: Iterable[Marked | Unmarked], worker: Worker, interrupt: Interrupt, running: Running
) -> Iterator[Marked]:
    for entry in found:
        if interrupt.raised:
            return
        if isinstance(entry, Unmarked):
            running([entry.place.name])
            yield worker.mark(entry.place, entry.submission)
        else:
            yield entry


_worker: Worker | None = None


def _open(settings: Settings) -> None:
    from multiprocessing.util import Finalize

    global _worker
    # The terminal sends an interrupt to every process of the group; the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = Worker(settings)
    Finalize(_worker, _worker.close, exitpriority=1)  # the worker outlives what it started


def _mark(entry: Unmarked) -> Marked:
    assert _worker is not None
    return _worker.mark(entry.place, entry.submission)


def _in_pool(
    found: Iterator[Marked | Unmarked],
    settings: Settings,
    jobs: int,
    interrupt: Interrupt,
    running: Running,
) -> Iterator[Marked]:
    """Mark with *jobs* processes, each with a zygote of its own; results as they come.

    A process starts when there is something for it to mark.
    """
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    given: dict[Future[Marked], Place] = {}
    more = True
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(settings,)
    )
    with pool:
        while more or given:
            # Two for each worker: one that runs and one that is ready.
            while more and len(given) < 2 * jobs and not interrupt.raised:
                entry = next(found, None)
                if isinstance(entry, Marked):
                    yield entry
                elif entry is not None:
                    given[pool.submit(_mark, entry)] = entry.place
                else:
                    more = False
            if interrupt.raised:
                more = False
                for future in [future for future in given if future.cancel()]:
                    del given[future]
            if not given:
                continue
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
