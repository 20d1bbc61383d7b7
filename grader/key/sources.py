"""The course's folder on disk: its manifest, its rows, its packages."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from grader.key.fingerprints import Misconception
from grader.model.assignment import Assignment, ManifestError
from grader.model.manifest import parse
from grader.model.trials import OtherValues

MANIFEST = "assignment.toml"
#: In a template: its notebooks as they are given out, in one file.
RELEASED = "checks/released.json"


def find(start: Path, graded: Sequence[Path] = ()) -> Path:
    """Return the nearest folder with a manifest: *start*, its ``assignment``, or those above.

    What lies inside of a path that is *graded* is a submission's, and passed over. Where there is
    no other, the assignment itself may be graded, alone and from outside of it: by maintainers.

    Raises :class:`grader.model.assignment.ManifestError` where there is none.
    """
    start = start.resolve()
    passed: list[Path] = []
    for folder in (start, *start.parents):
        for place in (folder, folder / "assignment"):
            if (place / MANIFEST).is_file():
                if not inside(place, graded):
                    return place
                passed.append(place)
    if passed:
        itself = passed[0].resolve()
        if [path.resolve() for path in graded] == [itself] and not start.is_relative_to(itself):
            return passed[0]
        raise ManifestError(
            f"{passed[0] / MANIFEST} lies inside of what is graded, and may be a submission's: "
            "name the course's folder with --assignment DIR"
        )
    raise ManifestError(
        f"no {MANIFEST} in {start} or above it: change to the course's folder, or name it "
        "with --assignment DIR"
    )


def inside(place: Path, graded: Iterable[Path]) -> bool:
    """Say whether *place* is, or lies in, one of the paths that are *graded*."""
    place = place.resolve()
    return any(place.is_relative_to(path.resolve()) for path in graded)


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


def released(folder: Path) -> dict[str, bytes]:
    """Return the notebooks as a template in *folder* gave them out, by name; none elsewhere."""
    try:
        found = json.loads((folder / RELEASED).read_text("utf-8"))["notebooks"]
        return {name: json.dumps(notebook).encode("ascii") for name, notebook in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


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


def trials(folder: Path, assignment: Assignment) -> dict[str, tuple[OtherValues, ...]]:
    """Read ``trials.toml``: by question, what is tried in place of a training's own arguments.

    They stand beside the manifest, which students get, since they tell values that work. Raises
    :class:`ManifestError` for a question that trains nothing, and for an entry of another form.
    """
    path = folder / "trials.toml"
    if not path.is_file():
        return {}
    found: dict[str, tuple[OtherValues, ...]] = {}
    by_id = {question.id: question for question in assignment.questions}
    for id, entries in _table(path).items():
        training = by_id[id].training if id in by_id else None
        if training is None:
            raise ManifestError(f"{path}: {id} is no training question of the manifest")
        found[id] = tuple(_other_values(f"{path}: an entry of {id}", training.calls, entries))
    return found


def _other_values(where: str, calls: Sequence[str], entries: object) -> Iterator[OtherValues]:
    """Yield what the *entries* of one question say of arguments of the classes *calls*."""
    for entry in entries if isinstance(entries, list) else [entries]:
        given = entry if isinstance(entry, dict) else {}
        argument, values = given.get("argument"), given.get("values")
        if not (isinstance(argument, str) and isinstance(values, list) and len(given) == 2):
            raise ManifestError(f"{where} must have an argument and a list of values")
        if argument.partition(".")[0] not in calls or "." not in argument:
            raise ManifestError(
                f"{where} has the argument {argument!r}: write one of "
                f"{', '.join(calls) or 'the calls of its training'}, a dot and a name"
            )
        try:
            yield OtherValues.listed(argument, values)
        except ValueError as error:
            raise ManifestError(f"{where}: {error}") from None


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


@dataclass(frozen=True)
class NearlySource:
    """A variant of the reference that is nearly right, as the files of its package."""

    id: str
    says: str
    questions: tuple[str, ...]
    files: Mapping[str, bytes]


def nearly_right(
    folder: Path, assignment: Assignment, reference: Mapping[str, bytes]
) -> list[NearlySource]:
    """Return the variants that are nearly right, each as an edit of the *reference*'s files.

    They are the misconceptions of *folder* that say so (``nearly``), and the tables ``[[nearly]]``
    beside them. Raises :class:`ManifestError` for an edit that doesn't fit, a field that is
    missing, and a question that isn't a code question of the *assignment*.
    """
    code = [question.id for question in assignment.questions if question.kind == "code"]
    found: list[NearlySource] = []
    for path in sorted((folder / "misconceptions").glob("*.toml")):
        known = [entry for entry in entries(path) if "nearly" in entry]
        for entry in [*known, *entries(path, (*_FIELDS, "nearly"), "nearly")]:
            questions = (entry["question"], *entry.get("nearly_in", ()))
            for question in questions:
                if question not in code:
                    raise ManifestError(
                        f"{path}: {entry['id']} names the question {question}, which is no code "
                        f"question of the manifest: choose from {', '.join(code)}"
                    )
            files = edited(reference, entry, path)
            found.append(NearlySource(entry["id"], entry["nearly"], questions, files))
    return found


class Edit(TypedDict):
    """A text of the reference's, and what stands in its place."""

    old: str
    new: str


class EditsTable(TypedDict):
    """A ``[[misconception]]``: edits of a file, within a function of it if one is named.

    ``nearly`` says in words what it is where its answers are nearly right; ``nearly_in`` names
    further questions in which they are. A ``[[nearly]]`` table is the same, and no misconception.
    """

    id: str
    question: str
    file: str
    edits: list[Edit]
    function: NotRequired[str]
    same_as: NotRequired[list[str]]
    nearly: NotRequired[str]
    nearly_in: NotRequired[list[str]]


#: What a misconception's table must have.
_FIELDS = ("id", "question", "file", "edits")


def entries(
    path: Path, fields: Sequence[str] = _FIELDS, name: str = "misconception"
) -> list[EditsTable]:
    """Return the tables called *name* of a file; its ``file`` is each one's default.

    Raises :class:`ManifestError` where one lacks one of *fields*.
    """
    table = _table(path)
    default = {"file": table["file"]} if "file" in table else {}
    found = [{**default, **entry} for entry in table.get(name, ())]
    for number, entry in enumerate(found, start=1):
        for field in fields:
            if field not in entry:
                raise ManifestError(
                    f"{path}: {name} {entry.get('id', number)} has no {field}: add it"
                )
    return cast(list[EditsTable], found)


def _words(path: Path, texts: Mapping[str, dict[str, str]], id: str) -> dict[str, str]:
    if id not in texts:
        raise ManifestError(f"{path} has no words for {id}: add a table [{id}]")
    fields = ("title", "message", "note")
    if set(texts[id]) != set(fields):
        raise ManifestError(f"{path}: [{id}] must have {', '.join(fields)}, and nothing else")
    return texts[id]


def edited(files: Mapping[str, bytes], entry: EditsTable, path: Path) -> dict[str, bytes]:
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
