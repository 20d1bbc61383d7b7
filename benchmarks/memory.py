"""Whether cost and memory stay flat over a long class.

    python benchmarks/memory.py [-n 10000] [--every 500]

Grades the same fifty submissions over and over, under ever new names, and prints after each
stretch the CPU milliseconds a submission and the resident sizes of grader and zygote.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
from itertools import cycle, islice
from pathlib import Path

from classes import ASSIGNMENT, ROOT, make, mixture

from grader.classroom import run
from grader.classroom.gradebook import Gradebook
from grader.key import sources
from grader.reports import pages
from grader.submissions import Place, find


def main() -> None:
    """Grade, and print a row for each stretch."""
    parser = argparse.ArgumentParser(description="Measure whether memory stays flat.")
    parser.add_argument("-n", type=int, default=10_000, help="submissions (10000)")
    parser.add_argument("--every", type=int, default=500, help="a row for so many (500)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-memory-") as scratch:
        make(Path(scratch, "class"), mixture(50, random.Random(1)), seed=1)
        _grade(options, Path(scratch))


def _grade(options: argparse.Namespace, scratch: Path) -> None:
    assignment = sources.manifest(ASSIGNMENT)
    places = find([scratch / "class"], assignment, as_="class").places
    many = [
        Place(f"s{number:05}", place.path, place.inside)
        for number, place in enumerate(islice(cycle(places), options.n))
    ]
    outputs = ROOT / "reference_outputs"
    settings = run.Settings(ASSIGNMENT, outputs, kinds=("code",), level="landlock+seccomp")
    desks: list[run.Worker] = []
    print(f"{'submissions':>12}{'CPU ms':>8}{'grader MB':>11}{'zygote MB':>11}")
    before = 0.0
    with Gradebook(scratch / "grades") as gradebook:
        for number, marked in enumerate(
            run.grade(many, settings, gradebook, begun=desks.append), 1
        ):
            # Pages are written over one another: it is memory that is measured, not the disk.
            one = {**marked.result, "submission": "one"}
            pages.write_submission(scratch / "grades", one, title=assignment.title)
            if number % options.every:
                continue
            server = desks[0].sandbox._server
            assert server is not None
            zygote = server._process.pid
            cpu = _own() + seconds_of(zygote)
            each = 1e3 * (cpu - before) / options.every
            before = cpu
            print(
                f"{number:12}{each:8.1f}{resident('self'):11.1f}{resident(zygote):11.1f}",
                flush=True,
            )


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def seconds_of(pid: int) -> float:
    """Return the CPU seconds of a process and of the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / 100


def resident(pid: int | str) -> float:
    """Return a process's resident size in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


if __name__ == "__main__":
    main()
