"""Whole notebooks through nbgrader, otter-grader and grader: CPU seconds a hand-in.

    CIFAR10_DIR=FOLDER python benchmarks/peers/whole.py [-n 2] [--environments DIR]

Makes hand-ins by a seed (``../handins.py``) with right packages and notebooks that train, and has
each grader mark them as its documentation says: the peers run every cell of the notebook on the
data set in CIFAR10_DIR (without it, on the drawn images that come with the assignment) and then the
twelve items; grader trains on its small set, in a process a question (``cells``), where trainings
end early, and in a Jupyter kernel (``kernel``), where none does. One BLAS thread for all. CPU is
that of all processes, start-up included.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from classes import ASSIGNMENT
from compare import available
from handins import make
from spent import spent
from usage import ENVIRONMENT, grader


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=2, metavar="COUNT", help="hand-ins (2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir(), "peers"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-peers-") as scratch:
        compare(options, Path(scratch))


def compare(options: argparse.Namespace, scratch: Path) -> None:
    """Mark the same hand-ins by each grader, and print what one costs."""
    made = make(scratch / "class", 4 * options.n, options.seed)
    places = [place for place in made if place.name.endswith("right")][: options.n]
    graders: dict[str, Callable[[], float]] = {}
    for name, peer in available(options.environments.resolve(), scratch, "whole"):
        peer.prepare("all", places)
        graders[name] = lambda peer=peer: peer.grade("all")
    for engine in ("cells", "kernel"):
        graders[f"grader, {engine}"] = lambda engine=engine: _ours(scratch, places, engine)
    costs = {name: mark() / len(places) for name, mark in graders.items()}
    base = costs["grader, cells"]
    print(f"{len(places)} hand-ins; CPU seconds each, and how many times grader's")
    for name, cost in costs.items():
        print(f"{name:<16}{cost:9.2f} {cost / base:8.1f}x")


def _ours(scratch: Path, places: Sequence[Path], engine: str) -> float:
    words = ["-q", "-a", str(ASSIGNMENT), "-o", str(scratch / f"grades-{engine}")]
    words += ["--train", "short", "--engine", engine]
    return spent(grader("grade", *map(str, places), *words), scratch, ENVIRONMENT)


if __name__ == "__main__":
    main()
