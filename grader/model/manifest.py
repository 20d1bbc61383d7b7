"""``assignment.toml``, read into an :class:`~grader.model.assignment.Assignment` and checked.

Each value is held against the type of its field. What msgspec says of one that doesn't fit is told
with the path of the field in the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Literal, TypeVar, get_args, get_origin, get_type_hints

from grader.model.assignment import HISTORIES, Assignment, ManifestError

SCHEMA = "grader/assignment/v1"
#: Tables of which there are several stand in the file by the name of one.
_ONE_OF = {"notebooks": "notebook", "questions": "question"}
#: What may be left out of the file, though an assignment always has it.
_OPTIONAL: Mapping[str, object] = {"aliases": [], "given": {}, "limits": {}}
#: What to give in place of a value of another type, by msgspec's words for it.
_GIVE = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_EXPECTED = re.compile(r"Expected `(\w+)`(?: of length (\d+))?")
#: Where in a value msgspec finds something: ``$[0]``, ``$[...]`` for a key's value.
_PLACE = re.compile(r"\[(\d+)\]|\[(\.\.\.)\]")

T = TypeVar("T")


def parse(data: Mapping[str, object]) -> Assignment:
    """Make an :class:`Assignment` of a parsed ``assignment.toml``.

    Raises :class:`ManifestError` for anything that is missing, unknown or inconsistent, and for
    what has another type or is negative, at any depth; the message names the field by its path.
    """
    if data.get("schema") != SCHEMA:
        raise ManifestError(f"schema is {data.get('schema')!r}; this grader reads {SCHEMA}")
    table = {name: value for name, value in data.items() if name != "schema"}
    assignment = _made(Assignment, "", {**_OPTIONAL, **table})
    _validate(assignment)
    return assignment


def _made(cls: type[T], path: str, entry: object) -> T:
    """Return a *cls* of the table at *path*; raises :class:`ManifestError`, naming the field."""
    if not isinstance(entry, Mapping):
        raise ManifestError(f"{path} must be a table, and is {entry!r}")
    known = {_ONE_OF.get(f.name, f.name): f for f in fields(cls)}  # type: ignore[arg-type]
    _known_keys(path, entry, [*known, *(() if path else ("schema",))])
    missing = [
        name
        for name, field in known.items()
        if field.default is MISSING and field.default_factory is MISSING and name not in entry
    ]
    if missing:
        raise ManifestError(
            f"{path} has no {missing[0]}: add it"
            if path
            else f"the manifest has no {missing[0]!r}: add it"
        )
    types = get_type_hints(cls)
    inner = f"{path}." if path else ""
    return cls(
        **{
            known[name].name: _value(types[known[name].name], inner + name, value)
            for name, value in entry.items()
        }
    )


def _known_keys(path: str, entry: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for key in entry:
        if key not in known:
            import difflib

            close = difflib.get_close_matches(key, known, n=1) or [", ".join(known)]
            name = f"{path}.{key}" if path else key
            raise ManifestError(f"{name} is no field of the manifest: did you mean {close[0]}?")


def _value(kind: type, path: str, value: object) -> object:
    """Return the *value* at *path* as its field's *kind*; tables become the classes they stand for.

    Raises :class:`ManifestError`.
    """
    table = next((inner for inner in (kind, *get_args(kind)) if is_dataclass(inner)), None)
    if isinstance(table, type) and get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ManifestError(f"{path} must be a list of tables: write [[{path}]]")
        return tuple(
            _made(table, f"{path}[{_name(entry, number)}]", entry)
            for number, entry in enumerate(value, start=1)
        )
    if isinstance(table, type):
        return _made(table, path, value)
    made = _tuples(value) if _fits(kind, value) else _converted(kind, path, value)
    for number, where in _numbers(value, path):
        if number < 0:
            raise ManifestError(f"{where} is {number!r}: give a number that is not negative")
        if not math.isfinite(number):
            raise ManifestError(f"{where} is {number!r}: give a finite number")
    return made


def _fits(kind: type, value: object) -> bool:
    """Say whether a value is of its kind at a look.

    Nearly all are, and a command doesn't wait for msgspec then, whose import takes as long as
    that of a quarter of the engine. Where this doesn't know, msgspec decides.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return value in inner
    if origin is tuple and isinstance(value, list):
        kinds = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        return len(kinds) == len(value) and all(map(_fits, kinds, value))
    if origin is Mapping and isinstance(value, dict):
        return all(_fits(inner[1], entry) for entry in value.values())
    # A whole number is a number: it stays as it was written.
    return type(value) is kind or (kind is float and type(value) is int)


def _tuples(value: object) -> object:
    if isinstance(value, dict):
        return {name: _tuples(entry) for name, entry in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _converted(kind: type, path: str, value: object) -> object:
    """Return a value as msgspec converts it; raises :class:`ManifestError` where it can't."""
    import msgspec

    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `")
    for index, _ in _PLACE.findall(place):
        if index and isinstance(value, list):
            path, value = f"{path}[{int(index) + 1}]", value[int(index)]
        elif isinstance(value, Mapping):
            path, value = _wrong_entry(kind, path, value)
    literal = next((k for k in (kind, *get_args(kind)) if get_origin(k) is Literal), None)
    if literal is not None and isinstance(value, str):
        way = f"choose from {', '.join(get_args(literal))}"
    elif expected := _EXPECTED.match(said):
        length = f" of {expected[2]}" if expected[2] else ""
        way = f"give {_GIVE.get(expected[1], expected[1])}{length}"
    else:
        way = said
    raise ManifestError(f"{path} is {value!r}: {way}")


def _wrong_entry(kind: type, path: str, value: Mapping[str, object]) -> tuple[str, object]:
    """Return the path and value of the first entry of a table that isn't of its type."""
    import msgspec

    of = get_args(kind)[-1]
    for name, entry in value.items():
        try:
            msgspec.convert(entry, of)
        except msgspec.ValidationError:
            return f"{path}.{name}", entry
    return path, value


def _numbers(value: object, path: str) -> Iterable[tuple[float, str]]:
    """Yield the numbers in a field's value, with their paths."""
    if isinstance(value, list):
        for place, entry in enumerate(value, start=1):
            yield from _numbers(entry, f"{path}[{place}]")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value, path


def _name(entry: object, number: int) -> object:
    """Return what names one of several tables: its id, else its number."""
    return entry.get("id", number) if isinstance(entry, Mapping) else number


def _validate(assignment: Assignment) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", assignment.id):
        raise ManifestError(f"id is {assignment.id!r}: use letters, digits, - and _ only")
    if unknown := set(assignment.models.histories) - set(HISTORIES):
        raise ManifestError(
            f"models.histories.{min(unknown)} is unknown: choose from {', '.join(HISTORIES)}"
        )
    if assignment.models.network and assignment.models.answers != "scores":
        raise ManifestError(
            f"models.network is {assignment.models.network}, whose answers are scores: models."
            f"answers is {assignment.models.answers}"
        )
    if not assignment.models.seeds:
        raise ManifestError("models.seeds is empty: give one seed or more")
    for share in ("own_forward_share", "nearly_share"):
        if getattr(assignment, share) > 1:
            raise ManifestError(
                f"{share} is {getattr(assignment, share):g}: give a part of the points, up to 1"
            )
    ids = [question.id for question in assignment.questions]
    notebooks = {notebook.name for notebook in assignment.notebooks}
    for question in assignment.questions:
        if ids.count(question.id) > 1:
            raise ManifestError(f"question {question.id} stands twice in the manifest")
        if question.notebook not in notebooks:
            raise ManifestError(
                f"question {question.id} names the notebook {question.notebook}, which isn't listed"
            )
        taken = assignment.files.taken
        if question.kind == "code" and question.file and question.file not in taken:
            raise ManifestError(
                f"question {question.id} stands in {question.file}, which files.student doesn't "
                "list: add it there"
            )
        if question.kind == "training" and not (question.training and assignment.images):
            raise ManifestError(
                f"question {question.id} is of kind training: it needs a table "
                "[question.training], and the manifest one named [images]"
            )
        for other in question.builds_on:
            if other not in ids:
                raise ManifestError(f"question {question.id} builds on {other}, which isn't listed")
