"""Which submissions there are: one at a path, or a class of them below it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.model.assignment import Assignment
from grader.model.problem import Problem
from grader.submissions.disk import open_tree
from grader.submissions.downloads import (
    PLAIN,
    DownloadLayout,
    Listing,
    PieceEntry,
    recognize,
)
from grader.submissions.gathering import Gathered, Piece, Way, gather, gathering_notes, listed
from grader.submissions.layouts import package_folders
from grader.submissions.listing import FolderListing, TreeListing
from grader.submissions.places import Place, named
from grader.submissions.plain import (
    holds_grades,
    is_nobodys,
    is_one,
    may_be_one,
    may_be_submission,
    wrapped_class,
    wrapping,
)
from grader.submissions.trees import FileTree, FolderPart, Unreadable, children

__all__ = ["Found", "NoSuchPath", "Place", "Way", "find", "named"]


class NoSuchPath(Problem, ValueError):
    """A path that was named holds nothing to grade; the message says which and why."""


@dataclass(frozen=True)
class Found:
    """Submissions, and whether they were taken for ``one`` or for a ``class``.

    ``layout`` says what the download was taken for, ``notes`` what was left out of it; ``grades``
    are folders in it that hold grades of an earlier run.
    """

    kind: str
    places: tuple[Place, ...]
    layout: str = ""
    notes: tuple[str, ...] = ()
    grades: tuple[Path, ...] = ()


def find(
    paths: Sequence[Path],
    assignment: Assignment,
    *,
    as_: str | None = None,
    way: Way | None = None,
) -> Found:
    """Return the submissions at *paths*.

    A path is one submission if a package, a file of one or a notebook is its direct child, else a
    class whose children are submissions; *as_* (``one`` or ``class``) decides otherwise. Where a
    learning system laid out a class's download, or *way* says so, pieces of one student are put
    together, and one that is named stands for all of them. Raises :class:`NoSuchPath`.
    """
    search = _PathSearch(assignment, way or Way())
    for path in paths:
        if not os.path.lexists(path):
            raise NoSuchPath(f"{path} doesn't exist")
        try:
            search.add(path, as_)
        except OSError as error:
            raise NoSuchPath(f"{path} can't be listed: {error.strerror}") from None
    found = search.places()
    kind = "one" if search.kinds == {"one"} and len(found) == 1 else "class"
    seen: dict[str, int] = {}
    for i, place in enumerate(found):
        identity = place.identity
        if identity in seen:
            found[i] = replace(place, again=seen[identity])
        seen[identity] = seen.get(identity, 0) + 1
    titles, notes, grades = ", ".join(search.titles), tuple(search.notes), tuple(search.grades)
    return Found(kind, tuple(named(found)), titles, notes, grades)


@dataclass(frozen=True)
class _Download:
    """A class's download as it was recognized: at ``path``, below ``prefix`` where it is packed."""

    path: Path
    packed: bool
    prefix: str
    listing: Listing
    layout: DownloadLayout
    entries: Mapping[str, PieceEntry]

    def piece(self, top: str) -> Piece:
        entry = self.entries[top]
        if self.packed:
            return Piece(self.path, self.prefix + top + entry.inside, top, entry)
        return Piece(self.path / (top.rstrip("/") + "/" + entry.inside).rstrip("/"), "", top, entry)

    def place(self, top: str) -> Place:
        """Return a name that is nobody's as a submission of its own."""
        if self.packed:
            return Place("", self.path, self.prefix + top, top)
        return Place("", self.path / top.rstrip("/"))


class _PathSearch:
    """Collects submissions path by path. ``slots`` keep the order: a place, or an owner's key."""

    def __init__(self, assignment: Assignment, way: Way) -> None:
        self._assignment, self._way, self._wanted = assignment, way, way.wanted
        self._slots: dict[tuple[str, str], Place | None] = {}
        self._pieces: dict[str, tuple[DownloadLayout, list[Piece]]] = {}
        self._parents: dict[Path, _Download | None] = {}
        self.kinds: set[str] = set()
        self.titles: dict[str, None] = {}
        self.notes: list[str] = []
        self.grades: list[Path] = []

    def add(self, path: Path, as_: str | None) -> None:
        """Take what stands at *path*. Raises :class:`NoSuchPath`, :class:`OSError`."""
        folder = path.is_dir() and not path.is_symlink()
        tree = None if folder else _tree(path)
        known = self._by_parent(path, folder) if as_ != "class" else None
        if known is not None:
            self.kinds.add("one")
            self._take(known, only=known.entries[_top(path, folder)].key)
            return
        if as_ != "one" and (folder or tree is not None):
            for download in self._downloads(path, tree):
                if download.entries:
                    self.kinds.add("class")
                    self._take(download)
                    return
        if self._wanted not in (None, PLAIN):
            assert self._wanted is not None
            raise NoSuchPath(f"{path} holds nothing that is named as in {self._wanted.title}")
        self._plain(path, tree, folder, as_)

    def places(self) -> list[Place]:
        """Return a place for each submission, those of one owner put together."""
        owned: dict[tuple[str, str], Gathered] = {}
        for name, (layout, pieces) in self._pieces.items():
            made, texts = gather(layout, pieces, self._way.attempt, self._holds)
            owned |= {(name, hand_in.owner.key): hand_in for hand_in in made}
            self.notes += gathering_notes(layout, made, texts, self._way.attempt)
        found = []
        for slot, place in self._slots.items():
            if place is not None:
                found.append(place)
            elif slot in owned:
                found.append(_placed(owned[slot]))
        return found

    def _downloads(self, path: Path, tree: FileTree | None) -> Iterator[_Download]:
        """Yield the download at *path*, and those in the folders that may wrap it."""
        prefix = ""
        while True:
            listing: Listing = (
                FolderListing(path / prefix)
                if tree is None
                else TreeListing(tree, prefix, Path(prefix or path.stem).name)
            )
            layout, entries = recognize(listing, self._assignment, self._wanted)
            if tree is None:
                yield _Download(path / prefix, False, "", listing, layout, entries)
            else:
                yield _Download(path, True, prefix, listing, layout, entries)
            tops = [top for top in listing.tops if top not in layout.nobodys]
            if "submitted/" in tops and {"source/", "release/", "nbgrader_config.py"} & set(tops):
                tops = ["submitted/"]
            if len(tops) != 1 or not tops[0].endswith("/") or prefix.count("/") > 4:
                return
            prefix += tops[0]

    def _by_parent(self, path: Path, folder: bool) -> _Download | None:
        """Return the download that *path* is a piece of, if it is one."""
        if path.name in ("", ".", ".."):
            return None
        if path.parent not in self._parents:
            self._parents[path.parent] = self._listed(path.parent)
        download, top = self._parents[path.parent], _top(path, folder)
        if download is None or top not in download.entries or download.entries[top].text:
            return None
        # Names of other layouts are of a form that nothing else has.
        telling = download.layout.name not in ("repositories", "nbgrader")
        return download if telling or not folder or is_one(path, None, self._assignment) else None

    def _listed(self, parent: Path) -> _Download | None:
        try:
            listing = FolderListing(parent)
        except OSError:
            return None
        layout, entries = recognize(listing, self._assignment, self._wanted)
        return _Download(parent, False, "", listing, layout, entries)

    def _take(self, download: _Download, only: str | None = None) -> None:
        """Take the pieces of a download, those of one owner only if that is said."""
        layout = download.layout
        self.titles[layout.title] = None
        pieces = self._pieces.setdefault(layout.name, (layout, []))[1]
        for top, entry in download.entries.items():
            piece = download.piece(top)
            if (only is None or entry.key == only) and piece not in pieces:
                pieces.append(piece)
                self._slots.setdefault((layout.name, entry.key), None)
        if only is not None:
            return
        passed = []
        for top in download.listing.tops:
            if top in download.entries:
                continue
            place = download.place(top)
            if top in layout.nobodys or not may_be_one(top):
                passed.append(top)
            elif not download.packed and holds_grades(place.path, self._assignment):
                self.grades.append(place.path)
            else:
                self._place(place)
        if passed:
            self.notes.append(f"passed over: {listed(passed)}")

    def _plain(self, path: Path, tree: FileTree | None, folder: bool, as_: str | None) -> None:
        """Take a path that no system laid out."""
        if folder and (as_ == "one" or (as_ is None and is_one(path, None, self._assignment))):
            return self._one(Place("", path))
        if folder:
            below = sorted(child for child in path.iterdir() if may_be_submission(child))
            inner = wrapped_class(below[0], self._assignment) if len(below) == 1 else None
            if inner is not None:
                # As an archive was unpacked: with a folder of its own around the class.
                return self._plain(inner, None, True, "class")
            earlier = [child for child in below if holds_grades(child, self._assignment)]
            self.grades += earlier
            return self._class(path, [Place("", child) for child in below if child not in earlier])
        if tree is None:
            return self._one(Place("", path))  # its row says why
        inside = wrapping(tree, self._assignment)
        tops = sorted(children(FolderPart(tree, inside)), key=lambda top: top.rstrip("/"))
        lone = len(tops) < 2 and not any(top.endswith("/") for top in tops)  # a zip inside of one
        if as_ == "one" or (as_ is None and (lone or is_one(path, tree, self._assignment, inside))):
            return self._one(Place("", path, inside))
        return self._class(path, [Place("", path, inside + top, top) for top in tops])

    def _one(self, place: Place) -> None:
        self.kinds.add("one")
        self._place(place)

    def _class(self, path: Path, places: Sequence[Place]) -> None:
        """Take a class: pages and tables about it are passed over, if anything else is there."""
        nobodys = [place for place in places if is_nobodys(place)]
        kept = [place for place in places if place not in nobodys]
        if not kept:
            raise NoSuchPath(f"{path} holds no submission: no folder, no zip")
        if nobodys:
            self.notes.append(f"passed over: {listed([p.last for p in nobodys])}")
        self.kinds.add("class")
        for place in kept:
            self._place(place)

    def _place(self, place: Place) -> None:
        self._slots["", str(len(self._slots))] = place

    def _holds(self, piece: Piece) -> bool:
        """Say whether a piece has the package in it."""
        try:
            tree = Place("", piece.path, piece.inside, piece.top if piece.inside else "").open()
        except Unreadable:
            return False
        return bool(package_folders(tree, self._assignment))


def _placed(hand_in: Gathered) -> Place:
    newest = hand_in.pieces[0]
    child = newest.top if newest.inside else ""
    return Place("", newest.path, newest.inside, child, owner=hand_in.owner, pieces=hand_in.pieces)


def _tree(path: Path) -> FileTree | None:
    try:
        return open_tree(path)
    except Unreadable:
        return None


def _top(path: Path, folder: bool) -> str:
    return path.name + ("/" if folder else "")
