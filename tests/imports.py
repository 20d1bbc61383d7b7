"""The import graph of a package, read from its text: for the tests and for CONTRIBUTING's counts.

``python tests/imports.py`` prints how many modules are longer than 300 lines, how many imports run
upward, and how many circles there are.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONG = 300

#: The floor of each room of the engine: it imports from lower ones only. What has no entry of its
#: own has that of the folder it stands in.
FLOORS: Mapping[str, int] = {
    "grader.version": 1,
    "grader.model": 1,
    "grader.files": 2,
    "grader.numeric": 2,
    "grader.wording": 2,
    # What both sides of the sandbox say, and the trusted side's errors.
    "grader.sandbox.protocol": 2,
    "grader.sandbox.errors": 2,
    # Powers given up; what runs beside a student's code; what the grader sends and reads.
    "grader.sandbox.confinement": 3,
    "grader.sandbox.guest": 3,
    "grader.sandbox.package": 3,
    "grader.sandbox.batch": 3,
    "grader.sandbox.reply": 2,
    # The fork server's program; who starts processes; one's own code without a process.
    "grader.sandbox.zygote": 4,
    "grader.sandbox.host": 4,
    "grader.sandbox.in_process": 4,
    "grader.sandbox.session": 4,
    "grader.sandbox.reference": 5,
    "grader.sandbox.sandbox": 6,
    "grader.sandbox.diagnostics": 7,
    "grader.sandbox": 8,
    "grader.submissions": 3,
    "grader.kinds": 3,
    "grader.key": 9,
    "grader.marking": 10,
    "grader.authoring": 11,
    "grader.classroom": 11,
    "grader.reports": 12,
    "grader.selfcheck": 13,
    "grader.cli": 14,
    "grader.plugin": 14,
    "grader.__main__": 15,
    # The door: `grader.check`, imported when it is asked for.
    "grader": 16,
}

Graph = Mapping[str, frozenset[str]]


def modules(package: Path) -> dict[str, str]:
    """Return the text of every module below *package*, by its dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path.read_text("utf-8")
    return found


def imports(name: str, text: str, known: Iterable[str], *, package: bool) -> frozenset[str]:
    """Return the modules among *known* that the module *name* imports, anywhere in its *text*.

    A name that is imported from a package counts as the module of that name, if there is one.
    Imports for types alone count: they bind a reader as much as others do.
    """
    known = set(known)
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                ancestors = name.split(".")[: None if package else -1]
                ancestors = ancestors[: len(ancestors) - node.level + 1]
                base = ".".join([*ancestors, *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= inner & known
            if inner - known:
                found.add(base)
    return frozenset(found & known)


def graph(package: Path) -> dict[str, frozenset[str]]:
    """Return what each module below *package* imports of the package."""
    texts = modules(package)
    parents = {name.rpartition(".")[0] for name in texts}
    return {
        name: imports(name, text, texts, package=name in parents) - {name}
        for name, text in texts.items()
    }


def floor(module: str) -> int | None:
    """Return the floor of the nearest folder of *module* that has one, or ``None``."""
    known = room(module)
    return FLOORS[known] if known != "grader" or module == "grader" else None


def room(module: str) -> str:
    """Return the entry of :data:`FLOORS` that *module* belongs to."""
    while module not in FLOORS and "." in module:
        module = module.rpartition(".")[0]
    return module


def upward(edges: Graph) -> list[tuple[str, str]]:
    """Return the imports that don't run downward: from a floor to itself or to one above."""
    return sorted(
        (name, other)
        for name, others in edges.items()
        for other in others
        if room(name) != room(other) and (floor(other) or 0) >= (floor(name) or 0)
    )


def circles(edges: Graph) -> list[list[str]]:
    """Return the sets of modules that import one another, directly or through others."""
    reached = {name: _reached(name, edges) for name in edges}
    found = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in edges
        if name in reached[name]
    }
    return [list(circle) for circle in sorted(found)]


def _reached(start: str, edges: Graph) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in edges.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def main() -> None:
    """Print the counts; exit with 1 where an import runs upward or in a circle."""
    edges = graph(ROOT / "grader")
    texts = modules(ROOT / "grader")
    lengths = {name: len(text.splitlines()) for name, text in texts.items()}
    long = {name: lines for name, lines in lengths.items() if lines > LONG}
    wrong, round_ = upward(edges), circles(edges)
    print(f"{len(texts)} modules, {len(long)} of them over {LONG} lines")
    for name, lines in sorted(long.items(), key=lambda item: -item[1]):
        print(f"  {name} {lines}")
    print(f"{len(wrong)} imports run upward")
    for name, other in wrong:
        print(f"  {name} -> {other}")
    print(f"{len(round_)} circles")
    for circle in round_:
        print(f"  {', '.join(circle)}")
    sys.exit(bool(wrong or round_))


if __name__ == "__main__":
    main()
