"""Which cell of a hand-in stands for which of the released notebook.

Cells are looked for by id, then by tags, then by the markers of their question, then by the
course's own lines in them, and at last by where they stand below a heading. Each way takes only
what the surer ones have left. Two released cells may be found in one (a student merged them).

Where hardly any is found by the surer ways, the notebook is of another edition of the course. Code
is then looked for by what it does, and texts by their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.model.literals import Found
from grader.model.notebooks import Cell, Document, Match, Matching
from grader.submissions import answers, deeds
from grader.submissions.deeds import Deed
from grader.submissions.editions import EditionTexts, heads, is_other

#: The share of a released cell's own lines that another cell must hold to stand for it.
ALIKE = 0.6
#: A line that says little: code has many of them.
_SHORT = 8
#: What names a question in code. Spaces are bounded: students' texts have runs of any length.
_MARKER = re.compile(
    r"""\bquestion\(\s{0,99}["']([^"'\n]{1,80})["']\s{0,99}\)|\bTODO \(([^()\n]{1,80})\)"""
)


def match(
    document: Document, released: Document, does: Sequence[Deed] = (), data: str = ""
) -> Matching:
    """Return where each cell of *released* is in *document*; what isn't there has no index.

    Of another edition's notebook, *does* says what answers to training questions do, and *data* is
    the variable that its images are loaded into.
    """
    search = _Search(document, released)
    for way in (search.by_id, search.by_tag, search.by_marker, search.by_content):
        way()
    if is_other(*search.counts):
        search.by_words()
        search.by_calls(does, data)
    search.by_heading()
    return search.matching()


class _Search:
    """The cells that are left on either side, and what was found: released place → match."""

    def __init__(self, document: Document, released: Document) -> None:
        self._cells, self._released = document.cells, released.cells
        self._found: dict[int, Match] = {}
        self._taken: set[int] = set()
        self._lines = [frozenset(_lines(cell.source)) for cell in document.cells]
        self._named = [_named(cell) for cell in document.cells]
        self._headings = [_heading(cell) for cell in document.cells]
        self._own = _distinct(released.cells)
        self._does: dict[str, Deed] = {}
        #: The places of texts that ask a question in words; found in another edition only.
        self._questions: tuple[int, ...] = ()
        self._other = False

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many released cells were found, of how many, and how many there are here."""
        return len(self._found), len(self._released), len(self._cells)

    def by_id(self) -> None:
        for place, cell in self._wanted():
            self._take(place, [i for i in self._left() if cell.id and self._cells[i].id == cell.id])

    def by_tag(self) -> None:
        for place, cell in self._wanted():
            if cell.tags:
                self._take(
                    place, [i for i in self._left() if self._cells[i].tags == cell.tags], "tag"
                )

    def by_marker(self) -> None:
        """Take code that names its question: of several cells, the most alike."""
        for place, cell in self._wanted():
            if cell.kind != "code" or not cell.question:
                continue
            if cell.question not in _named(cell):
                continue
            named = [i for i in self._code(cell.question) if cell.question in self._named[i]]
            if cell.role != "answer":
                # Only its own lines tell a question's second check from its first.
                named = [i for i in named if self._likeness(place, i) >= ALIKE]
            named = [i for i in named if i not in self._taken] or named
            self._take(place, named, "marker")

    def by_content(self) -> None:
        """Take a cell that holds most of the released one's lines, be it one of several merged."""
        for place, cell in self._wanted():
            kin = [i for i, other in enumerate(self._cells) if _kin(cell, other)]
            alike = [i for i in kin if self._likeness(place, i) >= ALIKE]
            self._take(place, [i for i in alike if i not in self._taken] or alike, "content")

    def by_words(self) -> None:
        """Take the texts by their words: this is another edition."""
        self._other = True
        asked = {cell.question for cell in self._released if _is_written(cell)}
        asking = [
            place
            for place, cell in enumerate(self._released)
            if cell.role == "text" and cell.question in asked
        ]
        texts = EditionTexts(self._cells, self._released, asking)
        self._questions = tuple(sorted(texts.questions))
        for place, index in texts.found().items():
            if place not in self._found and index not in self._taken:
                self._take(place, [index], "words")

    def by_calls(self, does: Sequence[Deed], data: str) -> None:
        """Take code by what it does: training answers, and the cell that loads the data."""
        self._does = {deed.question: deed for deed in does}
        for place, cell in self._wanted():
            if cell.role == "answer" and cell.question in self._does:
                deed = self._does[cell.question]
                scores = {i: deeds.score(self._cells[i], deed, does) for i in self._left()}
                best = max(scores.values(), default=0)
                self._take(place, [i for i, s in scores.items() if best and s == best][:1], "calls")
            elif data and cell.kind == "code" and "data" in cell.tags and cell.role == "check":
                loads = [i for i in self._left() if deeds.sets(self._cells[i], data)]
                self._take(place, loads[:1], "calls")

    def by_heading(self) -> None:
        """Take the texts by their heading, and an answer by the text that it should follow."""
        headings = {
            heading: i
            for i in reversed(range(len(self._cells)))
            if (heading := self._headings[i]) and not (self._other and i in self._taken)
        }
        for place, cell in self._wanted():
            if cell.kind == "markdown" and (heading := _heading(cell)) in headings:
                self._take(place, [headings[heading]], "heading")
        for place, cell in self._wanted():
            if cell.role == "answer":
                self._take(place, self._below(place, cell), "heading")

    def matching(self) -> Matching:
        """Return all that was found, what wasn't, and what the student added."""
        matches = [
            self._found.get(place, Match(cell.question, cell.role, place, None))
            for place, cell in enumerate(self._released)
        ]
        section = ""
        owners = {m.index: m for m in reversed(matches) if m.index is not None}
        for i in range(len(self._cells)):
            if i in owners:
                section = owners[i].question
                continue
            if self._other and (i in self._questions or heads(self._cells[i])):
                section = ""  # a heading of that edition's, or of the student's: which, is unknown
            matches.append(Match(section, "added", None, i))
        return Matching(tuple(matches), self._questions, self._other)

    def _wanted(self) -> Iterator[tuple[int, Cell]]:
        for place, cell in enumerate(self._released):
            if place not in self._found:
                yield place, cell

    def _left(self) -> list[int]:
        return [i for i in range(len(self._cells)) if i not in self._taken]

    def _code(self, question: str) -> list[int]:
        """Return the code cells that don't stand for another cell of the question already."""
        own = {match.index for match in self._found.values() if match.question == question}
        return [i for i, cell in enumerate(self._cells) if cell.kind == "code" and i not in own]

    def _likeness(self, place: int, index: int) -> float:
        """Return the share of the released cell's own lines that stand in another, 0 to 1."""
        own = self._own[place]
        return len(own & self._lines[index]) / len(own) if own else 0.0

    def _take(self, place: int, candidates: Sequence[int], way: Found = "id") -> None:
        """Take the candidate that is most alike; of those, the first."""
        if candidates:
            index = max(candidates, key=lambda i: (self._likeness(place, i), -i))
            cell = self._released[place]
            self._found[place] = Match(cell.question, cell.role, place, index, way)
            self._taken.add(index)

    def _below(self, place: int, answer: Cell) -> list[int]:
        """Return the first cell that is left below the text before an answer, up to the next.

        A written answer may stand in the question's own cell.
        """
        before = [
            self._found[i].index
            for i in range(place)
            if i in self._found and self._released[i].question == answer.question
        ]
        start = before[-1] if before else None
        if start is None:
            return []
        if self._other:
            return self._below_in_another(start, answer)
        for i in range(start + 1, len(self._cells)):
            if i in self._taken or (self._headings[i] and answer.kind == "code"):
                break
            if _kin(answer, self._cells[i]):
                return [i]
        return [start] if answer.kind == "markdown" else []

    def _below_in_another(self, start: int, answer: Cell) -> list[int]:
        """Return the cell of an answer below a text of another edition's, if there is no doubt."""
        after = range(start + 1, len(self._cells))
        if answer.kind == "markdown":
            labelled = [i for i in after[:1] if _kin(answer, self._cells[i])]
            labelled = [i for i in labelled if answers.begins(self._cells[i].source)]
            return [i for i in labelled if i not in self._taken] or [start]
        for i in after:
            if i in self._taken or heads(self._cells[i]) or i in self._questions:
                break
            if self._cells[i].kind == "code":
                deed = self._does.get(answer.question)
                return [i] if deed is None or deeds.mentions(self._cells[i], deed) else []
        return []


def _is_written(cell: Cell) -> bool:
    return cell.role == "answer" and cell.kind == "markdown"


def _distinct(cells: Sequence[Cell]) -> list[frozenset[str]]:
    """Return each cell's lines that no other cell has; all of them where there are none."""
    lines = [frozenset(_lines(cell.source)) for cell in cells]
    seen: dict[str, int] = {}
    for of_cell in lines:
        for line in of_cell:
            seen[line] = seen.get(line, 0) + 1
    return [frozenset(x for x in of_cell if seen[x] == 1) or of_cell for of_cell in lines]


def _lines(source: str) -> Iterator[str]:
    for line in source.splitlines():
        plain = " ".join(line.split())
        if len(plain) >= _SHORT:
            yield plain


def _named(cell: Cell) -> frozenset[str]:
    """Return the questions that a code cell names."""
    return marked(cell.source) if cell.kind == "code" else frozenset()


def marked(source: str) -> frozenset[str]:
    """Return the questions whose markers stand in a text, in one pass over it."""
    if "question(" not in source and "TODO (" not in source:
        return frozenset()
    return frozenset(found[found.lastindex or 0] for found in _MARKER.finditer(source))


def _heading(cell: Cell) -> str:
    """Return the first heading of a Markdown cell as plain lower-case words, or nothing."""
    if cell.kind == "code":
        return ""
    found = re.search(r"(?m)^ {0,3}#{1,6}[ \t]*(\S.*)$", cell.source)
    return " ".join(re.findall(r"\w+", found[1].lower())) if found else ""


def _kin(one: Cell, other: Cell) -> bool:
    """Say whether both are code or both text."""
    return (one.kind == "code") == (other.kind == "code")
