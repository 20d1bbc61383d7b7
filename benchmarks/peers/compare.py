"""The same class and items through nbgrader and otter-grader: CPU seconds a submission.

    python benchmarks/peers/compare.py [-n 24] [--rounds 2] [--environments DIR]

Installs both, pinned, into virtual environments of their own (kept in DIR), and grades one class
by turns with nbgrader, otter (``others.py``) and grader. The class is the mixture of
``classes.py`` without the hanging ones, which cost what the limits are. A hostile submission that
some peer gives no result for is left out for all three, with a word about it. The peers run the
notebook's first cell, which imports matplotlib, and its twelve code items (``items.py``), one
example each (--bare: without that cell); grader runs its whole key, at
least twenty-five examples a check, in its sandbox, and writes its diagnoses and pages.

CPU is that of all processes. A round grades three lists, each within the next: a quarter of the
right submissions, the right ones, and all. Their differences are what a right submission costs
and what another one does; the rest is the start-up, which a larger class spreads thinner.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from classes import ASSIGNMENT, make, mixture
from items import ITEMS
from others import PINS, Part, Peer, Unavailable, installed
from spent import spent
from usage import ENVIRONMENT, grader

#: Seconds for one submission, until it counts as one that a peer doesn't survive.
PATIENCE = 120.0
LISTS = ("few", "right", "all")


@dataclass(frozen=True)
class Cost:
    """CPU seconds: a submission with start-up included, and what it is made of."""

    whole: float
    start: float
    right: float
    other: float
    #: A submission of this class without the start-up.
    each: float


class Ours:
    """``grader grade`` over the same folders."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._places: dict[str, Sequence[Path]] = {}
        self._runs = 0

    def prepare(self, name: str, places: Sequence[Path]) -> None:
        self._places[name] = places

    def grade(self, name: str, timeout: float | None = None) -> float:
        self._runs += 1
        output = ["-q", "-a", str(ASSIGNMENT), "-o", str(self._scratch / f"grades-{self._runs}")]
        words = ["--only", "code", "--isolation", "landlock+seccomp", *output]
        command = grader("grade", *map(str, self._places[name]), *words)
        return spent(command, self._scratch, ENVIRONMENT, timeout)


def main() -> None:
    """Measure by turns, and print what was found and a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=24, help="submissions (24)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--bare", action="store_true", help="leave out the notebook's first cell")
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir(), "peers"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-peers-") as scratch:
        compare(options, Path(scratch))


def compare(options: argparse.Namespace, scratch: Path) -> None:
    """Make a class, drop what a peer doesn't survive, grade it in rounds, and report."""
    kinds = mixture(options.n, random.Random(options.seed))
    make(scratch / "class", [kind for kind in kinds if kind != "hanging"], options.seed)
    places = sorted((scratch / "class").iterdir())
    part: Part = "nothing" if options.bare else "first cell"
    peers = dict(available(options.environments.resolve(), scratch, part))
    places = list(_survived(peers, places))
    right = [place for place in places if _is(place, "right")]
    lists = dict(zip(LISTS, (right[: max(1, len(right) // 4)], right, places), strict=True))
    ours = Ours(scratch)
    graders = {**peers, "grader": ours}
    for engine in graders.values():
        for name, some in lists.items():
            engine.prepare(name, some)
    spents: dict[str, list[dict[str, float]]] = {name: [] for name in graders}
    for _ in range(options.rounds):
        turns = {
            name: {engine: graders[engine].grade(name) for engine in graders} for name in LISTS
        }
        for engine in graders:
            spents[engine].append({name: turns[name][engine] for name in LISTS})
    for engine, peer in peers.items():
        _tell(engine, peer, right)
    counts = ", ".join(
        f"{sum(_is(p, k) for p in places)} {k}" for k in ("right", "mistaken", "hostile")
    )
    print(f"\n{len(places)} submissions ({counts}), {options.rounds} rounds; CPU seconds\n")
    _table({engine: _cost(found, lists) for engine, found in spents.items()})


def available(environments: Path, scratch: Path, part: Part) -> Iterator[tuple[str, Peer]]:
    """Yield the peers that are installed, or can be; say why one is left out."""
    for name in PINS:
        try:
            yield name, installed(name, environments, scratch, part)
        except Unavailable as reason:
            print(f"{name}: left out, since {reason}")


def _survived(peers: dict[str, Peer], places: Sequence[Path]) -> Iterator[Path]:
    """Yield the submissions of a class but the hostile ones that a peer gives no result for."""
    for place in places:
        without = []
        for name, peer in peers.items() if _is(place, "hostile") else ():
            peer.prepare(place.name, [place])
            try:
                peer.grade(place.name, PATIENCE)
            except subprocess.TimeoutExpired:
                without.append(f"{name} ({PATIENCE:.0f} s)")
                continue
            if peer.passed(place.name)[place] is None:
                without.append(name)
        if without:
            print(f"{place.name}: left out for all, since no result from {', '.join(without)}")
        else:
            yield place


def _tell(name: str, peer: Peer, right: Sequence[Path]) -> None:
    """Print what a peer found wrong in right submissions."""
    found = peer.passed("all")
    wrong = 0
    for place in right:
        passed = found.get(place)
        if passed is None:
            print(f"{name}: no result for {place.name}, which is right")
        elif missed := sorted(set(ITEMS) - passed):
            print(f"{name}: {place.name} fails {', '.join(missed)}, and is right")
        else:
            continue
        wrong += 1
    print(f"{name}: all {len(ITEMS)} items pass in {len(right) - wrong} of {len(right)} right ones")


def _cost(rounds: Sequence[dict[str, float]], lists: dict[str, Sequence[Path]]) -> Cost:
    few, right, whole = (median(found[name] for found in rounds) for name in LISTS)
    n_few, n_right, n_all = (len(lists[name]) for name in LISTS)
    each_right = (right - few) / (n_right - n_few)
    start = right - n_right * each_right
    others = (whole - right) / max(1, n_all - n_right)
    return Cost(whole / n_all, start, each_right, others, (whole - start) / n_all)


def _table(costs: dict[str, Cost]) -> None:
    ours = costs["grader"]
    heads = ("with start-up", "without", "a right one", "another")
    print(f"{'a submission':<12}" + "".join(f"{head:>18}" for head in heads) + f"{'start-up':>12}")
    for name, cost in costs.items():
        pairs = (
            (cost.whole, ours.whole),
            (cost.each, ours.each),
            (cost.right, ours.right),
            (cost.other, ours.other),
        )
        figures = "".join(f"{mine:9.3f} {f'({mine / base:.1f}x)':>8}" for mine, base in pairs)
        print(f"{name:<12}{figures}{cost.start:12.2f}")


def _is(place: Path, kind: str) -> bool:
    return place.name.endswith(f"-{kind}")


if __name__ == "__main__":
    main()
