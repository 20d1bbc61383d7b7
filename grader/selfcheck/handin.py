"""The zip that a student hands in: what is graded, and nothing else; and a look at it before."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.files import write, zipped
from grader.model.problem import Problem
from grader.selfcheck.attempts import CHECKED, FOLDER, digest
from grader.selfcheck.readiness import UNDONE, Line
from grader.selfcheck.work import Opened
from grader.submissions.notebooks import read_notebook

#: In seconds: what is unpacked at once has times that lie so near to each other.
_SLACK = 5
#: What it is called where nothing else is asked for.
NAME = "hand-in.zip"


class NothingToHandIn(Problem, ValueError):
    """There is no work in a folder; the message says what was looked for."""


@dataclass(frozen=True)
class Collection:
    """What goes into the zip, by path, and what is to be said of it."""

    files: Mapping[str, bytes]
    lines: tuple[Line, ...]

    def write(self, target: Path) -> None:
        """Write the zip: the same bytes for the same files."""
        write(target, zipped(dict(sorted(self.files.items()))))


def collect(work: Opened) -> Collection:
    """Return what *work* hands in, as the grade reads it, and what is missing or out of date.

    Raises :class:`NothingToHandIn` where neither code nor a notebook is there.
    """
    submission = work.submission
    files = {
        path[3:] if path.startswith("../") else f"{submission.package}/{path}": data
        for path, data in submission.files.items()
    }
    files |= {f"{name}.ipynb": data for name, data in submission.notebooks.items()}
    files |= submission.saved
    if not files:
        raise NothingToHandIn(f"{work.folder} holds no work: neither a package nor a notebook")
    return Collection(files, tuple(_looked_at(work)))


def _looked_at(work: Opened) -> Iterator[Line]:
    submission, assignment = work.submission, work.assignment
    missing = [path for path in assignment.files.student if path not in submission.files]
    for path in missing:
        yield Line(UNDONE, f"{submission.package}/{path} isn't here, and it is asked for.")
    for note in submission.notes:
        yield Line("note", note)
    for path, failed in work.imported().items():
        line = f", line {failed.line}" if failed.line else ""
        yield Line(
            UNDONE,
            f"{submission.package}/{path} can't be imported in a fresh process: "
            f"{failed.type}: {failed.text} ({failed.file or path}{line}).",
        )
    code, others = work.named(())
    unwritten = [id for id in code if id in work.stubs]
    if unwritten:
        yield Line(UNDONE, f"Not written yet: {', '.join(unwritten)}.")
    yield from work.prepared(others)
    for notebook in assignment.notebooks:
        if notebook.name in submission.notebooks:
            yield from _run(work, notebook.name)


def _run(work: Opened, name: str) -> Iterator[Line]:
    """Yield what is said of a notebook's cells: not run, or not since the code has changed."""
    cells = [
        cell
        for cell in read_notebook(work.submission.notebooks[name], name).cells
        if cell.kind == "code" and cell.source.strip()
    ]
    unrun = [cell for cell in cells if cell.execution_count is None]
    if unrun and len(unrun) < len(cells):
        yield Line(UNDONE, f"{name}.ipynb: {len(unrun)} of {len(cells)} cells weren't run.")
    elif unrun:
        yield Line(UNDONE, f"{name}.ipynb was not run: its cells show no results.")
    elif changed := _changed(work, name):
        yield Line(
            UNDONE,
            f"{name}.ipynb may show results of earlier code: {changed} changed since it was saved. "
            "Restart the kernel, run all cells, save, and collect again.",
        )


def _changed(work: Opened, name: str) -> str:
    """Return the files of the package that are newer than the notebook; empty if none are.

    Where a cell of a notebook has checked this very code since, times say nothing: they are those
    of a download or of a copy.
    """
    try:
        checked = json.loads((work.folder / FOLDER / CHECKED).read_text("utf-8"))
    except (OSError, ValueError):
        checked = {}
    if isinstance(checked, dict) and checked.get("code") == digest(work.submission.files):
        return ""
    book = work.folder / f"{name}.ipynb"
    newer = [
        path
        for path in work.submission.files
        if _time(work.folder / work.submission.package / path) > _time(book) + _SLACK > _SLACK
    ]
    return ", ".join(newer)


def _time(path: Path) -> float:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116
    except OSError:
        return 0.0
