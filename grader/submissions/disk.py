"""What stands on disk as a tree of files: a folder, or an archive."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.submissions.nesting import open_archive
from grader.submissions.trees import (
    LONE,
    MAX_DEPTH,
    MAX_FILES,
    FileLost,
    FileTree,
    LoneFile,
    Unreadable,
    bounded,
    is_junk,
    too_many,
)

#: The largest file that is a hand-in by itself, in bytes.
MAX_LONE = 1 << 26


def open_tree(path: Path) -> FileTree:
    """Return the tree at *path*, a folder, a zip or a tar. Raises :class:`Unreadable`."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise Unreadable("it is a link, and links aren't followed: hand in what it leads to")
        if stat.S_ISDIR(mode):
            return Folder(path)
        if not stat.S_ISREG(mode):
            raise Unreadable("it is neither a folder nor a file")
        if path.stat().st_size == 0:
            raise Unreadable("the file is empty")
        if path.name.endswith(LONE):
            return LoneFile(path.name, _read(path, MAX_LONE, path.name))
        return open_archive(path, path.name)
    except FileLost as lost:
        raise Unreadable(str(lost)) from None
    except OSError as error:
        raise Unreadable(f"it can't be opened: {error.strerror}") from None


class Folder:
    """A folder on disk. A folder in it that can't be listed is passed over."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sizes: dict[str, int] = {}
        self._list(str(root), "", 0)
        self._sizes = dict(sorted(self._sizes.items()))

    @classmethod
    def of(cls, root: Path, files: Iterable[str]) -> Folder:
        """Return the tree of those *files* of a folder that are files, without a look at more."""
        made = cls.__new__(cls)
        made._root = root
        made._sizes = {
            name: status.st_size
            for name in files
            if stat.S_ISREG((status := (root / name).lstat()).st_mode)
        }
        return made

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def _list(self, folder: str, prefix: str, depth: int) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_junk(entry.name) or entry.is_symlink():
                    continue
                if entry.is_dir():
                    if depth < MAX_DEPTH:
                        self._enter(entry.path, f"{prefix}{entry.name}/", depth + 1)
                elif entry.is_file():
                    self._sizes[prefix + entry.name] = entry.stat().st_size
                    if len(self._sizes) > MAX_FILES:
                        raise too_many()

    def _enter(self, folder: str, prefix: str, depth: int) -> None:
        try:
            self._list(folder, prefix, depth)
        except PermissionError as error:
            raise Unreadable(
                f"the grader may not list {prefix.rstrip('/')!r} in it ({error.strerror}): allow "
                "that, and run the same command again"
            ) from None
        except OSError:
            return

    def read(self, path: str, limit: int) -> bytes:
        return _read(self._root / path, limit, path)


def _read(path: Path, limit: int, name: str) -> bytes:
    try:
        # Not through a link that has taken the file's place since it was listed.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123
            # As much room as the file's size, not as the limit's: that is made for each file.
            room = min(os.fstat(file.fileno()).st_size, limit) + 1
            data = file.read(room)
            if len(data) == room <= limit:  # it has grown meanwhile
                data += file.read(limit + 1 - room)
    except PermissionError as error:
        # A fault of this machine's: the whole waits, rather than costing the student points.
        raise Unreadable(
            f"the grader may not read {name!r} in it ({error.strerror}): allow that, and run the "
            "same command again"
        ) from None
    except OSError as error:
        raise FileLost(str(error.strerror)) from None
    return bounded(data, limit)
