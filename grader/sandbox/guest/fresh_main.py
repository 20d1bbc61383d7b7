"""The program of a fresh Python: level ``none``, where no process is another's fork."""

from __future__ import annotations

import os
import queue
import sys
import threading
import warnings

from grader.sandbox.guest import worker

# Bound before any code of a student's is imported.
_read, _write, _exit = os.read, os.write, os._exit


def main() -> None:
    """Take the pipes from standard input and output, and serve. Argument: bytes to print."""
    warnings.simplefilter("ignore")
    os.dup2(0, worker.REQUESTS)
    os.dup2(1, worker.REPLIES)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    from_grader = os.dup(worker.REQUESTS)
    taken, given = os.pipe()
    os.dup2(taken, worker.REQUESTS)
    os.close(taken)
    if sys.platform == "win32":
        import msvcrt

        for fd in (from_grader, given, worker.REQUESTS, worker.REPLIES):
            msvcrt.setmode(fd, os.O_BINARY)
    relay(from_grader, given)
    worker.serve(int(sys.argv[1]))


def relay(from_grader: int, given: int) -> None:
    """Pass on what the grader sends, in threads, and end this process when the grader ends.

    Its end of the pipe closes with it, however it ends and on every system. A loop of the
    student's that never comes back to read would not notice that by itself.
    """
    chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        while chunk := _read(from_grader, 1 << 16):
            chunks.put(chunk)
        _exit(0)

    def pass_on() -> None:
        while True:
            view = memoryview(chunks.get())
            while view:
                view = view[_write(given, view) :]

    for run in (listen, pass_on):
        threading.Thread(target=run, daemon=True).start()
