"""A notebook's cells as they are handed back: with their outputs, and with pictures.

Marking reads bounded texts alone (:mod:`grader.submissions.notebooks`). HTML, SVG and widgets are
left out here, too; text, PNG and JPEG are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.submissions import notebooks

#: Characters that are kept of a text output, and bytes of a picture as base64.
MAX_TEXT = 20_000
MAX_PICTURE = 2_000_000

_PICTURES = ("image/png", "image/jpeg")
#: A picture that was pasted into a text as such. Its base64 is one run, so the time is linear.
_INLINE = re.compile(r"data:(image/png|image/jpeg);base64,([A-Za-z0-9+/]{64,}={0,2})")

Cell = dict[str, Any]


@dataclass(frozen=True)
class WholeCell:
    """A valid cell of format 4.5, and its text apart from its pictures.

    In ``text`` the number of each picture stands in its place, in the form of
    :class:`grader.sandbox.Converted`. ``pictures`` are ``data:`` addresses by their numbers,
    ``names`` the numbers of those that were pasted as attachments.
    """

    cell: Cell
    text: str
    pictures: tuple[str, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.cell["cell_type"])


def whole_cells(data: bytes) -> list[WholeCell]:
    """Return the cells of the notebook in *data*. Never raises for what is in it."""
    raw, _ = notebooks.cells(data)
    return [_whole_cell(cell, index) for index, cell in enumerate(raw)]


def _whole_cell(raw: Cell, index: int) -> WholeCell:
    kind, source = raw["cell_type"], _text(raw.get("source"))
    cell: Cell = {"cell_type": kind, "id": f"cell-{index + 1}", "metadata": {}}
    pictures: list[str] = []
    names: dict[str, int] = {}
    text = source
    if kind == "markdown":
        pasted = _pasted(raw.get("attachments"))
        if pasted:
            cell["attachments"] = pasted
        for name, picture in pasted.items():
            names[name] = len(pictures)
            pictures += [f"data:{mime};base64,{base64}" for mime, base64 in picture.items()]
        text = _without_pictures(source, pictures)
    if len(text) > notebooks.MAX_SOURCE:
        text = source = text[: notebooks.MAX_SOURCE]
    if kind == "code":
        count = raw.get("execution_count")
        cell["execution_count"] = count if type(count) is int and count >= 0 else None
        outputs = raw.get("outputs")
        listed = outputs[: notebooks.MAX_OUTPUTS] if isinstance(outputs, list) else []
        cell["outputs"] = [made for output in listed if (made := _output(output)) is not None]
    cell["source"] = source
    return WholeCell(cell, text, tuple(pictures), names)


def _without_pictures(source: str, pictures: list[str]) -> str:
    """Return *source* with numbers in the place of pictures, which are added to *pictures*."""

    def numbered(found: re.Match[str]) -> str:
        if len(found[2]) > MAX_PICTURE or len(pictures) >= notebooks.MAX_OUTPUTS:
            return found[0]
        pictures.append(found[0])
        return f"data:image/png;base64,attachment-{len(pictures) - 1}"

    return _INLINE.sub(numbered, source)


def _text(value: object) -> str:
    """Return a text without halves of characters, which no file can hold."""
    return re.sub("[\ud800-\udfff]", "\ufffd", notebooks.text_of(value))


def _pasted(raw: object) -> dict[str, dict[str, str]]:
    """Return the pictures that were pasted into a cell, by name."""
    listed = raw.items() if isinstance(raw, dict) else ()
    found = {_text(name): picture for name, data in listed if (picture := _picture(data))}
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
        listed = lines if isinstance(lines, list) else []
        trace = "\n".join(_text(line) for line in listed if isinstance(line, str))
        return {
            "output_type": "error",
            "ename": _text(raw.get("ename"))[:200],
            "evalue": _text(raw.get("evalue"))[:MAX_TEXT],
            "traceback": trace[-MAX_TEXT:].split("\n"),
        }
    if kind == "stream":
        return _stream(_text(raw.get("text")))
    data = raw.get("data")
    if kind not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    if picture := _picture(data):
        return {"output_type": "display_data", "metadata": {}, "data": picture}
    text = _text(data.get("text/plain"))
    return _stream(text) if text else None


def _stream(text: str) -> dict[str, object]:
    cut = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n… ({len(text)} characters)"
    return {"output_type": "stream", "name": "stdout", "text": cut}
