"""The course's folder on disk: its manifest, its rows, its packages."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.key.fingerprints import Misconception
from grader.key.store import Key
from grader.kinds import JUDGES, Judge, KindError, Proof, Row, extended, proofs, worded
from grader.model.assignment import Assignment, ManifestError, parse
from grader.model.checks import Words

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


def key_folder(folder: Path, assignment: Assignment) -> Path:
    """Return where the manifest of the assignment in *folder* says that its key goes."""
    return _normal(folder / assignment.outputs.key)


def template_folder(folder: Path, assignment: Assignment) -> Path:
    """Return where the manifest of the assignment in *folder* says that its template goes."""
    return _normal(folder / assignment.outputs.template)


def _normal(path: Path) -> Path:
    # Without resolving links: what is written is where the author says.
    return Path(os.path.normpath(path.absolute()))


def manifest(folder: Path) -> Assignment:
    """Read the manifest in *folder*. Raises :class:`ManifestError`, naming the file."""
    path = folder / MANIFEST
    try:
        return parse(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ManifestError) as error:
        raise ManifestError(f"{path}: {error}") from None


@dataclass(frozen=True)
class Checks:
    """What a course's ``checks/`` say: its rows, and its own judges with what is said of them.

    *judges* are the engine's too. *source* names the file, for messages.
    """

    rows: tuple[Row, ...]
    judges: Mapping[str, Judge]
    words: Mapping[str, Words]
    source: str

    def proofs(self, *, live: bool = False) -> list[Proof]:
        """Return the proofs of all rows, worded. Raises :class:`grader.kinds.KindError`."""
        made = []
        for row in self.rows:
            try:
                made += proofs([row], live=live)
            except KindError as error:
                raise KindError(f"{self.source}: {error}") from None
            except Exception as error:
                raise KindError(
                    f"{self.source}: the row of {row.question} can't be used: {told(error)}"
                ) from error
        return worded(made, self.judges, self.words, self.source)


def checks(folder: Path) -> Checks:
    """Import ``checks/`` in *folder*: the course's own code, which is trusted.

    Raises :class:`ManifestError` where it isn't there, has no rows, or raises, and
    :class:`grader.kinds.KindError` for judges that can't be used.
    """
    place = folder / "checks"
    name = "_grader_checks"
    for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[loaded]
    file = place / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, file, submodule_search_locations=[str(place)]
    )
    if spec is None or spec.loader is None or not file.is_file():
        raise ManifestError(f"{place} holds no __init__.py with ROWS: write one, a row a question")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ManifestError(f"{place} can't be imported: {told(error)}") from error
    if not hasattr(module, "ROWS"):
        raise ManifestError(f"{file} has no ROWS: name the tuple of its rows so")
    for row in module.ROWS:
        if not all(hasattr(row, name) for name in ("question", "proofs", "replaceable")):
            raise ManifestError(
                f"{file}: ROWS holds a {type(row).__name__}, which is no row: a row has "
                "question, proofs() and replaceable()"
            )
    judges: Mapping[str, Judge] = getattr(module, "JUDGES", {})
    return Checks(
        tuple(module.ROWS),
        extended(judges, str(file)),
        getattr(module, "WORDS", {}),
        str(file),
    )


def rows(folder: Path) -> tuple[Row, ...]:
    """Return the rows of ``checks/`` in *folder*. Raises as :func:`checks` does."""
    return checks(folder).rows


def told(error: BaseException) -> str:
    """Return what a course's own code raised, with the file and line in its ``checks/``."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] == "_grader_checks":
            file = Path(trace.tb_frame.f_code.co_filename)
            found = f", at {file.parent.name}/{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        found = f", at checks/{Path(error.filename).name}:{error.lineno}"
        return f"SyntaxError: {error.msg}{found}"
    return f"{type(error).__name__}: {error}{found}"


def judged(key: Key, folder: Path, graded: Iterable[Path] = ()) -> Key:
    """Return *key* with the judges of the course in *folder*, where its checks need any.

    Only then is the course's ``checks/`` imported; and never from below a path that is *graded*.
    Raises :class:`ManifestError` where they need a judge that can't be had.
    """
    wanted = {check.judge for check in key.checks} - set(JUDGES)
    if not wanted:
        return key
    place = (folder / "checks").resolve()
    for path in map(Path.resolve, graded):
        if place.is_relative_to(path):
            raise ManifestError(
                f"the key needs the course's own judges, and {place} lies in {path}, which is "
                "being graded: name the assignment's folder elsewhere with -a"
            )
    judges = checks(folder).judges
    if missing := sorted(wanted - set(judges)):
        raise ManifestError(
            f"{place} has no judge {', '.join(missing)} in JUDGES, which the key asks for: run "
            "`grader build`, or name the folder that the key was made from with -a"
        )
    return replace(key, judges=judges)


def rubrics(folder: Path, assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """Read ``rubrics.toml``: by question, the lines that a person marks a written answer by.

    They stand beside the manifest, which students get, since they say what is right. Raises
    :class:`ManifestError` for a question that isn't a written one.
    """
    path = folder / "rubrics.toml"
    if not path.is_file():
        return {}
    table = _table(path)
    written = {question.id for question in assignment.questions if question.kind == "written"}
    for id, lines in table.items():
        if id not in written:
            raise ManifestError(
                f"{path}: {id} is no written question of the manifest: choose from "
                f"{', '.join(sorted(written)) or 'none'}"
            )
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise ManifestError(f"{path}: {id} must be a list of texts, a line for each part")
    return {id: tuple(lines) for id, lines in table.items()}


def _table(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises :class:`ManifestError`, naming the file and the line."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: {error}") from None


@dataclass(frozen=True)
class Wrong:
    """A misconception with the files that show it: the reference's, edited."""

    misconception: Misconception
    files: Mapping[str, bytes]


def misconceptions(
    folder: Path, assignment: Assignment, reference: Mapping[str, bytes]
) -> list[Wrong]:
    """Return the misconceptions of *folder*, each as an edit of the *reference*'s files.

    Raises :class:`ManifestError` for an edit that doesn't fit, a field that is missing, a
    question that isn't a code question of the *assignment*, and an entry without words.
    """
    catalogue = folder / "misconceptions"
    if not (catalogue / "texts.toml").is_file():
        return []
    texts = _table(catalogue / "texts.toml")
    code = [question.id for question in assignment.questions if question.kind == "code"]
    found: list[Wrong] = []
    for path in sorted(catalogue.glob("*.toml")):
        for entry in entries(path):
            id = entry["id"]
            if id in (wrong.misconception.id for wrong in found):
                raise ManifestError(f"{path}: {id} stands twice: give each its own id")
            if entry["question"] not in code:
                raise ManifestError(
                    f"{path}: {id} names the question {entry['question']}, which is no code "
                    f"question of the manifest: choose from {', '.join(code)}"
                )
            said = Misconception(
                id=id,
                question=entry["question"],
                same_as=tuple(entry.get("same_as", ())),
                **_words(catalogue / "texts.toml", texts, id),
            )
            found.append(Wrong(said, edited(reference, entry, path)))
    return found


def entries(path: Path) -> list[dict[str, Any]]:
    """Return the ``[[misconception]]`` tables of a file; its ``file`` is each one's default."""
    table = _table(path)
    default = {"file": table["file"]} if "file" in table else {}
    found = [{**default, **entry} for entry in table.get("misconception", ())]
    for number, entry in enumerate(found, start=1):
        for field in ("id", "question", "file", "edits"):
            if field not in entry:
                raise ManifestError(
                    f"{path}: misconception {entry.get('id', number)} has no {field}: add it"
                )
    return found


def _words(path: Path, texts: Mapping[str, Any], id: str) -> Mapping[str, str]:
    if id not in texts:
        raise ManifestError(f"{path} has no words for {id}: add a table [{id}]")
    fields = ("title", "message", "note")
    if set(texts[id]) != set(fields):
        raise ManifestError(f"{path}: [{id}] must have {', '.join(fields)}, and nothing else")
    words: Mapping[str, str] = texts[id]
    return words


def edited(files: Mapping[str, bytes], entry: Mapping[str, Any], path: Path) -> dict[str, bytes]:
    """Return *files* with an entry's edits made in its ``file``, within its ``function`` if any.

    Raises :class:`ManifestError`, naming *path* and the entry, for an edit that doesn't fit.
    """
    if entry["file"] not in files:
        raise ManifestError(
            f"{path}: {entry['id']} edits {entry['file']}, which isn't in the package: choose "
            f"from {', '.join(files)}"
        )
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
