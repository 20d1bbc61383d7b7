"""What stands at the top of a class's download, a folder on disk or an archive."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.submissions.trees import FileLost, FileTree, FolderPart, children, is_junk

#: The largest file about a download that is read, in bytes: a line or two for each submission.
_MAX_TEXT = 1 << 26


class FolderListing:
    """A folder. Links in it are listed as files, and not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.name = Path(os.path.abspath(root)).name  # noqa: PTH100 - of a link, its own name
        self.tops: Sequence[str] = [name for name in self.below("") if not name.startswith(".")]

    def below(self, folder: str) -> Sequence[str]:
        try:
            with os.scandir(self._root / folder) as entries:
                return sorted(
                    entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
                    for entry in entries
                    if not is_junk(entry.name)
                )
        except OSError:
            if not folder:
                raise
            return []

    def text(self, path: str) -> str | None:
        try:
            # Not through a link: the folder may hold what a student made.
            with open(os.open(self._root / path, _FLAGS), "rb") as file:  # noqa: PTH123
                return file.read(_MAX_TEXT).decode("utf-8-sig", "replace")
        except OSError:
            return None

    def has(self, path: str) -> bool:
        return os.path.lexists(self._root / path)


class TreeListing:
    """What lies below *prefix* in an archive."""

    def __init__(self, tree: FileTree, prefix: str, name: str) -> None:
        self._tree, self.name = FolderPart(tree, prefix), name
        self._below: dict[str, dict[str, None]] = {}
        for path in self._tree.paths:
            folder = ""
            parts = path.split("/")
            # Whose a piece is, nothing says that lies deeper.
            for part in parts[:3]:
                inner = part if folder + part == path else f"{part}/"
                self._below.setdefault(folder, {})[inner] = None
                folder += inner
        self.tops: Sequence[str] = sorted(children(self._tree), key=lambda top: top.rstrip("/"))

    def below(self, folder: str) -> Sequence[str]:
        return sorted(self._below.get(folder, ()))

    def text(self, path: str) -> str | None:
        if path not in self._tree.paths:
            return None
        try:
            return self._tree.read(path, _MAX_TEXT).decode("utf-8-sig", "replace")
        except FileLost:
            return None

    def has(self, path: str) -> bool:
        return path in self._tree.paths or path in self._below


_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
