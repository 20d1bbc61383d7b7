"""Planted mistakes: a right package with edits that make one function wrong, and where they are.

The files in ``mistakes/`` hold mistakes that were written by hand, a table each: what kind of
mistake it is, in which right package (``base``) and function, and the edits. ``known`` names the
misconception of the catalogue whose answers it has, if any.
"""

from __future__ import annotations

import ast
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from grader.key import sources

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COURSE = ROOT / "assignment"

Files = Mapping[str, bytes]

#: Where each right package stands, by name.
BASES: Mapping[str, Path] = {
    "reference": COURSE / "cs682",
    "witness": COURSE / "witness",
    **{
        name: ROOT / "tests" / "variants" / name
        for name in ("staged", "rows", "einsum", "inplace", "loops")
    },
}
_BATCHNORM = ("batchnorm-forward", "batchnorm-backward")
_LAYERNORM = ("layernorm-forward", "layernorm-backward")
_NETWORKS = (
    "fully-connected-net",
    "fully-connected-net-normalization",
    "fully-connected-net-dropout",
)
#: The file of each function, and the questions that a mistake in it can break and that can blame
#: it: its own, and its partner's.
FUNCTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "affine_forward": ("layers.py", ("affine-forward", "affine-backward")),
    "affine_backward": ("layers.py", ("affine-forward", "affine-backward")),
    "relu_forward": ("layers.py", ("relu-forward", "relu-backward")),
    "relu_backward": ("layers.py", ("relu-forward", "relu-backward")),
    "batchnorm_forward": ("layers.py", _BATCHNORM),
    "batchnorm_backward": ("layers.py", _BATCHNORM),
    "batchnorm_backward_alt": ("layers.py", ("batchnorm-forward", "batchnorm-backward-alt")),
    "layernorm_forward": ("layers.py", _LAYERNORM),
    "layernorm_backward": ("layers.py", _LAYERNORM),
    "dropout_forward": ("layers.py", ("dropout-forward", "dropout-backward")),
    "dropout_backward": ("layers.py", ("dropout-forward", "dropout-backward")),
    "sgd_momentum": ("optim.py", ("sgd-momentum",)),
    "rmsprop": ("optim.py", ("rmsprop",)),
    "adam": ("optim.py", ("adam",)),
    "TwoLayerNet": ("classifiers/fc_net.py", ("two-layer-net",)),
    "FullyConnectedNet": ("classifiers/fc_net.py", _NETWORKS),
}
_MARKER = re.compile(rb"(?m)^ *# (?:BEGIN|END) ANSWER.*\n")


@dataclass(frozen=True)
class Plant:
    """A wrong package: ``files``, which differ from those of ``base`` in ``function``.

    ``kind`` says in words what is wrong. ``lines`` are the planted ones, by file. ``questions`` are
    those to ask. ``known`` is the misconception whose answers it has, if any.
    """

    id: str
    kind: str
    base: str
    function: str
    files: Files = field(repr=False)
    lines: Mapping[str, frozenset[int]]
    questions: tuple[str, ...]
    known: str = ""


class PlantError(ValueError):
    """A mistake can't be planted as its table says."""


@cache
def right(base: str) -> Files:
    """Return the files of a right package, without the markers of a template."""
    files = sources.package(BASES[base])
    return {path: _MARKER.sub(b"", text) for path, text in files.items()}


def written(folder: Path = HERE / "mistakes") -> list[Plant]:
    """Return the mistakes that were written by hand. Raises :class:`PlantError`."""
    made = [
        _made(entry, path.stem)
        for path in sorted(folder.glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["plant"]
    ]
    for name in ("id", "kind"):
        values = [getattr(plant, name) for plant in made]
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise PlantError(f"each {name} must be another: {twice}")
    return made


def _made(entry: Mapping[str, Any], stem: str) -> Plant:
    base, function = entry.get("base", "reference"), entry["function"]
    file, questions = FUNCTIONS[function]
    try:
        text = right(base)[file].decode("utf-8")
        edited = with_edits(text, entry.get("within", function), entry["edits"])
        return planted(
            f"{stem}-{entry['id']}",
            entry["kind"],
            base,
            function,
            edited,
            tuple(entry.get("questions", questions)),
            entry.get("known", ""),
        )
    except (PlantError, SyntaxError) as error:
        raise PlantError(f"{stem}: {entry['id']}: {error}") from None


def planted(
    id: str,
    kind: str,
    base: str,
    function: str,
    text: str,
    questions: tuple[str, ...] = (),
    known: str = "",
) -> Plant:
    """Return the mistake that gives *function*'s file the *text*."""
    file, usual = FUNCTIONS[function]
    files = right(base)
    lines = changed_lines(files[file].decode("utf-8"), text)
    changed = {**files, file: text.encode("utf-8")}
    return Plant(id, kind, base, function, changed, {file: lines}, questions or usual, known)


def with_edits(text: str, function: str, edits: Sequence[Mapping[str, str]]) -> str:
    """Return *text* with *edits* made within a function or class at the top of a module.

    Raises :class:`PlantError` where what is to be edited doesn't stand there once.
    """
    start, end = span(text, function)
    before, part, after = text[:start], text[start:end], text[end:]
    for edit in edits:
        if part.count(edit["old"]) != 1:
            raise PlantError(f"{edit['old']!r} stands {part.count(edit['old'])} times")
        part = part.replace(edit["old"], edit["new"])
    return before + part + after


def span(text: str, function: str) -> tuple[int, int]:
    """Return where a function or class of that name begins and ends in *text*."""
    found = re.search(rf"(?ms)^(?:def|class) {re.escape(function)}\b.*?(?=^\S|\Z)", text)
    if found is None:
        raise PlantError(f"there is no {function}")
    return found.span()


def changed_lines(old: str, new: str) -> frozenset[int]:
    """Return the numbers of the lines of *new* that are a mistake's.

    They are the lines that changed, with all lines of a statement that goes over several; where
    lines are gone, those on both sides of the gap; where one stands in another place, all in
    between: their order is wrong.
    """
    before, after = old.splitlines(), new.splitlines()
    found: set[int] = set()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    gone: dict[str, int] = {}
    come: dict[str, int] = {}
    for tag, begins, ends, first, last in matcher.get_opcodes():
        if tag == "delete":
            found |= {max(first, 1), min(first + 1, len(after))}
        elif tag != "equal":
            found |= set(range(first + 1, last + 1))
        if tag != "equal":
            gone |= dict.fromkeys(filter(str.strip, before[begins:ends]), first + 1)
            come |= {after[i]: i + 1 for i in range(first, last)}
    for line in gone.keys() & come.keys():
        one, other = sorted((gone[line], come[line]))
        found |= set(range(one, other + 1))
    for begins, ends in _statements(ast.parse(new)):
        lines = set(range(begins, ends + 1))
        if lines & found:
            found |= lines
    return frozenset(found)


def _statements(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each simple statement, and of each compound one's head."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
            yield node.lineno, last or node.lineno
