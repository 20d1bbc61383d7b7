"""Tell planted mistakes what is wrong, and judge by rule whether it is true.

``python tests/explaining/evaluate.py [--only NAME...] [-j N] [--json FILE]`` marks the mistakes in
``mistakes/``, those that operators make, and right code in many styles: the former in the code
questions that they could break. It prints, by mechanism, how much was told and whether it was true,
and all that was untrue. It exits with 1 where something untrue was told, a right variant got a
message, or a mistake is another known one than its table says.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatch
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from bulk import Marked, Variant, looked_at
from explanations import RIGHT_OUTPUTS
from mutants import mutants
from plants import COURSE, ROOT, Plant, written
from rewrites import rewritings

#: In the order in which they are asked.
MECHANISMS = ("catalogue", "terms", "dependence", "repair", "structure", "stage", "number")
_SAID = ("true", "untrue", "unjudged")
#: By which a mistake is told more than that it is there, and how far it is off.
TELLING = frozenset(("catalogue", "terms", "dependence", "repair", "structure"))


#: So many reasons are printed why something is unjudged.
MOST_REASONS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=["*"], metavar="NAME", help="may have a *")
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="processes to use")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was told here")
    arguments = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    plants = [plant for plant in (*written(), *mutants()) if _named(plant.id, arguments.only)]
    variants = [one for one in right_variants() if _named(one.name, arguments.only)]
    if not plants and not variants:
        parser.error("nothing has such a name")
    marked, said = evaluated(plants, variants, arguments.jobs)
    if arguments.json:
        arguments.json.write_text(json.dumps([_entry(one) for one in marked], indent=1), "utf-8")
    for line in report(marked, said):
        print(line)
    return 1 if any(wrong(marked, said)) else 0


def _named(name: str, only: Iterable[str]) -> bool:
    return any(fnmatch(name, wanted) for wanted in only)


def right_variants() -> Iterator[Variant]:
    """Yield right packages: in unusual styles, in other styles, and written otherwise."""
    for name, files in rewritings():
        yield Variant(name, files)
    sys.path.append(str(ROOT / "tests" / "right"))
    from right_packages import NAMES, handed_in

    from grader.key import sources
    from grader.submissions import find, read_submission

    assignment = sources.manifest(COURSE)
    with TemporaryDirectory() as folder:
        for name in NAMES:
            (place,) = find([handed_in(name, Path(folder))], assignment, as_="one").places
            read = read_submission(place, assignment)
            yield Variant(f"unusual-{name}", read.files, read.package)


def evaluated(
    plants: Sequence[Plant], variants: Sequence[Variant], jobs: int = 1
) -> tuple[list[Marked], Mapping[str, list[str]]]:
    """Mark and judge all of them in *jobs* processes."""
    if jobs == 1:
        return looked_at(plants, variants)
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        parts = [pool.submit(looked_at, plants[i::jobs], variants[i::jobs]) for i in range(jobs)]
        found = [part.result() for part in parts]
    said = {name: lines for _, messages in found for name, lines in messages.items()}
    return [one for marked, _ in found for one in marked], said


def wrong(marked: Sequence[Marked], said: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield a line for all that must not be."""
    for one in marked:
        for each, judgement in one.told:
            if judgement.word == "untrue":
                where = f"{one.plant.id}: {each.check}: {each.mechanism}"
                yield f"{where}: {judgement.why}: {each.text}"
        if not one.plant.id.startswith("mutant-"):
            if one.known != one.plant.known:
                yield f"{one.plant.id}: declared as {one.plant.known!r}, it is {one.known!r}"
            if not one.wrong:
                yield f"{one.plant.id}: it loses nothing"
    for name, lines in said.items():
        for line in lines:
            yield f"{name}, which is right: {line}"


def report(marked: Sequence[Marked], said: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the lines of the report, a page of Markdown."""
    mistakes = [one for one in marked if one.wrong]
    known = [one for one in mistakes if one.known]
    kinds = {one.plant.kind for one in mistakes if not one.plant.id.startswith("mutant-")}
    known_kinds = {one.plant.kind for one in known}
    yield (
        f"{len(mistakes)} mistakes ({len(kinds - known_kinds)} kinds written by hand that the "
        f"catalogue doesn't have; {len(known)} mistakes have the answers of a known one), "
        f"{len(marked) - len(mistakes)} mutants that are right, {len(said)} right variants"
    )
    yield ""
    yield (
        "| mechanism | told | true | untrue | unjudged | first message of | told at all of | "
        "CPU seconds beyond right code: median | most |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    counts = Counter(
        (each.mechanism, judgement.word) for one in mistakes for each, judgement in one.told
    )
    for name in (*MECHANISMS, RIGHT_OUTPUTS):
        words = [counts[name, word] for word in _SAID]
        total = sum(count for (other, _), count in counts.items() if other == name)
        first = [one for one in mistakes if one.first == name]
        any_ = [one for one in mistakes if name in one.mechanisms]
        spent = [one.cpu for one in first]
        yield (
            f"| {name} | {total} | "
            + " | ".join(map(str, words))
            + f" | {_share(first, mistakes)} | {_share(any_, mistakes)} | "
            + (f"{statistics.median(spent):.3f} | {max(spent):.2f} |" if spent else "| |")
        )
    telling = [one for one in mistakes if one.mechanisms & TELLING]
    yield ""
    yield f"Told more than a stage or a number: {_share(telling, mistakes)} of the mistakes."
    open_ = Counter(
        f"{each.mechanism}: {judgement.why}"
        for one in mistakes
        for each, judgement in one.told
        if judgement.word == "unjudged"
    )
    if open_:
        yield ""
        yield "Unjudged, the most frequent first:"
        yield ""
    for why, count in open_.most_common(MOST_REASONS):
        yield f"- {count}: {why}"
    found = list(wrong(marked, said))
    if found:
        yield ""
        yield f"What must not be ({len(found)}):"
        yield ""
    for line in found:
        yield f"- {line}"


def _share(some: Sequence[object], all_: Sequence[object]) -> str:
    return f"{len(some) / len(all_):.1%}" if all_ else "-"


def _entry(one: Marked) -> dict[str, object]:
    plant = one.plant
    return {
        "id": plant.id,
        "kind": plant.kind,
        "base": plant.base,
        "function": plant.function,
        "lines": {file: sorted(lines) for file, lines in plant.lines.items()},
        "wrong": one.wrong,
        "known": one.known,
        "first": one.first,
        "cpu": round(one.cpu, 4),
        "told": [
            {
                "question": said.question,
                "check": said.check,
                "mechanism": said.mechanism,
                "text": said.text,
                "verdict": judgement.word,
                "why": judgement.why,
            }
            for said, judgement in one.told
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
