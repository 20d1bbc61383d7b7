"""Tars as trees of files, also when gzip has compressed them."""

from __future__ import annotations

import re
import stat
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from grader.submissions.archives import MAX_NESTED, ArchiveFile, inside
from grader.submissions.trees import MAX_FILES, FileLost, Unreadable, bounded, too_large, too_many

#: What gzip begins with.
GZIP = b"\x1f\x8b"
#: How many entries are looked at, folders and links among them.
_MAX_ENTRIES = 5 * MAX_FILES
_PIECE = 1 << 20
#: Bytes of the headers of one entry, of all, and of one that is a path.
_MAX_HEADERS, _MAX_ALL_HEADERS, _MAX_PATH = 1 << 15, 1 << 26, 4608
_DIGITS, _LENGTH = re.compile(rb"[0-9]{32}"), re.compile(rb"([0-9]{1,5}) ")


class Tar:
    """A tar, at a path or in memory, which may expand to *limit* bytes.

    Raises :class:`~grader.submissions.trees.Unreadable`.
    """

    def __init__(self, file: Path | bytes, limit: int = MAX_NESTED) -> None:
        plain = _plain(file, limit)
        #: How many bytes it took to expand it.
        self.taken = len(plain) if plain is not file and isinstance(plain, bytes) else 0
        handle = _Headers(plain)
        self._members: dict[str, tarfile.TarInfo] = {}
        try:
            self._tar = tarfile.open(fileobj=handle, mode="r:")  # noqa: SIM115
            for number, member in enumerate(self._tar):
                path = inside(member.name)
                handle.next_entry()
                if number > _MAX_ENTRIES:
                    raise too_many()
                if path is None or not member.isreg() or stat.S_ISLNK(member.mode):
                    continue
                self._members[path] = member
                if len(self._members) > MAX_FILES:
                    raise too_many()
        except Unreadable:
            raise
        except Exception as error:
            # Its reader raises whatever a damaged header leads it into.
            raise Unreadable(f"the tar is damaged: {error}") from None
        handle.listing = False
        self._members = dict(sorted(self._members.items()))
        self._sizes = {path: member.size for path, member in self._members.items()}

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        member = self._members[path]
        if member.size > limit:
            raise FileLost(too_large(limit))
        try:
            file = self._tar.extractfile(member)
            return bounded(file.read(limit + 1) if file else b"", limit)
        except FileLost:
            raise
        except Exception as why:
            raise FileLost(f"it is damaged in the tar ({why})") from None


class _Headers(ArchiveFile):
    """A tar's bytes, of which :mod:`tarfile` gets no headers that would take it long to read.

    Its patterns take the square of the size of a table that isn't well-formed.
    """

    def __init__(self, file: Path | bytes) -> None:
        super().__init__(file)
        self._entry = self._all = 0

    def next_entry(self) -> None:
        """Begin to count the headers of another entry."""
        self._entry = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self.listing:
            self._entry += len(data)
            self._all += len(data)
            if self._entry > _MAX_HEADERS or self._all > _MAX_ALL_HEADERS:
                raise ValueError("its headers are too long")
            if len(data) > tarfile.BLOCKSIZE and not _is_quick(data):
                raise ValueError("a header isn't well-formed")
        return data


def _is_quick(header: bytes) -> bool:
    """Say whether a header is a path, or a table of records ``"LENGTH NAME=VALUE\\n"``."""
    if _DIGITS.search(header):
        return False
    table, at = header.rstrip(b"\0"), 0
    while found := _LENGTH.match(table, at):
        end = at + int(found[1])
        if not found.end() < end <= len(table) or b"=" not in table[found.end() : end]:
            break
        if table[end - 1 : end] != b"\n":
            break
        at = end
    return at == len(table) or len(header) <= _MAX_PATH


def is_tar(start: bytes) -> bool:
    """Say whether a file that begins with *start* (512 bytes) may be a tar."""
    return start[257:262] == b"ustar" or start.startswith(GZIP)


def _plain(file: Path | bytes, limit: int) -> Path | bytes:
    """Return a tar without its compression, which is expanded within a bound."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            if opened.read(2) != GZIP:
                return file
        if file.stat().st_size > MAX_NESTED:
            raise Unreadable(too_large(MAX_NESTED))
        file = file.read_bytes()
    return _expanded(file, limit) if file.startswith(GZIP) else file


def _expanded(data: bytes, limit: int) -> bytes:
    made: list[bytes] = []
    size = at = 0
    left = b""
    expander = zlib.decompressobj(wbits=31)
    try:
        while not expander.eof:
            if not left:  # piece by piece: what isn't consumed is copied each time
                left = data[at : at + _PIECE]
                at += len(left)
            piece = expander.decompress(left, _PIECE)
            left = expander.unconsumed_tail
            if not piece and not left and at == len(data) and not expander.eof:
                raise Unreadable("the tar is damaged: it ends too early")
            made.append(piece)
            size += len(piece)
            if size > limit:
                raise Unreadable(f"unpacked, {too_large(limit)}")
    except zlib.error as error:
        raise Unreadable(f"the tar is damaged: {error}") from None
    return b"".join(made)
