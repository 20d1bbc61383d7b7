"""Which submissions there are: one at a path, or a class of them below it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.submissions.archives import MAX_NESTED, Archive, Nested
from grader.submissions.disk import no_archive, open_tree
from grader.submissions.layouts import package_folders
from grader.submissions.trees import FileLost, FileTree, FolderPart, Unreadable, children, is_junk

#: A run's own files: neither a submission, nor a name that one may have in a run's folder.
_GRADEBOOK = "gradebook.sqlite"
_TAKEN = frozenset(
    (
        *(_GRADEBOOK, _GRADEBOOK + "-journal", "grades.csv", "class.html", "written.csv"),
        *("leaderboard.html", "errors.log"),
    )
)
#: In bytes; a file's name has 255 on most systems, and a number may follow.
_MAX_NAME = 120
#: Control and direction characters, halves of characters; letters of every script stay.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


class NoSuchPath(Problem, ValueError):
    """A path that was named holds nothing to grade; the message says which and why."""


@dataclass(frozen=True)
class Place:
    """Where a submission stands. ``name`` is unique in its run and safe as a file's name.

    ``inside`` is the folder, with a slash at its end, or the zip within the archive at ``path``.
    """

    name: str
    path: Path
    inside: str = ""

    @property
    def source(self) -> str:
        """What it was handed in as, for a person: the last names of the path."""
        return _plain(f"{self.path.name}/{self.inside}".rstrip("/"))

    def open(self) -> FileTree:
        """Return its files. Raises :class:`~grader.submissions.trees.Unreadable`."""
        tree = open_tree(self.path)
        if self.inside.endswith("/"):
            tree = FolderPart(tree, self.inside)
        elif self.inside:
            try:
                data = tree.read(self.inside, MAX_NESTED)
            except FileLost as lost:
                raise Unreadable(str(lost)) from None
            if not data.startswith(b"PK"):
                raise no_archive(Path(self.inside).suffix)
            tree = Archive(data)
        return Nested(tree)


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
        if not os.path.lexists(path):
            raise NoSuchPath(f"{path} doesn't exist")
        try:
            kind, places = _at(path, assignment, as_)
        except OSError as error:
            raise NoSuchPath(f"{path} can't be listed: {error.strerror}") from None
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
    if path.is_dir() and not path.is_symlink():
        if as_ == "one" or (as_ is None and _is_one(_listed(path), assignment)):
            return "one", [(_stem(path), path, "")]
        below = sorted(child for child in path.iterdir() if _may_be_submission(child))
        return "class", [(_stem(child), child, "") for child in below]
    try:
        tree = open_tree(path)
    except Unreadable:
        return "one", [(_stem(path), path, "")]  # its row says why
    inside = _wrapping(tree, assignment)
    tops = sorted(children(FolderPart(tree, inside)), key=lambda top: top.rstrip("/"))
    lone = len(tops) < 2 and not any(top.endswith("/") for top in tops)  # a zip inside of a zip
    if as_ == "one" or (as_ is None and (lone or _is_one(tops, assignment))):
        return "one", [(_stem(path), path, inside)]
    return "class", [(_without_zip(top.rstrip("/")), path, inside + top) for top in tops]


def _listed(folder: Path) -> list[str]:
    """Return the names in *folder*, those of folders with a slash at their end."""
    return [child.name + ("/" if child.is_dir() else "") for child in folder.iterdir()]


def _is_one(tops: Sequence[str], assignment: Assignment) -> bool:
    packages = {name + "/" for name in assignment.package_names}
    files = set(assignment.files.student)
    return any(top.endswith(".ipynb") or top in packages or top in files for top in tops)


def _wrapping(tree: FileTree, assignment: Assignment) -> str:
    """Return the folders that an archive wraps around all that it holds."""
    packages = package_folders(tree, assignment)
    prefix = ""
    while True:
        tops = list(children(FolderPart(tree, prefix)))
        if len(tops) != 1 or not tops[0].endswith("/") or prefix + tops[0] in packages:
            return prefix
        prefix += tops[0]


def _may_be_submission(path: Path) -> bool:
    if is_junk(path.name) or path.name.startswith("."):
        return False
    # Grades of an earlier run; where it can't be told, it is a submission.
    return not os.path.exists(path / _GRADEBOOK)  # noqa: PTH110


def _stem(path: Path) -> str:
    name = path.resolve().name if path.name in ("", ".", "..") else path.name
    return name if path.is_dir() else _without_zip(name)


def _without_zip(name: str) -> str:
    return name[:-4] if name.lower().endswith(".zip") else name


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
    text = unicodedata.normalize("NFC", _plain(name)).strip(" .")
    cut = re.sub(r'[/\\:*?"<>|]', "_", text).encode()[:_MAX_NAME].decode("utf-8", "ignore")
    return cut.strip(" .") or "submission"


def _plain(name: str) -> str:
    """Return *name* without what could lead a terminal or a reader astray."""
    return _UNSAFE.sub("_", name)
