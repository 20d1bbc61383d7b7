"""Say how planted copies and honest twins come out of ``grader similar``, in a class of 200.

``python tests/similar/planted_pairs.py [--count N] [--seed N] [--jobs N] [--keep FOLDER]`` makes
the class (:mod:`planted_class`), marks it, compares it, and prints the figures of
``docs/similar.md``. It exits with 1 where a whole copy isn't above all others or doesn't stand
apart, or where a pair of honest students does. ``--unmarked SEED...`` compares the code of other
classes, without marking them: lengths and weights were chosen on the class of seed 0.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import planted_class
from conftest_similar import course_text, read

from grader.classroom.likeness.pairs import compare
from grader.classroom.likeness.works import Work, code_of

ROOT = Path(__file__).resolve().parents[2]
Pair = frozenset[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("-j", "--jobs", type=int, default=2, metavar="N")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="where the class goes, and stays"
    )
    parser.add_argument("--unmarked", type=int, nargs="+", metavar="SEED", help="code alone")
    arguments = parser.parse_args()
    if arguments.unmarked:
        return max(_unmarked(arguments.count, seed) for seed in arguments.unmarked)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        made = planted_class.make(arguments.count, arguments.seed)
        planted_class.write(made, folder / "class")
        shared = ("-a", str(ROOT / "assignment"), "-o", str(folder / "grades"), "-q")
        _grader("grade", folder / "class", "--as", "class", *_KINDS, "-j", arguments.jobs, *shared)
        _grader("similar", *shared)
        table = (folder / "grades" / "similar.csv").read_text("utf-8-sig")
        planted = json.loads((folder / "class.json").read_text("utf-8"))
    return report(list(csv.DictReader(table.splitlines())), planted)


_KINDS = ("--only", "code", "--only", "written")


def _unmarked(count: int, seed: int) -> int:
    """Compare the code of a class in this process; print the figures and return the code."""
    made = planted_class.make(count, seed)
    course = course_text(ROOT)
    works = [Work(one.name, code_of(read(**dict(one.files)), course)) for one in made.students]
    print(f"seed {seed}")
    pairs = {"copies": made.copies, "parts": made.parts, "twins": made.twins}
    return report(rows_of(works), pairs)


def rows_of(works: Sequence[Work]) -> list[dict[str, str]]:
    """Return rows as ``similar.csv`` has them, of code that nobody marked."""
    found = compare(works, lambda work: work.code, most=2_000, mistakes=False)
    return [
        {
            "compared": "code",
            "one": pair.one.name,
            "other": pair.other.name,
            "likeness": str(pair.likeness),
            "stands_apart": "yes" if found.stands_apart(pair) else "",
        }
        for pair in found.pairs
    ]


def report(
    rows: Sequence[Mapping[str, str]], planted: Mapping[str, Iterable[Sequence[str]]]
) -> int:
    """Print what became of *planted* pairs in the *rows* of ``similar.csv``; return the code."""
    wanted = {kind: {frozenset(pair) for pair in pairs} for kind, pairs in planted.items()}
    alike = wanted["copies"] | wanted["parts"]
    failed = False
    for part in dict.fromkeys(row["compared"] for row in rows):
        ranked = [row for row in rows if row["compared"] == part]
        places = {frozenset((row["one"], row["other"])): i for i, row in enumerate(ranked)}
        apart = {pair for pair, i in places.items() if ranked[i]["stands_apart"]}
        print(f"{part}: {len(apart)} pairs stand apart")
        for kind, pairs in wanted.items():
            if part == "code" or kind == "copies":
                print(f"  {kind} ({len(pairs)}): {_said(pairs, places, ranked, apart)}")
        others = [pair for pair in places if pair not in alike]
        print(f"  others: {_said(set(others[:1]), places, ranked, apart)}")
        first = set(list(places)[: len(wanted["copies"])])
        if part == "code":
            failed = first != wanted["copies"] or not wanted["copies"] <= apart
        failed = failed or bool(apart - alike)
    return int(failed)


def _said(
    pairs: set[Pair],
    places: Mapping[Pair, int],
    rows: Sequence[Mapping[str, str]],
    apart: set[Pair],
) -> str:
    found = sorted(places[pair] for pair in pairs if pair in places)
    if not found:
        return "none in the table"
    numbers = [float(rows[place]["likeness"]) for place in found]
    return (
        f"{len(pairs & apart)} stand apart; likeness {min(numbers):.0f} to {max(numbers):.0f}; "
        f"places {', '.join(str(place + 1) for place in found)}"
    )


def _grader(*words: object) -> None:
    # A run says by its code that some submission couldn't be marked in full.
    subprocess.run([sys.executable, "-m", "grader", *map(str, words)], stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
