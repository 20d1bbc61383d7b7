"""What weights do an output's terms come in with? The fewest that are wrong and explain it all.

An output that differs from the right one is written as the right one with one or two things
otherwise: the weight of some of its terms, a known wrong form of one, a term that doesn't belong
there. Such a reading counts where it gives the output on every example and each weight has one
name on all of them; and where two readings do, neither counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, combinations_with_replacement, product

import numpy as np

from grader.model.terms import Reading, Terms
from grader.model.trees import Array
from grader.numeric import coefficients
from grader.numeric.coefficients import FEWEST, MISSING, RIGHT, Coefficient, Names

#: How closely a reading gives the output, relative to both norms.
CLOSE = 1e-8
#: The same of logarithms: an epsilon that is added somewhere shows at 1e-7.
CLOSE_LOGARITHM = 1e-6
#: Two columns whose angle has a smaller sine than this can't be told apart.
APART = 1e-3
#: How many things may be otherwise.
MOST = 2
#: How many terms may be told apart: all their groups are looked at.
MOST_TERMS = 6


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
class _Change:
    """Some columns with one weight between them, or a known wrong form of one term."""

    terms: tuple[str, ...]
    instead: str = ""
    extra: bool = False


@dataclass(frozen=True)
class Equation:
    """One array that came, flat, and what it is made of; ``right`` is the sum of its terms."""

    got: Array
    columns: Mapping[str, Array]
    instead: Mapping[tuple[str, str], Array]
    symbols: Mapping[str, float]
    right: Array


def quantity(output: Array, read: Reading) -> Array:
    """Return the quantity that is made of terms, found from an *output*; NaN where it isn't one."""
    found = np.asarray(output, np.float64)
    with np.errstate(all="ignore"):
        for step, operand in read:
            match step:
                case "minus":
                    found = found - operand
                case "into":
                    found = operand / found
                case "times":
                    found = found * operand
                case "power":
                    found = found**operand
    return found


def equation(output: Array, terms: Terms, *, product: bool) -> Equation | None:
    """Return the equation of one *output*; ``None`` where it has no number, or another shape.

    A *product* is one of logarithms, where every factor is different from zero.
    """
    found = quantity(output, terms.read)
    shape = np.broadcast_shapes(*(array.shape for array in terms.arrays()))
    if found.shape != shape or not np.isfinite(found).all() or not found.size:
        return None
    if product:
        signs = [np.sign(array) for array in terms.terms.values()]
        if np.any(np.sign(found) != np.prod(signs, axis=0)) or not found.all():
            return None

    def flat(array: Array) -> Array:
        spread = np.broadcast_to(np.asarray(array, np.float64), shape).ravel()
        with np.errstate(all="ignore"):
            return np.log(np.abs(spread)) if product else spread

    columns = {name: flat(array) for name, array in {**terms.others, **terms.terms}.items()}
    instead = {
        (name, clause): flat(array)
        for name, forms in terms.instead.items()
        for clause, array in forms.items()
    }
    right = np.sum([columns[name] for name in terms.terms], axis=0)
    if not np.isfinite(right).all():
        return None
    return Equation(flat(found), columns, instead, terms.symbols, right)


def fitted(
    equations: Sequence[Equation], extras: Sequence[str], *, product: bool
) -> list[Fitted] | None:
    """Return what is otherwise in all *equations*, the fewest things; ``None`` for no reading.

    *extras* are the columns that don't belong there. An empty list: nothing is otherwise.
    """
    stack = _Stack(equations, product=product)
    if stack.close(stack.right):
        return []
    for changes in _readings(stack, extras):
        found = [one for change in changes if (one := stack.solved(change))]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _readings(stack: _Stack, extras: Sequence[str]) -> Iterator[Iterator[tuple[_Change, ...]]]:
    """Yield the readings to look at, those with the fewest things otherwise first.

    Of as many things: weights, then terms that don't belong there, then known wrong forms.
    """
    present = [name for name, column in stack.columns.items() if column.any()]
    terms = [name for name in present if name not in extras][:MOST_TERMS]
    groups = [
        _Change(names) for count in range(1, len(terms) + 1) for names in combinations(terms, count)
    ]
    added = [_Change((name,), extra=True) for name in present if name in extras]
    forms = [_Change((term,), clause) for term, clause in stack.forms]
    kinds = (groups, added, forms)
    for count in range(1, MOST + 1):
        for chosen in sorted(combinations_with_replacement(range(len(kinds)), count), key=sum):
            yield _combined([kinds[kind] for kind in chosen])


def _combined(kinds: Sequence[Sequence[_Change]]) -> Iterator[tuple[_Change, ...]]:
    """Yield one change of each of *kinds*, none twice and none about another one's term."""
    seen: set[frozenset[_Change]] = set()
    for changes in product(*kinds):
        names = [name for change in changes for name in change.terms]
        if len(set(names)) == len(names) and frozenset(changes) not in seen:
            seen.add(frozenset(changes))
            yield changes


class _Stack:
    """All equations in one, end to end: what is asked of each is asked of all at once.

    Weights are found for each equation by itself, where it has numbers enough; those of a product
    are the same everywhere.
    """

    def __init__(self, equations: Sequence[Equation], *, product: bool) -> None:
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

    @cached_property
    def _names(self) -> Names:
        return Names(self._symbols)

    def close(self, given: Array) -> bool:
        """Say whether *given* is what came, in each equation."""
        if self._product:
            return float(np.abs(self._got - given).max()) <= CLOSE_LOGARITHM
        # Without an absolute part: a mean of squared gradients may be 1e-14.
        bound = CLOSE * (self._length + self._norms(given))
        return bool(np.all(self._norms(self._got - given) <= bound))

    def solved(self, changes: Sequence[_Change]) -> list[Fitted] | None:
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
        names = []
        for change, found in zip(free, weights, strict=True):
            # Without a part of its own in the right sum, a term that is too many is all there is.
            added = 0.0 if change.extra else 1.0
            name = _power(found + added) if self._product else self._names.of(found + added)
            if name is None or name.name == (MISSING if change.extra else RIGHT):
                return None
            names.append(replace(name, values=name.values - added))
        if not self.close(self._sum(base, columns, [name.values for name in names])):
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
