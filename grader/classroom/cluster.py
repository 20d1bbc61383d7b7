"""Marks on the workers of a dask cluster, with the same face as a pool of processes here.

Each worker has one submission at a time, so that it is known which one a lost worker had. A worker
is asked first whether it can mark: it starts its sandbox, whose level must hold, and is refused
with a reason where it can't.
"""

from __future__ import annotations

import json
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.classroom import replays
from grader.classroom.cluster_hand import ClusterOptions, Hand, Job, Since
from grader.classroom.pool import Unmarked
from grader.classroom.scheduler import Scheduler, SchedulerGone, private
from grader.classroom.worker import Marked, Settings, Worker
from grader.classroom.worker_setup import SEND, packed_setup, unpacked_result
from grader.files import WriteError
from grader.model.problem import Problem
from grader.submissions import read_submission
from grader.wording import cluster as words

if TYPE_CHECKING:
    from distributed import Future

#: How many workers a submission may lose before it is given up.
TRIES = 3
#: Workers that start at one time: each is sent the course's files, and the key perhaps.
STARTING = 8
#: Seconds between two looks at which workers there are.
LOOK = 1.0
#: Seconds for a worker to come that can be used, where none of those that are there can.
GRACE = 10.0
#: Seconds for a worker to hand over a result that it has.
_HANDED = 60.0
#: Seconds that a scheduler may be away before the run ends.
PATIENCE = 600.0


class ClusterPool:
    """A cluster as a pool. *settings* are the run's, *worker* is the one on this machine.

    Workers may come and go. *noted* is told, in a line, what an instructor should know of them.
    Raises :class:`~grader.model.problem.Problem` where there is no scheduler, where the key may not
    go to it, and from :meth:`results` where nobody can mark.
    """

    def __init__(
        self,
        settings: Settings,
        worker: Worker,
        options: ClusterOptions,
        noted: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._worker, self._keep, self._noted = worker, settings.keep, noted
        self._sends = options.key == SEND
        self._setup = packed_setup(
            settings, worker.assignment, worker.key, options.key, worker.sandbox.level
        )
        self._hands: dict[str, Hand] = {}
        self._waiting: deque[Job] = deque()
        self._over: deque[Marked | Unmarked] = deque()
        self._lost: Counter[str] = Counter()
        self._answers: queue.SimpleQueue[tuple[Hand, Future]] = queue.SimpleQueue()
        self._looked, self._gone, self._useless = Since(), Since(), Since()
        self._told: set[str] = set()
        self._scheduler = Scheduler(options.where, options.workers)
        try:
            if self._sends and not private(self._scheduler.client.scheduler.address):
                raise Problem(words.SEND_PLAIN.format(where=options.where))
        except BaseException:
            self._scheduler.close()
            raise

    @property
    def free(self) -> bool:
        """Whether a worker has nothing to do."""
        return not self._waiting and any(
            hand.state == "ready" and hand.job is None for hand in self._hands.values()
        )

    @property
    def busy(self) -> Sequence[str]:
        """The names of the submissions that were given and haven't come back."""
        given = [hand.job for hand in self._hands.values() if hand.job is not None]
        over = [one.place.name for one in self._over if isinstance(one, Unmarked)]
        over += [one.result["submission"] for one in self._over if isinstance(one, Marked)]
        return [*(job.given.place.name for job in (*given, *self._waiting)), *over]

    def give(self, job: Unmarked) -> None:
        """Read what was handed in, and have a worker mark it that is free."""
        try:
            submission = job.submission or read_submission(job.place, self._worker.assignment)
            data = replays.packed(submission)
        except Exception:  # marking it here meets that again, and says so
            self._over.append(self._worker.mark(job.place))
            return
        kept = ""
        if self._keep is not None:
            with suppress(WriteError):  # a full disk costs the replay alone
                kept = replays.keep_packed(self._keep, data)
        self._waiting.append(Job(replace(job, submission=None), data, kept))
        self._go_on()

    def results(self, seconds: float) -> Iterator[Marked | Unmarked]:
        """Yield what is marked within *seconds*; an :class:`Unmarked` has been given up.

        A submission whose worker is lost is given to another one, :data:`TRIES` times in all.
        Raises :class:`~grader.model.problem.Problem` where no worker can be used, and where the
        scheduler stays away.
        """
        end = time.monotonic() + seconds
        try:
            if self._gone.on:
                self._connect()
            self._look()
            self._go_on()
            with suppress(queue.Empty):
                left = 0.0 if self._over else min(LOOK, max(0.0, end - time.monotonic()))
                self._take(*self._answers.get(timeout=left))
                while True:
                    self._take(*self._answers.get_nowait())
            self._go_on()
        except SchedulerGone:
            yield from self._came()
            self._scheduler_gone(end)
        yield from self._came()

    def _came(self) -> Iterator[Marked | Unmarked]:
        while self._over:
            yield self._over.popleft()

    def stop(self) -> None:
        """Forget what was given and isn't begun."""
        self._waiting.clear()

    def close(self, *, kill: bool = False) -> None:
        """Have the workers forget this run, and leave the cluster; at once with *kill*.

        A worker that is at work finishes that first. One that isn't reached forgets by itself.
        """
        from grader.classroom import cluster_worker

        asked: list[Future] = []
        try:
            if not self._scheduler.local:
                with suppress(SchedulerGone):
                    for hand in self._hands.values():
                        if hand.state == "ready":
                            told = self._submit(hand, cluster_worker.forget, self._setup.name)
                            asked.append(told)
                    self._scheduler.wait(asked, 1.0 if kill else 10.0)
        finally:
            self._hands.clear()
            self._scheduler.close()

    def _submit(self, hand: Hand, task: Callable[..., object], *arguments: object) -> Future:
        def then(future: Future) -> None:
            self._answers.put((hand, future))

        return self._scheduler.submit(hand.address, then, task, *arguments)

    def _look(self) -> None:
        """See which workers have come and which have gone."""
        if self._looked.on and not self._looked.over(LOOK):
            return
        there = self._scheduler.workers()
        self._looked.begin(anew=True)
        for address in [each for each in self._hands if each not in there]:
            self._lose(self._hands.pop(address), words.LEFT)
        for address in there:
            self._hands.setdefault(address, Hand(address))
        if not there and not self._scheduler.local:
            self._say(words.WAITING)
        reasons = dict.fromkeys(hand.reason for hand in self._hands.values())
        if not there or not all(reasons):
            self._useless.end()
            return
        self._useless.begin()
        if self._useless.over(GRACE):
            raise Problem(words.NONE_FITS.format(reasons="; ".join(reasons)))

    def _go_on(self) -> None:
        """Start new workers, and give those that are ready what waits."""
        from grader.classroom import cluster_worker

        states = Counter(hand.state for hand in self._hands.values())
        room = STARTING - states["starting"]
        for hand in self._hands.values():
            if hand.state == "new" and room:
                if self._sends and not private(hand.address):
                    self._refuse(hand, words.PLAIN.format(address=hand.address))
                    continue
                setup = (self._setup.name, self._setup.data, self._scheduler.local)
                hand.future = self._submit(hand, cluster_worker.begin, *setup)
                hand.state, room = "starting", room - 1
            elif hand.state == "ready" and hand.job is None and self._waiting:
                data = self._waiting[0].data
                hand.future = self._submit(hand, cluster_worker.mark, self._setup.name, data)
                hand.job = self._waiting.popleft()

    def _take(self, hand: Hand, future: Future) -> None:
        """Take what became of a task. Raises :class:`SchedulerGone` where its scheduler is gone."""
        current = hand.future is future
        if not current:
            return  # of a worker that was lost meanwhile
        status, answer, why = future.status, b"", ""
        if status in ("cancelled", "lost"):
            raise SchedulerGone
        if status == "finished":
            try:
                answer = future.result(timeout=_HANDED)
            except Exception as error:  # it went while it handed the result over
                status, why = "error", _told(error)
        else:
            why = _told(future.exception(timeout=_HANDED))
        hand.future = None
        if hand.job is None:
            self._started(hand, answer, why)
        elif status == "finished" and answer:
            job, hand.job = hand.job, None
            place = job.given.place
            self._over.append(unpacked_result(answer, place.name, place.source, job.kept))
        else:
            # Either it raised, or a new process has the address of the one that was started.
            self._lose(hand, why or words.FRESH)
            hand.state = "new"

    def _started(self, hand: Hand, answer: object, why: str) -> None:
        """Take what a worker said when it was started: that it can mark, or why not."""
        refused = words.UNABLE.format(error=why)
        if isinstance(answer, str):
            refused = json.loads(answer)["refused"]
        if refused:
            self._refuse(hand, refused)
        else:
            hand.state = "ready"

    def _refuse(self, hand: Hand, reason: str) -> None:
        hand.state, hand.reason = "refused", reason
        self._say(words.REFUSED.format(reason=reason, address=hand.address))

    def _lose(self, hand: Hand, why: str) -> None:
        """Give the submission of a lost worker to another one, or up."""
        job, hand.job, hand.future = hand.job, None, None
        if job is None:
            return
        name = job.given.place.name
        self._lost[name] += 1
        if self._lost[name] < TRIES:
            self._waiting.appendleft(job)
        else:
            reason = words.LOST.format(times=TRIES, why=why)
            self._over.append(replace(job.given, reason=reason))

    def _scheduler_gone(self, end: float) -> None:
        """Keep what was given, for a scheduler that comes back; wait until *end* at most."""
        if not self._gone.on:
            self._gone.begin()
            self._noted(words.SCHEDULER_GONE.format(where=self._scheduler.where))
        for hand in self._hands.values():
            if hand.job is not None:
                self._waiting.append(hand.job)
        self._hands.clear()
        if self._gone.over(PATIENCE):
            where, minutes = self._scheduler.where, PATIENCE / 60
            raise Problem(words.GIVEN_UP.format(where=where, minutes=minutes))
        time.sleep(max(0.0, end - time.monotonic()))

    def _connect(self) -> None:
        self._scheduler.connect()
        self._gone.end()
        self._looked.end()
        self._noted(words.SCHEDULER_BACK.format(where=self._scheduler.where))

    def _say(self, line: str) -> None:
        """Say something once."""
        if line not in self._told:
            self._told.add(line)
            self._noted(line)


def _told(error: object) -> str:
    """Return an error in one line; it may be of a class that this process doesn't have."""
    text = f"{type(error).__name__}: {error}".strip()
    return text.splitlines()[0][:300]
