"""Explains a wrong output by its terms: which of them come in with a wrong weight, and with which.

Everything is computed here, on answers that are there already: nobody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.key import Key
from grader.marking.explaining.failure import PublicFailure
from grader.model.evidence import ExplanationFacts
from grader.model.literals import Composition
from grader.model.programs import Outcome
from grader.model.terms import DeclaredTerms, OutputTerms
from grader.model.trees import Tree
from grader.numeric.terms import equation, fitted
from grader.numeric.weights import Equation, Fitted
from grader.wording.terms import about_terms, joined

#: A message has so many sentences about terms; the evidence holds all of them.
MOST_SENTENCES = 3
#: An array's terms, and its equation where it came as numbers of the right shape.
_Array = tuple[OutputTerms, Equation | None]


@dataclass(frozen=True)
class _Explained:
    """What is otherwise at one place of an output."""

    output: str
    place: str
    found: Sequence[Fitted]
    composition: Composition
    terms: frozenset[str]

    def whole(self, one: Fitted) -> bool:
        """Say whether all terms there have one weight, and nothing else is otherwise."""
        all_of_them = self.terms == frozenset(one.terms) and len(self.found) == 1
        return all_of_them and not (one.extra or one.instead)


class ByTerms:
    """A mechanism: fits what came on the terms that the course declares of the right answer.

    Those are read from *key*; what has none, or isn't explained on every public example, gets no
    sentence.
    """

    def __init__(self, key: Key) -> None:
        self._key = key

    def explain(self, failure: PublicFailure) -> list[ExplanationFacts]:
        """Return an explanation of each output that is explained."""
        declared = self._key.terms.get(failure.check.run, ())
        if not declared or failure.drawn or any(outcome.failed for outcome in failure.outcomes):
            return []
        by_output = {output: _of_output(output, declared, failure) for output in failure.wrong}
        return [
            ExplanationFacts(
                mechanism="terms",
                text=" ".join(_sentences(found)),
                outputs=[output],
                terms=_named(found),
            )
            for output, found in by_output.items()
            if found
        ]


def _of_output(
    output: str, declared: Sequence[DeclaredTerms], failure: PublicFailure
) -> list[_Explained]:
    """Return what is otherwise in one output, by the declarations that are about it.

    Of several of the same arrays, which are ways to see them, the one speaks by which the fewest
    things are otherwise.
    """
    ways: dict[frozenset[str], list[list[_Explained]]] = {}
    for entry in declared:
        if entry.output != output or (entry.after and entry.after in failure.all_wrong):
            continue
        names = frozenset(terms.entry for example in entry.examples for terms in example)
        ways.setdefault(names, []).append(_by_places(entry, failure))
    best: list[_Explained] = []
    for seen in ways.values():
        told = [way for way in seen if way]
        if told:
            best += min(told, key=lambda way: sum(len(one.found) for one in way))
    return best


def _by_places(declared: DeclaredTerms, failure: PublicFailure) -> list[_Explained]:
    """Return what is otherwise at the largest places that something explains."""
    only = failure.check.settings.get("only")
    arrays: list[_Array] = []
    for outcome, example in zip(failure.outcomes, declared.examples, strict=True):
        for terms in example:
            if only is None or terms.entry.rstrip("0123456789") in only:
                came = _came(outcome, declared.output, terms)
                product = declared.composition == "product"
                made = None if came is None else equation(came, terms, product=product)
                arrays.append((terms, made))
    # Of some of an output's arrays nothing is known of the whole.
    whole = len(arrays) == sum(map(len, declared.examples))
    return _at(declared, arrays, 0 if whole else max(0, _depth(arrays) - 1)) or []


def _depth(arrays: Sequence[_Array]) -> int:
    """Return how many places all of some arrays have, one within the other."""
    return min((len(terms.places) for terms, _ in arrays), default=0)


def _at(declared: DeclaredTerms, arrays: Sequence[_Array], level: int) -> list[_Explained] | None:
    """Return what is otherwise at the places of a *level*; where nothing explains one, within it.

    ``None`` where an array stays without explanation: what explains the others may be no cause.
    """
    by_place: dict[str, list[_Array]] = {}
    for terms, made in arrays:
        places = terms.places or (declared.output,)
        if level >= len(places):
            return None
        by_place.setdefault(places[level], []).append((terms, made))
    found: list[_Explained] = []
    for place, inside in by_place.items():
        # One layer's arrays alone show nothing of the other layers'.
        layers = {re.sub(r"\D", "", terms.entry) for terms, _ in inside}
        one = len(layers) == 1 and "" not in layers and level + 1 < _depth(inside)
        explained = None if one else _explained(declared, place, inside)
        if explained is None:
            deeper = _at(declared, inside, level + 1)
            if deeper is None:
                return None
            found += deeper
        elif explained.found:
            found.append(explained)
    return found


def _explained(declared: DeclaredTerms, place: str, entries: Sequence[_Array]) -> _Explained | None:
    equations = [made for _, made in entries if made is not None]
    # An output that is zero throughout is told so by its structure.
    if len(equations) < len(entries) or not any(made.got.any() for made in equations):
        return None
    extras = dict.fromkeys(name for terms, _ in entries for name in terms.others)
    found = fitted(equations, list(extras), product=declared.composition == "product")
    if found is None:
        return None
    names = frozenset(
        name for terms, _ in entries for name, array in terms.terms.items() if array.any()
    )
    explained = _Explained(declared.output, place, found, declared.composition, names)
    if any(terms.read for terms, _ in entries) and declared.composition == "sum":
        # What it is read from may have that factor elsewhere.
        return None if any(map(explained.whole, found)) else explained
    return explained


def _came(outcome: Outcome, output: str, terms: OutputTerms) -> np.ndarray | None:
    """Return what came for an array, as numbers; ``None`` for anything else."""
    value: Tree = outcome.gave.get(output)
    if terms.entry:
        value = value.get(terms.entry) if isinstance(value, Mapping) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return np.asarray(float(value))
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return np.asarray(value, np.float64)
    return None


def _sentences(found: Sequence[_Explained]) -> list[str]:
    """Return a sentence for each thing that is otherwise, with all places where it is; a few."""
    places: dict[tuple[Fitted, Composition, bool], list[str]] = {}
    for explained in found:
        for one in _gathered(explained.found):
            thing = one, explained.composition, explained.whole(one)
            places.setdefault(thing, []).append(explained.place)
    return [
        about_terms(
            one.terms,
            joined(list(dict.fromkeys(at))),
            one.weight,
            instead=one.instead,
            extra=one.extra,
            whole=whole,
            product=composition == "product",
        )
        for (one, composition, whole), at in list(places.items())[:MOST_SENTENCES]
    ]


def _gathered(found: Sequence[Fitted]) -> list[Fitted]:
    """Return *found* with those in one that are wrong in the same way."""
    ways: dict[tuple[str, str, bool], tuple[str, ...]] = {}
    for one in found:
        way = one.weight, one.instead, one.extra
        ways[way] = ways.get(way, ()) + one.terms
    return [Fitted(terms, *way) for way, terms in ways.items()]


def _named(found: Sequence[_Explained]) -> dict[str, str]:
    """Return what each term comes in with, by its name; with its place where there are several."""
    several = len({one.place for one in found}) > 1
    return {
        f"{one.place}: {term}" if several else term: fit.instead or fit.weight
        for one in found
        for fit in one.found
        for term in fit.terms
    }
