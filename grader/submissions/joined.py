"""Several files and folders of one student as one tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from grader.submissions.disk import Folder
from grader.submissions.trees import MAX_FILES, FileTree, too_many


class DiskFile:
    """One file on disk, under a name of its own."""

    def __init__(self, path: Path, name: str) -> None:
        # A folder of one file: it reads what is no link, and not more than it should.
        self._folder, self._file = Folder.of(path.parent, [path.name]), path.name
        self._sizes = {name: self._folder.paths[path.name]} if self._folder.paths else {}

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        return self._folder.read(self._file, limit)


class Renamed:
    """One file of a tree, under another name."""

    def __init__(self, tree: FileTree, path: str, name: str) -> None:
        self._tree, self._path = tree, path
        self._sizes = {name: tree.paths[path]} if path in tree.paths else {}

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        return self._tree.read(self._path, limit)


class Joined:
    """All files of several trees; of two at one path, the first tree's keeps it."""

    def __init__(self, trees: Sequence[FileTree]) -> None:
        self._found: dict[str, tuple[FileTree, str]] = {}
        for tree in trees:
            for path in tree.paths:
                self._found[_free(path, self._found)] = tree, path
            if len(self._found) > MAX_FILES:
                raise too_many()
        self._sizes = {
            path: tree.paths[inner] for path, (tree, inner) in sorted(self._found.items())
        }

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        tree, inner = self._found[path]
        return tree.read(inner, limit)


def _free(path: str, taken: Mapping[str, object]) -> str:
    pure, number, free = PurePosixPath(path), 2, path
    while free in taken:
        free, number = str(pure.with_name(f"{pure.stem} ({number}){pure.suffix}")), number + 1
    return free
