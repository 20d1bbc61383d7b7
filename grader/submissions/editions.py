"""A notebook of another edition of the course: which of its texts asks which question.

Its cells bear no ids and tags of the released notebook's, its words are others, and it may ask
fewer questions, in other numbers. A text is found by the words that both have; questions to answer
in words are told from other texts by the words that begin all of them ("Inline question").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from grader.model.notebooks import Cell
from grader.submissions.answers import after_label, leads_on
from grader.submissions.wordings import CommonWords, words

#: The share of the released cells that a notebook of this edition has, at the least.
KNOWN = 0.25
#: How much alike texts are that stand for each other: of questions to answer in words, and of
#: others; and by how much a question must be more alike than the next one.
ASKED, TOLD, AHEAD = 0.2, 0.3, 1.25
#: Characters of a text that are looked at.
LOOKED_AT = 20_000
#: Words of a text that is its heading alone; what follows belongs to it.
SHORT = 12


def is_other(known: int, released: int, cells: int) -> bool:
    """Say whether a notebook of *cells* has so few of the *released* cells that it is another."""
    return cells > 0 and known < KNOWN * released


class EditionTexts:
    """The texts of a notebook against those of the released one.

    *asking* are the places of the released texts that ask for an answer in words.
    """

    def __init__(
        self, cells: Sequence[Cell], released: Sequence[Cell], asking: Collection[int]
    ) -> None:
        self._cells = [replace(cell, source=cell.source[:LOOKED_AT]) for cell in cells]
        self._asking = frozenset(asking)
        self._places = [i for i, cell in enumerate(released) if cell.kind == "markdown"]
        self._places = [i for i in self._places if released[i].role != "answer"]
        self._vocabulary = CommonWords([released[i].source for i in self._places])
        self._begin = _common([first_line(released[i].source) for i in sorted(self._asking)])
        #: The places of the notebook's texts that ask for an answer in words.
        self.questions = frozenset(i for i, cell in enumerate(cells) if self._asks(cell))

    def found(self) -> dict[int, int]:
        """Return released texts and those that stand for them, by their places."""
        pairs = []
        answering = self._answering()
        for index, cell in enumerate(self._cells):
            if cell.kind != "markdown" or index in answering:
                continue
            asks = index in self.questions
            have = words(self._whole(index))
            likes = {
                place: self._vocabulary.likeness(number, have)
                for number, place in enumerate(self._places)
                if (place in self._asking) == asks
            }
            best = sorted(likes.values(), reverse=True)[:2]
            ahead = len(best) < 2 or best[0] >= AHEAD * best[1]
            for place, like in likes.items():
                if like >= (ASKED if asks else TOLD) and (ahead or not asks):
                    pairs.append((like, -index, place))
        matched: dict[int, int] = {}
        for _, index, place in sorted(pairs, reverse=True):
            if place not in matched and -index not in matched.values():
                matched[place] = -index
        return matched

    def _answering(self) -> set[int]:
        """Return the places of texts that may be answers to a question that stands before them."""
        found = set()
        below = False
        for index, cell in enumerate(self._cells):
            if index in self.questions:
                below = True
            elif cell.kind == "code" or heads(cell) or leads_on(cell.source):
                below = False
            elif below:
                found.add(index)
        return found

    def _asks(self, cell: Cell) -> bool:
        if cell.kind != "markdown" or not self._begin:
            return False
        lines = map(_plain, cell.source.split("\n"))
        return any(line.startswith(self._begin) and "answer" not in line for line in lines)

    def _whole(self, index: int) -> str:
        """Return a text, with the ones that follow where it is little more than a heading.

        An answer is no part of it: its words may be those of another question.
        """
        text, label, _ = after_label(self._cells[index].source)
        if label:
            return text
        for cell in self._cells[index + 1 : index + 3]:
            if len(words(text)) >= SHORT or cell.kind != "markdown" or heads(cell):
                break
            more, label, _ = after_label(cell.source)
            text += "\n" + more
            if label:
                break
        return text


def first_line(text: str) -> str:
    """Return the first line of *text* that says something."""
    return next((line for line in text.split("\n") if re.search(r"\w", line)), "")


def heads(cell: Cell) -> bool:
    """Say whether a text begins with a heading."""
    return cell.kind == "markdown" and first_line(cell.source).lstrip().startswith("#")


def _plain(line: str) -> str:
    """Return a line's words in lower case, without signs and numbers."""
    return " ".join(re.findall(r"[a-z]+", line[:200].lower()))


def _common(lines: Sequence[str]) -> str:
    """Return the words that begin all *lines*."""
    plain = [_plain(line).split() for line in lines]
    count = 0
    while plain and all(len(line) > count and line[count] == plain[0][count] for line in plain):
        count += 1
    return " ".join(plain[0][:count]) if plain else ""
