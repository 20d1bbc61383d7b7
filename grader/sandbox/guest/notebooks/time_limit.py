"""In the child: a limit of CPU time for a cell, which is raised in the middle of what it does."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

#: How often a cell that is out of time is told so again, in CPU seconds.
_AGAIN = 0.25


class TimeUp(BaseException):
    """A cell's time is up. No ``Exception``, so that a search's own handler lets it pass."""


def _anywhere(frame: FrameType | None) -> bool:
    return True


@contextmanager
def limited(
    seconds: float, within: Callable[[FrameType | None], bool] = _anywhere
) -> Iterator[None]:
    """Raise :class:`TimeUp` in the block once this process has used *seconds* of CPU time.

    It is raised again and again, since a handler in the block may swallow one, but only at frames
    that *within* says yes to. Where the system has no such timer, the session's own limit is all
    there is.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    running = True

    def on(number: int, frame: FrameType | None) -> None:
        if running and within(frame):
            raise TimeUp

    signal.signal(signal.SIGPROF, on)
    signal.setitimer(signal.ITIMER_PROF, max(seconds - time.process_time(), 0.001), _AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
