"""What the sandbox raises for the grader's or the machine's failures, and how a child ended."""

from __future__ import annotations

from typing import NamedTuple

from grader.model.problem import Problem


class ProcessGone(Exception):
    """A process that isn't to be replaced has ended."""


class Fault(Exception):
    """The grader's own side broke: no process can be started, or the machine is too loaded."""


class IsolationUnavailable(Problem):
    """This machine can't provide the isolation level; the message says why and the way out.

    ``reason`` is the why without the rest.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[IsolationUnavailable], tuple[str, str]]:
        """Cross from one process to another with both of its texts."""
        return type(self), (str(self), self.reason)


class ChildExit(NamedTuple):
    """How a child ended: its code (negative for a signal), CPU seconds, most kilobytes resident.

    ``by_grader`` says that it still ran when the grader ended it.
    """

    code: int
    cpu_seconds: float
    max_rss_kb: int
    by_grader: bool = False


class ChildEnded(Exception):
    """The child closed its pipe: it has ended or is about to. Raised between host and session."""
