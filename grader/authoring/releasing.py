"""From the assignment's folder to the zip that students download."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from grader.authoring import release
from grader.authoring.building import BuildError, leaks, places
from grader.authoring.wheel import wheel
from grader.files import write, zipped
from grader.key import BadKey, load, sources

REQUIREMENTS = "requirements.txt"
_ENGINE = """\
# What the notebooks need, and the course's checker: run this in the folder that holds the wheel.
./{wheel}
"""
#: What a wheel of the engine holds.
_ENGINES_OWN = re.compile(r"grader/|assignment_grader-[^/]*\.dist-info/")


def make(folder: Path, out: Path | None, key: Path | None = None) -> Path:
    """Write the students' zip of the assignment in *folder* to *out*, and return where it is.

    It holds the template as it was built, the engine's wheel and requirements that install both.
    Nothing of the examples in *key* may be among them (the committed one where none is named).
    Raises :class:`BuildError` for a template that is stale, or out of which something hidden would
    leak.
    """
    assignment = sources.manifest(folder)
    template, outputs = places(folder, assignment)
    name = _name(assignment.id)
    target = out or Path(f"{name}.zip")
    files = release.make(folder, assignment)
    files |= {
        path: (template / path).read_bytes()
        for path in release.examples.PATHS
        if (template / path).is_file()
    }
    if differing := release.check(files, template):
        raise BuildError(
            f"{template} isn't what the assignment makes ({differing[0]}): run `grader build` first"
        )
    if not set(release.examples.PATHS) <= files.keys():
        raise BuildError(f"{template} holds no public examples: run `grader build` first")
    engine, data = wheel()
    files[REQUIREMENTS] = _ENGINE.format(wheel=engine).encode("utf-8") + files[REQUIREMENTS]
    packed = zipped(
        {f"{name}/{path}": files[path] for path in sorted(files)} | {f"{name}/{engine}": data}
    )
    _safe(packed, folder, key or outputs, engine)
    write(target, packed)
    return target


def _safe(packed: bytes, folder: Path, outputs: Path, engine: str) -> None:
    """Raise :class:`BuildError` for a zip in which something hidden, or something odd, stands."""
    assignment = sources.manifest(folder)
    try:
        key = load(outputs)
    except BadKey as error:
        raise BuildError(f"what is hidden can't be known: {error}") from None
    found = {}
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for entry in archive.infolist():
            _, _, path = entry.filename.partition("/")
            if path != engine:
                found[path] = archive.read(entry)
        with archive.open(next(n for n in archive.namelist() if n.endswith(engine))) as file:
            inner = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    odd = [name for name in inner if not _ENGINES_OWN.match(name)]
    if odd:
        raise BuildError(f"not written: the wheel holds {odd[0]}, which is none of the engine's")
    if told := leaks(found, folder, assignment, key):
        raise BuildError("not written, since answers would leak: " + "; ".join(told[:5]))


def _name(id: str) -> str:
    """Return an assignment's id as the name of a folder."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", id).strip("-.") or "assignment"
