"""Reads what the manifest names of one submission, and nothing else of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from grader.model.assignment import Assignment
from grader.submissions import layouts, placing
from grader.submissions.encodings import readable
from grader.submissions.finding import Place
from grader.submissions.trees import FileLost, FileTree, Unreadable

#: The largest source file and notebook that are read, in bytes.
MAX_SOURCE = 1 << 20
MAX_NOTEBOOK = 1 << 26
#: The largest file of a trained model: 4 million parameters in double precision.
MAX_MODEL = 1 << 25


@dataclass(frozen=True)
class Candidate:
    """One of several files that were handed in for the same."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Submission:
    """What was handed in, as data.

    ``package`` is the name to import it by, ``files`` the student's files by path in the
    package (those that begin with ``../`` lie beside it), ``notebooks`` those of the manifest that
    are there, as bytes, ``saved`` the trained models by the names that the manifest gives their
    files. ``absent`` maps files that aren't there to why they can't be read, or to nothing where
    they weren't handed in. ``attempts`` are all files and notebooks that stand for one, by its
    name, where there are several (:mod:`grader.submissions.attempts`). ``content`` is a hash of
    all of it, ``notes`` are for people.
    """

    name: str
    source: str
    package: str
    files: Mapping[str, bytes]
    notebooks: Mapping[str, bytes]
    content: str
    notes: tuple[str, ...] = ()
    saved: Mapping[str, bytes] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    attempts: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)


def read_submission(place: Place, assignment: Assignment) -> Submission:
    """Return the submission at *place*.

    Raises :class:`~grader.submissions.trees.Unreadable` if there is neither a package nor a
    notebook, more than one package, or one of which no file can be read. Another file that can't
    be read is left out and noted: it costs its own questions only.
    """
    tree = place.open()
    notes: list[str] = []
    try:
        folder, package, note = layouts.package(tree, assignment)
        notes += [note] if note else []
    except layouts.NoPackage:
        if not layouts.notebooks(tree, assignment, ""):
            raise
        folder, package = "", assignment.package  # its answers and trainings count
    packages = layouts.package_folders(tree, assignment)
    placed = placing.place(tree, assignment, folder, packages)
    notes += placed.notes
    absent = dict.fromkeys(placed.absent, "")
    files = _sources(tree, placed.files, notes, absent)
    books = layouts.notebooks(tree, assignment, folder)
    if placed.files and not files and not books:
        raise Unreadable(f"none of the package's files can be read: {notes[-1]}")
    # A module of the student's own that can't be read is missed where it is used.
    own = _sources(tree, placed.own, [], {})
    first = {paths[0]: name for name, paths in books.items()}
    notebooks = _read(tree, first, MAX_NOTEBOOK, notes, absent)
    saved = _read(tree, layouts.saved(tree, assignment, folder), MAX_MODEL, notes)
    copies = {**placed.copies, **{name: paths for name, paths in books.items() if paths[1:]}}
    attempts = {name: tuple(_attempts(tree, paths)) for name, paths in copies.items()}
    hashed = [part for part in (saved, own) if part]
    for name, found in attempts.items():
        hashed.append({f"{name}: {attempt.path}": attempt.data for attempt in found})
    return Submission(
        name=place.name,
        source=place.source,
        package=package,
        files={**files, **own},
        notebooks=notebooks,
        content=_hash(package, files, notebooks, *hashed),
        notes=tuple(notes),
        saved=saved,
        absent=absent,
        attempts=attempts,
    )


def _sources(
    tree: FileTree, wanted: Mapping[str, str], notes: list[str], absent: dict[str, str]
) -> dict[str, bytes]:
    """Return source files as Python reads them; those that can't be read are *absent*."""
    found = {}
    for path, name in wanted.items():
        try:
            data, said = readable(tree.read(path, MAX_SOURCE))
        except FileLost as lost:
            notes.append(f"{name} was left out: {lost}.")
            absent[name] = str(lost)
            continue
        if said:
            notes.append(f"{name}: {said}.")
        if data.strip():
            found[name] = data
        elif not name.endswith("__init__.py"):
            notes.append(f"{name} is empty.")
            absent[name] = "it is empty"
    return found


def _attempts(tree: FileTree, paths: Iterable[str]) -> Iterator[Candidate]:
    """Yield what else was handed in for a file or a notebook, as far as it can be read."""
    left = MAX_NOTEBOOK
    for path in paths:
        try:
            data = tree.read(
                path, min(MAX_NOTEBOOK if path.endswith(".ipynb") else MAX_SOURCE, left)
            )
        except FileLost:
            continue
        left -= len(data)
        yield Candidate(path, data if path.endswith(".ipynb") else readable(data)[0])


def _read(
    tree: FileTree,
    wanted: Mapping[str, str],
    limit: int,
    notes: list[str],
    absent: dict[str, str] | None = None,
) -> dict[str, bytes]:
    """Return the files at the paths *wanted*, by the name that each path maps to.

    Notebooks that can't be read are *absent*, too, by their files' names.
    """
    found = {}
    for path, name in wanted.items():
        try:
            found[name] = tree.read(path, limit)
        except FileLost as lost:
            notes.append(f"{name} was left out: {lost}.")
            if absent is not None:
                absent[f"{name}.ipynb"] = str(lost)
    return found


def _hash(package: str, *parts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(package.encode())
    for part in parts:
        digest.update(b"\1")
        for name, data in sorted(part.items()):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return "sha256:" + digest.hexdigest()
