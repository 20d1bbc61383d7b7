"""Where submissions stand, whose they are, and the names that they get."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from grader.submissions.archives import MAX_NESTED
from grader.submissions.disk import open_tree
from grader.submissions.gathering import Owner, Piece
from grader.submissions.joined import DiskFile, Joined, Renamed
from grader.submissions.nesting import OPENED, Nested, open_archive
from grader.submissions.trees import (
    LONE,
    MAX_FILES,
    FileLost,
    FileTree,
    FolderPart,
    LoneFile,
    Unreadable,
    WithoutGrades,
    too_many,
)

#: In bytes; a file's name has 255 on most systems, and a number may follow.
_MAX_NAME = 120
#: Control and direction characters, halves of characters; letters of every script stay.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


@dataclass(frozen=True)
class Place:
    """Where a submission stands. ``name`` is unique in its run and safe as a file's name.

    ``inside`` is the folder, with a slash at its end, or the zip within the archive at ``path``;
    ``child`` is that without the folders that the archive wraps around a whole class. ``again``
    counts how often a run has named the same place before. ``owner`` is who handed it in, where a
    download tells, and ``pieces`` are then its files and folders, the newest first.
    """

    name: str
    path: Path
    inside: str = ""
    child: str = ""
    again: int = 0
    owner: Owner | None = None
    pieces: tuple[Piece, ...] = ()

    @cached_property
    def identity(self) -> str:
        """What tells it from every other, as ASCII text: its owner, or its path on disk.

        A folder that an archive wraps around all that it holds is no part of it: who hands in
        again may have packed it in another way.
        """
        if self.owner is not None:
            return json.dumps([self.owner.id, "", self.again])
        return self._at(self.path, self.child)

    @cached_property
    def former(self) -> list[str]:
        """The identities that each of its pieces has where downloads aren't looked through."""
        return [self._at(piece.path, piece.top if piece.inside else "") for piece in self.pieces]

    def _at(self, path: Path, child: str) -> str:
        whole = path.name in ("", ".", "..")
        folder = os.path.realpath(path if whole else path.parent)
        named = folder if whole else os.path.join(folder, path.name)  # noqa: PTH118
        return json.dumps([named, child, self.again])

    @property
    def last(self) -> str:
        """The last part of its path, as it stands on disk."""
        if self.pieces:
            return self.last_of(self.former[0])
        return self.last_of(self.identity)

    @staticmethod
    def last_of(identity: str) -> str:
        """Return the last part of the path that an :attr:`identity` is of."""
        path, child, _ = json.loads(identity)
        return str(child or os.path.basename(path))  # noqa: PTH119

    def called(self, name: str) -> Place:
        """Return it under another name."""
        made = replace(self, name=name)
        # To follow its path takes as long as to read a file, and is the same under every name.
        made.__dict__.update((k, v) for k, v in self.__dict__.items() if k == "identity")
        return made

    @property
    def wanted(self) -> str:
        """The name that it has where no other wants the same; safe as a file's name."""
        if self.owner is not None:
            return _safe(self.owner.called)
        return _safe(_without_zip(self.child.rstrip("/")) if self.child else _stem(self.path))

    @property
    def source(self) -> str:
        """What it was handed in as, for a person: the last names of the path."""
        return _plain(f"{self.path.name}/{self.inside}".rstrip("/"))

    def open(self) -> FileTree:
        """Return its files. Raises :class:`~grader.submissions.trees.Unreadable`."""
        # A source by itself goes under the name that it was handed in as, as one of several does.
        if len(self.pieces) > 1 or any(piece.top.endswith(".py") for piece in self.pieces):
            return WithoutGrades(Nested(Joined([_loose(piece) for piece in self.pieces])))
        tree = _opened(self.path)
        if self.inside.endswith("/"):
            tree = FolderPart(tree, self.inside)
        elif self.inside:
            try:
                data = tree.read(self.inside, MAX_NESTED)
            except FileLost as lost:
                raise Unreadable(str(lost)) from None
            lone = self.inside.endswith(LONE)
            tree = LoneFile(self.inside, data) if lone else open_archive(data, self.inside)
        if len(tree.paths) > MAX_FILES:
            raise too_many()
        return WithoutGrades(Nested(tree))


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
        made.append(place.called(name))
    return made


def _opened(path: Path) -> FileTree:
    """Return the tree at *path*; of an archive that holds a class, the one that was opened last."""
    if path.is_dir() or path.is_symlink():
        return open_tree(path)
    try:
        status = path.stat()
    except OSError as error:
        raise Unreadable(f"it can't be opened: {error.strerror}") from None
    return _archive(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _archive(path: Path, changed: int, size: int) -> FileTree:
    return open_tree(path)


def _loose(piece: Piece) -> FileTree:
    """Return a piece as it goes beside the others of its owner."""
    name = piece.entry.file or piece.top.rstrip("/")
    if not piece.inside:
        return open_tree(piece.path) if piece.path.is_dir() else DiskFile(piece.path, name)
    tree = _opened(piece.path)
    if piece.inside.endswith("/"):
        return FolderPart(tree, piece.inside)
    return Renamed(tree, piece.inside, name)


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
