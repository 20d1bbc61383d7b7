"""Reads what the manifest names of one submission, and nothing else of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.model.assignment import Assignment
from grader.submissions import layouts
from grader.submissions.finding import Place
from grader.submissions.trees import FileLost, FileTree, Unreadable

#: The largest source file and notebook that are read, in bytes.
MAX_SOURCE = 1 << 20
MAX_NOTEBOOK = 1 << 26
#: The largest file of a trained model: 4 million parameters in double precision.
MAX_MODEL = 1 << 25


@dataclass(frozen=True)
class Submission:
    """What was handed in, as data.

    ``package`` is the name to import it by, ``files`` the student's files by path in the
    package, ``notebooks`` those of the manifest that are there, as bytes, ``saved`` the trained
    models by the names that the manifest gives their files. ``content`` is a hash of all of it,
    ``notes`` are for people.
    """

    name: str
    source: str
    package: str
    files: Mapping[str, bytes]
    notebooks: Mapping[str, bytes]
    content: str
    notes: tuple[str, ...] = ()
    saved: Mapping[str, bytes] = field(default_factory=dict)


def read_submission(place: Place, assignment: Assignment) -> Submission:
    """Return the submission at *place*.

    Raises :class:`~grader.submissions.trees.Unreadable` if there is no package, more than one,
    or one of which no file can be read. Another file that can't be read is left out and noted:
    it costs its own questions only.
    """
    tree = place.open()
    folder, package, note = layouts.package(tree, assignment)
    notes = [note] if note else []
    taken = {folder + path: path for path in assignment.files.taken if folder + path in tree.paths}
    books = layouts.notebooks(tree, assignment, folder)
    files = _read(tree, taken, MAX_SOURCE, notes)
    if taken and not files:
        raise Unreadable(f"none of the package's files can be read: {notes[-1]}")
    notebooks = _read(tree, {path: name for name, path in books.items()}, MAX_NOTEBOOK, notes)
    saved = _read(tree, layouts.saved(tree, assignment, folder), MAX_MODEL, notes)
    return Submission(
        name=place.name,
        source=place.source,
        package=package,
        files=files,
        notebooks=notebooks,
        content=_hash(package, files, notebooks, *([saved] if saved else [])),
        notes=tuple(notes),
        saved=saved,
    )


def _read(
    tree: FileTree, wanted: Mapping[str, str], limit: int, notes: list[str]
) -> dict[str, bytes]:
    """Return the files at the paths *wanted*, by the name that each path maps to."""
    found = {}
    for path, name in wanted.items():
        try:
            found[name] = tree.read(path, limit)
        except FileLost as lost:
            notes.append(f"{name} was left out: {lost}.")
    return found


def _hash(package: str, *parts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(package.encode())
    for part in parts:
        digest.update(b"\1")
        for name, data in sorted(part.items()):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return "sha256:" + digest.hexdigest()
