"""A regrade that the desk has started: a process of its own, ``grader replay --store``."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import IO


class Regrading:
    """One run of ``grader replay --store`` over some codes. It holds the class's folder itself.

    *about* is the cause that it is for: question and id. *options* say which class and which key.
    """

    def __init__(
        self, codes: Sequence[str], options: Sequence[str], about: tuple[str, str]
    ) -> None:
        self.about, self.number = about, len(codes)
        words = ["replay", *codes, "--store", *options]
        self.command = shlex.join(["grader", *words])
        self._out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - read as long as it is shown
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader", *words],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        """How it ended; ``None`` while it runs."""
        return self._process.poll()

    def wait(self) -> None:
        """Wait for its end."""
        self._process.wait()

    def said(self, most: int = 20_000) -> str:
        """Return what it has printed so far."""
        self._out.seek(0)
        return self._out.read(most).decode("utf-8", "replace")
