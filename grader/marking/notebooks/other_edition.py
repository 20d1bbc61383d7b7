"""Written answers in a notebook of another edition, whose own words aren't known.

An answer stands in its question's own cell, below a label or below what is asked, or in the texts
that follow. It ends where the course goes on: at code, at a heading, at the next question, at a
text that stands for one of the released notebook's, or at a paragraph that leads to the next task.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.marking.notebooks.alignment import AlignedNotebook
from grader.submissions import answers
from grader.submissions.editions import LOOKED_AT, SHORT, heads
from grader.submissions.wordings import words

#: How many texts after a question are looked at.
FOLLOWING = 20


@dataclass(frozen=True)
class PlacedAnswer:
    """An answer's text, and the place of the cell that it begins in; no text if it is blank."""

    text: str
    index: int


def answer(question: str, aligned: AlignedNotebook) -> PlacedAnswer | None:
    """Return the answer to *question*; ``None`` where that isn't found in the notebook."""
    asked = next((m for m in aligned.matching.of(question, "text") if m.index is not None), None)
    if asked is None or asked.index is None:
        return None
    given: set[str] = set()
    if asked.released is not None:
        given = {_plain(line) for line in aligned.released.cells[asked.released].source.split("\n")}
    return answer_below(asked.index, aligned, given - {""})


def unplaced(aligned: AlignedNotebook) -> list[PlacedAnswer]:
    """Return the answers to the questions that stand for none of the released notebook's."""
    texts = {m.index for m in aligned.matching.matches if m.role == "text"}
    left = [index for index in aligned.matching.questions if index not in texts]
    return [answer_below(index, aligned, set()) for index in left]


def answer_below(start: int, aligned: AlignedNotebook, given: set[str]) -> PlacedAnswer:
    """Return the answer to the question in the cell at *start*; *given* are the course's lines."""
    cells = aligned.document.cells
    parts: list[tuple[int, str]] = []
    # What follows the question's words without a label may be a hint: it counts if nothing else is.
    unsure: list[tuple[int, str]] = []
    asked = False
    for index in (start, *_following(start, aligned)):
        source = cells[index].source[:LOOKED_AT]
        before, label, after = answers.after_label(source)
        begins = bool(label) and not answers.says(before)
        if index != start and heads(cells[index]) and not begins:
            break
        into = parts
        if not asked:
            asked = bool(label) or "?" in before or len(words(before)) >= SHORT
            text = after if label else answers.below_question(before)
            into = parts if label else unsure
        elif parts and not label and (answers.leads_on(before) or _leads_to_code(index, aligned)):
            break
        else:
            text = after if begins or (label and not parts) else source
        text, ends = answers.cut_off(text)
        if said := _said(text, given):
            into.append((index, said))
        if ends:
            break
    found = parts or unsure or _in_comments(start + 1, aligned, given)
    return PlacedAnswer("\n\n".join(text for _, text in found), found[0][0] if found else start)


def _in_comments(index: int, aligned: AlignedNotebook, given: set[str]) -> list[tuple[int, str]]:
    """Return the text of a code cell that is one comment: an answer in the wrong kind of cell."""
    for cell in aligned.document.cells[index : index + 1]:
        lines = [line.strip() for line in cell.source[:LOOKED_AT].split("\n") if line.strip()]
        if cell.kind == "code" and all(line.startswith("#") for line in lines):
            said = _said("\n".join(line.lstrip("# ") for line in lines), given)
            return [(index, said)] if said else []
    return []


def _leads_to_code(index: int, aligned: AlignedNotebook) -> bool:
    """Say whether code stands below a text at once: that tells what the code is for."""
    after = aligned.document.cells[index + 1 : index + 2]
    return bool(after) and after[0].kind == "code"


def _following(start: int, aligned: AlignedNotebook) -> Iterator[int]:
    """Yield the places of the texts after *start* up to code, and to what is the course's."""
    course = {m.index for m in aligned.matching.matches if m.role not in ("answer", "added")}
    for index in range(start + 1, min(start + 1 + FOLLOWING, len(aligned.document.cells))):
        if aligned.document.cells[index].kind == "code":
            return
        if index in course or index in aligned.matching.questions:
            return
        yield index


def _said(text: str, given: set[str]) -> str:
    """Return a text without the course's own lines and placeholders; nothing if none is left."""
    lines = [line.rstrip() for line in text.split("\n") if _plain(line) not in given]
    text = answers.without_placeholders("\n".join(lines)).strip()
    return text if answers.says(text) else ""


def _plain(line: str) -> str:
    return " ".join(line.split())
