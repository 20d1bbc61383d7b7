"""Whether an output is made of its terms with the weights that were told, on further examples."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from oracle import Leaves, Oracle, leaves
from plants import COURSE

from grader.model.programs import Outcome, Run

#: How closely the sum must give what came: a weight that is told in digits has three of them.
_NAMED, _DIGITS = 1e-5, 1e-2
_READ = {
    "minus": lambda value, operand: value - operand,
    "into": lambda value, operand: operand / value,
    "times": lambda value, operand: value * operand,
    "power": lambda value, operand: value**operand,
}


@cache
def declarations() -> Sequence[Any]:
    """Return what the course declares of its outputs' terms; nothing where it declares none."""
    file = COURSE / "terms" / "__init__.py"
    if not file.is_file():
        return ()
    spec = importlib.util.spec_from_file_location(
        "_terms_judged", file, submodule_search_locations=[str(file.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["_terms_judged"] = module
    spec.loader.exec_module(module)
    found: Sequence[Any] = module.TERMS
    return found


@dataclass(frozen=True)
class Weights:
    """What was told of an output: what each term comes in with, and the sentences about it.

    *only* are the entries of the output that were looked at, without their numbers; all of them
    where there are none.
    """

    question: str
    output: str
    told: Mapping[str, str]
    text: str
    only: Sequence[str] = ()

    def of(self, terms: Any) -> Iterator[tuple[str, str]]:
        """Yield each term of one array that something is told of, and under which name.

        Where a sentence names a place, it is about arrays that belong there alone.
        """
        places = [p for p in terms.places or (self.output,) if self._names(p)]
        for term in (*terms.terms, *terms.others):
            for name in (*[term] * bool(places), *(f"{place}: {term}" for place in places)):
                if name in self.told:
                    yield term, name

    def _names(self, place: str) -> bool:
        heads = [sentence.partition(":")[0] for sentence in self.text.split(". ")]
        return any(re.search(rf"\b(in|of|and|,) {re.escape(place)}($|,| and )", h) for h in heads)


def made_of(oracle: Oracle, run: Run, said: Weights, given: Sequence[Outcome]) -> bool | None:
    """Say whether an output has the weights that are told, and all others are right.

    *given* is what the submission answers to the examples of *run*. None where no declaration is
    about it.
    """
    fits = [
        fit
        for declared in declarations()
        if (declared.question, declared.output) == (said.question, said.output)
        for fit in [_fits(oracle, run, declared, said, given)]
        if fit is not None
    ]
    return any(fits) if fits else None


def _fits(
    oracle: Oracle, run: Run, declared: Any, said: Weights, given: Sequence[Outcome]
) -> bool | None:
    answers = oracle.right(run)
    if declared.beside is not None:
        beside = [declared.beside(inputs) for inputs in run.examples]
        answers = oracle.right(Run(f"{run.id}.beside", run.program, beside))
    fits, named = [], set()
    for inputs, answer, outcome in zip(run.examples, answers, given, strict=True):
        found = declared.terms(inputs, answer.gave)
        if found is None or outcome.failed:
            continue
        for terms in [found] if hasattr(found, "terms") else found:
            if said.only and terms.entry.rstrip("0123456789") not in said.only:
                continue
            names = dict(said.of(terms))
            named |= set(names.values())
            weights = {term: said.told[name] for term, name in names.items()}
            fits.append(_equal(terms, declared, weights, leaves(outcome)))
    if not fits or named != set(said.told):
        return None
    return all(fits)


def _equal(terms: Any, declared: Any, weights: Mapping[str, str], came: Leaves) -> bool:
    """Say whether one array that came is made of its terms with these weights, or right ones."""
    name = f"{declared.output}.{terms.entry}" if terms.entry else declared.output
    if name not in came:
        return False
    product = declared.composition == "product"
    made: Any = 1.0 if product else 0.0
    close = _NAMED
    for term, array in (*terms.terms.items(), *terms.others.items()):
        said = weights.get(term, "1" if term in terms.terms else "0")
        form = terms.instead.get(term, {}).get(said)
        turned = product and said == "sign"
        weight = 1.0 if form is not None or turned else number(said, terms.symbols)
        close = _DIGITS if re.fullmatch(r"-?\d*\.\d+(e.*)?", said) else close
        part = np.asarray(array if form is None else form, np.float64)
        made = made * _power(part, weight) if product else made + weight * part
    if product and "sign" in weights.values():
        made = -made
    read = came[name]
    with np.errstate(all="ignore"):
        for step, operand in terms.read:
            read = _READ[step](read, np.asarray(operand, np.float64))
        wanted = np.broadcast_to(made, read.shape) if np.ndim(made) <= read.ndim else made
        if product and any(abs(w - round(w)) > 0 for w in _powers(weights, terms)):
            read, wanted = np.abs(read), np.abs(wanted)  # no sign goes with half a power
        off = np.linalg.norm(read - wanted)
        return bool(off <= 1e-12 + close * (np.linalg.norm(read) + np.linalg.norm(wanted)))


def _power(part: np.ndarray, weight: float) -> np.ndarray:
    odd = round(weight) % 2 == 1
    with np.errstate(all="ignore"):
        power: np.ndarray = np.abs(part) ** weight * (np.sign(part) if odd else 1.0)
    return power


def _powers(weights: Mapping[str, str], terms: Any) -> Iterator[float]:
    for term, said in weights.items():
        if said != "sign" and said not in terms.instead.get(term, {}):
            yield number(said, terms.symbols)


def number(written: str, symbols: Mapping[str, float]) -> float:
    """Return the value of a weight such as ``1/2``, ``1/(2 N)`` or ``1 - beta1``.

    Raises :class:`ValueError` for a text that is none.
    """
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"\de[-+]?\d", "", written))
    if unknown := set(words) - symbols.keys():
        raise ValueError(f"{written!r} names {sorted(unknown)}")
    code = re.sub(r"(\d) (?=[A-Za-z(])", r"\1 * ", written.replace("^", "**"))
    return float(eval(code, {"__builtins__": {}}, dict(symbols)))
