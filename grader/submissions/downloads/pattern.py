"""``--match REGEX``: whose a piece is, by a pattern of the instructor's own.

Named groups say what is what: ``student_id`` (or ``id``) is needed, ``name`` (or ``first_name``
and ``last_name``), ``file`` (or ``file_id``), ``email``, ``timestamp``, ``attempt`` and ``late``
may be there. The pattern is looked for in each name at the download's top.
"""

from __future__ import annotations

import re

from grader.model.problem import Problem
from grader.submissions.downloads.entry import DownloadLayout, PieceEntry, by_names

GROUPS = frozenset(
    (
        "attempt",
        "email",
        "file",
        "file_id",
        "first_name",
        "id",
        "last_name",
        "late",
        "name",
        "student_id",
        "timestamp",
    )
)


class BadPattern(Problem, ValueError):
    """A pattern can't be read, or doesn't say whose a piece is."""


def layout(regex: str) -> DownloadLayout:
    """Return the layout that *regex* describes. Raises :class:`BadPattern`."""
    try:
        pattern = re.compile(regex)
    except re.error as error:
        raise BadPattern(f"--match {regex!r} is no regular expression: {error}") from None
    named = set(pattern.groupindex)
    if not named & {"student_id", "id"}:
        raise BadPattern("--match has no group that names the student: write (?P<student_id>...)")
    if unknown := named - GROUPS:
        raise BadPattern(
            f"--match has a group {min(unknown)!r}: choose from {', '.join(sorted(GROUPS))}"
        )

    def read(top: str) -> PieceEntry | None:
        found = pattern.search(top.rstrip("/"))
        if found is None:
            return None
        has = {name: text for name, text in found.groupdict().items() if text}
        key = has.get("student_id") or has.get("id") or ""
        if not key:
            return None
        whole = " ".join(has[part] for part in ("first_name", "last_name") if part in has)
        attempt = has.get("attempt") or has.get("timestamp") or ""
        file = has.get("file") or has.get("file_id") or ""
        return PieceEntry(
            key=key,
            name=has.get("name") or whole,
            file="" if top.endswith("/") else (file or top),
            attempt=(attempt.zfill(20),) if attempt else (),
            when=has.get("timestamp", ""),
            late="late" in has,
            ids={"id": key, **({"email": has["email"]} if "email" in has else {})},
        )

    return DownloadLayout("match", "the names that --match describes", by_names(read), read)
