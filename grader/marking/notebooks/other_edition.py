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
from grader.submissions.editions import heads


@dataclass(frozen=True)
class Found:
    """An answer's text, and the place of the cell that it begins in; no text if it is blank."""

    text: str
    index: int


def answer(question: str, aligned: AlignedNotebook) -> Found | None:
    """Return the answer to *question*; ``None`` where that isn't found in the notebook."""
    asked = next((m for m in aligned.matching.of(question, "text") if m.index is not None), None)
    if asked is None or asked.index is None:
        return None
    given: set[str] = set()
    if asked.released is not None:
        given = {_plain(line) for line in aligned.released.cells[asked.released].source.split("\n")}
    return answer_below(asked.index, aligned, given - {""})


def unplaced(aligned: AlignedNotebook) -> list[Found]:
    """Return the answers to the questions that stand for none of the released notebook's."""
    texts = {m.index for m in aligned.matching.matches if m.role == "text"}
    left = [index for index in aligned.matching.questions if index not in texts]
    return [answer_below(index, aligned, set()) for index in left]


def answer_below(start: int, aligned: AlignedNotebook, given: set[str]) -> Found:
    """Return the answer to the question in the cell at *start*; *given* are the course's lines."""
    own = aligned.document.cells[start].source
    before, label, after = answers.after_label(own)
    parts: list[tuple[int, str]] = []
    ends = False
    if label:
        text, ends = answers.cut(after)
        parts.append((start, _said(text, given)))
    if not ends:
        for index in _following(start, aligned):
            source = aligned.document.cells[index].source
            labelled = answers.begins(source)
            if labelled:
                source = answers.after_label(source)[2]
            elif heads(aligned.document.cells[index]) or (
                any(text for _, text in parts) and answers.leads_on(source)
            ):
                break
            text, ends = answers.cut(source)
            parts.append((index, _said(text, given)))
            if ends:
                break
    if not label and not any(text for _, text in parts):
        parts.append((start, _said(answers.below_question(before), given)))
    said = [(index, text) for index, text in parts if text]
    return Found("\n\n".join(text for _, text in said), said[0][0] if said else start)


def _following(start: int, aligned: AlignedNotebook) -> Iterator[int]:
    """Yield the places of the texts after *start* up to code, and to what is the course's."""
    course = {m.index for m in aligned.matching.matches if m.role not in ("answer", "added")}
    for index in range(start + 1, len(aligned.document.cells)):
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
