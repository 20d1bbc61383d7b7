"""Make ``docs/result.schema.json`` from the types of results.

``python docs/make_schema.py`` writes it; with ``--check`` it exits with 1 where the file is stale.
The fields, their descriptions and bounds stand in ``grader/model/records.py`` and
``grader/model/evidence.py``; what no type says (what belongs to which status) stands here.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

from grader.model import evidence, records

FILE = Path(__file__).with_name("result.schema.json")
HEAD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "grader/result/v1",
    "title": "The result of one submission",
    "description": "What result.json holds. Fields that are not described here are to be ignored: "
    "this version only grows.",
}
PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}

Schema = dict[str, Any]


def _where(field: str, value: object, then: Schema) -> Schema:
    return {"if": {"properties": {field: {"const": value}}}, "then": {"properties": then}}


#: What belongs to which status, by the type.
RULES = {
    records.SubmissionRecord: [
        _where("status", "unreadable", {"score": {"const": 0}, "notes": {"minItems": 1}})
    ],
    records.CheckRecord: [
        _where("status", "passed", {"stage": {"type": "null"}}),
        _where("status", "failed", {"stage": {"type": "string"}}),
    ],
}


def schema() -> Schema:
    """Return the schema of a result."""
    defs: Schema = {}
    return {**HEAD, **_table(records.SubmissionRecord, defs), "$defs": defs}


def text() -> str:
    """Return what the file should hold."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _table(kind: Any, defs: Schema) -> Schema:
    """Return the schema of a TypedDict."""
    made: Schema = {"type": "object"}
    required = [name for name in kind.__annotations__ if name in kind.__required_keys__]
    if required:
        made["required"] = required
    made["properties"] = {name: _of(found, defs) for name, found in kind.__annotations__.items()}
    if kind in RULES:
        made["allOf"] = RULES[kind]
    return made


def _of(kind: Any, defs: Schema) -> Schema:
    """Return the schema of a type; those of tables go into *defs*."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind == evidence.Listed:
        return _listed(defs)
    if is_typeddict(kind):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", re.sub("Record|Facts", "", kind.__name__)).lower()
        if name not in defs:
            defs[name] = {}  # its place, ahead of those that it needs
            defs[name] |= {"description": _said(kind), **_table(kind, defs)}
        return {"$ref": f"#/$defs/{name}"}
    if origin in (Required, NotRequired):
        return _of(inner[0], defs)
    if origin is Annotated:
        made = _of(inner[0], defs)
        for more in inner[1:]:
            made |= {"description": more} if isinstance(more, str) else more.keywords
        return made
    if origin is Literal:
        return {"const": inner[0]} if len(inner) == 1 else {"enum": list(inner)}
    if origin in (Union, UnionType):
        (one,) = (_of(member, defs) for member in inner if member is not NoneType)
        if "enum" in one:
            return {**one, "enum": [None, *one["enum"]]}
        if "type" in one:
            return {**one, "type": [one["type"], "null"]}
        return {"anyOf": [one, {"type": "null"}]}
    if origin is list:
        return {"type": "array", "items": _of(inner[0], defs)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1], defs)}
    return {"type": PLAIN[kind]}


def _listed(defs: Schema) -> Schema:
    defs["array"] = {
        "description": "An array as nested lists, bounded in size; numbers that are not finite, "
        "and arrays too large to show, are texts.",
        "type": ["number", "boolean", "string", "array", "null"],
        "items": {"$ref": "#/$defs/array"},
    }
    return {"$ref": "#/$defs/array"}


def _said(kind: Any) -> str:
    return " ".join((kind.__doc__ or "").split()).replace("``", "")


def main() -> int:
    if "--check" in sys.argv[1:]:
        fresh = FILE.is_file() and FILE.read_text("utf-8") == text()
        if not fresh:
            print(f"{FILE} is stale: run python docs/make_schema.py", file=sys.stderr)
        return 0 if fresh else 1
    FILE.write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
