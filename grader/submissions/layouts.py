"""Where, in a submission's tree, the package and the notebooks are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.model.assignment import Assignment
from grader.submissions import placing
from grader.submissions.names import copy_number
from grader.submissions.nesting import OPENED, SHUT
from grader.submissions.trees import FileTree, Unreadable

_IN_AN_ARCHIVE = tuple(f"{ending}/" for ending in OPENED)


class NoPackage(Unreadable):
    """There is no package in what was handed in."""


#: How many notebooks that stand for the same one are read.
MAX_ATTEMPTS = 8


def package_folders(tree: FileTree, assignment: Assignment) -> dict[str, int]:
    """Return the folders that hold student files at their places, with how many of them.

    A folder's name ends with a slash; ``""`` is the top.
    """
    found: dict[str, int] = {}
    for path in tree.paths:
        for file in assignment.files.student:
            if path == file or path.endswith("/" + file):
                folder = path[: len(path) - len(file)]
                found[folder] = found.get(folder, 0) + 1
    return found


def package(tree: FileTree, assignment: Assignment) -> tuple[str, str, str]:
    """Return the package's folder, the name to import it by, and a note for people ("" if none).

    The folder that has one of the package's names and the most of the student's files is the
    package; where none has such a name, the one with the most files. Where no file of the student's
    stands anywhere by its own name, those that stand for one count. Of two folders that are alike,
    one in an archive inside of the submission is taken for a copy. A folder of another name is a
    name of the package, too. Raises :class:`~grader.submissions.trees.Unreadable` for none, and
    for a tie.
    """
    folders = package_folders(tree, assignment) or placing.folders(tree, assignment)
    named = {
        folder: n for folder, n in folders.items() if _name(folder) in assignment.package_names
    }
    candidates = named or folders
    if not candidates:
        raise NoPackage(_none(tree, assignment))
    ranks = {
        folder: (n, not any(each in folder.lower() for each in _IN_AN_ARCHIVE))
        for folder, n in candidates.items()
    }
    best = [folder for folder, rank in ranks.items() if rank == max(ranks.values())]
    if len(best) > 1:
        places = " and ".join(repr(folder.rstrip("/") or ".") for folder in sorted(best)[:3])
        raise Unreadable(f"it holds more than one package: {places}; hand in one of them")
    (folder,) = best
    if named:
        return folder, _name(folder), ""
    was = repr(_name(folder)) if folder else "the top folder"
    # Its own modules may import one another by that name.
    name = _name(folder) if _name(folder).isidentifier() else assignment.package
    return folder, name, f"The package is in {was}; it was read as {assignment.package}."


def notebooks(tree: FileTree, assignment: Assignment, beside: str) -> Mapping[str, tuple[str, ...]]:
    """Return the paths of each of the manifest's notebooks that is there, by its name.

    A name may have been changed by a copy or by an LMS (``FullyConnectedNets (1)``,
    ``42_FullyConnectedNets``). Of several, the exact name comes first, then what lies nearest to
    the package's folder *beside*, then the newest copy. A single notebook of any other name is
    taken for the manifest's first.
    """
    parent = beside.rstrip("/").rpartition("/")[0]
    books = [path for path in tree.paths if path.endswith(".ipynb")]
    found: dict[str, tuple[str, ...]] = {}
    for notebook in assignment.notebooks:
        wanted = _letters(notebook.name)
        fitting = [path for path in books if wanted in _letters(_stem(path))]
        fitting.sort(
            key=lambda path: (
                _stem(path) != notebook.name,
                path.rpartition("/")[0] != parent,
                path.count("/"),
                -copy_number(path),
                path,
            )
        )
        if fitting:
            found[notebook.name] = tuple(fitting[:MAX_ATTEMPTS])
    if not found and len(books) == 1 and assignment.notebooks:
        found[assignment.notebooks[0].name] = (books[0],)
    return found


def saved(tree: FileTree, assignment: Assignment, beside: str) -> Mapping[str, str]:
    """Return the name of each trained model's file that is there, by its path.

    Of several of one name, the one that lies nearest to the package's folder *beside* is taken.
    """
    parent = beside.rstrip("/").rpartition("/")[0]
    wanted = {q.training.saved for q in assignment.questions if q.training and q.training.saved}
    found: dict[str, str] = {}
    for name in sorted(wanted):
        paths = [path for path in tree.paths if path.rpartition("/")[2] == name]
        paths.sort(key=lambda path: (path.rpartition("/")[0] != parent, path.count("/"), path))
        if paths:
            found[paths[0]] = name
    return found


def _name(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[2]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".ipynb")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _none(tree: FileTree, assignment: Assignment) -> str:
    if not tree.paths:
        return "it is empty"
    names = " or ".join(assignment.package_names)
    files = ", ".join(assignment.files.student)
    reason = f"there is no package in it: no folder {names} with any of {files}"
    packed = next((path for path in tree.paths if path.lower().endswith((*OPENED, *SHUT))), None)
    return f"{reason}; {packed!r} wasn't opened, hand in a plain zip" if packed else reason
