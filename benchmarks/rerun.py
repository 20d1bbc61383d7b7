"""What it costs to grade a class again of which nothing has changed, and how much memory it takes.

    python benchmarks/rerun.py [-n 1000 5000] [--distinct 50] [--profile FILE]

Marks a few submissions (one of two with a mistake), keeps their results for as many more as are
asked for, with a copy of the files for each, and runs the same command twice: the first run writes
their pages. Prints for the second the CPU seconds of all its processes and the largest one's memory
(the main process's).
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from classes import ASSIGNMENT, make
from usage import Usage, grader, run

from grader.classroom.gradebook import Gradebook
from grader.classroom.run import what_is_asked
from grader.classroom.worker import Settings
from grader.key import sources
from grader.submissions import find


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print a row for each size of a class."""
    parser = argparse.ArgumentParser(description="Measure the rerun of an unchanged class.")
    parser.add_argument("-n", type=int, nargs="+", default=[1000, 5000], help="submissions")
    parser.add_argument("--distinct", type=int, default=50, help="how many are marked (50)")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="cProfile's of the last run")
    options = parser.parse_args(argv)
    print(f"{'submissions':>12}{'CPU s':>8}{'wall s':>8}{'MB':>8}")
    with tempfile.TemporaryDirectory(prefix="grader-rerun-") as scratch:
        few = Path(scratch, "few")
        kinds = ["right", "mistaken"] * (options.distinct // 2)
        random.Random(1).shuffle(kinds)
        make(few, kinds, seed=1)
        run(_command(few, Path(scratch, "marked")))
        for count in options.n:
            folder = Path(scratch, str(count))
            _multiplied(few, Path(scratch, "marked"), folder, count)
            again = _command(folder / "class", folder / "grades")
            run(again)
            used: Usage = run(again)
            print(f"{count:12}{used.cpu:8.2f}{used.wall:8.2f}{used.megabytes:8.1f}", flush=True)
            if options.profile is not None:
                run([sys.executable, "-m", "cProfile", "-o", str(options.profile),
                     "-m", "grader", *again[3:]])  # fmt: skip
            shutil.rmtree(folder)


def _command(klass: Path, grades: Path) -> list[str]:
    return grader(
        *("grade", str(klass), "-o", str(grades), "-a", str(ASSIGNMENT), "-q"),
        *("--only", "code", "--only", "written"),
    )


def _multiplied(few: Path, marked: Path, folder: Path, count: int) -> None:
    """Copy *few* until there are *count*, with the results that are in *marked*."""
    originals = sorted(path for path in few.iterdir())
    for number in range(count):
        original = originals[number % len(originals)]
        shutil.copytree(original, folder / "class" / f"{number:05}-{original.name[6:]}")
    assignment = sources.manifest(ASSIGNMENT)
    asked = what_is_asked(Settings(ASSIGNMENT, marked, kinds=("code", "written")), assignment)
    places = find([folder / "class"], assignment, as_="class").places
    with Gradebook(marked) as before, Gradebook(folder / "grades") as gradebook:
        names = [original.name for original in originals]
        known = dict(zip(names, before.results(names), strict=True))
        for number, place in enumerate(places):
            result = known[names[number % len(names)]]
            gradebook.save({**result, "submission": place.name}, asked)
            gradebook.belongs(place.name, place.identity)


if __name__ == "__main__":
    main()
