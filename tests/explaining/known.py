"""The packages of the course's catalogue: known mistakes, and what is nearly right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from plants import COURSE, Files

from grader.key import sources


@cache
def known_mistakes() -> Mapping[str, Files]:
    """Return the packages of the catalogue's misconceptions by id."""
    assignment, reference = _course()
    found = sources.misconceptions(COURSE, assignment, reference)
    return {entry.misconception.id: entry.files for entry in found}


@cache
def nearly_right() -> Sequence[sources.NearlySource]:
    """Return the variants of the reference that are nearly right."""
    return sources.nearly_right(COURSE, *_course())


def _course() -> tuple[Any, Files]:
    assignment = sources.manifest(COURSE)
    return assignment, sources.package(COURSE / assignment.package)
