"""Names of files as systems and people change them: copies, cases, numbers, endings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

#: What stands before a name where a learning system put it: a student's name and ids.
_BEFORE = r"(?:(?P<system>(?:[^/]*_)?\d+_(?:late_)?)|copy[ _]of[ _]|copie de |kopie von )?"
#: What stands behind it where a system or a person made a copy.
_BEHIND = (
    r"(?:[ _-]*(?:\((?P<a>\d{1,4})\)|(?:copy|kopie|copie)[ _]?(?P<b>\d{1,4})?|(?P<c>\d{1,4})"
    r"|final|fixed|new|v(?P<d>\d{1,4})))*"
)

#: The change of a name by a learning system.
OF_A_SYSTEM = 3


class Likeness(NamedTuple):
    """How a file's name is like the one that is asked for; the smallest is the nearest.

    ``change`` is 0 for the name itself, 1 for one in other cases, 2 for a copy's, 3 for one that a
    learning system has put something in front of. ``number`` is that of the copy, 0 without one,
    negative so that the newest comes first.
    """

    change: int
    number: int


def likeness(name: str, wanted: str) -> Likeness | None:
    """Return how the file *name* is like *wanted* (``layers.py``); ``None`` if it isn't."""
    if name == wanted:
        return Likeness(0, 0)
    word, pattern = _pattern(wanted)
    lower = name.lower()
    if word not in lower:
        return None  # as most are, and a pattern takes longer
    lower = " ".join(lower.split())
    if lower == wanted.lower():
        return Likeness(1, 0)
    # Bounded: a name of a file may have any length.
    found = pattern.fullmatch(lower) if len(lower) <= 200 else None
    return Likeness(OF_A_SYSTEM if found["system"] else 2, -copy_number(name)) if found else None


@lru_cache(maxsize=256)
def _pattern(wanted: str) -> tuple[str, re.Pattern[str]]:
    """Return what every name that is like *wanted* has in it, and the pattern of such names."""
    stem, _, ending = wanted.lower().rpartition(".")
    pattern = f"{_BEFORE}{re.escape(stem)}{_BEHIND}\\.{re.escape(ending)}(?:\\.txt)?"
    return (stem.split() or [""])[0], re.compile(pattern)


def copy_number(name: str) -> int:
    """Return the number that a copy's name has: 2 for ``layers (2).py``, 1 for ``-Copy1``."""
    stem = name.rpartition("/")[2].partition(".")[0].lower()
    found = re.search(r"(?:\((\d{1,4})\)|copy[ _]?(\d{1,4})|[-_ ](\d{1,4}))$", stem)
    return int(next(filter(None, found.groups()))) if found else 0
