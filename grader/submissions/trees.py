"""A tree of files: listed first, within bounds, and read one by one.

Nothing is unpacked and no link is followed. What can't be listed within the bounds is
:class:`Unreadable`; what can't be read later costs that file alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

#: How many files a submission may have, passed-over ones aside, and how deep they may lie.
MAX_FILES = 20_000
MAX_DEPTH = 24

#: Folders that systems, editors and tools leave behind: nothing in them is handed in.
JUNK = frozenset(
    (
        "__MACOSX",
        "__pycache__",
        ".git",
        ".grader",
        ".hypothesis",
        ".idea",
        ".ipynb_checkpoints",
        ".pytest_cache",
        ".svn",
        ".tox",
        ".Trash",
        ".venv",
        ".vscode",
        "env",
        "node_modules",
        "site-packages",
        "venv",
    )
)
JUNK_FILES = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))


class Unreadable(ValueError):
    """A submission can't be read; the message says why, in words for a gradebook's row."""


class FileLost(ValueError):
    """One file can't be read; the message says why."""


class FileTree(Protocol):
    """``paths`` are the files' paths, with slashes, in order, each with its size in bytes."""

    @property
    def paths(self) -> Mapping[str, int]: ...

    def read(self, path: str, limit: int) -> bytes:
        """Return a file of at most *limit* bytes. Raises :class:`FileLost`."""
        ...


class FolderPart:
    """What lies below a folder of another tree."""

    def __init__(self, whole: FileTree, prefix: str) -> None:
        self._whole, self._prefix = whole, prefix
        self._sizes = {
            path[len(prefix) :]: size
            for path, size in whole.paths.items()
            if path.startswith(prefix)
        }

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        return self._whole.read(self._prefix + path, limit)


#: Endings of files that are a hand-in by themselves.
LONE = (".ipynb",)


class LoneFile:
    """A file that was handed in by itself."""

    def __init__(self, path: str, data: bytes) -> None:
        self._data = data
        self._sizes = {path.rpartition("/")[2]: len(data)}

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        return bounded(self._data, limit)


#: What stands in the folder of a run's grades, and what else does.
GRADEBOOK = "gradebook.sqlite"
_BESIDE = ("grades.csv", "submissions/")


class WithoutGrades:
    """A tree without the folders in it that a run has written grades to.

    Whoever grades in the folder that is graded has them there, with a copy of each notebook.
    """

    def __init__(self, whole: FileTree) -> None:
        self._whole = whole
        folders = {path.removesuffix(GRADEBOOK) for path in whole.paths if _is_book(path)}
        own = tuple(
            folder
            for folder in folders
            if any(path.startswith(folder + name) for path in whole.paths for name in _BESIDE)
        )
        self._sizes = {path: n for path, n in whole.paths.items() if not path.startswith(own)}

    @property
    def paths(self) -> Mapping[str, int]:
        return self._sizes

    def read(self, path: str, limit: int) -> bytes:
        return self._whole.read(path, limit)


def _is_book(path: str) -> bool:
    return path.endswith("/" + GRADEBOOK)


def children(tree: FileTree) -> Iterator[str]:
    """Yield the names at the top of *tree*: files, and folders with a slash at their end."""
    seen = dict.fromkeys(
        path.partition("/")[0] + ("/" if "/" in path else "") for path in tree.paths
    )
    yield from seen


def is_junk(name: str) -> bool:
    """Say whether a file or folder of that name is left-over of a system or a tool."""
    return name in JUNK or name in JUNK_FILES or name.startswith("._")


def bounded(data: bytes, limit: int) -> bytes:
    """Return *data*. Raises :class:`FileLost` if it is longer than *limit*."""
    if len(data) > limit:
        raise FileLost(too_large(limit))
    return data


def too_large(limit: int) -> str:
    return f"it is larger than {limit >> 10} KiB"


def too_many() -> Unreadable:
    return Unreadable(f"it holds more than {MAX_FILES} files")
