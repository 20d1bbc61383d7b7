"""The program of a fresh Python: level ``none``, where no process is another's fork."""

from __future__ import annotations

import os
import sys
import warnings

from grader.sandbox.guest import worker


def main() -> None:
    """Take the pipes from standard input and output, and serve. Argument: bytes to print."""
    warnings.simplefilter("ignore")
    if sys.platform == "win32":
        import msvcrt

        for fd in (0, 1):
            msvcrt.setmode(fd, os.O_BINARY)
    os.dup2(0, worker.REQUESTS)
    os.dup2(1, worker.REPLIES)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    worker.serve(int(sys.argv[1]))
