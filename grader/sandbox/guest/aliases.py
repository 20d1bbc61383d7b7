"""In the child: a constructor's options in another year's spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def respell(
    parameters: frozenset[str], options: Mapping[str, Any], spellings: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
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
