"""Which submissions there are: one at a path, or a class of them below it."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.submissions.archives import MAX_NESTED
from grader.submissions.disk import open_tree
from grader.submissions.layouts import package_folders
from grader.submissions.names import OF_A_SYSTEM, likeness
from grader.submissions.nesting import OPENED, Nested, open_archive
from grader.submissions.trees import (
    GRADEBOOK,
    LONE,
    FileLost,
    FileTree,
    FolderPart,
    LoneFile,
    Unreadable,
    WithoutGrades,
    children,
    is_junk,
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

    ``inside`` is the folder, with a slash at its end, or the zip within the archive at ``path``;
    ``child`` is that without the folders that the archive wraps around a whole class. ``again``
    counts how often a run has named the same place before.
    """

    name: str
    path: Path
    inside: str = ""
    child: str = ""
    again: int = 0

    @property
    def identity(self) -> str:
        """What tells it from every other: its path as it stands on disk, as ASCII text.

        A folder that an archive wraps around all that it holds is no part of it: who hands in
        again may have packed it in another way.
        """
        whole = self.path.name in ("", ".", "..")
        folder = os.path.realpath(self.path if whole else self.path.parent)
        path = folder if whole else os.path.join(folder, self.path.name)  # noqa: PTH118
        return json.dumps([path, self.child, self.again])

    @property
    def last(self) -> str:
        """The last part of its path, as it stands on disk."""
        return self.last_of(self.identity)

    @staticmethod
    def last_of(identity: str) -> str:
        """Return the last part of the path that an :attr:`identity` is of."""
        path, child, _ = json.loads(identity)
        return str(child or os.path.basename(path))  # noqa: PTH119

    @property
    def wanted(self) -> str:
        """The name that it has where no other wants the same; safe as a file's name."""
        return _safe(_without_zip(self.child.rstrip("/")) if self.child else _stem(self.path))

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
            lone = self.inside.endswith(LONE)
            tree = LoneFile(self.inside, data) if lone else open_archive(data, self.inside)
        return WithoutGrades(Nested(tree))


@dataclass(frozen=True)
class Found:
    """Submissions, and whether they were taken for ``one`` or for a ``class``.

    ``grades`` are folders among them that hold grades of an earlier run, and are none.
    """

    kind: str
    places: tuple[Place, ...]
    grades: tuple[Path, ...] = ()


def find(paths: Sequence[Path], assignment: Assignment, *, as_: str | None = None) -> Found:
    """Return the submissions at *paths*.

    A path is one submission if a package or a file of one is its direct child, or a notebook and
    no more than one package further down; else it is a class whose children are submissions.
    *as_* (``one`` or ``class``) decides otherwise. Raises
    :class:`NoSuchPath`.
    """
    kinds: set[str] = set()
    found: list[Place] = []
    grades: list[Path] = []
    for path in paths:
        if not os.path.lexists(path):
            raise NoSuchPath(f"{path} doesn't exist")
        try:
            kind, places = _at(path, assignment, as_, grades)
        except OSError as error:
            raise NoSuchPath(f"{path} can't be listed: {error.strerror}") from None
        if not places:
            raise NoSuchPath(f"{path} holds no submission: no folder, no zip")
        kinds.add(kind)
        found += places
    kind = "one" if kinds == {"one"} and len(found) == 1 else "class"
    seen: dict[str, int] = {}
    for i, place in enumerate(found):
        identity = place.identity
        found[i] = replace(place, again=seen.get(identity, 0))
        seen[identity] = seen.get(identity, 0) + 1
    return Found(kind, tuple(named(found)), tuple(grades))


def named(
    places: Iterable[Place], known: Mapping[str, str] | None = None, taken: Iterable[str] = ()
) -> list[Place]:
    """Return *places* with names that differ by more than upper and lower case.

    *known* are the names that places have from an earlier run, by :attr:`Place.identity`; none of
    the names in *taken* is given to another. The others get what they want, or a number after it.
    """
    known = known or {}
    used = {name.casefold() for name in (*taken, *known.values())}
    made = []
    for place in places:
        base, number = place.wanted, 2
        name = known.get(place.identity)
        if name is None:
            name = base
            while name.casefold() in used:
                name, number = f"{base} ({number})", number + 1
            used.add(name.casefold())
        made.append(replace(place, name=name))
    return made


def _at(
    path: Path, assignment: Assignment, as_: str | None, grades: list[Path]
) -> tuple[str, list[Place]]:
    if path.is_dir() and not path.is_symlink():
        if as_ == "one" or (as_ is None and _folder_is_one(path, assignment)):
            return "one", [Place("", path)]
        below = sorted(child for child in path.iterdir() if _may_be_submission(child))
        earlier = [child for child in below if _holds_grades(child, assignment)]
        grades += earlier
        return "class", [Place("", child) for child in below if child not in earlier]
    try:
        tree = open_tree(path)
    except Unreadable:
        return "one", [Place("", path)]  # its row says why
    inside = _wrapping(tree, assignment)
    tops = sorted(children(FolderPart(tree, inside)), key=lambda top: top.rstrip("/"))
    lone = len(tops) < 2 and not any(top.endswith("/") for top in tops)  # a zip inside of a zip
    one = _is_one(tops, assignment) and not _notebooks_of_a_class(
        lambda: FolderPart(tree, inside), tops, assignment
    )
    if as_ == "one" or (as_ is None and (lone or one)):
        return "one", [Place("", path, inside)]
    return "class", [Place("", path, inside + top, top) for top in tops]


def _folder_is_one(path: Path, assignment: Assignment) -> bool:
    tops = _listed(path)
    return _is_one(tops, assignment) and not _notebooks_of_a_class(
        lambda: open_tree(path), tops, assignment
    )


def _listed(folder: Path) -> list[str]:
    """Return the names in *folder*, those of folders with a slash at their end."""
    return [child.name + ("/" if child.is_dir() else "") for child in folder.iterdir()]


def _is_one(tops: Sequence[str], assignment: Assignment) -> bool:
    return _has_package(tops, assignment) or any(top.endswith(".ipynb") for top in tops)


def _has_package(tops: Sequence[str], assignment: Assignment) -> bool:
    """Say whether a package, or a file of one, is among *tops*."""
    packages = {name + "/" for name in assignment.package_names}
    names = [file.rpartition("/")[2] for file in assignment.files.student]
    alike = [likeness(top, name) for top in tops for name in names]
    return any(top in packages for top in tops) or any(
        found is not None and found.change < OF_A_SYSTEM for found in alike
    )


def _notebooks_of_a_class(
    tree: Callable[[], FileTree], tops: Sequence[str], assignment: Assignment
) -> bool:
    """Say whether notebooks stand beside several submissions: each is a submission, too."""
    if _has_package(tops, assignment):
        return False
    folders = package_folders(tree(), assignment)
    others = {folder.partition("/")[0] for folder in folders}
    archives = [top for top in tops if top.lower().endswith(OPENED)]
    return len(others) + len(archives) > 1


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
    return not (is_junk(path.name) or path.name.startswith("."))


def _holds_grades(path: Path, assignment: Assignment) -> bool:
    """Say whether *path* is a folder of an earlier run; where it can't be told, it is none.

    One that holds a package or a notebook as well is a submission, whatever else is in it.
    """
    if not os.path.exists(path / GRADEBOOK):  # noqa: PTH110
        return False
    try:
        return not _is_one(_listed(path), assignment)
    except OSError:
        return False


def _stem(path: Path) -> str:
    name = path.resolve().name if path.name in ("", ".", "..") else path.name
    return name if path.is_dir() else _without_zip(name)


def _without_zip(name: str) -> str:
    """Return an archive's name without its ending."""
    ending = next((each for each in reversed(OPENED) if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)]


def _safe(name: str) -> str:
    text = unicodedata.normalize("NFC", _plain(name)).strip(" .")
    cut = re.sub(r'[/\\:*?"<>|]', "_", text).encode()[:_MAX_NAME].decode("utf-8", "ignore")
    return cut.strip(" .") or "submission"


def _plain(name: str) -> str:
    """Return *name* without what could lead a terminal or a reader astray."""
    return _UNSAFE.sub("_", name)
