"""In the child: finds a model's parameters and a constructor's options by a student's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grader.model.trees import Tree
from grader.sandbox.guest.scope import Foreign

_shape = np.shape


class NoParameters(Exception):
    """A model's dictionary of parameters is empty."""


def assign(model: object, values: Mapping[str, Tree]) -> dict[object, str]:
    """Set ``model.params`` to *values*; return, by the student's own name, those that differ.

    Raises :class:`LookupError` where there is no parameter for a value, and :class:`NoParameters`
    where there is none at all.
    """
    params = _params(model)
    owns = _matched(params, {name: _shape(value) for name, value in values.items()})
    for name, value in values.items():
        params[owns[name]] = value
    return {own: name for name, own in owns.items() if own != name}


def named(
    model: object, shapes: Mapping[str, Tree]
) -> tuple[dict[object, Foreign], dict[object, str]]:
    """Return a copy of ``model.params`` and, as :func:`assign`, the student's names that differ.

    Raises :class:`LookupError` where there is no parameter for a name of *shapes*, and
    :class:`NoParameters` where there is none at all.
    """
    params = _params(model)
    owns = _matched(params, {name: tuple(shape) for name, shape in shapes.items()})
    return dict(params), {own: name for name, own in owns.items() if own != name}


def _params(model: object) -> dict[object, Foreign]:
    params = getattr(model, "params", None)
    if not isinstance(params, dict):
        raise LookupError("The model has no dictionary named params")
    if not params:
        raise NoParameters
    return params


def _matched(
    params: dict[object, Foreign], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, object]:
    """Return the student's own name of each parameter.

    Where the model has other names, each goes to the first unused parameter whose name begins
    with the same letters and whose shape is the same (else the first of such a name), in order
    of insertion.
    """
    if all(name in params for name in shapes):
        return {name: name for name in shapes}
    unused = list(params)
    owns: dict[str, object] = {}
    for name, shape in shapes.items():
        alike = [own for own in unused if _alike(own, name)]
        # "b0" may stand for beta, but not where there is a "beta0".
        alike = [own for own in alike if _letters(own) == _letters(name)] or alike
        fitting = [own for own in alike if _shape(params[own]) == shape]
        if not alike:
            raise LookupError(f'params["{name}"] is missing')
        owns[name] = (fitting or alike)[0]
        unused.remove(owns[name])
    return owns


def translate(value: Foreign, names: Mapping[object, str]) -> Foreign:
    """Return *value*, with the row's names if it is a dict keyed by the student's."""
    if names and isinstance(value, dict) and any(key in names for key in value):
        # A name that isn't asked for may be a tuple: it travels as its text.
        return {
            names.get(key, key if isinstance(key, str) else str(key)): child
            for key, child in value.items()
        }
    return value


def _alike(own: object, name: str) -> bool:
    mine, theirs = _letters(name), _letters(own)
    return bool(theirs) and (mine.startswith(theirs) or theirs.startswith(mine))


def _letters(name: object) -> str:
    """Return the letters at the start of a name; a tuple's are those of its first text."""
    if isinstance(name, tuple):
        name = next((part for part in name if isinstance(part, str)), "")
    text = name if isinstance(name, str) else ""
    end = next((i for i, char in enumerate(text) if not char.isalpha()), len(text))
    return text[:end].lower()


def respell(
    parameters: frozenset[str], options: Mapping[str, Tree], spellings: Sequence[Mapping[str, Tree]]
) -> dict[str, Tree]:
    """Return *options* as a constructor with these *parameters* spells them.

    The first spelling whose ``if`` names a parameter is taken (see
    :mod:`grader.model.programs`); without one the options stay as they are.
    """
    for spelling in spellings:
        if spelling["if"] not in parameters:
            continue
        found = dict(options)
        for name in spelling.get("complement", ()):
            if name in found:
                found[name] = 1 - found[name]
        for name, (flag, value) in spelling.get("flag", {}).items():
            if name in found:
                found[flag] = found.pop(name) == value
        renames = spelling.get("rename", {})
        return {renames.get(name, name): value for name, value in found.items()}
    return dict(options)
