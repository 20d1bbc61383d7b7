"""Whose a name is: results and marks are kept by name, and a name belongs to one source.

A source is where a submission stands on disk. Two that want the same name (``Bob`` and ``bob``,
or ``" bob"``) are told apart by it: the one that came first keeps the name with all that is kept
under it, and the other gets a number. Where a download says who handed something in, that is whose
it is, whatever the files are called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from grader.classroom.gradebook import Gradebook
from grader.model.assignment import Assignment
from grader.submissions import Place, Unreadable, named, read_submission
from grader.submissions.downloads import LAYOUTS, layout_of
from grader.submissions.gathering import Owner

#: The layouts that know a file's owner by its name alone.
_NAMED = frozenset(layout.name for layout in LAYOUTS if layout.by_name("") is None)


def recognized(
    places: Sequence[Place], gradebook: Gradebook, assignment: Assignment
) -> list[Place]:
    """Return *places* with the names that they have in *gradebook*, and new ones for the others.

    A source that no run has met is an earlier one in two cases: its name was given before sources
    were kept, to a path of the same ending; or it has been moved, so that it has the same bytes
    below the same last name, and where it stood isn't among *places*. One that has an owner is
    also each of its files that an earlier run took for a submission of its own: it keeps the name
    of the newest one that there is, and the marks of all.

    Raises :class:`~grader.classroom.gradebook.GradebookError` where names can't be read or kept.
    """
    before = gradebook.sources()
    known = {p.identity: before[p.identity] for p in places if p.identity in before}
    former = _former(places, before, known)
    known |= {identity: names[0] for identity, names in former.items()}
    free = gradebook.names() - set(known.values())
    new = [place for place in places if place.identity not in known]
    if new and free:
        known |= _taken_over(new, gradebook, assignment, free)
    made = named(places, known, free)
    for place in made:
        if before.get(place.identity) != place.name:
            gradebook.belongs(place.name, place.identity)
        for name in former.get(place.identity, ())[1:]:
            gradebook.take_over(place.name, name)
    owners = gradebook.owners()
    for place in made:
        if place.owner is not None and owners.get(place.name) != (about := _about(place.owner)):
            gradebook.own(place.name, json.dumps(about))
    return made


def _former(
    places: Sequence[Place], before: Mapping[str, str], known: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return, by identity, the names under which earlier runs kept an owner's files.

    They were kept by path; the name of the file itself says whose it is where it isn't there now.
    """
    lasts = {
        (Place.last_of(identity), name)
        for identity, name in before.items()
        if identity.startswith('["/') or ":" not in identity.partition(",")[0]
    }
    found: dict[str, list[str]] = {}
    for place in places:
        if place.owner is None or place.identity in known:
            continue
        names = [before[identity] for identity in place.former if identity in before]
        read = layout_of(place.owner.layout).by_name if place.owner.layout in _NAMED else None
        for last, name in sorted(lasts) if read is not None else ():
            entry = read(last) if read is not None else None
            if entry is not None and entry.key == place.owner.key:
                names.append(name)
        if names := list(dict.fromkeys(names)):
            found[place.identity] = names
    return found


def _about(owner: Owner) -> dict[str, Any]:
    """Return what a download says of who handed in, as the gradebook keeps it."""
    return {
        "layout": owner.layout,
        "key": owner.key,
        "name": owner.name,
        "label": owner.label,
        "ids": dict(owner.ids),
        "members": [{"name": m.name, "ids": dict(m.ids)} for m in owner.members],
        "late": owner.late,
        "when": owner.when,
        "attempts": owner.attempts,
    }


def _taken_over(
    places: Sequence[Place], gradebook: Gradebook, assignment: Assignment, free: set[str]
) -> dict[str, str]:
    """Return by identity the *free* names that are of *places* all the same."""
    contents = gradebook.contents()
    kept = set(gradebook.sources().values())
    endings: dict[str, list[str]] = {}
    for result in gradebook.results(sorted(free - kept)):
        endings.setdefault(result["source"], []).append(result["submission"])
    wanted: dict[str, list[str]] = {}
    for identity, name in gradebook.sources().items():
        if name in free:
            wanted.setdefault(Place.last_of(identity), []).append(name)
    found: dict[str, str] = {}
    # Same bytes first: of two places with one ending, they say which of them it was.
    for same_bytes in (True, False):
        for place in places:
            if place.identity in found:
                continue
            names = endings.get(place.source, [])
            names = [*names, *wanted.get(place.last, [])] if same_bytes else names
            names = [name for name in names if name not in found.values()]
            if same_bytes and names:
                content = _content(place, assignment)
                names = [name for name in names if content and contents.get(name) == content]
            if names:
                found[place.identity] = names[0]
    return found


def _content(place: Place, assignment: Assignment) -> str:
    try:
        return read_submission(place, assignment).content
    except Unreadable:
        return ""
