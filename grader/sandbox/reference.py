"""The reference session: the reference in a process of its own, answering for what failed.

It is confined as a student's process is, since what it computes with is a student's. It holds
no key, and serves one submission: the calls of the replaced functions, within bounds. Its process
is started by the first of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from grader.model.checks import Replaceable
from grader.sandbox.errors import Fault
from grader.sandbox.protocol import frames
from grader.sandbox.withheld import Withheld

if TYPE_CHECKING:
    from grader.sandbox.session import Session


@dataclass(frozen=True)
class Bounds:
    """What one student's process may ask: calls, bytes in one of them, bytes in all.

    And what the reference may take for all answers to a submission: seconds of CPU and of wall
    time, reading the calls included.
    """

    calls: int = 20_000
    call_bytes: int = 1 << 22
    bytes: int = 1 << 28
    cpu_seconds: float = 20.0
    wall_seconds: float = 100.0


@dataclass
class Spent:
    """The time that reference sessions have taken so far; those of one submission share it."""

    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0


@dataclass(frozen=True)
class Terms:
    """On what terms the reference answers: its bounds, what is spent of them, what it refuses."""

    bounds: Bounds = field(default_factory=Bounds)
    spent: Spent = field(default_factory=Spent)
    withheld: Withheld = field(default_factory=Withheld)


class ReferenceSession:
    """Answers for *parts*, on *terms*, from the session that holds the reference.

    *start* opens that session.
    """

    def __init__(
        self, start: Callable[[], Session], parts: Sequence[Replaceable], terms: Terms
    ) -> None:
        self._start, self._bounds = start, terms.bounds
        self._spent, self._withheld = terms.spent, terms.withheld
        self._session: Session | None = None
        self._handles = {part.target: part.handle for part in parts}
        self._calls = self._bytes = 0

    @property
    def targets(self) -> tuple[str, ...]:
        """The functions that it answers for, as ``module:name``."""
        return tuple(self._handles)

    def answer(self, asked: frames.Frame) -> bytes:
        """Return the frame that answers a student's call; a refusal is an answer, too.

        Raises :class:`~grader.sandbox.errors.Fault` where the reference's process doesn't start,
        and where the wall time is used up before the CPU time is.
        """
        bounds, spent = self._bounds, self._spent
        self._calls += 1
        self._bytes += len(asked.text) + len(asked.data)
        if max(len(asked.data), len(asked.text)) > bounds.call_bytes:
            return _refused("an argument is too large")
        if self._calls > bounds.calls or self._bytes > bounds.bytes:
            return _refused("it was called too often")
        if spent.cpu_seconds > bounds.cpu_seconds:
            return _refused("its time is used up")
        if spent.wall_seconds >= bounds.wall_seconds:
            raise Fault(
                "The functions that stand in for failed ones took more than "
                f"{bounds.wall_seconds:g} s for their answers."
            )
        began, before = time.monotonic(), self._cpu_seconds
        try:
            return self._answer(asked)
        finally:
            spent.wall_seconds += time.monotonic() - began
            spent.cpu_seconds += self._cpu_seconds - before

    @property
    def _cpu_seconds(self) -> float:
        return self._session.cpu_seconds if self._session is not None else 0.0

    def _answer(self, asked: frames.Frame) -> bytes:
        try:
            call = json.loads(asked.text)
            handle = self._handles[call["target"]]
            hidden = self._withheld.asked(call, asked.data)
        except (ValueError, LookupError, TypeError, RecursionError):
            return _refused("it does not answer for that")
        if hidden:
            return _refused("it does not answer for these inputs")
        return self._relayed(asked, handle)

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
