"""What the sandbox raises: never for anything that a student's code does."""

from __future__ import annotations

from typing import NamedTuple

from grader.model.problem import Problem


class ProcessGone(Exception):
    """A process that can't be replaced has ended."""


class Fault(Exception):
    """The grader's own side broke: its zygote is gone, or the machine is too loaded to judge."""


class IsolationUnavailable(Problem):
    """The isolation level that was asked for isn't to be had; the message says the way out.

    ``reason`` is why alone.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ChildExit(NamedTuple):
    """``code`` as of :mod:`subprocess` (negative for a signal), CPU time, most memory held."""

    code: int
    cpu_seconds: float
    max_rss_kb: int


class ChildEnded(Exception):
    """The child closed its pipe: it has ended, or is about to."""
