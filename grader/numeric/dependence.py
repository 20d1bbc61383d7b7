"""What outputs do when one input moves: whether they change, where, and how they grow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.model.trees import Array, Tree
from grader.numeric.errors import norm
from grader.numeric.moves import ENDS, Move

#: Relative to the output: up to here it stays the same, from there on it changes. Of what lies
#: between, nothing is said: rounding, float32, a dependence too weak to be called one.
SAME, CHANGED = 1e-13, 1e-6
#: In which share of the examples a reference has to change at least: a unit that is off hides what
#: its output depends on.
_MOSTLY = 0.5
#: How closely an output is a power of two times what it was: exactly, roughly, not at all.
EXACTLY, ROUGHLY, NOT = 1e-9, 1e-3, 2e-2
_EXPONENTS = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)
#: Axes of one length in fewer sizes of examples may be so by chance.
_SIZES = 2


@dataclass(frozen=True)
class Observation:
    """One output before and after one move; ``size`` is the shape of the input that moved."""

    before: Array
    after: Array
    size: tuple[int, ...]


#: By the way of the move: what one output did, in one example after another.
Changes = Mapping[str, Sequence[Observation]]
#: The outputs of an example by name.
Leaves = Mapping[str, Array]


class Observed:
    """What the outputs did in all examples, move by move."""

    def __init__(self) -> None:
        self._changes: dict[tuple[str, str], dict[str, list[Observation]]] = {}
        self._spoilt: set[tuple[str, Move]] = set()

    def add(self, move: Move, size: tuple[int, ...], before: Leaves, after: Leaves | None) -> None:
        """Take in what one move did; of a move that gave no *after*, nothing will be said."""
        for output, value in before.items():
            new = None if after is None else after.get(output)
            if new is None or new.shape != value.shape:
                self._spoilt.add((output, move))
                continue
            seen = self._changes.setdefault((output, move.path), {})
            seen.setdefault(move.how, []).append(Observation(value, new, size))

    def of(self, output: str, path: str) -> Changes:
        """Return what *output* did when the input *path* moved."""
        seen = self._changes.get((output, path), {})
        return {how: c for how, c in seen.items() if (output, Move(path, how)) not in self._spoilt}

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the outputs and inputs of which something was seen."""
        yield from self._changes


def leaves(gave: Mapping[str, Tree], outputs: Iterable[str]) -> dict[str, Array]:
    """Return the finite arrays and numbers of some *outputs* by name; a dict's, by its keys."""
    found: dict[str, Tree] = {}
    for name in outputs:
        value = gave.get(name)
        if isinstance(value, Mapping):
            found |= {f"{name}.{key}": child for key, child in value.items()}
        else:
            found[name] = value
    return {name: array for name, value in found.items() if (array := _array(value)) is not None}


def _array(value: Tree) -> Array | None:
    if isinstance(value, bool) or not isinstance(value, (float, int, np.ndarray)):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "fiu" or not array.size:
        return None
    array = np.asarray(array, np.float64)
    return array if np.isfinite(array).all() else None


def facts_of_reference(changes: Changes) -> dict[str, str]:
    """Return what is known of one output of a reference and one input.

    Axes of input and output belong together that have one length in each change and share it with
    no other axis. What stays the same does so to the last bit: what cancels but for rounding is no
    input that an output has nothing to do with.
    """
    found = facts(changes, _pairs(changes), same=0.0)
    little, far = (_ratios(changes.get(how, ())) for how in ("little", "far"))
    if "change" not in found and _state(little, 0.0, _MOSTLY) == "yes":
        found["change"] = "mostly"
    elif _state(little, 0.0) == "no" and _state(far, 0.0, _MOSTLY) == "yes":
        found["change"] = "far"
    return found


def facts(changes: Changes, pairs: Iterable[tuple[int, int]], same: float = SAME) -> dict[str, str]:
    """Return what holds of every change of one output by one input.

    *pairs* are the axes of input and output that belong together; up to *same*, relative to the
    output, it stays the same.
    """
    found: dict[str, str] = {}
    little, far = (_state(_ratios(changes.get(how, ())), same) for how in ("little", "far"))
    if little == "yes":
        found["change"] = "always"
    elif little == "no" and far is not None:
        found["change"] = "far" if far == "yes" else "never"
    doubled = [change for change in changes.get("double", ()) if norm(change.before)]
    growth = _one(map(_growth, doubled))
    if growth is not None:
        found["growth"] = growth
    for how, seen in changes.items():
        if how[0].isdigit() and (state := _state(_ratios(seen), same)) is not None:
            found[how] = state
    for axis, other in pairs:
        found |= _along(changes, axis, other, same)
    return found


def _along(changes: Changes, axis: int, other: int, same: float) -> dict[str, str]:
    """Return whether an index of an input's *axis* changes that of the output's axis, or others."""
    own: list[float] = []
    others: list[float] = []
    for end in ENDS:
        for change in changes.get(f"{axis}.{end}", ()):
            size = max(norm(change.before), norm(change.after))
            if change.before.ndim <= other or change.before.shape[other] != change.size[axis]:
                return {}
            moved = np.moveaxis(change.after - change.before, other, 0)
            index = 0 if end == "first" else len(moved) - 1
            own.append(_relative(moved[index], size))
            others.append(_relative(np.delete(moved, index, 0), size))
    found = {"own": _state(own, same), "others": _state(others, same)}
    return {f"{axis}-{other}.{name}": state for name, state in found.items() if state is not None}


def _pairs(changes: Changes) -> list[tuple[int, int]]:
    """Return the axes of input and output that have one length in all examples of several sizes."""
    seen = {
        (change.size, change.before.shape)
        for how, found in changes.items()
        if how[0].isdigit()
        for change in found
    }
    if len(seen) < _SIZES or len({(len(size), len(shape)) for size, shape in seen}) > 1:
        return []
    size, shape = next(iter(seen))
    alike = [
        (axis, other)
        for axis in range(len(size))
        for other in range(len(shape))
        if all(one[axis] == two[other] for one, two in seen)
    ]
    return [
        (axis, other)
        for axis, other in alike
        if sum(a == axis for a, _ in alike) == 1 and sum(b == other for _, b in alike) == 1
    ]


def _ratios(changes: Iterable[Observation]) -> list[float]:
    return [_relative(c.after - c.before, max(norm(c.before), norm(c.after))) for c in changes]


def _relative(difference: Array, size: float) -> float:
    return norm(difference) / size if size else 0.0


def _state(ratios: Sequence[float], same: float, share: float = 1.0) -> str | None:
    """Return ``yes`` where that *share* shows a change, ``no`` where none does, else nothing."""
    if not ratios or max(ratios) <= same:
        return "no" if ratios else None
    return "yes" if sum(ratio >= CHANGED for ratio in ratios) >= share * len(ratios) else None


def _one(words: Iterable[str | None]) -> str | None:
    """Return the word that all are, if they are one."""
    found = set(words)
    return found.pop() if len(found) == 1 else None


def _growth(change: Observation) -> str | None:
    """Return the exponent of an output in an input that doubled, ``~`` before a rough one."""
    before, after = norm(change.before), norm(change.after)
    if not after:
        return "none"
    factor = float(np.vdot(change.after, change.before)) / before**2
    off = norm(change.after - factor * change.before) / after
    exponent = min(_EXPONENTS, key=lambda e: abs(math.log2(abs(factor) or 1e-300) - e))
    off = max(off, abs(factor / 2.0**exponent - 1))
    if off <= EXACTLY:
        return f"{exponent:g}"
    if off <= ROUGHLY:
        return f"~{exponent:g}"
    return "none" if off > NOT else None
