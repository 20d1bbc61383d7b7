"""A folder or an archive as a tree of files: listed first, within bounds, and read one by one.

Nothing is unpacked and no link is followed. What can't be listed within the bounds is
:class:`Unreadable`; what can't be read later costs that file alone.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

#: How many files a submission may have, passed-over ones aside, and how deep they may lie.
MAX_FILES = 20_000
MAX_DEPTH = 24
#: The largest archive that is opened inside of another, in bytes.
MAX_NESTED = 1 << 26

#: Folders that systems, editors and tools leave behind: nothing in them is handed in.
JUNK = frozenset(
    (
        "__MACOSX",
        "__pycache__",
        ".git",
        ".grader",
        ".hypothesis",
        ".idea",
        ".ipynb_checkpoints",
        ".pytest_cache",
        ".svn",
        ".tox",
        ".Trash",
        ".venv",
        ".vscode",
        "env",
        "node_modules",
        "site-packages",
        "venv",
    )
)
JUNK_FILES = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))


class Unreadable(ValueError):
    """A submission can't be read; the message says why, in words for a gradebook's row."""


class FileLost(ValueError):
    """One file can't be read; the message says why."""


class Tree(Protocol):
    """``paths`` are the files' paths, with slashes, in order, each with its size in bytes."""

    @property
    def paths(self) -> Mapping[str, int]: ...

    def read(self, path: str, limit: int) -> bytes:
        """Return a file of at most *limit* bytes. Raises :class:`FileLost`."""
        ...


def open_tree(path: Path) -> Tree:
    """Return the tree at *path*, a folder or a zip. Raises :class:`Unreadable`."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise Unreadable("it is a link, and links aren't followed")
        if stat.S_ISDIR(mode):
            return Folder(path)
        if not stat.S_ISREG(mode):
            raise Unreadable("it is neither a folder nor a file")
        if path.stat().st_size == 0:
            raise Unreadable("the file is empty")
        if zipfile.is_zipfile(path):
            return Archive(path)
    except OSError as error:
        raise Unreadable(f"it can't be opened: {error.strerror}") from None
    if path.suffix.lower() == ".zip":
        raise Unreadable("the zip is damaged")
    kind = path.suffix or "one without an ending"
    raise Unreadable(f"it is a file ({kind}) and neither a folder nor a zip")


class Folder:
    """A folder on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sizes: dict[str, int] = {}
        self._list(str(root), "", 0)
        self._sizes = dict(sorted(self._sizes.items()))

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def _list(self, folder: str, prefix: str, depth: int) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_junk(entry.name) or entry.is_symlink():
                    continue
                if entry.is_dir():
                    if depth < MAX_DEPTH:
                        self._list(entry.path, f"{prefix}{entry.name}/", depth + 1)
                elif entry.is_file():
                    self._sizes[prefix + entry.name] = entry.stat().st_size
                    if len(self._sizes) > MAX_FILES:
                        raise Unreadable(f"it holds more than {MAX_FILES} files")

    def read(self, path: str, limit: int) -> bytes:
        try:
            # Not through a link that has taken the file's place since it was listed.
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            with open(os.open(self._root / path, flags), "rb") as file:  # noqa: PTH123
                data = file.read(limit + 1)
        except OSError as error:
            raise FileLost(str(error.strerror)) from None
        return _bounded(data, limit)


class Archive:
    """A zip; archives that stand in it are opened too, one level deep."""

    def __init__(self, file: Path | io.BytesIO, *, nested: bool = False) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise Unreadable(f"the zip is damaged: {error}") from None
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._inner: dict[str, Archive] = {}
        infos = self._zip.infolist()
        if len(infos) > MAX_FILES:
            raise Unreadable(f"the zip holds more than {MAX_FILES} files")
        for info in infos:
            path = _inside(info.filename)
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            if path is None or info.is_dir() or is_link:
                continue
            if path.lower().endswith(".zip") and not nested:
                self._open_inner(path, info)
            else:
                self._infos[path] = info
        self._sizes = {path: info.file_size for path, info in self._infos.items()}
        for prefix, inner in self._inner.items():
            self._sizes |= {f"{prefix}/{path}": size for path, size in inner.paths.items()}
        self._sizes = dict(sorted(self._sizes.items()))
        if len(self._sizes) > MAX_FILES:
            raise Unreadable(f"the zip holds more than {MAX_FILES} files")

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def _open_inner(self, path: str, info: zipfile.ZipInfo) -> None:
        try:
            data = self._read(info, MAX_NESTED)
            self._inner[path.removesuffix(path[-4:])] = Archive(io.BytesIO(data), nested=True)
        except (FileLost, Unreadable):
            self._infos[path] = info  # a file like any other

    def read(self, path: str, limit: int) -> bytes:
        for prefix, inner in self._inner.items():
            if path.startswith(prefix + "/") and path not in self._infos:
                return inner.read(path[len(prefix) + 1 :], limit)
        return self._read(self._infos[path], limit)

    def _read(self, info: zipfile.ZipInfo, limit: int) -> bytes:
        if info.file_size > limit:
            raise FileLost(_too_large(limit))
        try:
            with self._zip.open(info) as file:
                return _bounded(file.read(limit + 1), limit)  # a header can say less than there is
        except RuntimeError:
            raise FileLost("it is encrypted") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise FileLost(f"it is damaged in the zip ({error})") from None
        except NotImplementedError:
            raise FileLost("it is compressed in a way that isn't known here") from None


class Part:
    """What lies below a folder of another tree."""

    def __init__(self, whole: Tree, prefix: str) -> None:
        self._whole, self._prefix = whole, prefix
        self._sizes = {
            path[len(prefix) :]: size
            for path, size in whole.paths.items()
            if path.startswith(prefix)
        }

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        return self._whole.read(self._prefix + path, limit)


def children(tree: Tree) -> Iterator[str]:
    """Yield the names at the top of *tree*: files, and folders with a slash at their end."""
    seen = dict.fromkeys(
        path.partition("/")[0] + ("/" if "/" in path else "") for path in tree.paths
    )
    yield from seen


def _inside(name: str) -> str | None:
    """Return an archive's entry as a path with slashes; None for junk and what leads outside."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    outside = path.is_absolute() or ".." in parts or ":" in (parts[0] if parts else "")
    if not parts or outside or len(parts) > MAX_DEPTH or "\0" in name:
        return None
    return None if any(_is_junk(part) for part in parts) else "/".join(parts)


def _is_junk(name: str) -> bool:
    return name in JUNK or name in JUNK_FILES or name.startswith("._")


def _bounded(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise FileLost(_too_large(limit))
    return data


def _too_large(limit: int) -> str:
    return f"it is larger than {limit >> 10} KiB"
