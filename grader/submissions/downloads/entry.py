"""What a layout reads out of a download: whose each piece is, and which of them are nobody's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from grader.model.assignment import Assignment

Ids = Mapping[str, str]


@dataclass(frozen=True)
class Member:
    """One student of a group, as the download names them."""

    name: str
    ids: Ids = field(default_factory=dict)


@dataclass(frozen=True)
class PieceEntry:
    """One piece of a download: a file or a folder of one student's, or of one group's.

    ``key`` tells its owner from every other in that system, whoever else is in the download;
    ``label`` is what to call them by, where that is shorter. ``file`` is the name that the piece
    was handed in under; empty for a folder or a zip that is the whole hand-in. ``attempt`` sorts:
    of one owner's pieces, those with the greatest are the newest; pieces that have none go
    together. ``copy`` sorts those of one attempt that have the same ``original`` name. ``when`` is
    the time of handing in in ISO 8601, with its zone where that is known. ``text``: typed into the
    system instead of a file. ``inside`` leads to the hand-in below the piece's own name.
    """

    key: str
    name: str
    label: str = ""
    file: str = ""
    attempt: tuple[int | str, ...] = ()
    original: str = ""
    copy: tuple[int, ...] = ()
    when: str = ""
    late: bool = False
    text: bool = False
    ids: Ids = field(default_factory=dict)
    members: Sequence[Member] = ()
    inside: str = ""


class Listing(Protocol):
    """A download: the names at its top, those of folders with a slash at their end."""

    @property
    def name(self) -> str: ...

    @property
    def tops(self) -> Sequence[str]: ...

    def below(self, folder: str) -> Sequence[str]:
        """Return the names in a folder, as :attr:`tops` has them."""
        ...

    def text(self, path: str) -> str | None:
        """Return a file's text; ``None`` where there is none, or none that can be read."""
        ...

    def has(self, path: str) -> bool:
        """Say whether a file or a folder stands there, be it one that is passed over."""
        ...


@dataclass(frozen=True)
class DownloadLayout:
    """A system's way to lay out a download.

    ``read`` returns the entry of each top name that is of this form. ``by_name`` reads one name
    by itself, where names say enough: so a name of an earlier run is known again.
    ``nobodys`` are pages and lists about the download, which are no hand-ins. ``least`` is how many
    entries there must be for a download to be taken for one of this layout unasked.
    """

    name: str
    title: str
    read: Callable[[Listing, Assignment], Mapping[str, PieceEntry]]
    by_name: Callable[[str], PieceEntry | None] = lambda name: None
    nobodys: frozenset[str] = frozenset()
    least: int = 1


def by_names(read: Callable[[str], PieceEntry | None]) -> Callable[..., Mapping[str, PieceEntry]]:
    """Return the ``read`` of a layout whose names say all."""

    def every(listing: Listing, assignment: Assignment) -> Mapping[str, PieceEntry]:
        found = {top: read(top) for top in listing.tops}
        return {top: entry for top, entry in found.items() if entry is not None}

    return every


def common_start(names: Sequence[str], sign: str) -> str:
    """Return what all *names* begin with, up to a *sign*; nothing for fewer than two.

    To take it away never makes two different names the same.
    """
    if len(set(names)) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    start = first[: len(first) if same is None else same]
    start = start[: start.rfind(sign) + 1]
    return start if all(len(name) > len(start) for name in names) else ""


#: ``hw-1.ipynb``, ``hw (2).zip``: what systems and browsers make of a second file of one name.
_COPY = re.compile(r"^(?P<stem>.+?)(?:-(?P<n>\d{1,2})|\s?\((?P<m>\d{1,2})\))?(?P<end>\.[^.]+)?$")


def original(file: str) -> tuple[str, int]:
    """Return the name of which *file* is a numbered copy, and its number; 0 for the original."""
    found = _COPY.match(file)
    if found is None:
        return file, 0
    number = int(found["n"] or found["m"] or 0)
    return found["stem"] + (found["end"] or ""), number
