"""The page of a notebook: a student's cells as they were converted, and verdicts between them.

It loads nothing and runs nothing. Cells come as HTML from a confined process; what of it
:mod:`grader.sandbox.markup` refuses is shown as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from grader.model.records import QuestionRecord
from grader.reports import environment
from grader.reports.findings import story
from grader.sandbox import Converted, RefusedMarkup, checked_markup
from grader.submissions.notebooks import without_colors
from grader.submissions.whole import Cell, WholeCell
from grader.wording.labels import UNCONVERTED

if TYPE_CHECKING:  # a run without pages should not wait for it
    from markupsafe import Markup

    from grader.reports.findings import Story


@dataclass(frozen=True)
class PagePart:
    """A student's cell and what became of it, or the result of a question."""

    cell: WholeCell | None = None
    converted: Converted = Converted(reason="unconverted")  # noqa: RUF009 - it is frozen
    question: QuestionRecord | None = None


class Shown(TypedDict, total=False):
    """What the template shows: a story; or HTML, or a source and why; and outputs."""

    story: Story
    html: Markup
    source: str
    why: str
    outputs: list[tuple[str, str]]


def page(parts: Sequence[PagePart], title: str) -> str:
    """Return the parts as one page that loads and runs nothing."""
    shown: list[Shown] = []
    for part in parts:
        if part.cell is not None:
            shown.append(_cell(part.cell, part.converted))
        elif part.question is not None:
            shown.append({"story": story(part.question, {})})
    return environment.render("notebook.html.j2", parts=list(_said_once(shown)), title=title)


def _cell(cell: WholeCell, converted: Converted) -> Shown:
    outputs = list(_outputs(cell.cell))
    if cell.kind == "raw":
        return {"source": cell.text, "why": "", "outputs": outputs}
    reason = converted.reason
    if not reason:
        from markupsafe import Markup

        try:
            html = checked_markup(converted.html, cell.pictures)
            return {"html": Markup(html), "outputs": outputs}
        except RefusedMarkup:
            reason = "unconverted"
    pasted = [("", picture) for picture in cell.pictures]
    return {"source": cell.text, "why": UNCONVERTED[reason], "outputs": [*pasted, *outputs]}


def _said_once(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Leave out why a cell is shown as its source where the one before it says the same."""
    said = ""
    for entry in shown:
        why = entry.get("why", "")
        if why and why == said:
            entry = {**entry, "why": ""}
        said = said if "story" in entry else why
        yield entry


def _outputs(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield what a cell printed, as text, and its pictures, as addresses: one of the two."""
    for output in cell.get("outputs") or ():
        data = output.get("data") or {}
        if data:
            yield from (("", f"data:{mime};base64,{base64}") for mime, base64 in data.items())
            continue
        text = output.get("text") or "\n".join(output.get("traceback") or ())
        if output["output_type"] == "error" and not text.strip():
            text = f"{output['ename']}: {output['evalue']}"
        text = without_colors(text).replace("\r\n", "\n").replace("\r", "\n")
        if text.strip():
            yield text, ""
