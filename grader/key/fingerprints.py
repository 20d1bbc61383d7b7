"""Probes: what each misconception answers to the ladders, as fingerprints, in ``probes.json``.

A fingerprint of an array is its shape, its norm and its projection on one fixed random
direction: two arrays with one fingerprint are equal for every purpose here, and some two hundred
wrong implementations take no more room than the key's own text.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from grader.model.programs import Outcome
from grader.model.trees import Array, Tree
from grader.numeric.errors import norm

FILE = "probes.json"
#: Fingerprints are of one array when their numbers agree this closely, relative to the norm.
SAME = 1e-9
#: Up to this size directions are kept: a submission decides on the shapes of what it returns.
MOST_KEPT = 4096

#: Form, norm and projection of an output, a list in JSON; or the word for what it is instead.
Fingerprint = tuple[list[int], float, float] | str
#: One example: each output's name and fingerprint.
Signature = dict[str, Fingerprint]


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
    signed: Signature = {name: _signed(value) for name, value in sorted(outcome.gave.items())}
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


def _signed(value: Tree) -> Fingerprint:
    """Return the form, the norm and the projection of an array or a dict of them; else a word.

    A dict counts as its arrays laid end to end, in the order of their names; its form is a
    checksum of names and shapes.
    """
    if isinstance(value, dict):
        leaves = [(name, _array(child)) for name, child in sorted(value.items())]
        wrong = [f"{name}: {leaf}" for name, leaf in leaves if isinstance(leaf, str)]
        if wrong or not leaves:
            return ", ".join(wrong) or "empty"
        arrays = [(name, leaf) for name, leaf in leaves if not isinstance(leaf, str)]
        shapes = repr([(name, leaf.shape) for name, leaf in arrays])
        form = [zlib.crc32(shapes.encode("ascii", "backslashreplace"))]
        whole = np.concatenate([leaf.ravel() for _, leaf in arrays])
        return _measured(form, whole)
    array = _array(value)
    return array if isinstance(array, str) else _measured(list(array.shape), array)


def _array(value: Tree) -> Array | str:
    if isinstance(value, (int, float)):
        value = np.asarray(float(value))
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        return "none" if value is None else type(value).__name__
    array = np.asarray(value, np.float64)
    return array if np.isfinite(array).all() else f"not finite {array.shape}"


def _measured(form: list[int], array: Array) -> Fingerprint:
    draw = _direction if array.size <= MOST_KEPT else _direction.__wrapped__
    direction, length = draw(array.shape)
    projection = float(array.ravel() @ direction) / length if array.size else 0.0
    return form, float(f"{norm(array):.12g}"), float(f"{projection:.12g}")


@lru_cache(maxsize=256)
def _direction(shape: tuple[int, ...]) -> tuple[Array, float]:
    """Return the direction that arrays of *shape* are projected on, and its length."""
    direction = np.random.default_rng(shape or (1,)).standard_normal(math.prod(shape))
    return direction, norm(direction)


def _close(one: Fingerprint, other: Fingerprint) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    form, size, projection = one
    other_form, other_size, other_projection = other
    # The projection is on a unit vector, so that it differs by no more than the arrays do.
    bound = 1e-12 + SAME * (size + other_size)
    return bool(
        form == other_form
        and abs(size - other_size) <= bound
        and abs(projection - other_projection) <= bound
    )
