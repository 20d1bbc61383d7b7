"""Whether an output is made of its terms with the weights that were told, on further examples."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
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


def made_of(
    oracle: Oracle,
    run: Run,
    question: str,
    output: str,
    told: Mapping[str, str],
    given: Sequence[Outcome],
) -> bool | None:
    """Say whether *output* has the weights that are *told*, and all others are right.

    *given* is what the submission answers to the examples of *run*. None where no declaration is
    about it.
    """
    fits = [
        fit
        for declared in declarations()
        if (declared.question, declared.output) == (question, output)
        for fit in [_fits(oracle, run, declared, told, given)]
        if fit is not None
    ]
    return any(fits) if fits else None


def _fits(
    oracle: Oracle, run: Run, declared: Any, told: Mapping[str, str], given: Sequence[Outcome]
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
        came = leaves(outcome)
        for terms in [found] if hasattr(found, "terms") else found:
            names = dict(_told_of(terms, declared.output, told))
            named |= set(names.values())
            fits.append(_equal(terms, declared, names, told, came))
    if not fits or named != set(told):
        return None
    return all(fits)


def _told_of(terms: Any, output: str, told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each term that something is told of, and the name under which it is."""
    for term in (*terms.terms, *terms.others):
        for name in (term, *(f"{place}: {term}" for place in terms.places or (output,))):
            if name in told:
                yield term, name


def _equal(
    terms: Any, declared: Any, names: Mapping[str, str], told: Mapping[str, str], came: Leaves
) -> bool:
    name = f"{declared.output}.{terms.entry}" if terms.entry else declared.output
    if name not in came:
        return False
    product = declared.composition == "product"
    made: Any = 1.0 if product else 0.0
    close = _NAMED
    for term, array in (*terms.terms.items(), *terms.others.items()):
        said = told[names[term]] if term in names else "1" if term in terms.terms else "0"
        form = terms.instead.get(term, {}).get(said)
        turned = product and said == "sign"
        weight = 1.0 if form is not None or turned else number(said, terms.symbols)
        close = _DIGITS if re.fullmatch(r"-?\d*\.\d+(e.*)?", said) else close
        part = np.asarray(array if form is None else form, np.float64)
        if product:
            made = made * (np.abs(part) ** weight * (np.sign(part) if weight else 1.0))
        else:
            made = made + weight * part
    if product and any(told[name] == "sign" for name in names.values()):
        made = -made
    read = came[name]
    with np.errstate(all="ignore"):
        for step, operand in terms.read:
            read = _READ[step](read, np.asarray(operand, np.float64))
        wanted = np.broadcast_to(made, read.shape) if np.ndim(made) <= read.ndim else made
        off = np.linalg.norm(read - wanted)
        return bool(off <= 1e-12 + close * (np.linalg.norm(read) + np.linalg.norm(wanted)))


def number(written: str, symbols: Mapping[str, float]) -> float:
    """Return the value of a weight such as ``1/2``, ``1/(2 N)`` or ``1 - beta1``.

    Raises :class:`ValueError` for a text that is none.
    """
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"\de[-+]?\d", "", written))
    if unknown := set(words) - symbols.keys():
        raise ValueError(f"{written!r} names {sorted(unknown)}")
    code = re.sub(r"(\d) (?=[A-Za-z(])", r"\1 * ", written.replace("^", "**"))
    return float(eval(code, {"__builtins__": {}}, dict(symbols)))
