"""The reference session: the reference in a process of its own, answering for what failed.

It is confined as a student's process is, since what it computes with is a student's. It holds
no key, and serves one submission: the calls of the replaced functions, within bounds. Its process
is started by the first of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from grader.model.checks import Replaceable
from grader.sandbox.errors import Fault
from grader.sandbox.protocol import frames

if TYPE_CHECKING:
    from grader.sandbox.session import Session


@dataclass(frozen=True)
class Bounds:
    """What one student's process may ask: calls, bytes in one of them, bytes in all.

    And what the reference may take for all answers: seconds of CPU and of wall time.
    """

    calls: int = 20_000
    call_bytes: int = 1 << 22
    bytes: int = 1 << 28
    cpu_seconds: float = 20.0
    wall_seconds: float = 100.0


class ReferenceSession:
    """Answers for *parts*, within *bounds*, from the session that holds the reference.

    *start* opens that session.
    """

    def __init__(
        self, start: Callable[[], Session], parts: Sequence[Replaceable], bounds: Bounds
    ) -> None:
        self._start, self._bounds = start, bounds
        self._session: Session | None = None
        self._handles = {part.target: part.handle for part in parts}
        self._calls = self._bytes = 0
        self._wall = 0.0

    @property
    def targets(self) -> tuple[str, ...]:
        """The functions that it answers for, as ``module:name``."""
        return tuple(self._handles)

    def answer(self, asked: frames.Frame) -> bytes:
        """Return the frame that answers a student's call; a refusal is an answer, too.

        Raises :class:`~grader.sandbox.errors.Fault` where the reference's process doesn't start,
        and where the wall time is used up before the CPU time is.
        """
        self._calls += 1
        self._bytes += len(asked.text) + len(asked.data)
        if max(len(asked.data), len(asked.text)) > self._bounds.call_bytes:
            return _refused("an argument is too large")
        if self._calls > self._bounds.calls or self._bytes > self._bounds.bytes:
            return _refused("it was called too often")
        try:
            target = json.loads(asked.text)["target"]
            handle = self._handles[target]
        except (ValueError, LookupError, TypeError, RecursionError):
            return _refused("it does not answer for that")
        if self._session is not None and self._session.cpu_seconds >= self._bounds.cpu_seconds:
            return _refused("its time is used up")
        if self._wall >= self._bounds.wall_seconds:
            raise Fault(
                "The functions that stand in for failed ones took more than "
                f"{self._bounds.wall_seconds:g} s for their answers."
            )
        began = time.monotonic()
        try:
            return self._relayed(asked, handle)
        finally:
            self._wall += time.monotonic() - began

    def _relayed(self, asked: frames.Frame, handle: int | None) -> bytes:
        text = frames.with_handle(asked.text, handle)
        if self._session is None:
            self._session = self._start()
        answer = self._session.relay(frames.frame(frames.CALL, text, asked.data))
        if answer is None:
            return _refused("it took too long or ended")
        return frames.frame(frames.GAVE, answer.text, answer.data)

    def __enter__(self) -> ReferenceSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            self._session.close()


def _refused(why: str) -> bytes:
    said = f"The correct function that stands in here gave no answer: {why}."
    return frames.frame(frames.GAVE, json.dumps({"error": ["RuntimeError", said]}).encode())
