"""The program of a cluster's worker: what dask calls in a worker's process, by these names.

A process holds one :class:`~grader.classroom.worker.Worker` for each run that it serves, in a
thread of its own. Needs the extra ``[cluster]``.
"""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import distributed

from grader.classroom.replays import unpacked
from grader.classroom.worker import Worker
from grader.classroom.worker_setup import packed_result, unpacked_setup
from grader.model.problem import Problem
from grader.submissions import Place

#: Seconds after which a process that is asked nothing ends what it holds, and forgets the key.
LEASE = 3600.0
#: Seconds for what runs to come to its end, when a worker closes.
_CLOSING = 5.0


class Marking(distributed.WorkerPlugin):
    """What a worker's process holds of one run: the folder with its files, and who marks.

    The process of the sandbox that others are forked from ends with the thread that started it, so
    that all of it happens in one thread, which lasts.
    """

    def __init__(self, folder: str) -> None:
        # Below the worker's own folder: what a killed process left there, the next one takes away.
        self._folder = Path(tempfile.mkdtemp(prefix="grader-", dir=folder))
        self._thread = ThreadPoolExecutor(1, "grader")
        self._worker: Worker | None = None
        self._timer: threading.Timer | None = None
        self.level = ""

    def start(self, setup: bytes) -> str:
        """Start from *setup*; return why it can't, or nothing."""
        return self._thread.submit(self._start, setup).result()

    def _start(self, setup: bytes) -> str:
        settings, demands = unpacked_setup(setup, self._folder)
        if other := demands.other_versions():
            return other
        try:
            self._worker = Worker(settings)
        except Problem as problem:
            return str(problem)
        self.level = self._worker.sandbox.level
        return demands.missed(self.level, self._worker.key)

    def mark(self, submission: bytes) -> bytes:
        """Mark what was handed in; return its result."""
        return self._thread.submit(self._mark, submission).result()

    def _mark(self, submission: bytes) -> bytes:
        assert self._worker is not None
        # Who it is of isn't known here.
        handed_in = unpacked(submission, "", "")
        return packed_result(self._worker.mark(Place("", self._folder), handed_in))

    def lease(self, name: str, worker: distributed.Worker) -> None:
        """Have the process forget this run, unless something is asked within :data:`LEASE`."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(LEASE, worker.loop.add_callback, (worker.plugin_remove, name))
        self._timer.daemon = True
        self._timer.start()

    def teardown(self, worker: distributed.Worker) -> None:
        """End the sandbox and take the files away. Dask calls it when the process closes."""
        if self._timer is not None:
            self._timer.cancel()
        closing = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        with suppress(TimeoutError):
            closing.result(_CLOSING)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _close(self) -> None:
        if self._worker is not None:
            self._worker.close()


def begin(name: str, setup: bytes, alone: bool) -> str:
    """Start what marks by the *setup* called *name*; return why it can't, or nothing, as JSON.

    *alone*: the process is a child of the one that grades, and leaves a terminal's signals to it.
    """
    worker = distributed.get_worker()
    marking = Marking(worker.local_directory)
    if alone:
        worker.loop.add_callback(_leave_signals)
    distributed.utils.sync(worker.loop, worker.plugin_add, marking, name)
    refused = marking.start(setup)
    level = marking.level
    if refused:
        forget(name)
    else:
        marking.lease(name, worker)
    return json.dumps({"refused": refused, "level": level})


def mark(name: str, submission: bytes) -> bytes:
    """Return the result of a submission; nothing where this process doesn't hold the run *name*."""
    worker = distributed.get_worker()
    marking = worker.plugins.get(name)
    if not isinstance(marking, Marking):
        return b""
    try:
        return marking.mark(submission)
    finally:
        marking.lease(name, worker)


def forget(name: str) -> None:
    """End what this process holds of the run *name*."""
    worker = distributed.get_worker()
    if name in worker.plugins:
        distributed.utils.sync(worker.loop, worker.plugin_remove, name)


def _leave_signals() -> None:
    with suppress(ValueError):  # only in a process of which it is the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
