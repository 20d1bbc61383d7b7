"""``grader mark``: the marking desk, pages on this machine's own address alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

from grader.cli import DONE
from grader.cli.stored import opened
from grader.cli.terminal import data, say
from grader.model.problem import MissingExtra, Problem

if TYPE_CHECKING:
    from grader.classroom.readings import Readings


def run(arguments: argparse.Namespace) -> int:
    """Serve the desk until Ctrl-C; then write the class's files by the marks of today."""
    try:
        from grader.web.server import listen, serve
    except ImportError as error:
        if (error.name or "").startswith("grader"):
            raise
        raise MissingExtra("grader mark", error.name or "starlette", "web") from None
    from grader.classroom.readings import Readings
    from grader.key import load
    from grader.web.desk import Desk
    from grader.web.sessions import BrowserSessions

    if arguments.folder is not None:
        arguments.output = arguments.folder
    with (
        opened(arguments, alone=False) as klass,
        Readings(klass.output, klass.assignment) as readings,
    ):
        desk = Desk(
            klass.output,
            klass.place,
            klass.assignment,
            load(klass.key),
            klass.policy,
            BrowserSessions(arguments.marker),
        )
        desk.isolation = [
            *(["--isolation", arguments.isolation] if arguments.isolation else []),
            *(["--allow-unsandboxed"] if arguments.allow_unsandboxed else []),
        ]
        desk.readings = readings
        names = klass.gradebook.submissions()
        with listen(arguments.port) as found, _beside(readings, names):
            serve(desk, found, lambda address: _ready(arguments, address))
        desk.publish()
        if not arguments.quiet:
            say(f"written to {klass.output}/: the class as it is marked now")
    return DONE


@contextmanager
def _beside(readings: Readings, names: Sequence[str]) -> Iterator[None]:
    """Have hand-ins read while the block runs, so that their pages needn't wait for it."""
    ends = Event()

    def read() -> None:
        # What can't be read is shown as text, and a page says why.
        with suppress(Problem):
            readings.read_all(names, stop=ends.is_set)

    thread = Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def _ready(arguments: argparse.Namespace, address: str) -> None:
    with data():
        print(address)
        sys.stdout.flush()
    if not arguments.quiet:
        say("open this address in a browser; Ctrl-C ends the desk")
    if arguments.open:
        import webbrowser

        webbrowser.open(address)
