"""nbgrader: ``submitted/<student>/<assignment>/``, with a ``timestamp.txt`` in it.

Named may be that folder, or the course's above it. Of several assignments, the one of the
manifest's id counts, else the one that most have handed in whose notebooks the manifest names.
(Source: nbgrader 0.9.6, ``CourseDirectory``.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from grader.model.assignment import Assignment
from grader.submissions.downloads.entry import DownloadLayout, Listing, PieceEntry

SUBMITTED = "submitted/"
TIMESTAMP = "timestamp.txt"


def entries_of(listing: Listing, assignment: Assignment) -> Mapping[str, PieceEntry]:
    """Return the entry of each student's folder."""
    students = {top: listing.below(top) for top in listing.tops if top.endswith("/")}
    stamped = any(
        listing.has(f"{top}{below}{TIMESTAMP}")
        for top, inside in students.items()
        for below in inside
    )
    if listing.name != SUBMITTED[:-1] and not stamped:
        return {}
    books = {f"{notebook.name}.ipynb" for notebook in assignment.notebooks}
    votes: Counter[str] = Counter()
    for top, inside in students.items():
        for below in inside:
            if below.endswith("/"):
                votes[below] += 1 + 2 * bool(books & set(listing.below(top + below)))
    wanted = f"{assignment.id}/"
    chosen = wanted if wanted in votes else next((name for name, _ in votes.most_common(1)), "")
    return {
        top: _entry(top, chosen, listing) for top, inside in students.items() if chosen in inside
    }


def _entry(top: str, folder: str, listing: Listing) -> PieceEntry:
    stamp = (listing.text(f"{top}{folder}{TIMESTAMP}") or "").strip()
    when = stamp.removesuffix(" UTC").replace(" ", "T")
    return PieceEntry(
        key=top[:-1],
        name="",
        when=f"{when}+00:00" if stamp.endswith("UTC") else when,
        ids={"username": top[:-1]},
        inside=folder,
    )


LAYOUT = DownloadLayout("nbgrader", "nbgrader", entries_of)
