"""A class's folder that no system laid out: which of its names are submissions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from grader.model.assignment import Assignment
from grader.submissions.layouts import package_folders
from grader.submissions.names import OF_A_SYSTEM, likeness
from grader.submissions.nesting import OPENED
from grader.submissions.places import Place
from grader.submissions.trees import (
    GRADEBOOK,
    LONE,
    FileTree,
    FolderPart,
    Unreadable,
    children,
    is_junk,
)

#: Names and endings of what stands beside a class's submissions and is none.
_NOBODYS = frozenset(["index.html", "submission_metadata.yml", "students.csv", "policy.toml"])
_TABLES = (".csv", ".tsv", ".xlsx", ".ods", ".yml", ".yaml", ".toml", ".db", ".log")
#: How many packed submissions beside a loose notebook, or a package, make a class.
_BESIDE_NOTEBOOK, _BESIDE_PACKAGE = 2, 3


def is_one(path: Path, tree: FileTree | None, assignment: Assignment, inside: str = "") -> bool:
    """Say whether what stands at the top is one submission's, or that of a class."""
    tops = list(children(FolderPart(tree, inside))) if tree is not None else _listed(path)
    packed, files, books = _work_among(tops, assignment)
    if not packed and not books and not files:
        return False
    others = [
        Place("", path, inside + top, top) if tree is not None else Place("", path / top)
        for top in tops
        if top.rstrip("/") not in assignment.package_names
        and (top.endswith("/") or top.lower().endswith(tuple(OPENED)))
        if not is_junk(top.rstrip("/"))
    ]
    enough = _BESIDE_PACKAGE if packed else _BESIDE_NOTEBOOK
    if len(others) >= enough:
        with_work = (place for place in others if _has_work(place, assignment))
        if sum(1 for _, _ in zip(range(enough), with_work, strict=False)) == enough:
            return False
    return packed or not _of_several(books, assignment)


def _work_among(tops: Sequence[str], assignment: Assignment) -> tuple[bool, bool, list[str]]:
    """Say whether a package, and whether a file of one, is among *tops*; return the notebooks."""
    packages = {name + "/" for name in assignment.package_names}
    names = [file.rpartition("/")[2] for file in assignment.files.student]
    alike = [likeness(top, name) for top in tops for name in names]
    files = any(found is not None and found.change < OF_A_SYSTEM for found in alike)
    return any(top in packages for top in tops), files, [t for t in tops if t.endswith(".ipynb")]


def _of_several(books: Sequence[str], assignment: Assignment) -> bool:
    """Say whether loose notebooks are of several students.

    So they are if there are two or more, none of them named as a notebook of the manifest.
    """
    names = {notebook.name for notebook in assignment.notebooks}
    return len(books) > 1 and not any(
        book.removesuffix(".ipynb").partition(" ")[0].partition("-")[0] in names for book in books
    )


def _has_work(place: Place, assignment: Assignment) -> bool:
    try:
        tree = place.open()
    except (Unreadable, OSError):
        return not place.path.is_dir()  # somebody's damaged zip
    if _are_grades(list(children(tree)), assignment):
        return False
    return bool(package_folders(tree, assignment)) or any(
        path.endswith(".ipynb") for path in tree.paths
    )


def is_nobodys(place: Place) -> bool:
    """Say whether a file is a page or a table about the class; a folder never is."""
    name = place.last
    if name.endswith("/") or (not place.inside and place.path.is_dir()):
        return False
    return name in _NOBODYS or name.lower().endswith(_TABLES)


def may_be_one(top: str) -> bool:
    """Say whether a name that a system's layout doesn't explain may be somebody's work."""
    return top.endswith("/") or top.lower().endswith((*OPENED, *LONE))


def wrapping(tree: FileTree, assignment: Assignment) -> str:
    """Return the folders that an archive wraps around all that it holds."""
    packages = package_folders(tree, assignment)
    prefix = ""
    while True:
        tops = list(children(FolderPart(tree, prefix)))
        if len(tops) != 1 or not tops[0].endswith("/") or prefix + tops[0] in packages:
            return prefix
        prefix += tops[0]


def wrapped_class(path: Path, assignment: Assignment) -> Path | None:
    """Return the folder of a class that *path*, the only one in a folder, is or is around.

    It is none where it is a submission, or has fewer than two in it.
    """
    try:
        if path.is_symlink() or not path.is_dir() or is_one(path, None, assignment):
            return None
        below = sorted(child for child in path.iterdir() if may_be_submission(child))
    except OSError:
        return None
    if len(below) == 1:
        return wrapped_class(below[0], assignment)
    places = (Place("", child) for child in below if not child.is_symlink())
    with_work = (place for place in places if _has_work(place, assignment))
    return path if sum(1 for _ in islice(with_work, 2)) == 2 else None


def may_be_submission(path: Path) -> bool:
    """Say whether a name in a class's folder may be a submission's: no tool's, not hidden."""
    return not (is_junk(path.name) or path.name.startswith("."))


def holds_grades(path: Path, assignment: Assignment) -> bool:
    """Say whether *path* is a folder of an earlier run; where it can't be told, it is none.

    One that holds a package or a notebook as well is a submission, whatever else is in it.
    """
    try:
        return path.is_dir() and _are_grades(_listed(path), assignment)
    except OSError:
        return False


def _are_grades(tops: Sequence[str], assignment: Assignment) -> bool:
    return GRADEBOOK in tops and not any(_work_among(tops, assignment))


def _listed(folder: Path) -> list[str]:
    """Return the names in *folder*, those of folders with a slash at their end."""
    return [child.name + ("/" if child.is_dir() else "") for child in folder.iterdir()]
