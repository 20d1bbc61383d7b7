"""Zips and tars as trees of files, read in memory; they may lie about all that they declare."""

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


class Zip:
    """A zip, at a path or in memory."""

    def __init__(self, file: Path | bytes) -> None:
        #: How many bytes it took to expand it: none.
        self.taken = 0
        handle = ArchiveFile(file)
        weakref.finalize(self, handle.close)
        try:
            self._zip = zipfile.ZipFile(handle)
        except Exception as error:
            # Its reader raises whatever a damaged header leads it into.
            raise Unreadable(f"the zip is damaged: {error}") from None
        handle.listing = False
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            path = inside(info.filename)
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


class ArchiveFile(io.BufferedReader):
    """An archive's bytes. While it is being listed, no piece of them is larger than a bound."""

    def __init__(self, file: Path | bytes) -> None:
        raw: Any = io.FileIO(file) if isinstance(file, Path) else io.BytesIO(file)
        super().__init__(raw)
        self.listing = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.listing and size is not None and size > _MAX_LISTING:
            raise ValueError("its table of contents is too long")
        return super().read(size)


def inside(name: str) -> str | None:
    """Return an archive's entry as a path with slashes.

    ``None`` for folders, junk, and what leads outside.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    outside = path.is_absolute() or ".." in parts or PureWindowsPath(name).drive
    if not parts or outside or name.endswith(("/", "\\")) or len(parts) > MAX_DEPTH:
        return None
    return None if any(is_junk(part) for part in parts) else "/".join(parts)
