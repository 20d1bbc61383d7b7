"""Probes: what each misconception answers to the ladders, as fingerprints, in ``probes.json``.

A fingerprint of an array is its shape, its norm and its projection on one fixed random
direction: two arrays with one fingerprint are equal for every purpose here, and some eighty
wrong implementations take no more room than one sheet of examples.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.model.programs import Outcome
from grader.model.trees import Tree
from grader.numeric.errors import norm

FILE = "probes.json"
#: Fingerprints are of one array when their numbers agree this closely, relative to the norm.
SAME = 1e-9

#: One example: an output's name to its fingerprint, or to the word for what it is instead.
Signature = dict[str, Any]


@dataclass(frozen=True)
class Misconception:
    """A known-wrong implementation, with its words; what it is in code stands elsewhere.

    ``same_as`` names others that no output tells it from.
    """

    id: str
    question: str
    title: str
    message: str
    note: str = ""
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """What a misconception gives: by run a signature for each rung, by check how it failed."""

    misconception: Misconception
    rungs: Mapping[str, Sequence[Signature]]
    verdicts: Mapping[str, str] = field(default_factory=dict)


def signature(outcome: Outcome) -> Signature:
    """Return the fingerprints of all that an example gave, or how it failed."""
    signed: Signature = {}
    for name, value in sorted(outcome.gave.items()):
        signed |= _signed(name, value)
    if outcome.failed:
        signed["failed"] = f"{outcome.failed.stage} {outcome.failed.type}"
    return signed


def alike(one: Signature, other: Signature) -> bool:
    """Say whether two signatures are of the same answer."""
    return one.keys() == other.keys() and all(_close(one[name], other[name]) for name in one)


def dump(probes: Sequence[Probe]) -> bytes:
    """Return ``probes.json``, a line for each misconception."""
    lines = [json.dumps(asdict(probe), separators=(",", ":")) for probe in probes]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("ascii")


def load(folder: Path) -> tuple[Probe, ...]:
    """Return the probes beside a key; none where there is no such file."""
    path = folder / FILE
    return parse(path.read_bytes()) if path.is_file() else ()


def same(one: Sequence[Probe], other: Sequence[Probe]) -> bool:
    """Say whether two lists of probes are of the same misconceptions with the same answers."""
    if [p.misconception for p in one] != [p.misconception for p in other]:
        return False
    return all(
        a.verdicts == b.verdicts
        and a.rungs.keys() == b.rungs.keys()
        and all(
            alike(left, right)
            for run in a.rungs
            for left, right in zip(a.rungs[run], b.rungs[run], strict=True)
        )
        for a, b in zip(one, other, strict=True)
    )


def parse(text: bytes) -> tuple[Probe, ...]:
    """Read ``probes.json``."""
    entries = json.loads(text)
    return tuple(
        Probe(
            Misconception(
                **{
                    **entry["misconception"],
                    "same_as": tuple(entry["misconception"]["same_as"]),
                }
            ),
            entry["rungs"],
            entry["verdicts"],
        )
        for entry in entries
    )


def _signed(name: str, value: Tree) -> Signature:
    if isinstance(value, dict):
        signed: Signature = {}
        for key, child in sorted(value.items()):
            signed |= _signed(f"{name}.{key}", child)
        return signed
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = np.asarray(float(value))
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        return {name: "none" if value is None else type(value).__name__}
    array = np.asarray(value, np.float64)
    if not np.isfinite(array).all():
        return {name: f"not finite {array.shape}"}
    direction = np.random.default_rng(array.shape or (1,)).standard_normal(array.size)
    size, projection = norm(array), float(array.ravel() @ direction)
    return {name: [list(array.shape), float(f"{size:.12g}"), float(f"{projection:.12g}")]}


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    shape, size, projection = one
    other_shape, other_size, other_projection = other
    # Fingerprints are rounded to 12 digits, and a projection can cancel: bound it by the norm.
    bound = 1e-12 + SAME * (size + other_size) * max(1.0, np.prod(shape) ** 0.5)
    return bool(
        shape == other_shape
        and abs(size - other_size) <= bound
        and abs(projection - other_projection) <= bound
    )
