"""Reads a notebook once more for the page that is given back, and has its cells converted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from grader.key import streams
from grader.model.notebooks import Matching
from grader.sandbox import CellText, Converted, Sandbox
from grader.submissions.whole import WholeCell, whole_cells


@dataclass(frozen=True)
class ReadNotebook:
    """A notebook as it was read: its cells, what became of each as HTML, and which is which.

    ``sign`` is what verdicts bear in it, so that none of its own cells can pass for one: it follows
    from the key's secret and from the file's bytes.
    """

    cells: tuple[WholeCell, ...]
    converted: tuple[Converted, ...]
    matching: Matching
    sign: str


def read_notebook(data: bytes, matching: Matching, sandbox: Sandbox, secret: str) -> ReadNotebook:
    """Return the notebook in *data*, converted in *sandbox*. Never raises for what is in it.

    *secret* is the key's.
    """
    # Marking keeps no pictures, so that the cells are decoded anew for the page alone.
    cells = whole_cells(data)
    texts = {
        index: CellText("code" if cell.kind == "code" else "markdown", cell.text, cell.names)
        for index, cell in enumerate(cells)
        if cell.kind != "raw"
    }
    found = dict(zip(texts, sandbox.convert(list(texts.values())), strict=True))
    nothing = Converted(reason="unconverted")
    converted = tuple(found.get(index, nothing) for index in range(len(cells)))
    sign = streams.derived(secret, f"verdicts in {hashlib.sha256(data).hexdigest()}")[:8]
    return ReadNotebook(tuple(cells), converted, matching, sign)
