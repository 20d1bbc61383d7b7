"""A notebook's bytes as data: whatever they are, a :class:`Document` comes of them.

The JSON is read leniently, cell by cell, since nbformat refuses a file for its first damaged
cell; what is older than format 4 is brought there by nbformat's own upgrade.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from grader.model.notebooks import Cell, Document, Output

#: Characters that are kept of a cell's source, of each output, and how many cells and outputs.
MAX_SOURCE = 1 << 17
#: Characters of all cells' sources: one of the course has 50,000.
MAX_ALL_SOURCES = 1 << 23
MAX_OUTPUT = 1 << 13
MAX_CELLS = 2_000
MAX_OUTPUTS = 64
MAX_NOTES = 20
#: Values in one notebook, each of which takes many times its size in memory. Printed lines count.
MAX_VALUES = 1 << 21
#: From how many characters on they are counted.
_COUNTED = 1 << 22

_KINDS = ("code", "markdown", "raw")
_QUOTED = re.compile(r'"[^"]*"')
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")

Raw = dict[str, Any]


def read_notebook(data: bytes, name: str) -> Document:
    """Return the notebook in *data*. Never raises for what is in it: notes say what was lost."""
    found, notes = cells(data)
    made = []
    left = MAX_ALL_SOURCES
    for number, raw in enumerate(found, start=1):
        source = text_of(raw.get("source"))
        limit = min(MAX_SOURCE, left)
        if len(source) > limit and len(notes) < MAX_NOTES:
            notes.append(f"cell {number} was cut: it has {len(source)} characters")
        left -= min(len(source), limit)
        made.append(
            Cell(
                id=raw["id"] if isinstance(raw.get("id"), str) else "",
                kind=raw["cell_type"],
                source=source[:limit],
                tags=_tags(raw),
                outputs=_outputs(raw.get("outputs")) if raw["cell_type"] == "code" else (),
                execution_count=_count(raw.get("execution_count")),
            )
        )
    return Document(name, tuple(made), tuple(f"{name}: {note}." for note in notes))


def cells(data: bytes) -> tuple[list[Raw], list[str]]:
    """Return the cells of a notebook, as the JSON of format 4 has them, and what was lost.

    Every one is a dict with a known ``cell_type``; all else in it may be anything.
    """
    if not data.strip():
        return [], ["the file is empty"]
    text, notes = _decoded(data)
    if len(text) > _COUNTED and _values(text) > MAX_VALUES:
        return [], ["it has more values than a notebook has"]
    try:
        loaded = json.loads(text, parse_int=_bounded_int)
    except RecursionError:
        return [], ["it is nested too deeply to be read"]
    except ValueError as error:
        return [], [f"it is no JSON ({error})"]
    if not isinstance(loaded, dict):
        return [], ["it is JSON, but no notebook"]
    if "cells" not in loaded:
        loaded = _upgraded(loaded)
    listed = loaded.get("cells")
    if not isinstance(listed, list):
        return [], [*notes, "it has no list of cells"]
    if len(listed) > MAX_CELLS:
        notes.append(f"only the first {MAX_CELLS} of {len(listed)} cells were read")
    kept = []
    for number, raw in enumerate(listed[:MAX_CELLS], start=1):
        if isinstance(raw, dict) and raw.get("cell_type") in _KINDS:
            kept.append(raw)
        else:
            notes.append(f"cell {number} was left out: it is damaged")
    return kept, notes[:MAX_NOTES]


def text_of(value: object) -> str:
    """Return a text that JSON holds whole or line by line; nothing for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return ""


def _decoded(data: bytes) -> tuple[str, list[str]]:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return data.decode("utf-8-sig", "replace"), ["some bytes of it are no UTF-8"]


def _values(text: str) -> int:
    """Return about how many values and names a JSON text has, without reading it as one."""
    text = text.replace("\\\\", "").replace('\\"', "")
    quotes = text.count('"')
    if quotes > 4 * MAX_VALUES:
        return quotes // 2
    # What stands between quotation marks is text, with any commas and brackets.
    return sum(map(_QUOTED.sub("", text).count, ",[{"))


def _bounded_int(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0


def _upgraded(loaded: Raw) -> Raw:
    """Return a notebook of format 2 or 3 in format 4; an empty one where that fails."""
    # Lazily: few hand-ins are that old, and it costs as much time as marking one.
    from nbformat import from_dict
    from nbformat.v4 import upgrade

    sheets = loaded.get("worksheets")
    first = sheets[0] if isinstance(sheets, list) and sheets else None
    listed = first.get("cells") if isinstance(first, dict) else None
    if not isinstance(listed, list):
        return {}
    made: list[object] = []
    for raw in listed[:MAX_CELLS]:
        # One at a time: a damaged cell then costs itself only.
        try:
            whole = {"metadata": {}, "outputs": [], "input": "", "language": "python", **raw}
            old = {"metadata": {}, "nbformat": 3, "worksheets": [{"cells": [whole]}]}
            (cell,) = upgrade(from_dict(old), from_version=3)["cells"]  # type: ignore[no-untyped-call]
            made.append({key: value for key, value in dict(cell).items() if key != "id"})
        except Exception:
            made.append(None)
    return {"cells": made}


def _tags(raw: Raw) -> tuple[str, ...]:
    metadata = raw.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tuple(tag for tag in tags if isinstance(tag, str))[:20] if isinstance(tags, list) else ()


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 31 else None


def _outputs(value: object) -> tuple[Output, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(_output(raw) for raw in value[:MAX_OUTPUTS] if isinstance(raw, dict))


def _output(raw: Mapping[str, Any]) -> Output:
    kind = raw.get("output_type")
    if kind == "stream":
        return Output("stream", _bounded(text_of(raw.get("text"))))
    if kind == "error":
        name, said = text_of(raw.get("ename")), text_of(raw.get("evalue"))
        return Output("error", _bounded(f"{name}: {said}"))
    if kind in ("execute_result", "display_data"):
        data = raw.get("data")
        data = data if isinstance(data, dict) else {}
        pictured = any(str(mime).startswith("image/") for mime in data)
        return Output("image" if pictured else "result", _bounded(text_of(data.get("text/plain"))))
    return Output("other", "")


def _bounded(text: str) -> str:
    """Return the beginning and the end of a long text, without a terminal's colors."""
    if len(text) > MAX_OUTPUT:
        half = MAX_OUTPUT // 2
        text = f"{text[:half]}\n…\n{text[-half:]}"
    return without_colors(text)


def without_colors(text: str) -> str:
    """Return *text* without a terminal's control sequences."""
    return _ANSI.sub("", text)
