"""Files that people rely on: written whole or not at all, or added to at their end."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from grader.model.problem import Problem

#: When everything in an archive was made: the time of a build would change its bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


class WriteError(Problem, RuntimeError):
    """A file can't be written; the message says which, why, and what to do."""


def write(path: Path, text: str | bytes) -> None:
    """Write a file so that it is there whole or not at all. Raises :class:`WriteError`."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        # Made anew, and not through a link that stands there: the folder may be a student's.
        temporary.touch(exist_ok=False)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unwritten(path, error) from None


def append(path: Path, text: str) -> None:
    """Add *text* at the end of a file. Raises :class:`WriteError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise _unwritten(path, error) from None


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of *files*, by path, in their order: the same bytes for the same files."""
    import zipfile  # few commands pack anything

    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _TIME)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return data.getvalue()


def _unwritten(path: Path, error: OSError) -> WriteError:
    return WriteError(
        f"{path} can't be written ({error.strerror}): free some space or choose another folder "
        "with -o, then run the same command again; what is marked is kept"
    )
