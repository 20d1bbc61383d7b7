"""The terms of a key's public answers on disk: ``terms.json`` and its arrays, ``terms.bin``.

They say what right answers are made of: they stand beside a key and in no download.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from grader.model.terms import DeclaredTerms, OutputTerms
from grader.model.trees import Packed, Tree, pack, unpack
from grader.numeric.errors import agrees

SCHEMA = "grader/terms/v1"
JSON, BIN = "terms.json", "terms.bin"

#: By run: the terms of its outputs, in the order in which they are declared.
TermsByRun = Mapping[str, Sequence[DeclaredTerms]]


class TermsRecord(TypedDict):
    """The terms of one run; ``at`` is where its arrays begin in the bytes, and how many."""

    trees: Packed
    at: list[int]


class StoredTerms(Mapping[str, Sequence[DeclaredTerms]]):
    """The terms by run, unpacked when they are first asked for."""

    def __init__(self, entries: Mapping[str, TermsRecord], data: bytes) -> None:
        self._entries, self._data = entries, data
        self._read: dict[str, list[DeclaredTerms]] = {}

    def __getitem__(self, run: str) -> list[DeclaredTerms]:
        if run not in self._read:
            start, length = self._entries[run]["at"]
            data = memoryview(self._data)[start : start + length]
            tree = unpack(self._entries[run]["trees"], data)
            self._read[run] = [
                DeclaredTerms(
                    entry["output"],
                    entry["composition"],
                    [[OutputTerms(**terms) for terms in example] for example in entry["examples"]],
                    entry["after"],
                )
                for entry in tree
            ]
        return self._read[run]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def dump(declared: TermsByRun) -> dict[str, bytes]:
    """Return the files of the terms, by name; none where nothing is declared."""
    if not declared:
        return {}
    parts: list[bytes] = []
    runs: dict[str, TermsRecord] = {}
    for run, entries in declared.items():
        trees, data = pack([_tree(entry) for entry in entries])
        runs[run] = {"trees": trees, "at": [sum(map(len, parts)), len(data)]}
        parts.append(data)
    lines = ",\n".join(
        f"  {json.dumps(run)}: {json.dumps(record, separators=(',', ':'))}"
        for run, record in runs.items()
    )
    written = f'{{\n "schema": {json.dumps(SCHEMA)},\n "runs": {{\n{lines}\n }}\n}}\n'
    return {JSON: written.encode("ascii"), BIN: b"".join(parts)}


def load(folder: Path) -> TermsByRun:
    """Return the terms beside a key; none where there is no such file.

    Raises :class:`ValueError` for a file of another form.
    """
    if not (folder / JSON).is_file():
        return {}
    document: dict[str, Any] = json.loads((folder / JSON).read_bytes())
    if document.get("schema") != SCHEMA:
        raise ValueError(f"{folder / JSON} is {document.get('schema')}; {SCHEMA} is read here")
    return StoredTerms(document["runs"], (folder / BIN).read_bytes())


def same(one: TermsByRun, other: TermsByRun) -> bool:
    """Say whether two sets of terms are the same declarations, with the same numbers."""
    return list(one) == list(other) and all(
        _alike([_tree(entry) for entry in one[run]], [_tree(entry) for entry in other[run]])
        for run in one
    )


def _tree(declared: DeclaredTerms) -> Tree:
    return {
        "output": declared.output,
        "composition": declared.composition,
        "after": declared.after,
        "examples": [[_record(terms) for terms in example] for example in declared.examples],
    }


def _record(terms: OutputTerms) -> Tree:
    record = asdict(terms)
    return {name: record[name] for name in record if record[name] or name == "terms"}


def _alike(one: Tree, other: Tree) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        # A form that isn't finite on some example is known to be so.
        apart = np.nan_to_num(one), np.nan_to_num(other)
        return one.shape == other.shape and agrees(*apart)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(_alike(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)
