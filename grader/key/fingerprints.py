"""Probes: how the answers of each misconception differ from the right ones, in ``probes.json``.

A fingerprint is of one array on all examples of a run, the key's own and the public ones: of its
difference from the right answers, by the size of these, the norm and the projection on one fixed
random direction, and how its shape differs. Two arrays with one fingerprint are equal for every
purpose here, on every example. What is right has none.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from grader.model.programs import Outcome
from grader.model.trees import Array, Tree
from grader.numeric.errors import agrees, norm

FILE = "probes.json"
#: The name under which a signature says that calls failed, and how.
FAILED = "failed"
#: Fingerprints are of one array when their numbers agree this closely, relative to them; and at
#: least as closely as right formulas agree with each other.
SAME, ROUNDING = 1e-7, 1e-10
#: Up to this size directions are kept: a submission decides on the shapes of what it returns.
MOST_KEPT = 1 << 14

#: Form (a checksum), norm and projection, a list in JSON.
Fingerprint = tuple[int, float, float]
#: By the name of an array, that of a dict's as ``grads.W1``; what is right isn't in it.
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
    """What a misconception gives: by run what differs from what is right, and how checks failed.

    ``verdicts`` has, by check and output, the kind of the failure.
    """

    misconception: Misconception
    runs: Mapping[str, Signature]
    verdicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def signature(
    outcomes: Sequence[Outcome], answers: Sequence[Sequence[Mapping[str, Tree]]]
) -> Signature:
    """Return the fingerprints of what examples gave, as far as it isn't right.

    *answers* has, for each example, all that are right. How examples failed stands under
    ``failed``.
    """
    got = [_leaves(outcome.gave) for outcome in outcomes]
    right = [[_leaves(answer) for answer in several] for several in answers]
    names = {name for one in (*got, *(a for several in right for a in several)) for name in one}
    signed: Signature = {}
    for name in sorted(names):
        found = [
            _compared(one.get(name), [answer.get(name) for answer in several])
            for one, several in zip(got, right, strict=True)
        ]
        if any(piece is not None for _, piece in found):
            signed[name] = _measured(found)
    failures = [f"{o.failed.stage} {o.failed.type}" if o.failed else "" for o in outcomes]
    if any(failures):
        signed[FAILED] = _measured([(failure, None) for failure in failures])
    return signed


def alike(one: Signature, other: Signature) -> bool:
    """Say whether two signatures are of the same answers."""
    return one.keys() == other.keys() and all(close(one[name], other[name]) for name in one)


def close(one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether two fingerprints are of one array."""
    form, size, projection = one
    other_form, other_size, other_projection = other
    # The projection is on a unit vector, so that it differs by no more than the arrays do.
    bound = ROUNDING + SAME * (size + other_size)
    return bool(
        form == other_form
        and abs(size - other_size) <= bound
        and abs(projection - other_projection) <= bound
    )


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
        and a.runs.keys() == b.runs.keys()
        and all(alike(a.runs[run], b.runs[run]) for run in a.runs)
        for a, b in zip(one, other, strict=True)
    )


def parse(text: bytes) -> tuple[Probe, ...]:
    """Read ``probes.json``. Of one of an earlier release the words count, and no answers."""
    entries = json.loads(text)
    return tuple(
        Probe(
            Misconception(
                **{
                    **entry["misconception"],
                    "same_as": tuple(entry["misconception"]["same_as"]),
                }
            ),
            entry.get("runs", {}),
            entry["verdicts"] if "runs" in entry else {},
        )
        for entry in entries
    )


def _leaves(gave: Mapping[str, Tree]) -> dict[str, Tree]:
    """Return the arrays of an answer by name, those of a dict by its name and theirs."""
    found: dict[str, Tree] = {}
    for name, value in gave.items():
        if isinstance(value, dict) and value:
            found |= {f"{name}.{key}": child for key, child in value.items()}
        else:
            found[name] = value
    return found


def _compared(got: Tree, right: Sequence[Tree]) -> tuple[str, Array | None]:
    """Return the form and the numbers by which an array differs; none where it is right.

    The numbers are relative to the size of the right ones.
    """
    one, others = _array(got), [_array(answer) for answer in right]
    for other in others:
        if isinstance(one, str) or isinstance(other, str):
            if isinstance(one, str) and isinstance(other, str) and one == other:
                return "", None
        elif one.shape == other.shape and agrees(one, other):
            return "", None
    first = others[0]
    if isinstance(one, str):
        return one, _NOTHING
    scale = 1.0 if isinstance(first, str) else norm(first) or 1.0
    if isinstance(first, str) or first.shape != one.shape:
        return str(one.shape), one.ravel() / scale
    return "", (one - first).ravel() / scale


def _array(value: Tree) -> Array | str:
    if isinstance(value, (int, float)):
        value = np.asarray(float(value))
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        return "none" if value is None else type(value).__name__
    array = np.asarray(value, np.float64)
    return array if np.isfinite(array).all() else f"not finite {array.shape}"


def _measured(found: Sequence[tuple[str, Array | None]]) -> Fingerprint:
    forms = repr([(form, 0 if piece is None else piece.size) for form, piece in found])
    form = zlib.crc32(forms.encode("ascii", "backslashreplace"))
    whole = np.concatenate([_NOTHING, *(piece for _, piece in found if piece is not None)])
    draw = _direction if whole.size <= MOST_KEPT else _direction.__wrapped__
    direction, length = draw(whole.size)
    projection = float(whole @ direction) / length if whole.size else 0.0
    return form, float(f"{norm(whole):.12g}"), float(f"{projection:.12g}")


@lru_cache(maxsize=64)
def _direction(size: int) -> tuple[Array, float]:
    """Return the direction that arrays of *size* are projected on, and its length."""
    direction = np.random.default_rng((size,)).standard_normal(size)
    return direction, norm(direction)


_NOTHING: Array = np.empty(0)
