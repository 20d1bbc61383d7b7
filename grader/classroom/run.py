"""Marks a class, in one process or several; a run can be stopped and resumed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from grader.classroom.gradebook import Gradebook
from grader.classroom.pool import Hands, Pool, Unmarked
from grader.classroom.replays import keep_key, row_of
from grader.classroom.worker import Marked, Settings, Worker
from grader.model.assignment import Assignment
from grader.submissions import Place, read_submission
from grader.version import __version__

__all__ = ["Interrupt", "Marked", "Settings", "Unmarked", "Worker", "grade"]

Running = Callable[[Sequence[str]], None]


class Interrupt:
    """Interrupt once: what runs is finished, nothing new is begun. Twice: stop now."""

    def __init__(self) -> None:
        self.raised = False

    @contextmanager
    def watching(self) -> Iterator[Interrupt]:
        """Take SIGINT and SIGTERM while the block runs."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._on) for number in numbers}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on(self, number: int, frame: FrameType | None) -> None:
        if self.raised:
            raise KeyboardInterrupt
        self.raised = True


def grade(
    places: Sequence[Place],
    settings: Settings,
    gradebook: Gradebook,
    *,
    jobs: int = 1,
    begun: Callable[[Worker], None] = lambda worker: None,
    running: Running = lambda names: None,
    interrupt: Interrupt | None = None,
    hands: Callable[[Worker], Hands] | None = None,
) -> Iterator[Marked]:
    """Yield every submission marked, or its result of an earlier run; save the new ones.

    *begun* is called once the first sandbox stands, *running* with the names of the submissions
    that are marked from now on. After an *interrupt* the results of what was running still come,
    and then :class:`KeyboardInterrupt` is raised. *hands* makes what marks in place of *jobs*
    processes here, a cluster for example, beside the worker that says what they are to hold.

    A submission whose process ends, for want of memory for example, is given to another one once.

    Raises :class:`~grader.classroom.gradebook.GradebookError` where a result can't be kept, and
    what :class:`~grader.classroom.worker.Worker` raises where it can't start.
    """
    worker = Worker(settings)
    interrupt = interrupt or Interrupt()
    try:
        if settings.keep is not None:
            keep_key(settings.keep, worker.key)
        begun(worker)
        asked = what_is_asked(settings, worker.assignment)
        with interrupt.watching():
            found = (_stored(place, worker, gradebook, asked) for place in places)
            jobs = max(1, min(jobs, len(places)))
            if hands is None and jobs == 1:
                marked = _in_process(found, worker, interrupt, running)
            else:
                beside = hands(worker) if hands else Pool(settings, jobs, worker.sandbox.level)
                marked = _in_pool(found, beside, worker, interrupt, running)
            for entry in marked:
                if not entry.stored:
                    name = entry.result["submission"]
                    entry = replace(entry, before=next(gradebook.results([name]), None))
                    entry = replayable(entry, settings, gradebook)
                    gradebook.save(entry.result, asked)
                yield entry
        if interrupt.raised:
            raise KeyboardInterrupt
    finally:
        worker.close()


def replayable(entry: Marked, settings: Settings, gradebook: Gradebook) -> Marked:
    """Return *entry* with the code by which it can be replayed, if its bytes were kept."""
    if not entry.kept:
        return entry
    options = {
        "notebooks": settings.notebooks,
        "kinds": settings.kinds,
        "train": settings.train,
        "engine": settings.engine,
    }
    code, row = row_of(entry.result, entry.kept, options)
    gradebook.replayable(row)
    return replace(entry, result={**entry.result, "replay": code})


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
    result = next(gradebook.results([place.name]), None)
    # A row that is damaged is marked again.
    return Unmarked(place, submission) if result is None else Marked(result, notebooks, stored=True)


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


def _in_pool(
    found: Iterator[Marked | Unmarked],
    pool: Hands,
    worker: Worker,
    interrupt: Interrupt,
    running: Running,
) -> Iterator[Marked]:
    """Mark with the processes of *pool*; results as they come.

    What they couldn't mark is not graded, as *worker* writes it.
    """
    more, finished = True, False
    try:
        while more or pool.busy:
            while more and pool.free and not interrupt.raised:
                entry = next(found, None)
                if isinstance(entry, Marked):
                    yield entry
                elif entry is not None:
                    pool.give(entry)
                else:
                    more = False
            if interrupt.raised:
                more = False
                pool.stop()
            if not (more or pool.busy):
                break
            if pool.busy:
                running(pool.busy)
            for result in pool.results(1.0):
                if isinstance(result, Unmarked):
                    result = worker.lost(result.place, result.reason)
                yield result
        finished = True
    finally:
        pool.close(kill=not finished)
