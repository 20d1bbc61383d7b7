"""What weights do an output's terms come in with? The fewest that are wrong and explain it all.

An output that differs from the right one is written as the right one with one or two things
otherwise: the weight of some of its terms, a known wrong form of one, a term that doesn't belong
there. Such a reading counts where it gives the output on every example and each weight has one
name on all of them; and where two readings do, neither counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np

from grader.model.terms import OutputTerms, Reading
from grader.model.trees import Array
from grader.numeric.weights import Change, Equation, Fitted, Stack

#: How many terms may be told apart: all their groups are looked at.
MOST_TERMS = 6


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


def equation(output: Array, terms: OutputTerms, *, product: bool) -> Equation | None:
    """Return the equation of one *output*; ``None`` where it has no number, or another shape.

    A *product* is one of logarithms: nothing in it may be zero.
    """
    found = quantity(output, terms.read)
    shape = next(iter(terms.terms.values())).shape
    if found.shape != shape or not np.isfinite(found).all() or not found.size:
        return None
    if product and not found.all():
        return None
    columns = {name: a.ravel() for name, a in (*terms.others.items(), *terms.terms.items())}
    forms = {
        (name, clause): array.ravel()
        for name, known in terms.instead.items()
        for clause, array in known.items()
    }
    signs: dict[tuple[str, str], Array] = {}
    if product:
        signs = {(name, ""): np.sign(column) for name, column in columns.items()}
        signs |= {key: np.sign(form) for key, form in forms.items()}
        with np.errstate(all="ignore"):
            columns = {name: np.log(np.abs(column)) for name, column in columns.items()}
            forms = {key: np.log(np.abs(form)) for key, form in forms.items()}
    right = np.sum([columns[name] for name in terms.terms], axis=0)
    if not np.isfinite(right).all():
        return None
    return Equation(
        got=np.log(np.abs(found)).ravel() if product else found.ravel(),
        right=right,
        columns=columns,
        instead=forms,
        symbols=terms.symbols,
        got_sign=np.sign(found).ravel(),
        signs=signs,
    )


def fitted(
    equations: Sequence[Equation], extras: Sequence[str], *, product: bool
) -> list[Fitted] | None:
    """Return what is otherwise in all *equations*, the fewest things; ``None`` for no reading.

    *extras* are the columns that don't belong there. An empty list: nothing is otherwise.
    """
    stack = Stack(equations, extras, product=product)
    if stack.close(stack.right):
        return [] if not product else stack.turned()
    for changes in _readings(stack, extras):
        found = [one for change in changes if (one := stack.solved(change))]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _readings(stack: Stack, extras: Sequence[str]) -> Iterator[Iterator[tuple[Change, ...]]]:
    """Yield the readings to look at, those with the fewest things otherwise first.

    Of as many things: weights, then terms that don't belong there, then known wrong forms.
    """
    present = [name for name, column in stack.columns.items() if column.any()]
    terms = [name for name in present if name not in extras][:MOST_TERMS]
    groups = [
        Change(names) for count in range(1, len(terms) + 1) for names in combinations(terms, count)
    ]
    added = [Change((name,), extra=True) for name in present if name in extras]
    forms = [Change((term,), clause) for term, clause in stack.forms]
    for kinds in (
        (groups,),
        (added,),
        (forms,),
        # Of two things that are otherwise, one term each: more would fit too much.
        (groups[: len(terms)], groups[: len(terms)]),
        (groups, added),
        (groups[: len(terms)], forms),
        (added, added),
        (added, forms),
        (forms, forms),
    ):
        yield _combined(kinds)


def _combined(kinds: Sequence[Sequence[Change]]) -> Iterator[tuple[Change, ...]]:
    """Yield one change of each of *kinds*, none twice and none about another one's term."""
    seen: set[frozenset[Change]] = set()
    for changes in product(*kinds):
        names = [name for change in changes for name in change.terms]
        if len(set(names)) == len(names) and frozenset(changes) not in seen:
            seen.add(frozenset(changes))
            yield changes
