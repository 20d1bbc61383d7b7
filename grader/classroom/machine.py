"""Versions of the packages that the grader uses, and the assignment's data set on this machine."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.model.assignment import Data
from grader.version import __version__

_USED = (
    *("numpy", "hypothesis", "nbformat", "nbconvert", "jinja2", "nh3", "rich"),
    *("latex2mathml", "msgspec", "jupytext", "ipykernel"),
)


@dataclass(frozen=True)
class DataFolder:
    """Where a data set is looked for, and which of its files aren't there."""

    folder: Path
    missing: tuple[str, ...]


def versions() -> dict[str, str]:
    """Return the version of each thing that the grader stands on; "" for what isn't installed."""
    from importlib import metadata

    found = {"grader": __version__, "Python": platform.python_version()}
    for name in _USED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def data_folder(data: Data) -> DataFolder:
    """Look for a data set where its notebooks do; only names are looked at, not contents."""
    named = os.environ.get(data.variable)
    folder = Path(named).expanduser() if named else _cache() / data.cache
    missing = tuple(name for name in data.files if not (folder / name).is_file())
    return DataFolder(folder, missing)


def _cache() -> Path:
    """Return the folder in which this user's programs keep what can be had again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"])
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
