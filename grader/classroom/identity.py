"""Whose a name is: results and marks are kept by name, and a name belongs to one source.

A source is where a submission stands on disk. Two that want the same name (``Bob`` and ``bob``,
or ``" bob"``) are told apart by it: the one that came first keeps the name with all that is kept
under it, and the other gets a number.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.classroom.gradebook import Gradebook
from grader.model.assignment import Assignment
from grader.submissions import Place, Unreadable, named, read_submission


def recognized(
    places: Sequence[Place], gradebook: Gradebook, assignment: Assignment
) -> list[Place]:
    """Return *places* with the names that they have in *gradebook*, and new ones for the others.

    A source that no run has met is an earlier one in two cases: its name was given before sources
    were kept, to a path of the same ending; or it has been moved, so that it has the same bytes
    below the same last name, and where it stood isn't among *places*.

    Raises :class:`~grader.classroom.gradebook.GradebookError` where names can't be read or kept.
    """
    before = gradebook.sources()
    known = {p.identity: before[p.identity] for p in places if p.identity in before}
    free = gradebook.names() - set(known.values())
    new = [place for place in places if place.identity not in known]
    if new and free:
        known |= _taken_over(new, gradebook, assignment, free)
    made = named(places, known, free)
    for place in made:
        if before.get(place.identity) != place.name:
            gradebook.belongs(place.name, place.identity)
    return made


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
