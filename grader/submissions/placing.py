"""Which file of a hand-in stands for which of the package, and what is there in a file's place.

A file that stands at its place counts as it is. In place of one that doesn't, a copy is taken, or
the file at another place, and that is noted. Modules of the student's own are part of the package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.model.assignment import CHECKS_FOLDER, Assignment
from grader.submissions.names import likeness
from grader.submissions.trees import FileTree

#: Modules of the student's own: how many, how many bytes in all, how far below their folder.
MAX_OWN, MAX_OWN_BYTES, MAX_OWN_DEPTH = 60, 1 << 22, 3
#: How many files that stand in a missing one's place are named.
_MOST_NAMED = 3

#: Where a module of the student's own lies that stands beside the package, not in it.
BESIDE = "../"


@dataclass(frozen=True)
class Placed:
    """The files to read: paths in the tree, each with its path in the package.

    ``absent`` are the student's files that aren't there. ``copies`` are all files that stand
    for one, by its path in the package, where there are several: the one to read, then the newest.
    """

    files: Mapping[str, str]
    absent: tuple[str, ...]
    copies: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    own: Mapping[str, str] = field(default_factory=dict)


def place(
    tree: FileTree, assignment: Assignment, folder: str, packages: Iterable[str] = ()
) -> Placed:
    """Return which files of *tree* make the package in *folder*, "" or with a slash at its end.

    *packages* are the folders that could be the package. Files in another one aren't taken.
    """
    elsewhere = tuple(
        other for other in packages if not (folder.startswith(other) or other.startswith(folder))
    )
    files: dict[str, str] = {}
    copies: dict[str, tuple[str, ...]] = {}
    absent: list[str] = []
    notes: list[str] = []
    taken = set(assignment.files.taken)
    known = {folder + path for path in (*taken, *assignment.files.given)}
    for wanted in assignment.files.taken:
        exact = folder + wanted
        found = _standing_for(tree.paths, wanted, folder, elsewhere)
        others = [path for path in found if path not in known]
        if exact in tree.paths:
            files[exact] = wanted
            beside = [path for path in others if _folder(path) == _folder(exact)]
            if beside:
                copies[wanted] = (exact, *beside)
        elif wanted not in assignment.files.student:
            continue  # the course's own is used where a student has none
        elif others:
            files[others[0]] = wanted
            notes.append(f"{_shown(others[0], folder)} was read as {wanted}.")
            if others[1:]:
                copies[wanted] = tuple(others)
        else:
            absent.append(wanted)
            notes.append(_missing(tree.paths, wanted, folder, known))
    own = _own(tree.paths, folder, {*known, *files}, assignment)
    return Placed(files, tuple(absent), copies, tuple(notes), own)


def folders(tree: FileTree, assignment: Assignment) -> dict[str, int]:
    """Return the folders that hold files which stand for the student's, with how many of them.

    For a tree that holds none of those files by its own name and place.
    """
    found: dict[str, set[str]] = {}
    for wanted in assignment.files.student:
        inner = wanted.rpartition("/")[0]
        for path in tree.paths:
            if likeness(_name(path), _name(wanted)) is None:
                continue
            folder = _folder(path)
            if inner and f"/{folder}".lower().endswith(f"/{inner}/".lower()):
                folder = folder[: len(folder) - len(inner) - 1]
            found.setdefault(folder, set()).add(wanted)
    return {folder: len(files) for folder, files in found.items()}


def _standing_for(
    paths: Iterable[str], wanted: str, folder: str, elsewhere: tuple[str, ...]
) -> list[str]:
    """Return the files that may stand for *wanted*, the nearest first, none from *elsewhere*."""
    above = _folder(folder.rstrip("/"))
    homes = [_folder(folder + wanted).lower(), folder.lower(), above.lower()]
    ranked = []
    for path in paths:
        alike = likeness(_name(path), _name(wanted))
        if alike is None:
            continue
        home = _folder(path).lower()
        near = homes.index(home) if home in homes else len(homes)
        if near == len(homes) and path.startswith(elsewhere):
            continue
        ranked.append(((near, *alike, path.count("/"), path), path))
    return [path for _, path in sorted(ranked)]


def _missing(paths: Iterable[str], wanted: str, folder: str, known: set[str]) -> str:
    """Return the sentence about a file that isn't there, with what may be meant for it."""
    stem = _name(wanted).partition(".")[0].lower()
    found = [p for p in paths if stem in _name(p).lower() and p not in known]
    if not found:
        return f"{wanted} isn't in the hand-in."
    named = ", ".join(_shown(path, folder) for path in found[:_MOST_NAMED])
    return f"{wanted} isn't in the hand-in; in its place there is {named}, which was not read."


def _own(
    paths: Mapping[str, int], folder: str, others: set[str], assignment: Assignment
) -> dict[str, str]:
    """Return the modules of the student's own, in the package and beside it."""
    above = _folder(folder.rstrip("/")) if folder else None
    found: dict[str, str] = {}
    for path in paths:
        if path in others or not path.endswith(".py"):
            continue
        if path.startswith(folder):
            inside = path[len(folder) :]
        elif above is not None and path.startswith(above):
            inside = BESIDE + path[len(above) :]
        else:
            continue
        parts = inside.removeprefix(BESIDE).removesuffix(".py").split("/")
        if len(parts) > MAX_OWN_DEPTH or {*parts} & {*assignment.package_names}:
            continue
        if inside.startswith(f"{BESIDE}{CHECKS_FOLDER}/"):
            continue  # the course's own, as they were downloaded
        if all(part.isidentifier() for part in parts):
            found[path] = inside
    kept: dict[str, str] = {}
    left = MAX_OWN_BYTES
    # The package's own first, then what lies nearest.
    for path in sorted(found, key=lambda p: (found[p].startswith(BESIDE), p.count("/"), p)):
        left -= paths[path]
        if left >= 0 and len(kept) < MAX_OWN:
            kept[path] = found[path]
    return kept


def _shown(path: str, folder: str) -> str:
    """Return a path as a note names it: from the package's folder, if it lies there."""
    return path[len(folder) :] if path.startswith(folder) else path


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _name(path: str) -> str:
    return path.rpartition("/")[2]
