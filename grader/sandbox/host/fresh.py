"""Level ``none``: a fresh Python for each submission, which nothing confines.

Works wherever Python does: pipes and threads only. Imports nothing that macOS or Windows lack.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
import time

from grader.model.assignment import Limits
from grader.sandbox.errors import ChildEnded, ChildExit
from grader.sandbox.host.launch import command, environment
from grader.sandbox.protocol import frames

#: How long a process that has closed its pipe is waited for, in seconds.
_END_SECONDS = 0.5


class FreshProcess:
    """A fresh Python process. *printed* is the descriptor that its prints go to."""

    def __init__(self, limits: Limits, printed: int) -> None:
        self._process = subprocess.Popen(
            command("guest.fresh_main", str(limits.output_kb << 10)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=printed,
            env=environment(),
            bufsize=0,
        )
        self._decoder = frames.Decoder()
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._messages: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=run, daemon=True) for run in (self._listen, self._speak)
        ]
        for thread in self._threads:
            thread.start()
        self._cpu = 0.0
        self._ended = False

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read(1 << 16):
            self._chunks.put(chunk)
        self._chunks.put(b"")

    def _speak(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            while message := self._messages.get():
                view = memoryview(message)
                while view:
                    view = view[stdin.write(view) :]

    def send(self, *messages: bytes) -> None:
        """Queue messages, which a thread writes."""
        for message in messages:
            self._messages.put(message)

    def receive(self, seconds: float) -> frames.Frame | None:
        """Return the next frame, or ``None`` when *seconds* have passed.

        Raises :class:`~grader.sandbox.errors.ChildEnded` at the end of the pipe, and
        :class:`~grader.sandbox.protocol.frames.Garbled` for bytes that are no frame.
        """
        until = time.monotonic() + seconds
        while True:
            frame = self._decoder.next()
            if frame is not None:
                return frame
            try:
                chunk = self._chunks.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if not chunk:
                self._ended = True
                raise ChildEnded
            self._decoder.feed(chunk)

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far; 0 where the system doesn't tell."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                self._cpu = time.clock_gettime((~self._process.pid << 3) | 2)  # as in forked.py
        return self._cpu

    def waiting_seconds(self) -> float:
        """Return 0: no system but Linux tells how long a process waited for a processor."""
        return 0.0

    def close(self) -> ChildExit:
        """Kill the process if it still runs, and return how it ended."""
        self.cpu_seconds()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS if self._ended else 0)
        by_grader = self._process.returncode is None
        with contextlib.suppress(OSError):
            self._process.kill()
        code = self._process.wait()
        self._messages.put(None)
        for thread in self._threads:
            thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return ChildExit(code, self._cpu, 0, by_grader)
