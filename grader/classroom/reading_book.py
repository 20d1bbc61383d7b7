"""The gradebook's table of readings: JSON of one content and version, packed."""

from __future__ import annotations

import json
import zlib
from typing import Any, NamedTuple

from grader.classroom.gradebook import Gradebook

#: Bytes of a stored reading, unpacked.
_MOST = 1 << 26


class _ReadingRow(NamedTuple):
    content: str
    version: str
    reading: bytes


class ReadingBook(Gradebook):
    """A gradebook that readings are kept in. Raises what a gradebook raises."""

    def reading(self, submission: str, part: str, content: str, version: str) -> Any:
        """Return what is stored of a part; ``None`` where nothing is of that content and version.

        A row that is damaged counts as none.
        """
        query = "select content, version, reading from readings where submission = ? and part = ?"
        for row in self._rows(_ReadingRow, query, (submission, part)):
            if (row.content, row.version) == (content, version):
                return _unpacked(row.reading)
        return None

    def keep_reading(
        self, submission: str, part: str, content: str, version: str, made: object
    ) -> None:
        """Keep what was read of a part, in place of an earlier reading."""
        packed = zlib.compress(json.dumps(made, separators=(",", ":")).encode("ascii"))
        row = (submission, part, content, version, packed)
        self._write("insert or replace into readings values (?,?,?,?,?)", row)


def _unpacked(reading: bytes) -> Any:
    """Return a stored reading; ``None`` where it is damaged."""
    try:
        return json.loads(zlib.decompressobj().decompress(reading, _MOST))
    except (zlib.error, ValueError):
        return None
