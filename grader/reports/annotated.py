"""A student's notebook back, each answer followed by its verdict: as a notebook and as a page.

The page comes from nbconvert, without its templates' scripts, cleaned by nh3 and framed like every
other page: it loads nothing and runs nothing.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.classroom import folder
from grader.classroom.worker import ReadNotebook
from grader.files import write
from grader.model.notebooks import Matching
from grader.model.records import QuestionRecord, SubmissionRecord
from grader.model.trees import clean
from grader.reports.environment import render
from grader.reports.findings import first, points, story
from grader.submissions import notebooks
from grader.wording.labels import STATUSES

if TYPE_CHECKING:  # a run without pages should not wait for it
    from markupsafe import Markup
    from nbconvert import HTMLExporter

    from grader.reports.findings import Story

#: Characters that are kept of a text output, and bytes of a picture as base64.
MAX_TEXT = 20_000
MAX_PICTURE = 2_000_000

_PICTURES = ("image/png", "image/jpeg")
_TAGS = (
    "a b blockquote br code dd del details div dl dt em figure h1 h2 h3 h4 h5 h6 hr i img li ol p "
    "pre s section span strong sub summary sup table tbody td th thead tr u ul"
)
#: The roles of cells that a verdict follows; of a question's checks, the last.
_JUDGED = ("answer", "check")

Cell = dict[str, Any]


@dataclass(frozen=True)
class PagePart:
    """A student's cell, or the result of a question."""

    cell: Cell | None = None
    question: QuestionRecord | None = None


def write_notebooks(
    output: Path, handed_in: Mapping[str, ReadNotebook], result: SubmissionRecord
) -> list[Path]:
    """Write every notebook of a submission, with its verdicts, below *output*; return the files.

    Raises :class:`grader.files.WriteError` if one can't be written.
    """
    made, place = [], folder.of(output, result["submission"])
    for name, read in handed_in.items():
        parts = annotate(name, read, result)
        for path, text in (
            (place / f"{name}.ipynb", json.dumps(notebook(parts), indent=1) + "\n"),
            (place / f"{name}.html", page(parts, f"{name}: {result['submission']}")),
        ):
            write(path, text)
            made.append(path)
    return made


def annotate(name: str, read: ReadNotebook, result: SubmissionRecord) -> list[PagePart]:
    """Return the cells of a notebook, each answer followed by its question's result.

    A question whose cell isn't there comes at the end.
    """
    # Marking keeps no pictures, so that the cells are decoded here for the page alone.
    raw, _ = notebooks.cells(read.data)
    questions = [question for question in result["questions"] if question["notebook"] == name]
    judged = _places(read.matching, questions)
    made: list[PagePart] = []
    for index, cell in enumerate(raw):
        made.append(PagePart(cell=_plain(cell, index)))
        made += [PagePart(question=question) for question in judged.pop(index, ())]
    return made + [PagePart(question=question) for rest in judged.values() for question in rest]


def notebook(parts: Sequence[PagePart]) -> dict[str, object]:
    """Return the parts as a valid notebook of format 4.5."""
    return {
        "cells": [_cell(part) for part in parts],
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(part: PagePart) -> Cell:
    if part.cell is not None:
        return part.cell
    assert part.question is not None
    return _verdict(part.question)


def page(parts: Sequence[PagePart], title: str) -> str:
    """Return the parts as one page that loads and runs nothing."""
    # Lazily: it takes a second.
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        # Else the working directory is searched first, which may hold a submission called "basic":
        # a template is a program.
        extra_template_basedirs=[],
    )
    shown: list[dict[str, Markup | Story]] = []
    for is_cell, run in groupby(parts, key=lambda part: part.cell is not None):
        if is_cell:
            shown.append({"html": _cleaned(exporter, list(run))})
        else:
            shown += [{"story": story(part.question, {})} for part in run if part.question]
    return render("notebook.html.j2", parts=shown, title=title)


def _cleaned(exporter: HTMLExporter, parts: Sequence[PagePart]) -> Markup:
    """Return cells as HTML in which nothing of a student's can run, load, or look like ours."""
    import nh3
    from markupsafe import Markup
    from nbformat import from_dict

    node = from_dict(notebook(parts))  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(node)
    return Markup(
        nh3.clean(
            body,
            tags=set(_TAGS.split()),
            clean_content_tags={"script", "style", "svg", "math"},
            attributes={"div": {"class"}, "span": {"class"}, "a": {"href"}, "img": {"src", "alt"}},
            url_schemes={"http", "https", "mailto", "data"},
            attribute_filter=_attribute,
            link_rel="noreferrer noopener",
        )
    )


_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def _places(
    matching: Matching, questions: Sequence[QuestionRecord]
) -> dict[int, list[QuestionRecord]]:
    """Return the questions by the place of the cell that their verdict follows; -1 for none."""
    found: dict[int, list[QuestionRecord]] = {}
    for question in questions:
        answered = (question.get("evidence") or {}).get("cell")
        places = {m.role: m.index for m in matching.of(question["id"]) if m.index is not None}
        place = next((places[role] for role in _JUDGED if role in places), -1)
        found.setdefault(answered - 1 if answered else place, []).append(question)
    return found


def _verdict(question: QuestionRecord) -> Cell:
    """Return the cell that tells how *question* was judged."""
    status = STATUSES.get(question["status"], question["status"])
    said = [f"**{_text(question['title'])}: {status}** ({points(question)})"]
    failed = first(question.get("checks") or [])
    if failed and failed.get("message"):
        said.append(_text(failed["message"]))
    if question.get("given"):
        said.append(f"Judged with a correct {_text(', '.join(question['given']))} in its place.")
    said += [_text(note) for note in question.get("notes") or []]
    quoted = "\n>\n".join("> " + paragraph for paragraph in said)
    return {
        "cell_type": "markdown",
        "id": "verdict-" + re.sub(r"[^A-Za-z0-9_-]", "-", question["id"])[:50],
        "metadata": {"tags": ["grader", f"question:{question['id']}", "verdict"]},
        "source": quoted,
    }


def _text(text: str) -> str:
    """Return *text* as Markdown that shows it as it is."""
    plain = html.escape(" ".join(clean(text, 4_000).split()), quote=False)
    return re.sub(r"([\\`*_\[\]#$|~])", r"\\\1", plain)


def _plain(raw: Cell, index: int) -> Cell:
    """Return a student's cell with what a valid one has and nothing else."""
    kind = raw["cell_type"]
    cell: Cell = {
        "cell_type": kind,
        "id": f"cell-{index + 1}",
        "metadata": {},
        "source": notebooks.text_of(raw.get("source"))[: notebooks.MAX_SOURCE],
    }
    if kind == "code":
        count = raw.get("execution_count")
        cell["execution_count"] = count if type(count) is int and count >= 0 else None
        outputs = raw.get("outputs")
        listed = outputs[: notebooks.MAX_OUTPUTS] if isinstance(outputs, list) else []
        cell["outputs"] = [made for output in listed if (made := _output(output)) is not None]
    return cell


def _output(raw: object) -> dict[str, object] | None:
    """Return a saved output as text or picture: HTML and scripts aren't handed on."""
    if not isinstance(raw, dict):
        return None
    kind = raw.get("output_type")
    if kind == "error":
        lines = raw.get("traceback")
        trace = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
        said = notebooks.text_of(raw.get("evalue"))[:MAX_TEXT]
        name = notebooks.text_of(raw.get("ename"))[:200]
        trace = "\n".join(trace)[-MAX_TEXT:].split("\n")
        return {"output_type": "error", "ename": name, "evalue": said, "traceback": trace}
    if kind == "stream":
        return _stream(notebooks.text_of(raw.get("text")))
    data = raw.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    for mime in _PICTURES:
        picture = "".join(notebooks.text_of(data.get(mime)).split())
        if picture and len(picture) <= MAX_PICTURE and re.fullmatch(r"[A-Za-z0-9+/=]+", picture):
            return {"output_type": "display_data", "metadata": {}, "data": {mime: picture}}
    text = notebooks.text_of(data.get("text/plain"))
    return _stream(text) if text else None


def _stream(text: str) -> dict[str, object]:
    cut = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n… ({len(text)} characters)"
    return {"output_type": "stream", "name": "stdout", "text": cut}


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.startswith(tuple(f"data:{mime};" for mime in _PICTURES)) else None
    if name == "href":
        return value if re.match(r"https?://|mailto:", value) else None
    if name == "class":
        # A student's own HTML may name no class of the page's.
        return " ".join(word for word in value.split() if word in _colors()) or None
    return value


@cache
def _colors() -> frozenset[str]:
    """Return the classes of a highlighter's pieces."""
    from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]

    return frozenset(STANDARD_TYPES.values()) | {"highlight"}
