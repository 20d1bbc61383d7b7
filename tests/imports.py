"""The import graph of the engine and the rules about it, read from the modules' text.

``python tests/imports.py`` prints how many modules are longer than 300 lines, and each import that
breaks a rule. ``tests/test_imports.py`` runs the same rules, and shows that each of them finds a
breach. A rule takes texts or edges and returns its breaches; an empty list is a pass.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONG = 300
#: The packages of the course's own code, in assignment/.
PACKAGES = ("cs682", "witness", "checks", "terms")

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
    "grader.sandbox.losses": 2,
    # Powers given up; what runs beside a student's code; what the grader sends and reads.
    "grader.sandbox.confinement": 3,
    "grader.sandbox.guest": 3,
    "grader.sandbox.package": 3,
    "grader.sandbox.batch": 3,
    "grader.sandbox.deadline": 3,
    "grader.sandbox.budget": 4,
    "grader.sandbox.refusals": 3,
    "grader.sandbox.vocabulary": 2,
    "grader.sandbox.reply": 3,
    # The fork server's program; who starts processes; one's own code without a process.
    "grader.sandbox.zygote": 4,
    "grader.sandbox.host": 4,
    "grader.sandbox.in_process": 4,
    "grader.sandbox.process": 4,
    "grader.sandbox.piecewise": 5,
    "grader.sandbox.conversion": 6,
    "grader.sandbox.code_reading": 6,
    "grader.sandbox.markup": 3,
    "grader.sandbox.session": 5,
    "grader.sandbox.withheld": 5,
    "grader.sandbox.reference": 6,
    "grader.sandbox.sandbox": 7,
    "grader.sandbox.diagnostics": 8,
    "grader.sandbox": 9,
    "grader.submissions": 3,
    "grader.kinds": 3,
    "grader.key": 9,
    "grader.marking": 10,
    "grader.authoring": 11,
    "grader.classroom": 11,
    "grader.reports": 12,
    "grader.exports": 12,
    "grader.selfcheck": 13,
    "grader.web": 13,
    "grader.cli": 14,
    "grader.__main__": 15,
    # The door: `grader.check`, imported when it is asked for.
    "grader": 16,
}

#: What runs beside a student's code, and what of the engine it may import.
GUEST = "grader.sandbox.guest"
GUEST_MAY_IMPORT = (GUEST, "grader.sandbox.protocol", "grader.model")
#: Who may import it: the fork server's program, to have it loaded before the fork, and what asks
#: a student's objects in the student's own kernel.
MAY_IMPORT_GUEST = (GUEST, "grader.sandbox.zygote", "grader.sandbox.in_process")
#: Libraries whose readers run what the bytes say.
UNPICKLERS = frozenset({"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle"})
#: Builtins that run a text.
RUNNERS = frozenset({"exec", "eval", "compile", "__import__"})
#: Libraries that parse Python, Markdown or HTML, or convert one to another.
PARSERS = frozenset(
    {
        *("ast", "codeop", "symtable", "tokenize", "lib2to3", "parso", "libcst", "jedi"),
        *("IPython", "ipykernel", "nbclient", "nbconvert", "mistune", "markdown", "pygments"),
        "latex2mathml",
        *("nh3", "bleach", "bs4", "html5lib", "lxml"),
    }
)
#: numpy's readers of files.
ARRAY_READERS = frozenset({"load", "loadtxt", "genfromtxt", "fromfile", "fromregex", "memmap"})
#: Who may import a parser outside ``guest/``.
MAY_PARSE = {
    "grader.sandbox.zygote.imports": "has modules loaded for students' processes",
    "grader.selfcheck.examples": "reads the script of a public example, which the engine wrote",
    "grader.selfcheck.readiness": "opens one's own model without pickle, on one's own machine",
}
#: Ways to run a file or a module whose name is not written there, and who may use them.
LOADERS = frozenset({"exec_module", "load_module", "import_module", "run_path", "run_module"})
MAY_LOAD = {
    "grader.sandbox": "its own modules, by a table that stands beside it",
    "grader.cli": "its own modules, by the name of a command",
    "grader.key.checks": "the course's own checks, in the course's own folder",
    "grader.sandbox.in_process": "a student's package, in that student's own kernel",
}

Texts = Mapping[str, str]
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
    for node in _nodes(text):
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


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    """Return the nodes that a rule may look at; a text that was read once isn't parsed again."""
    kinds = (ast.Import, ast.ImportFrom, ast.Constant, ast.keyword, ast.Name, ast.Attribute)
    return tuple(
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, kinds)
        and (not isinstance(node, ast.Name) or node.id in RUNNERS)
        and (not isinstance(node, ast.Constant) or node.value in UNPICKLERS)
        and (not isinstance(node, ast.Attribute) or node.attr in RUNNERS | LOADERS | ARRAY_READERS)
    )


def graph(texts: Texts) -> dict[str, frozenset[str]]:
    """Return what each of the modules in *texts* imports of the others."""
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


def homeless(edges: Graph) -> list[str]:
    """Return the modules that have no floor: those of a new folder that FLOORS doesn't name."""
    return sorted(name for name in edges if floor(name) is None)


def within(module: str, folders: Iterable[str]) -> bool:
    """Say whether *module* is one of *folders* or stands in one."""
    return any(module == folder or module.startswith(f"{folder}.") for folder in folders)


def guest_imports(edges: Graph) -> list[tuple[str, str]]:
    """Return the imports by which ``guest/`` reaches the engine beyond ``protocol``, ``model``."""
    return sorted(
        (name, other)
        for name, others in edges.items()
        for other in others
        if within(name, [GUEST]) and not within(other, GUEST_MAY_IMPORT)
    )


def guest_importers(edges: Graph) -> list[tuple[str, str]]:
    """Return the imports of ``guest/`` by anyone but the fork server's program and in_process."""
    return sorted(
        (name, other)
        for name, others in edges.items()
        for other in others
        if within(other, [GUEST]) and not within(name, MAY_IMPORT_GUEST)
    )


def unpicklers(texts: Texts) -> list[tuple[str, str]]:
    """Return who outside ``guest/`` can load objects from bytes, and by what."""
    return _outside_guest(texts, _unpicklers)


def runners(texts: Texts) -> list[tuple[str, str]]:
    """Return who outside ``guest/`` can run a text by a builtin, and by which."""
    return _outside_guest(texts, _runners)


def loaders(texts: Texts, allowed: Iterable[str] = tuple(MAY_LOAD)) -> list[tuple[str, str]]:
    """Return who outside ``guest/`` and *allowed* can run a file or a module by its name."""
    allowed = set(allowed)
    return [(name, used) for name, used in _outside_guest(texts, _loaders) if name not in allowed]


def parsers(texts: Texts, allowed: Iterable[str] = tuple(MAY_PARSE)) -> list[tuple[str, str]]:
    """Return who outside ``guest/`` and *allowed* can parse or convert a text or a file."""
    allowed = set(allowed)
    return [(name, used) for name, used in _outside_guest(texts, _parsers) if name not in allowed]


def _outside_guest(texts: Texts, used: Callable[[ast.AST], Iterable[str]]) -> list[tuple[str, str]]:
    return sorted(
        (name, word)
        for name, text in texts.items()
        if not within(name, [GUEST])
        for word in {word for node in _nodes(text) for word in used(node)}
    )


def _unpicklers(node: ast.AST) -> Iterable[str]:
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
    elif isinstance(node, ast.Constant):
        return [node.value]  # import_module("pickle"), sys.modules["pickle"]
    elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
        off = isinstance(node.value, ast.Constant) and node.value.value is False
        return [] if off else ["allow_pickle"]
    return [name for name in names if name.partition(".")[0] in UNPICKLERS]


def _runners(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        whole = node.value.id in ("builtins", "__builtins__")
        return [node.attr] if whole and node.attr in RUNNERS else []
    if isinstance(node, ast.ImportFrom) and node.module == "builtins":
        return [alias.name for alias in node.names if alias.name in RUNNERS]
    return []


def _parsers(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [a.name for a in node.names if a.name.partition(".")[0] in PARSERS]
    if isinstance(node, ast.ImportFrom) and not node.level:
        top = (node.module or "").partition(".")[0]
        if top == "numpy":
            return [alias.name for alias in node.names if alias.name in ARRAY_READERS]
        return [node.module or ""] if top in PARSERS else []
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        reads = node.value.id in ("np", "numpy") and node.attr in ARRAY_READERS
        return [f"{node.value.id}.{node.attr}"] if reads else []
    return []


def _loaders(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Attribute):
        return [node.attr] if node.attr in LOADERS else []
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names if alias.name in LOADERS]
    return []


def breaches(texts: Texts) -> dict[str, list[str]]:
    """Return what breaks each rule of the engine, by the rule's words."""
    edges = graph(texts)

    def pairs(found: Iterable[tuple[str, str]]) -> list[str]:
        return [f"{name} -> {other}" for name, other in found]

    return {
        "imports run upward": pairs(upward(edges)),
        "circles": [", ".join(circle) for circle in circles(edges)],
        "modules have no floor": homeless(edges),
        "imports of guest/ reach the engine": pairs(guest_imports(edges)),
        "imports of guest/ by others": pairs(guest_importers(edges)),
        "uses of pickle and its like outside guest/": pairs(unpicklers(texts)),
        "uses of exec and its like outside guest/": pairs(runners(texts)),
        "loaders of modules that are not named": pairs(loaders(texts)),
        "parsers and converters outside guest/": pairs(parsers(texts)),
    }


def anys(text: str) -> list[int]:
    """Return the lines of a module's *text* on which a type is ``Any``, once for each.

    An import of the name is none.
    """
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id == "Any"
    ]


def main() -> None:
    """Print the counts; exit with 1 where a rule is broken."""
    texts = modules(ROOT / "grader")
    print(f"{sum(len(anys(text)) for text in texts.values())} types that are Any")
    lengths = {name: len(text.splitlines()) for name, text in texts.items()}
    long = {name: lines for name, lines in lengths.items() if lines > LONG}
    print(f"{len(texts)} modules, {len(long)} of them over {LONG} lines")
    for name, lines in sorted(long.items(), key=lambda item: -item[1]):
        print(f"  {name} {lines}")
    found = breaches(texts)
    for package in PACKAGES:
        found[f"circles in assignment/{package}"] = [
            ", ".join(circle) for circle in circles(graph(modules(ROOT / "assignment" / package)))
        ]
    for rule, broken in found.items():
        print(f"{len(broken)} {rule}")
        for line in broken:
            print(f"  {line}")
    sys.exit(any(found.values()))


if __name__ == "__main__":
    main()
