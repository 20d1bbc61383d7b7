"""Print the matrix of misconceptions and questions: points lost, and the diagnosis.

``python tests/misconceptions/matrix.py [--planted] [WORD...]`` marks each misconception whose id
holds a WORD (all without one) in all notebooks: the reference with its edits, or with
``--planted`` a package that is written otherwise. A dot is a question with all its points; a
line ends with what the feedback names, or with ``-``; below stands what those cost that are nearly
right, by question. Exits with 1 when other questions lose
points than the misconception's own and those that its entry declares (``also``, with the reason),
or when another misconception is named.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.authoring import building
from grader.key import load, sources
from grader.key.fingerprints import Misconception
from grader.marking.marker import Marker
from grader.sandbox import Sandbox
from grader.submissions import Submission

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "assignment"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--planted", action="store_true", help="in code unlike the reference's")
    parser.add_argument("words", nargs="*", metavar="WORD", help="parts of ids")
    arguments = parser.parse_args()
    assignment = sources.manifest(COURSE)
    reference = sources.package(COURSE / assignment.package)
    key = load(ROOT / building.OUTPUTS)
    notebooks = [notebook.name for notebook in assignment.notebooks]
    found = list(planted() if arguments.planted else edited(reference))
    also = {
        entry["id"]: set(entry.get("also", ()))
        for path in (COURSE / "misconceptions").glob("*.toml")
        for entry in sources.entries(path)
    }
    known = {misconception.id: misconception for misconception, _ in found}
    if arguments.words:
        found = [e for e in found if any(word in e[0].id for word in arguments.words)]
    nearly = {variant.id for variant in sources.nearly_right(COURSE, assignment, reference)}
    marks = {question.id: question.points for question in assignment.questions}
    prices: dict[str, list[float]] = {}
    named = off = declared = wrong = 0
    with Sandbox(assignment.limits, level="process", allow_unsandboxed=True) as sandbox:
        marker = Marker(assignment, key, sandbox, notebooks, reference, ("code",))
        for number, question in enumerate(marker.questions, start=1):
            print(f"{number:2} {question.id} ({question.points:g})")
        numbers = "".join(f"{n:>5}" for n in range(1, len(marker.questions) + 1))
        print(f"\n{'':44}{numbers}")
        for misconception, files in found:
            result = marker.mark(
                Submission("s", "s", assignment.package, files, {}, "sha256:0"),
            )
            lost = {q.id: q.max_score - q.score for q in result.questions}
            names = {c.diagnosis for q in result.questions for c in q.checks if c.diagnosis}
            cells = "".join(f"{_cell(points):>5}" for points in lost.values())
            if misconception.id in nearly:
                share = lost[misconception.question] / marks[misconception.question]
                prices.setdefault(misconception.question, []).append(share)
            print(f"{misconception.id:44}{cells}  {' '.join(sorted(names)) or '-'}", flush=True)
            named += bool(names)
            others = {id for id, points in lost.items() if points} - {misconception.question}
            declared += bool(others) and others == also[misconception.id]
            off += others != also[misconception.id]
            wrong += any(not same(misconception, known[name]) for name in names)
    print(
        f"\n{len(found)} misconceptions, {named} named, {wrong} misnamed, "
        f"{declared} cost another question as declared, {off} otherwise"
    )
    if prices:
        print("\nWhat a nearly right answer costs of its question:")
    for question, shares in prices.items():
        print(f"{question:44}{min(shares):5.0%} to {max(shares):.0%} ({len(shares)} of them)")
    return 1 if off or wrong else 0


def _cell(points: float) -> str:
    return f"{points:.3g}" if points else "."


def same(one: Misconception, other: Misconception) -> bool:
    return one.id == other.id or other.id in one.same_as or one.id in other.same_as


def edited(reference: dict[str, bytes]) -> Iterator[tuple[Misconception, dict[str, bytes]]]:
    for entry in sources.misconceptions(COURSE, sources.manifest(COURSE), reference):
        yield entry.misconception, dict(entry.files)


def planted() -> Iterator[tuple[Misconception, dict[str, bytes]]]:
    reference = sources.package(COURSE / sources.manifest(COURSE).package)
    known = {misconception.id: misconception for misconception, _ in edited(reference)}
    variants = ROOT / "tests" / "variants"
    staged = sources.package(variants / "staged")
    for path in sorted((variants / "planted").glob("*.toml")):
        for entry in sources.entries(path, ("id", "file", "edits")):
            yield known[entry["id"]], sources.edited(staged, entry, path)


if __name__ == "__main__":
    sys.exit(main())
