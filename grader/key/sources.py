"""The course's folder on disk: its manifest, its rows, its packages."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.key.fingerprints import Misconception
from grader.kinds import Row
from grader.model.assignment import Assignment, ManifestError, parse

MANIFEST = "assignment.toml"


def find(start: Path) -> Path:
    """Return the nearest folder with a manifest: *start*, its ``assignment``, or those above.

    Raises :class:`grader.model.assignment.ManifestError` where there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        for place in (folder, folder / "assignment"):
            if (place / MANIFEST).is_file():
                return place
    raise ManifestError(
        f"no {MANIFEST} in {start} or above it: change to the course's folder, or name it "
        "with --assignment DIR"
    )


def manifest(folder: Path) -> Assignment:
    """Read the manifest in *folder*. Raises :class:`ManifestError`, naming the file."""
    path = folder / MANIFEST
    try:
        return parse(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ManifestError) as error:
        raise ManifestError(f"{path}: {error}") from None


def rows(folder: Path) -> tuple[Row, ...]:
    """Import the rows of ``checks/`` in *folder*: the course's own code, which is trusted."""
    checks = folder / "checks"
    name = "_grader_checks"
    for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[loaded]
    spec = importlib.util.spec_from_file_location(
        name, checks / "__init__.py", submodule_search_locations=[str(checks)]
    )
    if spec is None or spec.loader is None or not (checks / "__init__.py").is_file():
        raise ManifestError(f"{checks} holds no __init__.py with ROWS")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return tuple(module.ROWS)


def rubrics(folder: Path, assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """Read ``rubrics.toml``: by question, the lines that a person marks a written answer by.

    They stand beside the manifest, which students get, since they say what is right. Raises
    :class:`ManifestError` for a question that isn't a written one.
    """
    path = folder / "rubrics.toml"
    if not path.is_file():
        return {}
    table = tomllib.loads(path.read_text("utf-8"))
    written = {question.id for question in assignment.questions if question.kind == "written"}
    for id in table:
        if id not in written:
            raise ManifestError(f"{path}: {id} is no written question of the manifest")
    return {id: tuple(lines) for id, lines in table.items()}


@dataclass(frozen=True)
class Wrong:
    """A misconception with the files that show it: the reference's, edited."""

    misconception: Misconception
    files: Mapping[str, bytes]


def misconceptions(folder: Path, reference: Mapping[str, bytes]) -> list[Wrong]:
    """Return the misconceptions of *folder*, each as an edit of the *reference*'s files.

    Raises :class:`ManifestError` for an edit that doesn't fit or an entry without words.
    """
    catalogue = folder / "misconceptions"
    if not (catalogue / "texts.toml").is_file():
        return []
    texts = tomllib.loads((catalogue / "texts.toml").read_text("utf-8"))
    found = []
    for path in sorted(catalogue.glob("*.toml")):
        for entry in entries(path):
            id = entry["id"]
            if id not in texts:
                raise ManifestError(f"{catalogue / 'texts.toml'} has no words for {id}")
            said = Misconception(
                id=id,
                question=entry["question"],
                same_as=tuple(entry.get("same_as", ())),
                **texts[id],
            )
            found.append(Wrong(said, edited(reference, entry, path)))
    return found


def entries(path: Path) -> list[dict[str, Any]]:
    """Return the ``[[misconception]]`` tables of a file; its ``file`` is each one's default."""
    table = tomllib.loads(path.read_text("utf-8"))
    default = {"file": table["file"]} if "file" in table else {}
    return [{**default, **entry} for entry in table.get("misconception", ())]


def edited(files: Mapping[str, bytes], entry: Mapping[str, Any], path: Path) -> dict[str, bytes]:
    """Return *files* with an entry's edits made in its ``file``, within its ``function`` if any.

    Raises :class:`ManifestError`, naming *path* and the entry, for an edit that doesn't fit.
    """
    text = files[entry["file"]].decode("utf-8")
    before, part, after = _parted(text, entry.get("function", ""))
    for edit in entry["edits"]:
        if part.count(edit["old"]) != 1:
            raise ManifestError(
                f"{path}: {entry['id']}: {edit['old']!r} stands {part.count(edit['old'])} times "
                f"in {entry.get('function', entry['file'])}; it must stand once"
            )
        part = part.replace(edit["old"], edit["new"])
    return {**files, entry["file"]: (before + part + after).encode("utf-8")}


def _parted(text: str, name: str) -> tuple[str, str, str]:
    """Return what stands before, in and after the function or class *name* at the top level."""
    found = re.search(rf"(?ms)^(?:def|class) {re.escape(name)}\b.*?(?=^\S|\Z)", text)
    if not name or not found:
        return "", "" if name else text, ""
    return text[: found.start()], found.group(), text[found.end() :]


def package(folder: Path) -> dict[str, bytes]:
    """Return the Python files of a package of the course's, by path in the package."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.py"))
    }
