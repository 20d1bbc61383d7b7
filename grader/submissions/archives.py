"""Zips as trees of files, read in memory; they may lie about everything that they declare."""

from __future__ import annotations

import io
import stat
import weakref
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from grader.submissions.trees import (
    MAX_DEPTH,
    MAX_FILES,
    FileLost,
    FileTree,
    Unreadable,
    bounded,
    is_junk,
    too_large,
    too_many,
)

#: The largest archive that is opened inside of another, and all such of one submission, in bytes.
MAX_NESTED = 1 << 28
#: The largest table of contents that is read, in bytes: some 100,000 entries.
_MAX_LISTING = 1 << 24
#: Other ways expand a piece at once, whatever its size: a few bytes could take all memory.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """A zip, at a path or in memory."""

    def __init__(self, file: Path | bytes) -> None:
        handle = _Handle(file)
        weakref.finalize(self, handle.close)
        try:
            self._zip = zipfile.ZipFile(handle)
        except Exception as error:
            # Its reader raises whatever a damaged header leads it into.
            raise Unreadable(f"the zip is damaged: {error}") from None
        handle.listing = False
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            path = _inside(info.filename)
            if path is None or stat.S_ISLNK(info.external_attr >> 16):
                continue
            self._infos[path] = info
            if len(self._infos) > MAX_FILES:
                raise too_many()
        self._infos = dict(sorted(self._infos.items()))
        self._sizes = {path: info.file_size for path, info in self._infos.items()}

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        info = self._infos[path]
        if info.file_size > limit:
            raise FileLost(too_large(limit))
        if info.flag_bits & 1:
            raise FileLost("it is encrypted")
        if info.compress_type not in _METHODS:
            raise FileLost("it is compressed in a way that isn't read here; deflate is")
        try:
            with self._zip.open(info) as file:
                return bounded(file.read(limit + 1), limit)  # a header can say less than there is
        except FileLost:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as why:
            raise FileLost(f"it is damaged in the zip ({why})") from None


class Nested:
    """A tree with the archives that stand in it, one level deep, as folders of their names.

    Those that can't be opened, and those that would take more than :data:`MAX_NESTED` in all,
    stay the files that they are. One of them is held in memory at a time.
    """

    def __init__(self, outer: FileTree) -> None:
        self._outer = outer
        self._open: tuple[str, Archive] | None = None
        self._inside: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        left = MAX_NESTED
        for path, size in outer.paths.items():
            if not path.lower().endswith(".zip") or size > left:
                self._sizes[path] = size
                continue
            left -= size
            try:
                inner = self._archive(path).paths
            except (FileLost, Unreadable):
                self._sizes[path] = size
                continue
            for name, length in inner.items():
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

    def _archive(self, path: str) -> Archive:
        if self._open is None or self._open[0] != path:
            self._open = None
            self._open = path, Archive(self._outer.read(path, MAX_NESTED))
        return self._open[1]


class _Handle(io.BufferedReader):
    """An archive's bytes. While it is being listed, no piece of them is larger than a bound."""

    def __init__(self, file: Path | bytes) -> None:
        raw: Any = io.FileIO(file) if isinstance(file, Path) else io.BytesIO(file)
        super().__init__(raw)
        self.listing = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.listing and size is not None and size > _MAX_LISTING:
            raise ValueError("its table of contents is too long")
        return super().read(size)


def _inside(name: str) -> str | None:
    """Return an archive's entry as a path with slashes.

    ``None`` for folders, junk, and what leads outside.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    outside = path.is_absolute() or ".." in parts or PureWindowsPath(name).drive
    if not parts or outside or name.endswith(("/", "\\")) or len(parts) > MAX_DEPTH:
        return None
    return None if any(is_junk(part) for part in parts) else "/".join(parts)
