"""Made files on disk: written whole, and compared with what stands there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.model.problem import Problem

#: What running and editing leave behind; never part of a release.
JUNK = frozenset({"__pycache__", ".grader", ".hypothesis", ".ipynb_checkpoints", ".pytest_cache"})


class FolderError(Problem, ValueError):
    """The folder isn't one that was made here; the message says what to do."""


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Make *folder* hold *files* and nothing else.

    Each file is replaced in one step, so that a reader never meets half of one; what already
    stands there unchanged is left alone. Raises :class:`FolderError` where a folder holds other
    things and none of *files*: it may be somebody's own.
    """
    present = set(_present(folder))
    if present and not present & files.keys():
        raise FolderError(
            f"{folder} holds files, but none of a release; name an empty folder or move them away"
        )
    for path in sorted(present - files.keys()):
        (folder / path).unlink()
    for path, data in files.items():
        target = folder / path
        if path not in present or target.is_symlink() or target.read_bytes() != data:
            _replace(target, data)
    _remove_empty(folder)


def check(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Return what differs in *folder* from *files*, as lines ``stale: path``, in path order.

    The first word is ``missing``, ``stale`` or ``extra``. What running and editing leave behind
    (bytecode, checkpoints) doesn't count.
    """
    present = {path for path in _present(folder) if not JUNK & set(path.split("/"))}
    differences = dict.fromkeys(present - files.keys(), "extra")
    for path, data in files.items():
        if path not in present:
            differences[path] = "missing"
        elif (folder / path).read_bytes() != data:
            differences[path] = "stale"
    return [f"{word}: {path}" for path, word in sorted(differences.items())]


def _present(folder: Path) -> Iterator[str]:
    """Yield all files and links below *folder*, by path with slashes; links aren't followed."""
    for root, folders, names in os.walk(folder):
        links = [name for name in folders if Path(root, name).is_symlink()]
        for name in names + links:
            yield Path(root, name).relative_to(folder).as_posix()


def _replace(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _remove_empty(folder: Path) -> None:
    for root, _, _ in os.walk(folder, topdown=False):
        if Path(root) != folder and not any(Path(root).iterdir()):
            Path(root).rmdir()
