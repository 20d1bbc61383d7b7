"""The engine as a wheel, made from the package that runs: nothing is built, and nothing fetched.

Files and metadata are those of the installed distribution, so that it is the same from a checkout
(an editable installation) as from a wheel that was installed. The same installation gives the same
bytes.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import grader.version
from grader.files import zipped
from grader.model.problem import Problem

DISTRIBUTION = "assignment-grader"
_PACKAGE = Path(grader.version.__file__).parent
_WHEEL = """\
Wheel-Version: 1.0
Generator: grader release
Root-Is-Purelib: true
Tag: py3-none-any
"""


class NoWheel(Problem, RuntimeError):
    """No wheel can be made of the engine that runs; the message says what to do."""


def wheel() -> tuple[str, bytes]:
    """Return the name of the engine's wheel, and its bytes. Raises :class:`NoWheel`."""
    try:
        found = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        raise NoWheel(
            f"{DISTRIBUTION} isn't installed, so its metadata aren't at hand: "
            "python -m pip install . in the checkout, then run this again"
        ) from None
    _fresh(found, _PACKAGE.parent / "pyproject.toml")
    name = f"{DISTRIBUTION.replace('-', '_')}-{found.version}"
    files = {
        path.relative_to(_PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    files |= {f"{name}.dist-info/{path}": data for path, data in _metadata(found).items()}
    files[f"{name}.dist-info/RECORD"] = _record(files, f"{name}.dist-info/RECORD")
    return f"{name}-py3-none-any.whl", zipped(files)


def _metadata(found: Distribution) -> dict[str, bytes]:
    """Return the files of the metadata that any installation of the wheel has."""
    made = {"WHEEL": _WHEEL.encode("ascii")}
    for file in found.files or ():
        _, info, path = file.as_posix().partition(".dist-info/")
        if info and (path in ("METADATA", "entry_points.txt") or path.startswith("licenses/")):
            made[path] = Path(str(found.locate_file(file))).read_bytes()
    if "METADATA" not in made or "entry_points.txt" not in made:
        raise NoWheel(f"{DISTRIBUTION} was installed without its metadata: install it by pip again")
    return dict(sorted(made.items()))


def _fresh(found: Distribution, project: Path) -> None:
    """Raise :class:`NoWheel` where a checkout's *project* says other than what is installed."""
    if not project.is_file():
        return
    table = tomllib.loads(project.read_text("utf-8")).get("project", {})
    if table.get("name") != DISTRIBUTION:
        return  # somebody else's, around a folder of packages
    required = [text for text in found.requires or () if "extra ==" not in text]
    stale = table["version"] != found.version
    if stale or _plain(required) != _plain(table.get("dependencies", ())):
        raise NoWheel(
            f"{project} has changed since it was installed: python -m pip install -e . there, "
            "then run this again"
        )


def _plain(requirements: Iterable[str]) -> set[tuple[str, ...]]:
    """Return requirements whatever the order of their parts: the name, and the versions."""
    return {
        tuple(sorted(re.findall(r"[\w.-]+|[<>=!~]=?[\w.]+", "".join(text.split()))))
        for text in requirements
    }


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
        writer.writerow([path, f"sha256={digest.decode('ascii')}", len(data)])
    writer.writerow([own, "", ""])
    return text.getvalue().encode("utf-8")
