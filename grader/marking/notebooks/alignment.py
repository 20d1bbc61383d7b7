"""Aligns the notebooks of a submission with the released ones, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.model.assignment import Question
from grader.model.evidence import CellFacts
from grader.model.notebooks import CERTAIN_METHODS, MATCH_METHODS, Document, Matching
from grader.submissions import cells, notebooks
from grader.submissions.deeds import deeds

OTHER_EDITION = (
    "{name}: it is of another edition of the course. {cells} found in it, by what they do and say; "
    "what isn't waits for a person."
)


@dataclass(frozen=True)
class AlignedNotebook:
    """A notebook as it was handed in, as it was given out, and which cell is which."""

    document: Document
    released: Document
    matching: Matching

    def cells(self, question: str) -> list[CellFacts]:
        """Return where the cells of a question stand, counted from 1, and how they were found."""
        return [
            {"role": m.role, "cell": None if m.index is None else m.index + 1, "found": m.found}
            for m in self.matching.of(question)
            if m.role not in ("text", "added")
        ]

    @property
    def notes(self) -> list[str]:
        """Sentences about cells that can't be read, are missing, or weren't found by their id."""
        said = list(self.document.notes)
        asked = [m for m in self.matching.matches if m.question and m.role not in ("text", "added")]
        unsure = [m for m in asked if m.found and m.found not in CERTAIN_METHODS]
        missing = [m for m in asked if m.index is None]
        name = self.document.name
        if self.matching.other:
            said.append(OTHER_EDITION.format(name=name, cells=_cells(len(asked) - len(missing))))
            return said
        if unsure:
            ways = " or ".join(way for way in MATCH_METHODS if way in {m.found for m in unsure})
            said.append(f"{name}: {_cells(len(unsure))} found by {ways}, not by its id.")
        if missing and self.document.cells:
            names = ", ".join(dict.fromkeys(m.question for m in missing))
            said.append(f"{name}: {_cells(len(missing))} not there (of {names}).")
        return said


class Aligner:
    """Reads notebooks against those that the key holds, *released*.

    By what the answers to training *questions* do, and by the variable of their *data*, cells are
    found in notebooks of another edition.
    """

    def __init__(
        self, released: Mapping[str, bytes], questions: Sequence[Question] = (), data: str = ""
    ) -> None:
        #: The notebooks as they were given out, by name.
        self.released = {
            name: notebooks.read_notebook(text, name) for name, text in released.items()
        }
        self._data = data
        self._deeds = {
            name: deeds([q for q in questions if q.notebook == name]) for name in released
        }

    def align(self, handed_in: Mapping[str, bytes]) -> dict[str, AlignedNotebook]:
        """Return the notebooks that were handed in and given out, by name."""
        found = {}
        for name, released in self.released.items():
            if name in handed_in:
                document = notebooks.read_notebook(handed_in[name], name)
                matching = cells.match(document, released, self._deeds[name], self._data)
                found[name] = AlignedNotebook(document, released, matching)
        return found

    def gave_out(self, notebook: str) -> bool:
        """Say whether the key holds that notebook."""
        return notebook in self.released


def _cells(count: int) -> str:
    return "1 cell is" if count == 1 else f"{count} cells are"
