"""Tables that a spreadsheet opens: no text in them starts a formula, whatever separates cells.

A spreadsheet decides by itself, or by its country, whether cells end at commas, semicolons or tabs,
and takes what then stands first in a cell for a formula if it begins with one of a few signs. All
cells are quoted, which helps where it agrees with us; in a text, an apostrophe stands before each
sign that could come first where it doesn't.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

#: What separates cells or lines somewhere.
_SEPARATORS = ",;|\t\r\n"
#: What begins a formula, with the characters that some spreadsheets take for the same.
SIGNS = (
    "=+-@\t\r"
    "\u207a\u207c\u208a\u208c\u2212\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
)
# Quotes and spaces between are passed over by some readers.
_START = rf"(?:^|(?<=[{_SEPARATORS}]))([ \"']*)"
_BARE = re.compile(rf"{_START}(?=[{re.escape(SIGNS)}])")
_GUARDED = re.compile(rf"{_START}'(?=[{re.escape(SIGNS)}])")


def guarded(text: str) -> str:
    """Return *text* with an apostrophe before each sign that could begin a formula."""
    return _BARE.sub(r"\1'", text)


def unguarded(cell: str) -> str:
    """Return the text that :func:`guarded` made *cell* of."""
    return _GUARDED.sub(r"\1", cell)


def table(rows: Iterable[Iterable[str]]) -> str:
    """Return *rows* as CSV, every cell in quotes. Texts of others must have been guarded."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()
