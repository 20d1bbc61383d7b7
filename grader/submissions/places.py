"""Which submissions there are: one at a path, or a class of them below it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model.assignment import Assignment
from grader.submissions.layouts import package_folders
from grader.submissions.trees import JUNK, JUNK_FILES, Part, Tree, Unreadable, children, open_tree

#: A run's own files: neither a submission, nor a name that one may have in a run's folder.
_GRADEBOOK = "gradebook.sqlite"
_TAKEN = frozenset((_GRADEBOOK, "grades.csv", "class.html", "written.csv"))
_MAX_NAME = 80
#: What a path or a table's cell could trip over; letters of every script stay.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u2028-\u202e\u2066-\u2069]')


class NoSuchPath(ValueError):
    """A path that was named holds nothing to grade; the message says which and why."""


@dataclass(frozen=True)
class Place:
    """Where a submission stands. ``name`` is unique in its run and safe as a file's name.

    ``inside`` is the folder within the archive or folder at ``path``, with a slash at its end.
    """

    name: str
    path: Path
    inside: str = ""

    @property
    def source(self) -> str:
        """What it was handed in as, for a person: the last names of the path."""
        return f"{self.path.name}/{self.inside}".rstrip("/") if self.inside else self.path.name

    def open(self) -> Tree:
        """Return its files. Raises :class:`~grader.submissions.trees.Unreadable`."""
        tree = open_tree(self.path)
        return Part(tree, self.inside) if self.inside else tree


@dataclass(frozen=True)
class Found:
    """Submissions, and whether they were taken for ``one`` or for a ``class``."""

    kind: str
    places: tuple[Place, ...]


def find(paths: Sequence[Path], assignment: Assignment, *, as_: str | None = None) -> Found:
    """Return the submissions at *paths*.

    A path is one submission if a package or a notebook is its direct child, else a class whose
    children are submissions; *as_* (``one`` or ``class``) decides otherwise. Raises
    :class:`NoSuchPath`.
    """
    kinds: set[str] = set()
    found: list[tuple[str, Path, str]] = []
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise NoSuchPath(f"{path} doesn't exist")
        kind, places = _at(path, assignment, as_)
        if not places:
            raise NoSuchPath(f"{path} holds no submission: no folder, no zip")
        kinds.add(kind)
        found += places
    names = _unique([name for name, _, _ in found])
    kind = "one" if kinds == {"one"} and len(found) == 1 else "class"
    return Found(
        kind,
        tuple(
            Place(name, path, inside) for name, (_, path, inside) in zip(names, found, strict=True)
        ),
    )


def _at(
    path: Path, assignment: Assignment, as_: str | None
) -> tuple[str, list[tuple[str, Path, str]]]:
    if path.is_dir():
        if as_ == "one" or (as_ is None and _is_one(_listed(path), assignment)):
            return "one", [(_stem(path), path, "")]
        below = sorted(child for child in path.iterdir() if _may_be_submission(child))
        return "class", [(_stem(child), child, "") for child in below]
    try:
        tree = open_tree(path)
    except Unreadable:
        return "one", [(_stem(path), path, "")]  # its row says why
    inside = _wrapping(tree, assignment)
    tops = list(children(Part(tree, inside)))
    if as_ == "one" or (as_ is None and _is_one(tops, assignment)):
        return "one", [(_stem(path), path, inside)]
    return "class", [(top[:-1], path, inside + top) for top in tops if top.endswith("/")]


def _listed(folder: Path) -> list[str]:
    """Return the names in *folder*, those of folders with a slash at their end."""
    return [child.name + ("/" if child.is_dir() else "") for child in folder.iterdir()]


def _is_one(tops: Iterable[str], assignment: Assignment) -> bool:
    packages = {name + "/" for name in assignment.package_names}
    files = set(assignment.files.student)
    return any(top.endswith(".ipynb") or top in packages or top in files for top in tops)


def _wrapping(tree: Tree, assignment: Assignment) -> str:
    """Return the folders that an archive wraps around all that it holds."""
    packages = package_folders(tree, assignment)
    prefix = ""
    while True:
        tops = list(children(Part(tree, prefix)))
        if len(tops) != 1 or not tops[0].endswith("/") or prefix + tops[0] in packages:
            return prefix
        prefix += tops[0]


def _may_be_submission(path: Path) -> bool:
    if path.name in JUNK | JUNK_FILES or path.name.startswith("."):
        return False
    return not (path.is_dir() and (path / _GRADEBOOK).exists())


def _stem(path: Path) -> str:
    name = path.resolve().name if path.name in ("", ".", "..") else path.name
    is_archive = path.is_file() and path.suffix.lower() in (".zip", ".ipynb")
    return name[: -len(path.suffix)] if is_archive else name


def _unique(names: Iterable[str]) -> list[str]:
    """Return names that are safe as files' names and differ by more than upper and lower case."""
    used: set[str] = set(_TAKEN)
    made = []
    for name in names:
        safe = base = _safe(name)
        number = 2
        while safe.casefold() in used:
            safe, number = f"{base} ({number})", number + 1
        used.add(safe.casefold())
        made.append(safe)
    return made


def _safe(name: str) -> str:
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = _UNSAFE.sub("_", text).strip().strip(".")[:_MAX_NAME].strip()
    return text or "submission"
