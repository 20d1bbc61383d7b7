"""Moves of one input: a little, far, doubled, or far at one index of an axis.

They keep to the input's range and are the same ones wherever they are made: what is found of the
reference at the build is held against what a submission does under the same moves.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from grader.model.dependence import Form, Table
from grader.model.literals import Range
from grader.model.programs import Inputs
from grader.model.trees import Array, Tree

#: How far a little is, relative to the input: a kink lies rarely within, and a change shows.
LITTLE = 1e-3
ENDS = ("first", "last")


class Move(NamedTuple):
    """One input of an example, changed: *how* is ``little``, ``far``, ``double`` or ``0.first``."""

    path: str
    how: str


def varied(inputs: Inputs, used: Collection[str]) -> dict[str, Array]:
    """Return the inputs that can vary by their paths: floats, arrays of them, and those in dicts.

    *used* are the names that the program refers to.
    """
    found: dict[str, Array] = {}
    for name in inputs:
        if name in used:
            found |= _floats(name, inputs[name])
    return found


def _floats(path: str, value: Tree) -> Iterator[tuple[str, Array]]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _floats(f"{path}.{name}", child)
    elif isinstance(value, float) or _is_vector(value):
        yield path, np.asarray(value, np.float64)


def _is_vector(value: Tree) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 0


def form(found: Mapping[str, Array]) -> Form:
    """Return the form of an example by its inputs that can vary."""
    return tuple((path, array.ndim) for path, array in sorted(found.items()))


def narrowest(values: Collection[Array]) -> Range:
    """Return the narrowest range that all *values* of an input keep to."""
    if all(bool(np.all(value > 0)) for value in values):
        below_one = all(value.ndim == 0 and bool(value < 1) for value in values)
        return "unit" if below_one else "positive"
    return "any"


def moves(path: str, value: Array, table: Table) -> list[Move]:
    """Return the moves of one input of the value *value* that its range and *table* admit."""
    allowed = table.ranges.get(path, "any")
    if allowed == "fixed":
        return []
    doubled = allowed != "unit" or bool(np.all(2 * value < 1))
    hows = ["little", "far", *(["double"] if doubled else [])]
    axes = [axis for axis in range(value.ndim) if value.shape[axis] > 1]
    hows += [f"{axis}.{end}" for axis in axes if table.looks_along(path, axis) for end in ENDS]
    return [Move(path, how) for how in hows]


def moved(
    inputs: Inputs, move: Move, value: Array, table: Table, seed: int, scale: float = 1.0
) -> dict[str, Tree]:
    """Return *inputs* with one input moved; *seed* says in which of several directions.

    What is far is that far again by *scale*.
    """
    allowed = table.ranges.get(move.path, "any")
    draw = np.random.default_rng([zlib.crc32(repr(move).encode()), seed])
    if move.how == "double":
        new = 2 * value
    elif move.how == "little":
        new = value + _little(value, allowed, draw)
    else:
        new = np.where(_where(value, move.how), _far(value, allowed, scale, draw), value)
    return _put(inputs, move.path.split("."), new)


def _little(value: Array, allowed: Range, draw: np.random.Generator) -> Array:
    signs = draw.choice([-1.0, 1.0], value.shape)
    step = LITTLE * signs * draw.uniform(0.5, 1.0, value.shape)
    if allowed == "positive":
        return np.asarray(step * value)
    if allowed == "unit":
        return np.asarray(step * np.minimum(value, 1 - value))
    return np.asarray(step * _size(value))


def _far(value: Array, allowed: Range, scale: float, draw: np.random.Generator) -> Array:
    if allowed == "positive":
        power = scale**0.5 * draw.uniform(0.5, 1.0, value.shape)
        return np.asarray(value * np.exp(draw.choice([-1.0, 1.0], value.shape) * power))
    if allowed == "unit":
        return np.where(value < 0.5, (1 + value) / 2, value / 2)
    return np.asarray(scale * _size(value) * draw.standard_normal(value.shape))


def _size(value: Array) -> float:
    return float(np.sqrt(np.mean(value**2))) or 1.0


def _where(value: Array, how: str) -> Array:
    """Return which elements of *value* are moved: all, or those at an end of an axis."""
    if how == "far":
        return np.ones(value.shape, bool)
    axis, _, end = how.partition(".")
    mask = np.zeros(value.shape, bool)
    mask[(slice(None),) * int(axis) + (0 if end == "first" else -1,)] = True
    return mask


def _put(inputs: Mapping[str, Tree], names: list[str], new: Array) -> dict[str, Tree]:
    """Return *inputs* with *new* in the place of what *names* lead to; a number stays a number."""
    first, *rest = names
    old = inputs[first]
    if rest:
        return {**inputs, first: _put(old, rest, new)}
    return {**inputs, first: float(new) if isinstance(old, float) else new.astype(old.dtype)}
