"""The texts of a pair beside each other, line by line, with what they share marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.classroom.likeness.pairs import Shared
from grader.classroom.likeness.works import Passages, Work

#: Lines of a function that are shown.
MOST_LINES = 120

#: Returns the text of the source that a function stands in, or of an answer.
Texts = Callable[[Work, Passages], str]


@dataclass(frozen=True)
class MarkedLine:
    """A line of code: its number, and in how many works its rarest shared passage is; 0 for none.

    ``begins`` says that the count isn't that of the line before.
    """

    number: int
    text: str
    count: int
    begins: bool = False


@dataclass(frozen=True)
class MarkedPiece:
    """A run of an answer's characters, shared or not."""

    text: str
    count: int


@dataclass(frozen=True)
class Side:
    """One half of what is beside each other: lines of code, or pieces of an answer."""

    place: str
    name: str
    lines: tuple[MarkedLine, ...] = ()
    pieces: tuple[MarkedPiece, ...] = ()
    cut: int = 0


def sides(shared: Shared, one: Work, other: Work, texts: Texts) -> tuple[Side, Side]:
    """Return both functions, or answers, with the passages marked that both have."""
    made = []
    for place, (work, part) in enumerate(((one, shared.one), (other, shared.other))):
        runs = [((first, second)[place], count) for first, second, count in shared.runs]
        made.append((_code if part.last else _words)(part, runs, texts(work, part)))
    return made[0], made[1]


Runs = list[tuple[tuple[int, int], int]]


def _code(part: Passages, runs: Runs, text: str) -> Side:
    rarest: dict[int, int] = {}
    for (first, last), count in runs:
        for line, _ in part.spots[first : last + 1]:
            rarest[line] = min(count, rarest.get(line, count))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    listed: list[MarkedLine] = []
    numbers = range(part.first, min(part.last, len(lines)) + 1)
    for number in numbers[:MOST_LINES]:
        count = rarest.get(number, 0)
        begins = count > 0 and (not listed or listed[-1].count != count)
        listed.append(MarkedLine(number, lines[number - 1], count, begins))
    return Side(part.place, part.name, tuple(listed), cut=len(numbers) - len(listed))


def _words(part: Passages, runs: Runs, text: str) -> Side:
    marks = [0] * len(text)
    for (first, last), count in runs:
        begin, end = part.spots[first][0], part.spots[last][1]
        for i in range(begin, min(end, len(text))):
            marks[i] = min(count, marks[i]) if marks[i] else count
    pieces: list[MarkedPiece] = []
    begin = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or bool(marks[i]) != bool(marks[begin]):
            rarest = min((mark for mark in marks[begin:i] if mark), default=0)
            pieces.append(MarkedPiece(text[begin:i], rarest))
            begin = i
    return Side(part.place, part.name, pieces=tuple(pieces))
