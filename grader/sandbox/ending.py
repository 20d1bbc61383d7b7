"""How a student's process ends."""

from __future__ import annotations

from typing import NamedTuple


class Exit(NamedTuple):
    """``code`` as of :mod:`subprocess` (negative for a signal), CPU time, most memory held."""

    code: int
    cpu_seconds: float
    max_rss_kb: int


class Ended(Exception):
    """The child closed its pipe: it has ended, or is about to."""
