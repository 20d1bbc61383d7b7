"""Archives by their bytes, and archives in archives."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.submissions.archives import MAX_NESTED, Zip
from grader.submissions.tars import Tar, is_tar
from grader.submissions.trees import MAX_FILES, FileLost, FileTree, Unreadable, too_many

#: How deep archives are opened in one another.
MAX_LEVELS = 3
#: Endings of names of archives that are opened, and of those that aren't.
OPENED = (".zip", ".tar", ".tar.gz", ".tgz")
SHUT = (".rar", ".7z", ".gz", ".xz", ".bz2", ".zst")
_MAGIC = {b"Rar!\x1a\x07": ".rar", b"7z\xbc\xaf\x27\x1c": ".7z", b"\xfd7zXZ": ".xz", b"BZh": ".bz2"}


def open_archive(file: Path | bytes, name: str, limit: int = MAX_NESTED) -> Zip | Tar:
    """Return the tree in a zip, or in a tar; *name* is what it was called.

    A compressed tar may expand to *limit* bytes. Raises :class:`Unreadable`, and :class:`OSError`
    for a path that can't be read.
    """
    start = file[:512] if isinstance(file, bytes) else _start(file)
    if zipfile.is_zipfile(file) if isinstance(file, Path) else start.startswith(b"PK"):
        return Zip(file)
    if is_tar(start):
        return Tar(file, limit)
    raise no_archive(name, start)


def no_archive(name: str, start: bytes = b"") -> Unreadable:
    """Return what to raise for a file that can't be opened, by its name and its first bytes."""
    suffix = Path(name).suffix
    shut = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "")
    shut = shut or (suffix.lower() if suffix.lower() in SHUT else "")
    if shut:
        return Unreadable(f"it is an archive ({shut}) that isn't opened here: hand in a zip")
    if suffix.lower() in (".zip", ".tar", ".tgz"):
        return Unreadable(f"the {suffix.lower()[1:]} is damaged")
    return Unreadable(
        f"it is a file ({suffix or 'one without an ending'}) and neither a folder nor a zip"
    )


class Nested:
    """A tree with the archives that stand in it as folders of their names, a few levels deep.

    Those that can't be opened, and those that would take more than :data:`MAX_NESTED` in all,
    stay the files that they are. One of them on each level is held in memory at a time.
    """

    def __init__(self, outer: FileTree, levels: int = MAX_LEVELS, left: int = MAX_NESTED) -> None:
        self._outer, self._levels = outer, levels
        #: How many bytes the archives in it have, of all levels.
        self.taken = 0
        self._open: tuple[str, Zip | Tar | Nested] | None = None
        self._inside: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._budgets: dict[str, int] = {}
        for path, size in outer.paths.items():
            if not path.lower().endswith(OPENED) or size > left or not levels:
                self._sizes[path] = size
                continue
            left -= size
            self.taken += size
            self._budgets[path] = left
            try:
                tree = self._archive(path)
            except (FileLost, Unreadable):
                self._sizes[path] = size
                continue
            left -= tree.taken
            self.taken += tree.taken
            for name, length in tree.paths.items():
                self._inside[f"{path}/{name}"] = path
                self._sizes[f"{path}/{name}"] = length
            if len(self._sizes) > MAX_FILES:
                raise too_many()

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        archive = self._inside.get(path)
        if archive is None:
            return self._outer.read(path, limit)
        return self._archive(archive).read(path[len(archive) + 1 :], limit)

    def _archive(self, path: str) -> Zip | Tar | Nested:
        if self._open is None or self._open[0] != path:
            self._open = None
            left = self._budgets[path]
            tree: Zip | Tar | Nested = open_archive(self._outer.read(path, MAX_NESTED), path, left)
            if any(name.lower().endswith(OPENED) for name in tree.paths):
                tree = Nested(tree, self._levels - 1, left - tree.taken)
            self._open = path, tree
        return self._open[1]


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)
