"""Gradescope's export: ``submission_123456/`` for each, and ``submission_metadata.yml``.

The metadata name who handed in: several for a group, which has one submission. Keys in it are
Ruby's symbols, which YAML reads as texts that begin with a colon. A student is known by ``:sid``,
else by ``:email``; a submission's number changes with each attempt.
(Source: otter-grader, ``otter/grade/metadata.py`` of before d9acdedb.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from grader.model.assignment import Assignment
from grader.submissions.downloads.entry import DownloadLayout, Listing, Member, PieceEntry

METADATA = "submission_metadata.yml"
_NAME = re.compile(r"^submission_(?P<id>\d+)(?:/|\.zip)$")


def entries_of(listing: Listing, assignment: Assignment) -> Mapping[str, PieceEntry]:
    """Return the entry of each submission; without metadata, by its number alone."""
    known = _metadata(listing.text(METADATA))
    found = {top: match["id"] for top in listing.tops if (match := _NAME.match(top))}
    return {top: _entry(id, known.get(f"submission_{id}")) for top, id in found.items()}


def _entry(id: str, known: Mapping[str, Any] | None) -> PieceEntry:
    members = tuple(_members(known))
    keys = sorted(next(iter(member.ids.values())) for member in members if member.ids)
    when = known.get(":created_at") if known else None
    return PieceEntry(
        key="+".join(keys) or f"submission {id}",
        name=", ".join(member.name for member in members if member.name),
        attempt=(int(id),),
        when=when.isoformat() if isinstance(when, datetime) else "",
        ids={"gradescope": id, **(members[0].ids if len(members) == 1 else {})},
        members=members,
    )


def _members(known: Mapping[str, Any] | None) -> list[Member]:
    listed = known.get(":submitters") if known else None
    made = []
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        ids = {
            name: str(one[key])
            for key, name in ((":sid", "sid"), (":email", "email"))
            if one.get(key) not in (None, "")
        }
        made.append(Member(str(one.get(":name") or ""), ids))
    return made


def _metadata(text: str | None) -> Mapping[str, Mapping[str, Any]]:
    if text is None:
        return {}
    import yaml  # type: ignore[import-untyped]  # an export's own; nothing else waits for it

    try:
        # The plain loader: numbers and times are read, no object is ever made.
        loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(loaded, dict):
        return {}
    return {str(key): value for key, value in loaded.items() if isinstance(value, dict)}


LAYOUT = DownloadLayout("gradescope", "Gradescope", entries_of, nobodys=frozenset({METADATA}))
