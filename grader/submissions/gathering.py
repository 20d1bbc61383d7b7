"""Puts the pieces of a download together: one hand-in for each student or group, of one attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grader.submissions.downloads import layout_of, pattern
from grader.submissions.downloads.entry import DownloadLayout, Member, PieceEntry

#: Which of several attempts counts: the newest, the first, or one by its number, from 1.
Attempt = Literal["newest", "first"] | int


@dataclass(frozen=True)
class Way:
    """How downloads are read: by ``layout`` instead of by a look, by ``match``, which attempt."""

    layout: str | None = None
    match: str | None = None
    attempt: Attempt = "newest"

    @property
    def wanted(self) -> DownloadLayout | None:
        """The layout that was asked for. Raises :class:`~.downloads.pattern.BadPattern`."""
        if self.match is not None:
            return pattern.layout(self.match)
        return layout_of(self.layout) if self.layout else None


@dataclass(frozen=True)
class Owner:
    """Who handed something in, as the download tells it: a student, or a group of *members*.

    ``key`` is unique in the system that ``layout`` names, ``label`` what to call it by. ``when`` is
    the time in ISO 8601, empty where the download doesn't tell; ``attempts`` counts those that
    were there.
    """

    layout: str
    key: str
    name: str = ""
    label: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    members: Sequence[Member] = ()
    late: bool = False
    when: str = ""
    attempts: int = 1

    @property
    def id(self) -> str:
        return f"{self.layout}:{self.key}"

    @property
    def called(self) -> str:
        """The name and what tells those of one name apart; what there is of it."""
        return "_".join(part for part in (self.name, self.label or self.key) if part)


@dataclass(frozen=True)
class Piece:
    """A file or a folder of one owner's: on disk at ``path``, or ``inside`` the archive there."""

    path: Path
    inside: str
    top: str
    entry: PieceEntry


@dataclass(frozen=True)
class Gathered:
    """The pieces of one attempt, the newest first, and whose they are."""

    owner: Owner
    pieces: tuple[Piece, ...]


Holds = Callable[[Piece], bool]


def gather(
    layout: DownloadLayout, pieces: Iterable[Piece], attempt: Attempt, holds: Holds
) -> tuple[list[Gathered], list[str]]:
    """Return a hand-in for each owner, in the order of *pieces*, and who typed a text alone.

    Of two archives or folders of one attempt that *holds* says have a package each, the later one
    counts: a student has one package.
    """
    by_key: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_key.setdefault(piece.entry.key, []).append(piece)
    made, texts = [], []
    for key, all_of in by_key.items():
        files = [piece for piece in all_of if not piece.entry.text]
        if not files:
            texts.append(all_of[0].entry.name or all_of[0].entry.label or key)
            continue
        chosen, attempts = _one_attempt(files, attempt)
        first = attempt == "first"
        kept = _one_package(_one_of_each(chosen, first), holds, first)
        if len(kept) < len(chosen):
            attempts = max(attempts, 2)
        newest = kept[0].entry
        owner = Owner(
            layout=layout.name,
            key=key,
            name=newest.name,
            label=newest.label,
            ids=newest.ids,
            members=newest.members,
            late=any(piece.entry.late for piece in kept),
            when=max(piece.entry.when for piece in kept),
            attempts=attempts,
        )
        made.append(Gathered(owner, tuple(kept)))
    return made, texts


def _one_attempt(pieces: Sequence[Piece], attempt: Attempt) -> tuple[list[Piece], int]:
    """Return the pieces of the attempt that counts, and how many attempts there are."""
    attempts = sorted({piece.entry.attempt for piece in pieces}, key=_sortable)
    number = {"newest": len(attempts), "first": 1}.get(str(attempt)) or int(attempt)
    chosen = attempts[min(number, len(attempts)) - 1]
    return [piece for piece in pieces if piece.entry.attempt == chosen], len(attempts)


def _one_of_each(pieces: Sequence[Piece], first: bool) -> list[Piece]:
    """Return one piece of each name, the newest first."""
    ordered = sorted(pieces, key=lambda piece: piece.entry.copy, reverse=not first)
    seen: dict[str, Piece] = {}
    for number, piece in enumerate(ordered):
        name = piece.entry.original.casefold() or f"{number}/"
        seen.setdefault(name, piece)
    return list(seen.values())


def _one_package(pieces: list[Piece], holds: Holds, first: bool) -> list[Piece]:
    """Return *pieces* without the archives and folders whose package a later one replaces."""
    packed = [piece for piece in pieces if piece.top.endswith(("/", ".zip", ".tar.gz", ".tgz"))]
    if len(packed) < 2:
        return pieces
    with_package = [piece for piece in packed if holds(piece)]
    replaced = with_package[1:]
    return [piece for piece in pieces if piece not in replaced]


def _sortable(attempt: tuple[int | str, ...]) -> tuple[tuple[bool, int, str], ...]:
    return tuple(
        (isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in attempt
    )


def gathering_notes(
    layout: DownloadLayout, made: Sequence[Gathered], texts: Sequence[str], attempt: Attempt
) -> Iterator[str]:
    """Yield what a person should know of how a download was read."""
    several = [h.owner.called for h in made if h.owner.attempts > 1]
    if several:
        which = attempt if isinstance(attempt, str) else f"number {attempt}"
        yield (
            f"{len(several)} handed in more than once; the {which} counts (--attempt): "
            f"{listed(several)}"
        )
    if late := sum(hand_in.owner.late for hand_in in made):
        yield f"{late} late by {layout.title}'s own mark"
    if texts:
        yield f"typed a text and handed in no file: {listed(texts)}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return *names* for a line of text, the first ones only if there are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(name.rstrip("/") for name in names[:most]) + more
