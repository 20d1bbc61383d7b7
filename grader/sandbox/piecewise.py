"""Has a confined process answer many pieces, a frame for each: a piece that ends it costs itself.

The process is sent all pieces that are left. Where it hangs or dies, the piece that it was at is
given up, and a fresh process goes on with those behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.sandbox.deadline import Deadline
from grader.sandbox.errors import ChildEnded, ChildExit, Fault
from grader.sandbox.losses import RETRIED_ALONE, Loss, Lost, from_exit
from grader.sandbox.process import Child
from grader.sandbox.protocol import frames

#: Why a piece has no answer: it is too large; so is all that came before it, or it took all the
#: time; there is nothing to say of it; its process used up its time; it ended; none could be
#: started.
Reason = Literal["", "large", "all", "unconverted", "timed_out", "died", "fault"]

#: How many processes the pieces of one hand-in may end.
_STARTS = 8
_START_SECONDS = 30.0


@dataclass(frozen=True)
class PieceBounds:
    """What pieces may take: CPU seconds for each and for all, bytes of each answer and of all."""

    seconds: float
    all_seconds: float
    answer: int
    all_answers: int


class Pieces:
    """Asks for pieces, in processes that *start* starts, within *bounds*.

    *ask* makes the message that asks for the pieces of these numbers, which are answered in that
    order by frames of the kind *answered*.
    """

    def __init__(
        self,
        start: Callable[[], Child],
        bounds: PieceBounds,
        ask: Callable[[Sequence[int]], bytes],
        answered: int,
    ) -> None:
        self._start, self._bounds, self._ask, self._kind = start, bounds, ask, answered
        self._found: dict[int, bytes | Reason] = {}
        self._seconds, self._bytes = bounds.all_seconds, bounds.all_answers

    def answers(self, pieces: Sequence[int]) -> dict[int, bytes | Reason]:
        """Return the answer to each of *pieces*, or why there is none. Never raises for one."""
        todo = list(pieces)
        repeated = -1
        for _ in range(_STARTS):
            todo = [index for index in todo if index not in self._found]
            if not todo or self._spent:
                break
            try:
                lost = self._stream(todo)
            except Fault:
                break
            index = next((index for index in todo if index not in self._found), -1)
            if lost is None or index < 0:
                continue
            if lost.loss in RETRIED_ALONE and repeated != index:
                repeated = index  # the machine may have done that
                continue
            slow = lost.loss in (Loss.TIMED_OUT, Loss.DOUBTFUL)
            self._found[index] = "timed_out" if slow else "died"
        rest: Reason = "all" if self._spent else "fault"
        return {index: self._found.get(index, rest) for index in pieces}

    @property
    def _spent(self) -> bool:
        return self._seconds <= 0 or self._bytes <= 0

    def _stream(self, todo: Sequence[int]) -> Lost | None:
        """Have a fresh process answer *todo* and keep what comes; return how it was lost."""
        child = self._start()
        ended: ChildExit | None = None
        try:
            child.send(self._ask(todo))
            return self._receive(child, todo)
        except ChildEnded:
            ended = child.close()
            return _how(ended)
        except frames.Garbled:
            return Lost(Loss.DIED)
        finally:
            ended = ended or child.close()
            self._seconds -= ended.cpu_seconds

    def _receive(self, child: Child, todo: Sequence[int]) -> Lost | None:
        greeting = child.receive(_START_SECONDS)
        if greeting is None or greeting.kind != frames.READY:
            return Lost(Loss.STARVED)
        for index in todo:
            found = _next(child, min(self._bounds.seconds, max(self._left(child), 0.01)))
            if isinstance(found, Lost):
                return found
            if found.kind != self._kind:
                return Lost(Loss.DIED)
            self._bytes -= len(found.text)
            if len(found.text) > self._bounds.answer or not found.text:
                self._found[index] = "large" if found.text else "unconverted"
            else:
                self._found[index] = found.text
            if self._bytes <= 0 or self._left(child) <= 0:
                return None
        return None

    def _left(self, child: Child) -> float:
        return self._seconds - child.cpu_seconds()


def _next(child: Child, seconds: float) -> frames.Frame | Lost:
    """Return the child's next frame, or why there is none in time."""
    deadline = Deadline(child, seconds)
    while True:
        wait = deadline.left()
        with deadline.waiting(wait):
            frame = child.receive(wait)
        if frame is not None:
            return frame
        if lost := deadline.passed():
            return child.receive(0.0) or lost


def _how(ended: ChildExit) -> Lost:
    return Lost(Loss.DIED) if ended.by_grader else from_exit(ended.code)
