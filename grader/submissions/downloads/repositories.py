"""Cloned repositories: Classroom 50, GitHub Classroom, or any folder of clones.

``cs-hw3-ada/`` beside ``cs-hw3-bo/``: what all of them begin with, up to a ``-``, is the course and
the assignment; the rest is the user's name. What is graded is what is checked out. A Classroom 50
submission is a tag ``submit/<UTC time>-<commit>``, and the newest one tells when.
(Source: foundation50/classroom50, ``schemas``.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from grader.model.assignment import Assignment
from grader.submissions.downloads.entry import DownloadLayout, Listing, PieceEntry, common_start

_TAG = re.compile(r"submit/(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-[0-9a-f]+")


def entries_of(listing: Listing, assignment: Assignment) -> Mapping[str, PieceEntry]:
    """Return the entry of each folder that is a clone."""
    found = [top for top in listing.tops if top.endswith("/") and listing.has(f"{top}.git")]
    start = common_start([top[:-1] for top in found], "-")
    return {top: _entry(top, start, listing) for top in found}


def _entry(top: str, start: str, listing: Listing) -> PieceEntry:
    user = top[len(start) : -1]
    return PieceEntry(
        key=top[:-1],
        name="",
        label=user,
        when=max(_submitted(top, listing), default=""),
        ids={"username": user, "whole": top[:-1]},
    )


def _submitted(top: str, listing: Listing) -> Iterator[str]:
    """Yield the time of each submission that the clone has a tag of."""
    tags = [f"submit/{name}" for name in listing.below(f"{top}.git/refs/tags/submit/")]
    packed = listing.text(f"{top}.git/packed-refs") or ""
    for day, hour, minute, second in _TAG.findall("\n".join([*tags, packed])):
        yield f"{day}T{hour}:{minute}:{second}+00:00"


LAYOUT = DownloadLayout(
    "repositories",
    "cloned repositories",
    entries_of,
    nobodys=frozenset({"students.csv", "scores.json", "results.json"}),
    least=2,
)
