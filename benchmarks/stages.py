"""Where the time of one submission goes, stage by stage; and the memory of all three processes.

Marks a class in this process with clocks around the engine's own functions, and prints, as JSON,
milliseconds a submission: CPU and wall by stage. The clocks cost something, so these figures are
for their proportions; totals come from runs without them.

    python benchmarks/stages.py FOLDER_OF_SUBMISSIONS OUTPUT LEVEL
"""

from __future__ import annotations

import functools
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from classes import ASSIGNMENT, ROOT

from grader.classroom import run, worker
from grader.classroom.gradebook import Gradebook
from grader.marking.judging import Judging
from grader.reports import pages
from grader.sandbox import Sandbox, Session
from grader.sandbox.process import PackageProcess
from grader.submissions import find

STAGES = ("reading", "spawning", "importing", "calling", "comparing", "explaining", "writing")


class Clocks:
    """CPU and wall seconds by stage; a stage within another is taken off the outer one."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = defaultdict(float)
        self.wall: dict[str, float] = defaultdict(float)
        self._stack: list[str] = []
        self._since = (0.0, 0.0)

    def around(self, owner: Any, name: str, stage: str) -> None:
        """Count what ``owner.name`` takes as *stage*."""
        inner = getattr(owner, name)

        @functools.wraps(inner)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._switch()
            self._stack.append(stage)
            try:
                return inner(*args, **kwargs)
            finally:
                self._switch()
                self._stack.pop()

        setattr(owner, name, timed)

    def _switch(self) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        if self._stack:
            self.cpu[self._stack[-1]] += cpu - self._since[0]
            self.wall[self._stack[-1]] += wall - self._since[1]
        self._since = cpu, wall


class Children:
    """What the students' processes use: to start, to import, to answer."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._began = 0.0
        self.megabytes = 0.0
        self._after(PackageProcess, "fresh", self._ready)
        self._after(PackageProcess, "mark", self._marked)
        self._after(Session, "close", self._closed)

    def _after(self, owner: type, name: str, then: Callable[[Any], None]) -> None:
        inner = getattr(owner, name)

        @functools.wraps(inner)
        def noted(this: Any, *args: Any) -> Any:
            found = inner(this, *args)
            then(this)
            return found

        setattr(owner, name, noted)

    def _ready(self, process: PackageProcess) -> None:
        used = process.child.cpu_seconds() if process.child else 0.0
        self._clocks.cpu["spawning"] += used
        self._clocks.cpu["calling"] -= used

    def _marked(self, process: PackageProcess) -> None:
        now = process.child.cpu_seconds() if process.child else 0.0
        if process.importing and len(process.importing) == 1:
            self._began = now
        elif not process.importing:
            self._clocks.cpu["importing"] += now - self._began
            self._clocks.cpu["calling"] -= now - self._began

    def _closed(self, session: Session) -> None:
        self._clocks.cpu["calling"] += session.usage.cpu_seconds
        self.megabytes = max(self.megabytes, session.usage.max_rss_mb)


class Zygote:
    """The zygote's own CPU seconds since it was ready, and its largest resident size."""

    def __init__(self, worker: run.Worker) -> None:
        assert worker.sandbox._server is not None
        self._place = Path(f"/proc/{worker.sandbox._server._process.pid}")
        self.seconds = self.megabytes = 0.0
        self._began = self._used()

    def _used(self) -> float:
        return int((self._place / "schedstat").read_text().split()[0]) / 1e9

    def look(self) -> None:
        """Read both while it runs."""
        self.seconds = self._used() - self._began
        status = (self._place / "status").read_text().splitlines()
        sizes = [line.split()[1] for line in status if line.startswith("VmHWM:")]
        self.megabytes = int(sizes[0]) / 1024


def main() -> None:
    """Measure and print."""
    folder, output, level = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    clocks = Clocks()
    clocks.around(worker, "read_submission", "reading")
    clocks.around(Sandbox, "start", "spawning")
    clocks.around(PackageProcess, "fresh", "spawning")
    clocks.around(Session, "close", "spawning")
    clocks.around(Session, "ask", "calling")
    clocks.around(Judging, "look", "comparing")
    clocks.around(Judging, "mark", "explaining")
    clocks.around(Gradebook, "save", "writing")
    clocks.around(pages, "write_submission", "writing")
    children = Children(clocks)
    settings = run.Settings(ASSIGNMENT, ROOT / "reference_outputs", kinds=("code",), level=level)
    assignment = worker.manifest(ASSIGNMENT)
    places = find([folder], assignment, as_="class").places
    zygotes: list[Zygote] = []

    def begun(started: run.Worker) -> None:
        zygotes.append(Zygote(started))

    with Gradebook(output) as gradebook:
        for marked in run.grade(places, settings, gradebook, begun=begun):
            pages.write_submission(output, marked.result, title=assignment.title)
            zygotes[0].look()
    clocks.cpu["spawning"] += zygotes[0].seconds
    count = len(places)
    print(
        json.dumps(
            {
                "cpu": {stage: 1e3 * clocks.cpu[stage] / count for stage in STAGES},
                "wall": {stage: 1e3 * clocks.wall[stage] / count for stage in STAGES},
                "grader_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "zygote_mb": zygotes[0].megabytes,
                "child_mb": children.megabytes,
            }
        )
    )


if __name__ == "__main__":
    main()
