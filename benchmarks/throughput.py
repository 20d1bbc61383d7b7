"""What grading a class costs: CPU and wall seconds a submission, by stage, against the floor.

    python benchmarks/throughput.py [-n 100] [-j 1 2] [--seed 1] [--repeats 3]

Makes classes by a seed (``classes.py``), grades them with ``grader grade``, and in the same run
measures the floor (``floor.py``): the same calls in a plain loop in one process, with no sandbox
and nothing compared. CPU seconds are those of all processes, by wait4. What a run costs whatever
its size is taken off by grading a quarter of the class too. Compare ratios of one run: seconds
of different machines, or of a busy one, say little.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy
from classes import ASSIGNMENT, make, mixture
from stages import STAGES
from usage import ENVIRONMENT, Usage, grader, repeated, run

HERE = Path(__file__).resolve().parent
NUMPY = [sys.executable, "-c", "import numpy"]


class Bench:
    """A scratch folder and what all measurements share."""

    def __init__(self, scratch: Path, options: argparse.Namespace) -> None:
        self.scratch, self.options = scratch, options
        self._runs = 0

    def made(self, name: str, kinds: Sequence[str]) -> Path:
        """Make a class of *kinds* and return its folder."""
        folder = self.scratch / name
        make(folder, kinds, self.options.seed)
        return folder

    def command(self, *paths: Path, jobs: int = 1, level: str = "") -> list[str]:
        """Return the command that grades *paths* afresh."""
        self._runs += 1
        output = self.scratch / f"grades-{self._runs}"
        isolation = ["--isolation", level] if level else []
        words = ["-a", str(ASSIGNMENT), "-q", "-j", str(jobs), "-o", str(output), *isolation]
        return grader("grade", *map(str, paths), "--only", "code", *words)

    def each(self, folder: Path, jobs: int = 1) -> Usage:
        """Return what one submission of a class costs; medians of several runs."""
        places = sorted(folder.iterdir())
        few = places[: max(1, len(places) // 4)]
        found = []
        for _ in range(self.options.repeats):
            whole, part = (
                run(self.command(*some, jobs=jobs, level=self.options.level))
                for some in (places, few)
            )
            count = len(places) - len(few)
            wall, cpu = (whole.wall - part.wall) / count, (whole.cpu - part.cpu) / count
            found.append(Usage(wall, cpu, whole.megabytes))
        return Usage(*(median(figures) for figures in zip(*found, strict=True)))

    def script(self, name: str, *arguments: str) -> dict[str, object]:
        """Run another script of this folder and return the JSON that it prints."""
        command = [sys.executable, str(HERE / name), *arguments]
        done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True)
        return dict(json.loads(done.stdout))


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description="Measure what grading a class costs.")
    parser.add_argument("-n", type=int, default=100, help="submissions in a class (100)")
    parser.add_argument("-j", type=int, nargs="+", default=[1, 2], help="jobs (1 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--level", default="landlock+seccomp", help="isolation of the classes")
    parser.add_argument("--quick", action="store_true", help="right and mistaken ones only")
    options = parser.parse_args(argv)
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {numpy.__version__}")
    print(f"classes of {options.n} by seed {options.seed}, at {options.level}\n")
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as scratch:
        bench = Bench(Path(scratch), options)
        right = bench.made("right", ["right"] * options.n)
        calls = _classes(bench, right)
        _stages(bench, right)
        if not options.quick:
            _mixture(bench, calls)
            _commands(bench, right)


def _classes(bench: Bench, right: Path) -> float:
    """Print the floor and what is above it; return the floor in milliseconds."""
    options = bench.options
    mistaken = bench.made("mistaken", ["mistaken"] * options.n)
    floor = bench.script("floor.py", str(right), str(options.repeats))
    imports, calls = (float(str(floor[name])) for name in ("importing", "calling"))
    print(f"{'a submission':<34}{'CPU ms':>8}{'wall ms':>9}{'- floor':>9}")
    print(f"{'floor: ' + str(floor['examples']) + ' examples, bare':<34}{calls:8.1f}")
    print(f"{'and importing its package':<34}{imports:8.1f}")
    _row("right", bench.each(right), calls)
    _row("one mistake, diagnosis and page", bench.each(mistaken), calls)
    return calls


def _mixture(bench: Bench, calls: float) -> None:
    options = bench.options
    kinds = mixture(options.n, random.Random(options.seed))
    mixed = bench.made("mixed", [kind for kind in kinds if kind != "hanging"])
    hanging = bench.made("hanging", ["hanging"] * max(2, options.n // 50))
    print(f"\n{'a submission':<34}{'CPU ms':>8}{'wall ms':>9}{'- floor':>9}")
    _row("hanging", bench.each(hanging), calls)
    usages = {jobs: bench.each(mixed, jobs) for jobs in options.j}
    _row("mixed, a tenth hostile", usages[options.j[0]], calls)
    for jobs, usage in usages.items():
        faster = f"{usages[options.j[0]].wall / usage.wall:.2f}x"
        cpu, wall = 1e3 * usage.cpu, 1e3 * usage.wall
        print(f"{f'mixed, jobs: {jobs}':<34}{cpu:8.1f}{wall:9.1f}{faster:>9}")


def _row(name: str, usage: Usage, floor: float) -> None:
    cpu, wall = 1e3 * usage.cpu, 1e3 * usage.wall
    print(f"{name:<34}{cpu:8.1f}{wall:9.1f}{cpu - floor:9.1f}", flush=True)


def _stages(bench: Bench, right: Path) -> None:
    output = str(bench.scratch / "stages")
    found = bench.script("stages.py", str(right), output, bench.options.level)
    print(f"\n{'right, by stage':<34}{'CPU ms':>8}{'wall ms':>9}")
    cpu, wall = dict(found["cpu"]), dict(found["wall"])  # type: ignore[call-overload]
    for stage in STAGES:
        print(f"{stage:<34}{cpu[stage]:8.2f}{wall[stage]:9.2f}")
    sizes = (f"{name} {found[f'{name}_mb']:.0f} MB" for name in ("grader", "zygote", "child"))
    print("peak memory: " + ", ".join(sizes))


def _commands(bench: Bench, right: Path) -> None:
    times = 2 * bench.options.repeats + 1
    one = sorted(right.iterdir())[0]
    base = repeated(lambda: NUMPY, times)
    print(f"\n{'a command':<34}{'CPU s':>8}{'wall s':>9}{'- numpy':>9}")
    for name, usage in (
        ("python -c 'import numpy'", base),
        ("grader --help", repeated(lambda: grader("--help"), times)),
        ("one submission, strongest level", repeated(lambda: bench.command(one), times)),
        (
            f"one submission, {bench.options.level}",
            repeated(lambda: bench.command(one, level=bench.options.level), times),
        ),
    ):
        figures = f"{usage.cpu:8.2f}{usage.wall:9.2f}{usage.wall - base.wall:9.2f}"
        print(f"{name:<34}{figures}")


if __name__ == "__main__":
    main()
