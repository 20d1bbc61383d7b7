"""Brightspace (D2L): a folder each, ``397063-2557369 - Mary Smith - Sep 24, 2024 926 PM/``.

One of the two numbers is the student's, and which it is depends on the kind of the assignment; so
the one that differs wherever names differ is taken. The time has no colon, and follows the course's
language: where it isn't English, attempts go by the order that their folders stand in.
(Source: names in scripts that rename them.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from grader.model.assignment import Assignment
from grader.submissions.downloads.entry import DownloadLayout, Listing, PieceEntry

_NAME = re.compile(r"^(?P<one>\d+)-(?P<two>\d+) - (?P<name>.+) - (?P<when>[^/]*\d[^/]*)/$")


def entries_of(listing: Listing, assignment: Assignment) -> Mapping[str, PieceEntry]:
    """Return the entry of each folder."""
    found = {top: match for top in listing.tops if (match := _NAME.match(top))}
    number = next((n for n in ("one", "two") if _tells(list(found.values()), n)), "")
    return {top: _entry(match, number, place) for place, (top, match) in enumerate(found.items())}


def _tells(found: list[re.Match[str]], number: str) -> bool:
    """Say whether a number is one for each name, and another for another."""
    pairs = {(match["name"], match[number]) for match in found}
    return len(pairs) == len({name for name, _ in pairs}) == len({n for _, n in pairs})


def _entry(match: re.Match[str], number: str, place: int) -> PieceEntry:
    when = _time(match["when"])
    return PieceEntry(
        key=match[number] if number else match["name"],
        name=match["name"],
        attempt=(when, place),
        when=when,
        ids={"brightspace": match[number]} if number else {},
    )


def _time(text: str) -> str:
    day = text.partition(" PM" if "PM" in text else " AM")[0]
    head, _, hour = day.rpartition(" ")
    half = "PM" if "PM" in text else "AM"
    for form in ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p"):
        try:
            made = datetime.strptime(f"{head} {hour.zfill(4)} {half}", form)
        except ValueError:
            continue
        return made.isoformat()
    return ""


LAYOUT = DownloadLayout("brightspace", "Brightspace", entries_of, nobodys=frozenset({"index.html"}))
