"""The line to a dask scheduler: found, asked for its workers, given tasks, lost and found again."""

from __future__ import annotations

import json
import logging
import re
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from grader.model.problem import MissingExtra, Problem
from grader.wording import cluster as words

if TYPE_CHECKING:
    from distributed import Client, Future

#: The value of ``--cluster`` that makes a cluster of processes here.
LOCAL = "local"
#: Seconds for a scheduler to answer.
_ANSWERS = 10.0
#: How an address begins that stays on this machine.
_LOOPBACK = ("tcp://127.0.0.1:", "tcp://localhost:", "tcp://[::1]:", "inproc://")


class SchedulerGone(Exception):
    """The scheduler doesn't answer."""


class Scheduler:
    """A line to the scheduler at *where*: an address, the file that it wrote, or :data:`LOCAL`.

    A local one has *count* workers of its own, which talk by TLS under keys that live as long as
    it does. Raises :class:`~grader.model.problem.Problem` where there is none.
    """

    def __init__(self, where: str, count: int = 1) -> None:
        self.where, self.local = where, where == LOCAL
        self._dask = _distributed()
        self._client: Client | None = None
        self._open = ExitStack()
        self._to: dict[str, Any] = {}
        try:
            if self.local:
                self._start(count)
            elif "://" in where or re.fullmatch(r"[^/]+:\d+", where):
                self._to = {"address": where}
            elif Path(where).is_file():
                self._to = {"scheduler_file": where}
            else:
                raise Problem(words.NO_FILE.format(where=where))
            self.connect()
        except SchedulerGone as gone:
            self.close()
            raise Problem(words.NO_SCHEDULER.format(where=where, why=gone)) from None
        except BaseException:
            self.close()
            raise

    def _start(self, count: int) -> None:
        """Start a scheduler in this process, and *count* processes of one thread each."""
        secure = self._dask.Security.temporary()
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="grader-cluster-"))
        cluster = self._dask.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=secure,
            dashboard_address=None,
            memory_limit=0,
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        )
        self._open.enter_context(cluster)
        self._to = {"address": cluster.scheduler_address, "security": secure}

    def connect(self) -> None:
        """Open the line, anew where there was one; tasks of before are lost.

        Raises :class:`SchedulerGone`.
        """
        self._leave()
        try:
            self._require_certificate()
            self._client = self._dask.Client(
                **self._to, timeout=_ANSWERS, set_as_default=False, name="grader"
            )
        except (OSError, ValueError, LookupError, RuntimeError) as error:
            # A file that a new scheduler is writing at this moment is no JSON.
            raise SchedulerGone(" ".join(str(error).split()) or type(error).__name__) from None

    def _require_certificate(self) -> None:
        """Raise :class:`~grader.model.problem.Problem` where dask's settings for TLS are missing.

        A client that is opened without them is never closed.
        """
        address = self._to.get("address")
        if address is None:
            address = json.loads(Path(self.where).read_text("utf-8"))["address"]
        secure = self._to.get("security") or self._dask.Security()
        settings = secure.get_connection_args("client")
        if str(address).startswith("tls://") and settings["ssl_context"] is None:
            raise Problem(words.NO_TLS.format(where=self.where))

    @property
    def client(self) -> Client:
        """The open line. Raises :class:`SchedulerGone` where there is none."""
        if self._client is None or self._client.status in ("closed", "closing"):
            raise SchedulerGone(self.where)
        return self._client

    def workers(self) -> list[str]:
        """Return the addresses of all workers. Raises :class:`SchedulerGone`."""
        client = self.client
        try:
            return list(client.sync(client.scheduler.ncores, callback_timeout=_ANSWERS))
        except (OSError, RuntimeError, AttributeError) as error:
            # While the client looks for the scheduler by itself, parts of it aren't there.
            raise SchedulerGone(str(error)) from None

    def submit(
        self,
        worker: str,
        then: Callable[[Future], None],
        task: Callable[..., object],
        *arguments: object,
    ) -> Future:
        """Have *worker*, and no other, run a *task*; call *then* when it is over, however.

        Raises :class:`SchedulerGone`.
        """
        key = f"grader-{task.__name__}-{uuid.uuid4().hex}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a notebook may have megabytes
            future = self.client.submit(
                task, *arguments, key=key, workers=[worker], retries=0, pure=False
            )
        future.add_done_callback(then)
        return future

    def wait(self, futures: Iterable[Future], seconds: float) -> None:
        """Wait for *futures*, at most *seconds* for all of them, whatever becomes of them."""
        end = time.monotonic() + seconds
        for future in futures:
            with suppress(Exception):
                future.result(timeout=max(0.0, end - time.monotonic()))

    def _leave(self) -> None:
        if self._client is not None:
            with suppress(Exception):  # whatever has become of it
                self._client.close(timeout=2)
            self._client = None

    def close(self) -> None:
        """Close the line, and a cluster of one's own."""
        self._leave()
        with suppress(OSError, RuntimeError):
            self._open.close()


def private(address: str) -> bool:
    """Say whether what goes to *address* can't be read on its way."""
    return address.startswith(("tls://", *_LOOPBACK))


def _distributed() -> ModuleType:
    """Import dask's library. Raises :class:`~grader.model.problem.MissingExtra`."""
    try:
        import cryptography  # noqa: F401 - what a local cluster's keys are made with
        import dask
        import distributed
    except ImportError as error:
        name = error.name or "distributed"
        raise MissingExtra("grader grade --cluster", name, "cluster") from None
    # What it logs of workers that come and go is told here, in a line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # Else it keeps the last thousand messages of each line, with the hand-ins that are in them.
    dask.config.set({"distributed.admin.low-level-log-length": 0})
    module: ModuleType = distributed
    return module
