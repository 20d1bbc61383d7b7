"""Tables that a person or a learning system saved: read whatever a spreadsheet made of them.

UTF-8 with a mark or without, UTF-16, or the code page of Western Windows; cells between commas,
semicolons or tabs, with a line ``sep=;`` before them or without; any ends of lines; columns in any
order.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model.problem import Problem

#: The largest cell, in characters: an answer in it may be long.
_MAX_CELL = 1 << 27
_SEPARATORS = ",;\t"
#: What Excel reads, and passes over, before the head: ``sep=;``.
_SAID = re.compile(
    rf'[\r\n]*"?sep=([{_SEPARATORS}])"?[{_SEPARATORS}]*(?:\r\n|\r|\n)', re.IGNORECASE
)


class TableError(Problem, ValueError):
    """A table can't be used; the message names the file, and the row where one is at fault."""


@dataclass(frozen=True)
class SheetRow:
    """A row of a table, by its columns. ``number`` counts as spreadsheets do: the head is 1."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()


@dataclass(frozen=True)
class Sheet:
    """A table: its head as it stands there, its rows, and what separates its cells."""

    path: Path
    head: Sequence[str]
    rows: Sequence[SheetRow]
    separator: str = ","

    def require(self, *columns: str) -> None:
        """Raise :class:`TableError` unless the table has those columns."""
        missing = [column for column in columns if column not in self.head]
        if missing:
            raise TableError(f"{self.path} has no column {', '.join(missing)}")


def read_sheet(path: Path) -> Sheet:
    """Return the table at *path*. Raises :class:`TableError` where it can't be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} can't be read: {error.strerror}") from None
    if data.startswith(b"PK"):
        raise TableError(f"{path} is a workbook: save it as CSV")
    return parse(decoded(data), path)


def parse(text: str, path: Path) -> Sheet:
    """Return the table in *text*; *path* is for messages."""
    lines = [
        (number, cells)
        for number, cells in enumerate(grid(text), start=1)
        if any(cell.strip() for cell in cells)
    ]
    head = [name.strip() for name in lines[0][1]] if lines else []
    rows = [
        SheetRow(number, {name: cell for name, cell in zip(head, cells, strict=False) if name})
        for number, cells in lines[1:]
    ]
    return Sheet(path, [name for name in head if name], rows, separator_of(text))


def grid(text: str) -> list[list[str]]:
    """Return the cells of a table in *text*, line by line; the first line is the head."""
    separator = separator_of(text)
    text = text[len(found[0]) :] if (found := _SAID.match(text)) else text
    limit = csv.field_size_limit(_MAX_CELL)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        # A NUL, or a quote that never ends: what can be split is.
        return [line.split(separator) for line in text.replace("\0", "").splitlines()]
    finally:
        csv.field_size_limit(limit)


def separator_of(text: str) -> str:
    """Return what separates the cells of a table: what its first lines are fullest of."""
    if found := _SAID.match(text):
        return found[1]
    head = next(iter(text.lstrip("\r\n,;\t ").splitlines()), "")
    outside = "".join(head.split('"')[::2])  # cells in quotes don't count
    return max(_SEPARATORS, key=outside.count)


def decoded(data: bytes) -> str:
    """Return the text of a table's bytes."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),  # before the mark that it begins with
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[1:2] == b"\0" or data[:1] == b"\0":
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def number(text: str) -> float | None:
    """Return a number as a person writes it, with a decimal point or comma; ``None`` for others."""
    try:
        # Python takes 1_0 for ten.
        found = float(text.strip().replace(",", ".").replace("_", "?"))
    except ValueError:
        return None
    return found if found - found == 0 else None
