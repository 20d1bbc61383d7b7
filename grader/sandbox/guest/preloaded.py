"""What the fork server holds for all its children: decoded runs, compiled files of the course.

To decode all that a class is asked took a child 5 ms of its 60; the fork server does it once, and a
fork has it. The data is trusted (sent by the grader); after the fork each child has a private copy,
which it can spoil for itself alone. What isn't preloaded is sent and decoded as ever.
"""

from __future__ import annotations

from types import CodeType

from grader.model.trees import Tree
from grader.sandbox.guest.decoding import Inputs
from grader.sandbox.protocol import frames

_compile = compile


class Preloaded:
    """Runs by name, and code by the name of its file."""

    def __init__(self) -> None:
        self._runs: dict[bytes, Tree] = {}
        self._code: dict[str, tuple[bytes, CodeType]] = {}
        self._read = Inputs().read

    def take(self, message: bytes) -> None:
        """Keep what the frames of *message* hold.

        They are a PRELOADED_RUN with its name before each RUN, and COURSE files.
        """
        name = b""
        for kind, text, data in frames.each(message):
            if kind == frames.PRELOADED_RUN:
                name = text
            elif kind == frames.RUN:
                self._runs[name] = self._read(text, data)
            elif kind == frames.COURSE:
                file, source = text.decode(), bytes(data)
                self._code[file] = source, self.compiled(source, file)

    def run(self, name: bytes) -> Tree:
        """Return the run of that *name*: its program and its examples."""
        return self._runs[name]

    def compiled(self, source: bytes, file: str) -> CodeType:
        """Return the code of *source*, whose lines are those of *file*."""
        known, code = self._code.get(file, (b"", None))
        if code is None or known != source:
            code = _compile(source, file, "exec", dont_inherit=True)
        return code


PRELOADED = Preloaded()
