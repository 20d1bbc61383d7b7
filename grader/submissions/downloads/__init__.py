"""How learning systems lay out the download of a class: a module for each, and the table of all."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.assignment import Assignment
from grader.submissions.downloads import (
    blackboard,
    brightspace,
    canvas,
    gradescope,
    moodle,
    nbgrader,
    pattern,
    repositories,
)
from grader.submissions.downloads.entry import DownloadLayout, Listing, PieceEntry

#: The layouts that are looked for, in this order; a new one is a row here.
LAYOUTS = (
    canvas.LAYOUT,
    moodle.LAYOUT,
    gradescope.LAYOUT,
    blackboard.LAYOUT,
    brightspace.LAYOUT,
    nbgrader.LAYOUT,
    repositories.LAYOUT,
)
#: Folders, zips and notebooks under names of any form: no layout at all.
PLAIN = DownloadLayout("plain", "plain files and folders", lambda listing, assignment: {})
#: The share of a download's names that must be of a layout for the whole to be taken for it.
ENOUGH = 0.5

__all__ = [
    "LAYOUTS",
    "PLAIN",
    "DownloadLayout",
    "Listing",
    "PieceEntry",
    "layout_of",
    "pattern",
    "recognize",
]


def layout_of(name: str) -> DownloadLayout:
    """Return the layout of that name; :class:`KeyError` if there is none."""
    return {layout.name: layout for layout in (*LAYOUTS, PLAIN)}[name]


def recognize(
    listing: Listing, assignment: Assignment, wanted: DownloadLayout | None = None
) -> tuple[DownloadLayout, Mapping[str, PieceEntry]]:
    """Return the layout of a download, and whose each of its pieces is, by its name at the top.

    *wanted* is taken whatever the names are. Else the layout that reads the most names is, if that
    is :data:`ENOUGH` of all; the names that it can't read belong to nobody that it knows of.
    """
    if wanted is not None:
        return wanted, wanted.read(listing, assignment)
    best: tuple[DownloadLayout, Mapping[str, PieceEntry]] = PLAIN, {}
    for layout in LAYOUTS:
        found = layout.read(listing, assignment)
        others = sum(top not in found and top not in layout.nobodys for top in listing.tops)
        enough = len(found) >= layout.least and len(found) >= ENOUGH * (len(found) + others)
        if enough and len(found) > len(best[1]):
            best = layout, found
    return best
