"""Canvas: a flat zip, a file each.

``doejane_LATE_10231_884123_hw2.zip``: name, lateness, the user's id, the attachment's id, the
file's own name; ``anon_x7Zq2_884123_hw2.zip`` where grading is anonymous. The user's id is the
column ``ID`` of the gradebook; names are not unique. A group's files carry the group's name and
the id of one of its members.
(Source: canvas-lms, ``lib/content_zipper.rb``.)
"""

from __future__ import annotations

import re

from grader.submissions.downloads.entry import DownloadLayout, PieceEntry, by_names, original

_NAME = re.compile(
    r"^(?:(?P<name>(?!LATE_|anon_)\w+?)_)?(?:(?P<late>LATE)_)?"
    r"(?:anon_(?P<anon>[A-Za-z0-9]+)|(?P<user>\d+))_"
    r"(?:(?P<id>\d+)_(?P<file>.+)|(?P<kind>text|link)\.html)$"
)


def entry_of(top: str) -> PieceEntry | None:
    """Return whose file of that name is; ``None`` for a name of another form."""
    found = _NAME.match(top)
    if found is None or top.endswith("/"):
        return None
    late = found["late"] is not None
    anon = found["anon"]
    key = f"anon_{anon}" if anon else found["user"]
    # Canvas gives a later file of one name a number.
    name, number = original(found["file"] or top)
    return PieceEntry(
        key=key,
        name="" if anon else (found["name"] or ""),
        file=found["file"] or top,
        # A download holds one attempt. Of two downloads in one folder, the late one is the later.
        attempt=(int(late),),
        original=name,
        copy=(number, int(found["id"] or 0)),
        late=late,
        text=found["kind"] is not None,
        ids={
            **({} if anon else {"canvas": key}),
            **({"attachment": found["id"]} if found["id"] else {}),
        },
    )


LAYOUT = DownloadLayout("canvas", "Canvas", by_names(entry_of), entry_of, frozenset({"index.html"}))
