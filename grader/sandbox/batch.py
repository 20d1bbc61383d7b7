"""Runs on their way to a child: encoded once, sent to every submission."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.programs import Run
from grader.model.trees import dumps, pack
from grader.sandbox import wire


class Batch:
    """Runs that are asked together, in order. Encoded at first use, then reused."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = tuple(runs)
        self._parts: list[bytes] | None = None
        self._whole: bytes | None = None
        self.targets = tuple(targets(run) for run in self.runs)

    def message(self, wanted: Sequence[int]) -> bytes:
        """Return the frame that asks for the runs at the indices *wanted*, a frame for each in it.

        It is one frame, so that a child has read all of it before it runs anything.
        """
        parts = self.encoded()
        if len(wanted) == len(self.runs):
            if self._whole is None:
                self._whole = _join(parts)
            return self._whole
        return _join([parts[index] for index in wanted])

    def encoded(self) -> list[bytes]:
        """Return each run's frame."""
        if self._parts is None:
            self._parts = [_encode(run) for run in self.runs]
        return self._parts


def targets(run: Run) -> frozenset[str]:
    """Return the functions and classes of the student's package that *run* calls."""
    return frozenset(
        step[2]
        for step in run.program.steps
        if step[0] in ("call", "new") and not step[2].startswith("@")
    )


def _encode(run: Run) -> bytes:
    examples, data = pack([dict(example) for example in run.examples])
    head = {"program": run.program.to_json(), "examples": examples}
    return wire.frame(wire.RUN, dumps(head), data)


def _join(parts: Sequence[bytes]) -> bytes:
    return wire.frame(wire.ASK, b"", b"".join(parts))
