"""The items that a written answer is marked by, and the points that a choice of them makes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

#: A line of a course's rubric: its points, then what they are for.
_LINE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?) points?:\s*(.*)", re.DOTALL)
#: Within a line: what a part of its points is given for.
_PART = re.compile(r"; ([0-9]+(?:\.[0-9]+)?) points? (for .*?)(\.?)(?= \(|$)")
#: Items beyond those that number keys reach are chosen by mouse or tab.
MAX_ITEMS = 40


class Item(NamedTuple):
    """An item of a question's rubric: a row of the table ``rubric``."""

    id: str
    question: str
    position: int
    text: str
    points: float


def starting_items(question: str, lines: Iterable[str]) -> list[Item]:
    """Return the items that the lines of a course's rubric make: what it gives, line by line.

    "2 points: explains it; 1 point for naming it." makes two items, of which one is chosen.
    """
    made: list[tuple[str, float]] = []
    for line in lines:
        found = _LINE.fullmatch(line)
        points, text = (float(found[1]), found[2]) if found else (0.0, line.strip())
        part = _PART.search(text)
        if part:
            text = text[: part.start()] + part[3] + text[part.end() :]
        # A symbol that a line begins with, as p, stays small.
        word = text.partition(" ")[0]
        made.append((text[:1].upper() + text[1:] if len(word) > 1 else text, points))
        if part:
            made.append((f"Instead, {part[2]}{part[3]}", float(part[1])))
    return [
        Item(_id(question, place, text), question, place, text, points)
        for place, (text, points) in enumerate(made, start=1)
    ]


def points_of(
    items: Sequence[Item], chosen: Collection[str], adjustment: float, most: float, bonus: float = 0
) -> float:
    """Return the points of the *chosen* items and an adjustment: from 0 to *most* and *bonus*.

    Items alone make no more than *most*.
    """
    total = sum(item.points for item in items if item.id in chosen)
    return round(min(max(min(max(total, 0.0), most) + adjustment, 0.0), most + bonus), 6)


def whole_rubric(items: Iterable[Item], most: float) -> frozenset[str]:
    """Return the items, from the first on, that make no more than the *most* points together."""
    chosen, total = set(), 0.0
    for item in items:
        if item.points > 0 and total + item.points <= most + 1e-9:
            chosen.add(item.id)
            total += item.points
    return frozenset(chosen)


def _id(question: str, place: int, text: str) -> str:
    return "r" + hashlib.sha256(f"{question}\0{place}\0{text}".encode()).hexdigest()[:10]
