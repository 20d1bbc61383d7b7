"""What the run of a class keeps of a cluster: a worker, a submission under way, a wait."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grader.classroom.pool import Unmarked

if TYPE_CHECKING:
    from distributed import Future


@dataclass(frozen=True)
class ClusterOptions:
    """Where a cluster is, how its workers get the key, how many a local one has.

    ``where`` is as :class:`~grader.classroom.scheduler.Scheduler` takes it, ``key`` a folder on
    each worker, or :data:`~grader.classroom.worker_setup.SEND`.
    """

    where: str
    key: str
    workers: int = 1


@dataclass
class Job:
    """A submission that was given: as bytes without its name, which stays here.

    ``kept`` is the name of the bytes that were kept to replay it.
    """

    given: Unmarked
    data: bytes
    kept: str


@dataclass
class Hand:
    """A worker of the cluster, what it has been given, and for what ``reason`` it isn't used."""

    address: str
    state: Literal["new", "starting", "ready", "refused"] = "new"
    reason: str = ""
    future: Future | None = None
    job: Job | None = None


class Since:
    """How long something lasts, in seconds of this machine's clock."""

    def __init__(self) -> None:
        self._began: float | None = None

    @property
    def on(self) -> bool:
        """Whether it has begun."""
        return self._began is not None

    def begin(self, *, anew: bool = False) -> None:
        """Begin, unless it has; *anew*: now, whether it has or not."""
        if anew or self._began is None:
            self._began = time.monotonic()

    def over(self, seconds: float) -> bool:
        """Say whether it has lasted for *seconds*."""
        return self._began is not None and time.monotonic() - self._began >= seconds

    def end(self) -> None:
        self._began = None
