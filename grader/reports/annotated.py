"""A student's notebook back, each answer followed by its verdict: as a notebook and as a page.

The page comes from nbconvert, without its templates' scripts, cleaned by nh3 and framed like every
other page: it loads nothing and runs nothing.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
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

    #: What a template shows: HTML, a story, or a source and what it printed.
    Shown = dict[str, Markup | Story | str]

#: Characters that are kept of a text output, and bytes of a picture as base64.
MAX_TEXT = 20_000
MAX_PICTURE = 2_000_000
#: Characters of a cell, and of all cells of a notebook, that are converted; what is over is shown
#: as source. Converters take time in the square of the size of some texts.
MAX_CONVERTED, MAX_ALL_CONVERTED = 10_000, 1_000_000
#: CPU seconds after which the rest of a notebook is shown as source, and the characters that are
#: converted between two looks at the clock. A notebook of the course takes half a second.
MAX_SECONDS, CHUNK = 10.0, 50_000

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


def page(parts: Sequence[PagePart], title: str, seconds: float = MAX_SECONDS) -> str:
    """Return the parts as one page that loads and runs nothing.

    Cells that are too large, that come after *seconds* of CPU time, or that a converter fails on
    are shown as source.
    """
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
    shown: list[Shown] = []
    left, end = MAX_ALL_CONVERTED, time.process_time() + seconds
    for kind, run in groupby(_chunked(parts), key=lambda entry: entry[0]):
        group = [part for _, part in run]
        if kind == "verdict":
            shown += [{"story": story(part.question, {})} for part in group if part.question]
            continue
        left -= sum(_size(part) for part in group)
        if kind != "large" and left >= 0 and time.process_time() < end:
            shown += _converted(exporter, group)
        else:
            shown += [_as_source(part) for part in group]
    return render("notebook.html.j2", parts=shown, title=title)


def _chunked(parts: Sequence[PagePart]) -> Iterator[tuple[str, PagePart]]:
    """Yield each part with what it is; cells that are converted together have the same."""
    number = size = 0
    for part in parts:
        if part.cell is None:
            yield "verdict", part
        elif _size(part) > MAX_CONVERTED:
            yield "large", part
        else:
            size += _size(part)
            if size > CHUNK:
                number, size = number + 1, _size(part)
            yield f"chunk {number}", part


def _size(part: PagePart) -> int:
    return len((part.cell or {}).get("source", ""))


def _converted(exporter: Any, parts: Sequence[PagePart]) -> list[Shown]:
    """Return cells as HTML; one that a converter fails on costs itself only."""
    try:
        return [{"html": _cleaned(exporter, parts)}]
    except Exception:
        if len(parts) == 1:
            return [_as_source(parts[0])]
        return [made for part in parts for made in _converted(exporter, [part])]


def _as_source(part: PagePart) -> Shown:
    """Return a cell as it was written, with what it printed and without its pictures."""
    cell = part.cell or {}
    outputs = cell.get("outputs") or ()
    printed = [output.get("text") or output.get("evalue") or "" for output in outputs]
    return {"source": cell.get("source", ""), "printed": "\n".join(filter(None, printed))}


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
        "source": _whole(raw.get("source"))[: notebooks.MAX_SOURCE],
    }
    if kind == "markdown" and (pasted := _pasted(raw.get("attachments"))):
        cell["attachments"] = pasted
    if kind == "code":
        count = raw.get("execution_count")
        cell["execution_count"] = count if type(count) is int and count >= 0 else None
        outputs = raw.get("outputs")
        listed = outputs[: notebooks.MAX_OUTPUTS] if isinstance(outputs, list) else []
        cell["outputs"] = [made for output in listed if (made := _output(output)) is not None]
    return cell


def _whole(value: object) -> str:
    """Return a text without halves of characters, which no file can hold."""
    return re.sub("[\ud800-\udfff]", "\ufffd", notebooks.text_of(value))


def _pasted(raw: object) -> dict[str, dict[str, str]]:
    """Return the pictures that were pasted into a cell, by name."""
    listed = raw.items() if isinstance(raw, dict) else ()
    found = {_whole(name): picture for name, data in listed if (picture := _picture(data))}
    return dict(list(found.items())[: notebooks.MAX_OUTPUTS])


def _picture(data: object) -> dict[str, str]:
    """Return the picture that *data* holds, by its type; nothing where there is none."""
    for mime in _PICTURES:
        text = notebooks.text_of(data.get(mime)) if isinstance(data, dict) else ""
        picture = "".join(text.split())
        if picture and len(picture) <= MAX_PICTURE and re.fullmatch(r"[A-Za-z0-9+/=]+", picture):
            return {mime: picture}
    return {}


def _output(raw: object) -> dict[str, object] | None:
    """Return a saved output as text or picture: HTML and scripts aren't handed on."""
    if not isinstance(raw, dict):
        return None
    kind = raw.get("output_type")
    if kind == "error":
        lines = raw.get("traceback")
        trace = (
            [_whole(line) for line in lines if isinstance(line, str)]
            if isinstance(lines, list)
            else []
        )
        said = _whole(raw.get("evalue"))[:MAX_TEXT]
        name = _whole(raw.get("ename"))[:200]
        trace = "\n".join(trace)[-MAX_TEXT:].split("\n")
        return {"output_type": "error", "ename": name, "evalue": said, "traceback": trace}
    if kind == "stream":
        return _stream(_whole(raw.get("text")))
    data = raw.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    if picture := _picture(data):
        return {"output_type": "display_data", "metadata": {}, "data": picture}
    text = _whole(data.get("text/plain"))
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
