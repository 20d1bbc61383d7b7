"""What students wrote as other detectors take it: folders for JPlag, files and a table for Dolos.

``submissions/`` and ``earlier/`` hold a folder for each work, with its files of code and the cells
that hold answers, ``template/`` what was given out: JPlag's ``-bc``. ``info.csv`` lists the files
in ``dolos/``, one for each work.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.spreadsheets import guarded, table
from grader.files import write
from grader.model.trees import clean

#: The columns of Dolos's table that are filled in.
COLUMNS = ("filename", "id", "full_name", "labels")
#: Characters of a file that are written: more than are ever read of one.
_MOST = 1 << 20
_MAGIC = re.compile(r"^([ \t]*)([%!?])", re.MULTILINE)


@dataclass(frozen=True)
class WorkSources:
    """A work's texts of code, by name. ``year`` is empty for one of the class itself."""

    name: str
    texts: Mapping[str, str]
    year: str = ""


def write_sources(folder: Path, works: Iterable[WorkSources], template: Mapping[str, bytes]) -> int:
    """Write *works* and the *template* below *folder*; return how many works hold code.

    Raises :class:`~grader.files.WriteError`.
    """
    rows: list[Sequence[str]] = [COLUMNS]
    _clear(folder, table(rows))
    taken: set[str] = set()
    given = {name: data.decode("utf-8", "replace") for name, data in template.items()}
    _write(folder / "template", given)
    for work in works:
        if not work.texts:
            continue
        called = _file(f"{Path(work.year).name}_{work.name}" if work.year else work.name)
        while called.casefold() in taken:
            called += "_"
        taken.add(called.casefold())
        _write(folder / ("earlier" if work.year else "submissions") / called, work.texts)
        whole = "\n\n".join(f"# {name}\n{_cleaned(text)}" for name, text in work.texts.items())
        write(folder / "dolos" / f"{called}.py", whole)
        cells = (f"dolos/{called}.py", called, work.name, work.year or "class")
        rows.append([guarded(cell) for cell in cells])
    write(folder / "info.csv", table(rows))
    return len(rows) - 1


def _clear(folder: Path, head: str) -> None:
    """Remove what an earlier run wrote: works that are gone, names where pseudonyms stand now."""
    info = folder / "info.csv"
    if info.is_file() and info.read_text("utf-8", "replace").startswith(head):
        for part in ("submissions", "earlier", "dolos", "template"):
            shutil.rmtree(folder / part, ignore_errors=True)
    write(info, head)


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        parts = [_file(part) for part in name.split("/") if part not in ("", ".", "..")]
        last = parts[-1] if parts else "file"
        path = folder.joinpath(*parts[:-1], last if last.endswith(".py") else f"{last}.py")
        write(path, _cleaned(text))


def _cleaned(text: str) -> str:
    """Return a text as Python that others may parse: a notebook's own lines are comments."""
    return clean(_MAGIC.sub(r"\1# \2", text.replace("\r\n", "\n")), _MOST) + "\n"


def _file(name: str) -> str:
    """Return a name that is safe as a file's on any system."""
    safe = re.sub(r"[^\w.@+-]+", "_", name)[:100]
    # A name is at most 255 bytes long on most systems; parts are put before and behind it.
    return safe.encode("utf-8")[:100].decode("utf-8", "ignore").strip(".") or "_"
