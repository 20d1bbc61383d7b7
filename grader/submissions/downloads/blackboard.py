"""Blackboard: flat, ``Homework 2_jdoe_attempt_2026-10-01-13-45-22_hw.zip``, and a text for each.

The text, of the same name without the file's, holds comments of the student's. Assignments and
user names may both have a ``_`` in them: what all names begin with is the assignment.
(Source: names in kwurst/bb-file-cleanup and in nbgrader's documentation.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.model.assignment import Assignment
from grader.submissions.downloads.entry import DownloadLayout, Listing, PieceEntry, common_start

_NAME = re.compile(
    r"^(?P<who>[^/]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|\.txt)$"
)


def entries_of(listing: Listing, assignment: Assignment) -> Mapping[str, PieceEntry]:
    """Return the entry of each file: the time in its name tells a student's attempts apart."""
    found = {top: match for top in listing.tops if (match := _NAME.match(top))}
    start = common_start([match["who"] for match in found.values()], "_")
    return {top: _entry(match, start) for top, match in found.items()}


def _entry(match: re.Match[str], start: str) -> PieceEntry:
    who = match["who"][len(start) :] if start else match["who"].rpartition("_")[2]
    year, month, day, hour, minute, second = match["when"].split("-")
    return PieceEntry(
        key=match["who"],
        name="",
        label=who,
        file=match["file"] or "",
        attempt=(match["when"],),
        when=f"{year}-{month}-{day}T{hour}:{minute}:{second}",
        text=match["file"] is None,
        ids={"username": who, "whole": match["who"]},
    )


LAYOUT = DownloadLayout("blackboard", "Blackboard", entries_of)
