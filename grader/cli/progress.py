"""Shows a run's progress: a bar on a terminal, a line for each submission elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from grader.cli.terminal import say

if TYPE_CHECKING:  # only a terminal waits for rich
    from rich.console import Console
    from rich.table import Table

    from grader.model.records import SubmissionRecord

#: Columns of the bar itself, and how often a second it is drawn: drawing takes a millisecond.
_WIDTH, _A_SECOND = 24, 4


class Quiet:
    """Says nothing. The other forms do the same things, aloud; each is a context manager."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def begin(self) -> None:
        """Show that the class is begun."""

    def running(self, names: Sequence[str]) -> None:
        """Take the names of the submissions that are being marked now."""

    def marked(self, result: SubmissionRecord, stored: bool) -> None:
        """Take a result. *stored*: it is an earlier run's."""


class Lines(Quiet):
    """A line for each of *total* submissions, for a log."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def marked(self, result: SubmissionRecord, stored: bool) -> None:
        self._done += 1
        say(line(result, self._done, self._total, stored))


class Bar(Quiet):
    """How many of *total* are done, how long the rest takes, and which are being marked.

    Lines are written, above the bar, for those only that an instructor has to look after: the
    others' scores follow when all are done. *stopping* says that nothing new is begun.
    """

    def __init__(
        self,
        total: int,
        stopping: Callable[[], bool] = lambda: False,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from rich.console import Console
        from rich.live import Live

        self._total, self._stopping, self._clock = total, stopping, clock
        self._names: Sequence[str] = ()
        self._done = self._new = 0
        self._began: float | None = None
        self._until: float | None = None
        self._live = Live(
            console=console or Console(stderr=True),
            get_renderable=self.drawn,
            refresh_per_second=_A_SECOND,
            transient=True,
            redirect_stdout=False,  # data go where they are sent
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Takes the bar away, and gives the cursor back.
        self._live.stop()

    def begin(self) -> None:
        self._live.start(refresh=True)

    def running(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        if self._began is None:
            self._began = self._clock()

    def marked(self, result: SubmissionRecord, stored: bool) -> None:
        self._done += 1
        if not stored and self._began is not None:
            self._new += 1
            now = self._clock()
            self._until = now + (now - self._began) / self._new * (self._total - self._done)
        if result["status"] != "graded":
            say(line(result, self._done, self._total, stored))

    def drawn(self) -> Table:
        """Return the bar as it stands now, in one line."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2, 0, 0))
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_row(
            ProgressBar(total=self._total, completed=self._done, width=_WIDTH),
            f"{self._done}/{self._total}",
            self._left(),
            # As text: a name may hold what is markup elsewhere.
            Text(", ".join(self._names)),
        )
        return table

    def _left(self) -> str:
        if self._stopping():
            return "finishing what runs"
        return "" if self._until is None else left(self._until - self._clock())


def progress(total: int, *, quiet: bool, stopping: Callable[[], bool]) -> Quiet:
    """Return the display of a run's progress: a bar on a terminal, lines elsewhere, or none."""
    if quiet:
        return Quiet()
    moves = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Bar(total, stopping) if moves else Lines(total)


def line(result: SubmissionRecord, number: int, total: int, stored: bool) -> str:
    """Return the line about one result."""
    what = f"{result['score']:g}/{result['max_score']:g}"
    if result["status"] != "graded":
        what = f"{result['status']}: {'; '.join(result['notes']) or 'see result.json'}"
    return f"[{number}/{total}] {result['submission']}  {what}{'  (kept)' if stored else ''}"


def left(seconds: float) -> str:
    """Return the remaining time, rounded to what an estimate can be."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s left"
    minutes = round(whole / 60)
    return f"{minutes} min left" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min left"
