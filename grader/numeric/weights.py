"""The weights of terms in what came, solved for on all examples at once and given their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from grader.model.trees import Array
from grader.numeric import coefficients
from grader.numeric.coefficients import FEWEST, MISSING, RIGHT, Coefficient, CoefficientNames

#: How closely a reading gives the output, relative to both norms.
CLOSE = 1e-8
#: The same of logarithms: an epsilon that is added somewhere shows at 1e-7.
CLOSE_LOGARITHM = 1e-6
#: What is smaller than this part of the right answer is a rounding error.
ROUNDING = 1e-13
#: Two columns whose angle has a smaller sine than this can't be told apart.
APART = 1e-3
#: In place of a weight: a product has the opposite sign.
TURNED = "sign"


@dataclass(frozen=True)
class Fitted:
    """One thing that is otherwise: what some terms come in with.

    ``instead`` is the clause about a known wrong form, whose term comes in with its right weight;
    ``extra`` says that the term doesn't belong there.
    """

    terms: tuple[str, ...]
    weight: str
    instead: str = ""
    extra: bool = False


@dataclass(frozen=True)
class Change:
    """Some columns with one weight between them, or a known wrong form of one term."""

    terms: tuple[str, ...]
    instead: str = ""
    extra: bool = False


@dataclass(frozen=True)
class Equation:
    """One array that came, flat, and what it is made of; ``right`` is what is asked.

    Those of a product are of logarithms, and the signs stand beside them: by a column's name and
    the clause of its wrong form, which is empty for the column itself.
    """

    got: Array
    right: Array
    columns: Mapping[str, Array]
    instead: Mapping[tuple[str, str], Array]
    symbols: Mapping[str, float]
    got_sign: Array
    signs: Mapping[tuple[str, str], Array]


class Stack:
    """All equations in one, end to end: what is asked of each is asked of all at once.

    Weights are found for each equation by itself, where it has numbers enough; those of a product
    are the same everywhere.
    """

    def __init__(
        self, equations: Sequence[Equation], extras: Sequence[str], *, product: bool
    ) -> None:
        self._equations, self._extras = equations, extras
        sizes = [e.got.size for e in equations]
        self._sizes, self._count, self._product = np.array(sizes), len(sizes), product
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
        self._symbols = [e.symbols for e in equations]
        self._got = np.concatenate([e.got for e in equations])
        self.right = np.concatenate([e.right for e in equations])
        names = dict.fromkeys(name for e in equations for name in e.columns)
        self.columns = {
            name: np.concatenate([e.columns.get(name, np.zeros(e.got.size)) for e in equations])
            for name in names
        }
        keys = dict.fromkeys(key for e in equations for key in e.instead)
        #: What each known wrong form adds to the right sum; NaN where an equation lacks it.
        self.forms = {key: np.concatenate([_added(e, key) for e in equations]) for key in keys}
        self._length = self._norms(self._got)
        self._rounding = ROUNDING * self._norms(self.right)

    @cached_property
    def _names(self) -> CoefficientNames:
        return CoefficientNames(self._symbols)

    def close(self, given: Array) -> bool:
        """Say whether *given* is what came, in each equation."""
        if self._product:
            return float(np.abs(self._got - given).max()) <= CLOSE_LOGARITHM
        # What is absolute goes by the right answer: a mean of squared gradients may be 1e-14.
        bound = CLOSE * (self._length + self._norms(given)) + self._rounding
        return bool(np.all(self._norms(self._got - given) <= bound))

    def turned(self) -> list[Fitted] | None:
        """Return what is otherwise in a product of the right size: nothing, or its sign."""
        if self._signed([], {}):
            return []
        if self._signed([], {}, whole=-1.0):
            terms = [name for name in self.columns if name not in self._extras]
            return [Fitted(tuple(terms), TURNED)]
        return None

    def _signed(
        self, changes: Sequence[Change], powers: Mapping[Change, float], whole: float = 1.0
    ) -> bool:
        """Say whether a product with these *changes* has the signs that came."""
        by_term = {term: change for change in changes for term in change.terms}
        for e in self._equations:
            sign = np.full(e.got.size, whole)
            for name in e.columns:
                change = by_term.get(name)
                if change is None:
                    power = 0.0 if name in self._extras else 1.0
                    sign *= _powered(e.signs[name, ""], power)
                elif change.instead:
                    sign *= e.signs[name, change.instead]
                else:
                    sign *= _powered(e.signs[name, ""], powers[change])
            if np.any(sign != e.got_sign):
                return False
        return True

    def solved(self, changes: Sequence[Change]) -> list[Fitted] | None:
        """Return *changes* with their weights, where they explain all equations."""
        base, free = self.right, []
        for change in changes:
            if change.instead:
                base = base + self.forms[change.terms[0], change.instead]
            else:
                free.append(change)
        columns = [np.sum([self.columns[n] for n in change.terms], axis=0) for change in free]
        if not all(np.isfinite(array).all() for array in (base, *columns)):
            return None
        weights = self._weights(columns, self._got - base) if free else []
        if weights is None or not self.close(self._sum(base, columns, weights)):
            return None
        measured = int(self._sizes.min()) >= len(free) + FEWEST
        names = []
        for change, found in zip(free, weights, strict=True):
            # Without a part of its own in the right sum, a term that is too many is all there is.
            added = 0.0 if change.extra else 1.0
            name = (
                _power(found + added)
                if self._product
                else self._names.of(found + added, measured=measured)
            )
            if name is None or name.name == (MISSING if change.extra else RIGHT):
                return None
            names.append(replace(name, values=name.values - added))
        if not self.close(self._sum(base, columns, [name.values for name in names])):
            return None
        if self._product:
            powers = {
                change: float(name.values[0]) + (0.0 if change.extra else 1.0)
                for change, name in zip(free, names, strict=True)
            }
            if not self._signed(changes, powers):
                return None
        told = {change: name.name for change, name in zip(free, names, strict=True)}
        return [
            Fitted(change.terms, told.get(change, RIGHT), change.instead, change.extra)
            for change in changes
        ]

    def _weights(self, columns: Sequence[Array], rest: Array) -> list[Array] | None:
        """Return the weight of each column in *rest* by equation; NaN where it has no column."""
        together = self._product or int(self._sizes.min()) < len(columns)
        if together and len(rest) - len(columns) < FEWEST:
            return None
        starts = self._starts[:1] if together else self._starts

        def dot(one: Array, other: Array) -> Array:
            return np.asarray(np.add.reduceat(one * other, starts))

        one, *others = columns
        square, known = dot(one, one), dot(one, rest)
        with np.errstate(all="ignore"):
            if not others:
                weights = [known / square]
            else:
                (other,) = others
                across, other_square, other_known = (
                    dot(one, other),
                    dot(other, other),
                    dot(other, rest),
                )
                apart = square * other_square - across**2
                both = apart > APART**2 * square * other_square
                weights = [
                    np.where(both, (known * other_square - other_known * across) / apart, np.nan),
                    np.where(both, (other_known * square - known * across) / apart, np.nan),
                ]
                # Where one of them isn't there the other is alone.
                weights[0] = np.where(other_square == 0, known / square, weights[0])
                weights[1] = np.where(square == 0, other_known / other_square, weights[1])
        return [np.broadcast_to(found, self._count) for found in weights]

    def _sum(self, base: Array, columns: Sequence[Array], weights: Sequence[Array]) -> Array:
        for column, found in zip(columns, weights, strict=True):
            base = base + column * np.repeat(np.nan_to_num(found), self._sizes)
        return base

    def _norms(self, array: Array) -> Array:
        return np.sqrt(np.add.reduceat(array**2, self._starts))


def _added(equation: Equation, key: tuple[str, str]) -> Array:
    term = key[0]
    if term not in equation.columns:
        return np.zeros(equation.got.size)
    if key not in equation.instead:
        return np.full(equation.got.size, np.nan)
    return equation.instead[key] - equation.columns[term]


def _power(found: Array) -> Coefficient | None:
    power = coefficients.power(float(found[0]))
    if power is None:
        return None
    return Coefficient(coefficients.power_name(power), np.full(len(found), power))


def _powered(sign: Array, power: float) -> Array:
    """Return the sign of a power; 0 where there is none, of the root of a negative number."""
    if power % 2 == 0:
        return np.ones_like(sign)
    return sign if power % 2 == 1 else np.where(sign > 0, 1.0, 0.0)
