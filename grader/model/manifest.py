"""``assignment.toml``, read into an :class:`~grader.model.assignment.Assignment` and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from grader.model.assignment import (
    ANSWERS,
    HINTS,
    HISTORIES,
    KINDS,
    Assignment,
    Data,
    Files,
    Images,
    Limits,
    ManifestError,
    Models,
    NotebookEntry,
    Outputs,
    Question,
    Scale,
    Training,
)

SCHEMA = "grader/assignment/v1"
#: What may stand at the top of a manifest.
TABLES = (
    "schema",
    "id",
    "title",
    "package",
    "aliases",
    "hints",
    "own_forward_share",
    "files",
    "given",
    "limits",
    "outputs",
    "data",
    "images",
    "models",
    "notebook",
    "question",
)


def parse(data: Mapping[str, Any]) -> Assignment:
    """Make an :class:`Assignment` of a parsed ``assignment.toml``.

    Raises :class:`ManifestError` for anything that is missing, unknown or inconsistent.
    """
    if data.get("schema") != SCHEMA:
        raise ManifestError(f"schema is {data.get('schema')!r}; this grader reads {SCHEMA}")
    _known_keys("", data, TABLES)
    try:
        assignment = Assignment(
            id=data["id"],
            title=data["title"],
            package=data["package"],
            aliases=tuple(data.get("aliases", ())),
            files=_made(Files, "files", data["files"]),
            given={module: tuple(names) for module, names in data.get("given", {}).items()},
            limits=_made(Limits, "limits", data.get("limits", {})),
            notebooks=tuple(
                _made(NotebookEntry, f"notebook[{n}]", entry)
                for n, entry in enumerate(data["notebook"], start=1)
            ),
            questions=tuple(_question(entry, n) for n, entry in enumerate(data["question"], 1)),
            own_forward_share=float(data.get("own_forward_share", 0.5)),
            images=_made(Images, "images", data["images"]) if "images" in data else None,
            hints=data.get("hints", "stepwise"),
            data=_made(Data, "data", data["data"]) if "data" in data else None,
            outputs=_made(Outputs, "outputs", data.get("outputs", {})),
            models=_made(Models, "models", data.get("models", {})),
        )
    except KeyError as error:
        raise ManifestError(f"the manifest has no {error.args[0]!r}: add it") from None
    _validate(assignment)
    return assignment


T = TypeVar("T")


def _made(cls: type[T], path: str, entry: Any) -> T:
    """Return a *cls* of the table at *path*; raises :class:`ManifestError`, naming the field."""
    if not isinstance(entry, Mapping):
        raise ManifestError(f"{path} must be a table, and is {entry!r}")
    known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
    _known_keys(path, entry, known)
    missing = [
        name
        for name, field in known.items()
        if field.default is MISSING and field.default_factory is MISSING and name not in entry
    ]
    if missing:
        raise ManifestError(f"{path} has no {missing[0]}: add it")
    return cls(**_tuples(entry))


def _known_keys(path: str, entry: Mapping[str, Any], known: Iterable[str]) -> None:
    import difflib

    for key in entry:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1) or [", ".join(known)]
            name = f"{path}.{key}" if path else key
            raise ManifestError(f"{name} is no field of the manifest: did you mean {close[0]}?")


def _question(entry: Mapping[str, Any], number: int) -> Question:
    path = f"question[{entry.get('id', number)}]"
    entry = dict(entry)
    points = entry.get("points", 0)
    if isinstance(points, bool) or not isinstance(points, (int, float)) or points < 0:
        raise ManifestError(f"{path}.points is {points!r}: give a number that is not negative")
    if "training" in entry:
        training = dict(entry["training"])
        for mode in ("short", "full"):
            if mode in training:
                training[mode] = _made(Scale, f"{path}.training.{mode}", training[mode])
        entry["training"] = _made(Training, f"{path}.training", training)
    return _made(Question, path, entry)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def _validate(assignment: Assignment) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", assignment.id):
        raise ManifestError(f"id is {assignment.id!r}: use letters, digits, - and _ only")
    if assignment.models.answers not in ANSWERS:
        raise ManifestError(
            f"models.answers is {assignment.models.answers!r}: choose from {', '.join(ANSWERS)}"
        )
    if unknown := set(assignment.models.histories) - set(HISTORIES):
        raise ManifestError(
            f"models.histories.{min(unknown)} is unknown: choose from {', '.join(HISTORIES)}"
        )
    if not assignment.models.seeds:
        raise ManifestError("models.seeds is empty: give one seed or more")
    if assignment.hints not in HINTS:
        raise ManifestError(f"hints is {assignment.hints!r}: choose from {', '.join(HINTS)}")
    ids = [question.id for question in assignment.questions]
    notebooks = {notebook.name for notebook in assignment.notebooks}
    for question in assignment.questions:
        if ids.count(question.id) > 1:
            raise ManifestError(f"question {question.id} stands twice in the manifest")
        if question.notebook not in notebooks:
            raise ManifestError(
                f"question {question.id} names the notebook {question.notebook}, which isn't listed"
            )
        if question.kind not in KINDS:
            raise ManifestError(
                f"question {question.id} is of the unknown kind {question.kind!r}: choose from "
                f"{', '.join(KINDS)}"
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
