"""What a cluster adds to marking a class, and what each of its processes costs a submission.

    python benchmarks/cluster.py [-n 60] [--repeats 3] [--long 600] [--every 200]

First the same class by turns with ``-j 2`` and with ``--cluster local -j 2``: seconds a submission,
what a run costs whatever its size taken off by grading a quarter of the class, too. Then a longer
class, the same fifty submissions under ever new names, on a scheduler and two workers of dask's own
commands: after each stretch the CPU milliseconds a submission and the resident sizes of grader,
scheduler and workers, and how many bytes go to a worker and come back. Needs the extra [cluster].
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import numpy
from classes import ASSIGNMENT, ROOT, make, mixture
from memory import resident, seconds_of
from usage import Usage, grader, run

from grader.classroom import run as classroom
from grader.classroom.cluster import ClusterPool
from grader.classroom.cluster_hand import ClusterOptions
from grader.classroom.gradebook import Gradebook
from grader.classroom.replays import packed
from grader.classroom.worker_setup import packed_result
from grader.key import sources
from grader.reports import pages
from grader.submissions import Place, find, read_submission

KEY = ROOT / "reference_outputs"
#: As docs/cluster.md has a scheduler started.
SETTINGS = {**os.environ, "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "0"}
WAYS = {"-j 2": ["-j", "2"], "--cluster local -j 2": ["--cluster", "local", "-j", "2"]}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description="Measure what a cluster adds.")
    parser.add_argument("-n", type=int, default=60, help="submissions in a class (60)")
    parser.add_argument("--repeats", type=int, default=3, help="rounds of both ways (3)")
    parser.add_argument("--long", type=int, default=600, help="submissions in the long class (600)")
    parser.add_argument("--every", type=int, default=200, help="a row for so many (200)")
    options = parser.parse_args(argv)
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {numpy.__version__}\n")
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as scratch:
        if options.repeats:
            make(Path(scratch, "class"), mixture(options.n, random.Random(1)), seed=1)
            _by_turns(Path(scratch), options.repeats)
        if options.long:
            make(Path(scratch, "fifty"), mixture(50, random.Random(1)), seed=1)
            _long(Path(scratch), options.long, options.every)


def _by_turns(scratch: Path, repeats: int) -> None:
    """Print what a submission costs either way, and the middle and the ends of the difference."""
    whole, part = scratch / "class", scratch / "part"
    places = sorted(whole.iterdir())
    few = places[: max(1, len(places) // 4)]
    for place in few:
        shutil.copytree(place, part / place.name)
    found: dict[str, list[Usage]] = {way: [] for way in WAYS}
    fixed: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way, words in WAYS.items():
            spent = []
            for some in (whole, part):
                output = Path(tempfile.mkdtemp(dir=scratch))
                asked = ["-a", str(ASSIGNMENT), "-q", "--only", "code", "--as", "class"]
                # What runs in a namespace of processes isn't all told to who waits for it.
                asked += ["--isolation", "landlock+seccomp", "-o", str(output)]
                spent.append(run(grader("grade", str(some), *asked, *words)))
            count = len(places) - len(few)
            wall, cpu = ((a - b) / count for a, b in zip(spent[0][:2], spent[1][:2], strict=True))
            found[way].append(Usage(1e3 * wall, 1e3 * cpu, spent[0].megabytes))
            fixed[way].append(spent[1].wall - len(few) * wall)
    print(f"{len(places)} submissions, {repeats} rounds; medians")
    print(f"{'a submission':<24}{'CPU ms':>8}{'wall ms':>9}{'start, s':>10}")
    for way in WAYS:
        cpu, wall = (median(getattr(one, name) for one in found[way]) for name in ("cpu", "wall"))
        print(f"{way:<24}{cpu:8.1f}{wall:9.1f}{median(fixed[way]):10.1f}")
    for name in ("cpu", "wall"):
        more = sorted(
            getattr(b, name) - getattr(a, name) for a, b in zip(*found.values(), strict=True)
        )
        print(f"the cluster adds, {name}: {median(more):.1f} ms ({more[0]:.1f} to {more[-1]:.1f})")


def _long(scratch: Path, count: int, every: int) -> None:
    """Grade a long class on dask's own processes, and print a row for each stretch."""
    assignment = sources.manifest(ASSIGNMENT)
    places = find([scratch / "fifty"], assignment, as_="class").places
    many = [
        Place(f"s{number:06}", place.path, place.inside)
        for number, place in enumerate(islice(cycle(places), count))
    ]
    settings = classroom.Settings(ASSIGNMENT, KEY, kinds=("code",), marks=False)
    sent = [len(packed(read_submission(place, assignment))) for place in places]
    came: list[int] = []
    with dask(scratch) as (address, scheduler, workers), Gradebook(scratch / "grades") as book:
        options = ClusterOptions(address, str(KEY))
        names = ("grader", "scheduler", "workers")
        print(
            f"\n{'submissions':>12}" + "".join(f"{name + ' CPU ms':>18}" for name in names), end=""
        )
        print("".join(f"{name + ' MB':>15}" for name in names))
        before = [0.0, 0.0, 0.0]
        marked = classroom.grade(
            many, settings, book, hands=lambda worker: ClusterPool(settings, worker, options, print)
        )
        for number, one in enumerate(marked, 1):
            came.append(len(packed_result(one)))
            # Pages are written over one another: it is memory that is measured, not the disk.
            result = {**one.result, "submission": "one"}
            pages.write_submission(scratch / "pages", result, title=assignment.title)
            if number % every:
                continue
            own = resource.getrusage(resource.RUSAGE_SELF)
            now = [
                own.ru_utime + own.ru_stime,
                seconds_of(scheduler),
                used(workers()),
            ]
            each = [1e3 * (b - a) / every for a, b in zip(before, now, strict=True)]
            sizes = [resident("self"), resident(scheduler), max(map(resident, marking(workers())))]
            row = "".join(f"{cpu:18.1f}" for cpu in each)
            print(f"{number:12}{row}" + "".join(f"{size:15.1f}" for size in sizes), flush=True)
            before = now
    print(f"to a worker: {median(sent):.0f} bytes; back: {median(came):.0f} (medians)")


@contextmanager
def dask(folder: Path) -> Iterator[tuple[str, int, Callable[[], list[int]]]]:
    """Give a scheduler's address and pid, and what lists the processes of its two workers."""
    file, there = folder / "scheduler.json", ["--no-dashboard", "--host", "127.0.0.1"]
    with ExitStack() as opened:

        def start(*words: object) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "dask", *map(str, words)]
            nowhere = subprocess.DEVNULL
            process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, env=SETTINGS)
            opened.callback(process.wait)
            opened.callback(process.terminate)
            return process

        scheduler = start("scheduler", *there, "--port", 0, "--scheduler-file", file)
        while not (file.exists() and file.read_text().endswith("}")):
            assert scheduler.poll() is None
        one = ["--scheduler-file", file, "--nthreads", 1, "--local-directory", folder / "dask"]
        workers = [start("worker", *one, "--no-dashboard") for _ in range(2)]
        address = json.loads(file.read_text())["address"]
        yield address, scheduler.pid, lambda: [p for one in workers for p in below(one.pid)]


def below(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += below(int(child))
    return found


def marking(pids: Sequence[int]) -> list[int]:
    """Return those of *pids* that mark: dask spawns them."""
    found = []
    for pid in pids:
        with suppress(OSError):  # a student's process may have ended since it was listed
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def used(pids: Sequence[int]) -> float:
    """Return the CPU seconds of *pids* that are still there."""
    seconds = 0.0
    for pid in pids:
        with suppress(OSError):
            seconds += seconds_of(pid)
    return seconds


if __name__ == "__main__":
    main()
