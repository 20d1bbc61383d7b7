"""Moodle: a folder each, or flat.

``Ada Lovelace_117_assignsubmission_file/nets.zip``, with a ``_`` at the folder's end before Moodle
4.1, or flat, ``Ada Lovelace_117_assignsubmission_file_nets.zip``. The number belongs to the
participant in this assignment: it is ``Participant 117`` in the worksheet's ``Identifier``, and is
no user's id. A team's folder has the team's name and id, the default group's no id.
(Source: moodle, ``mod/assign/classes/downloader.php``.)
"""

from __future__ import annotations

import re

from grader.submissions.downloads.entry import DownloadLayout, PieceEntry, by_names

_NAME = re.compile(
    r"^(?P<name>[^_/]+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<plugin>[a-z]+)"
    r"(?:_(?P<file>[^/]*))?(?P<folder>/?)$"
)


def entry_of(top: str) -> PieceEntry | None:
    """Return whose folder or file of that name is; ``None`` for a name of another form."""
    found = _NAME.match(top)
    if found is None:
        return None
    id, name = found["id"], found["name"]
    blind = name == "Participant"
    return PieceEntry(
        key=id or f"group {name}",
        name="" if blind else name,
        file="" if found["folder"] else (found["file"] or top),
        text=found["plugin"] != "file",
        ids={"moodle": id} if id else {"group": name},
    )


LAYOUT = DownloadLayout("moodle", "Moodle", by_names(entry_of), entry_of, frozenset({"index.html"}))
