"""What the examples that fail have in common, and none that passes: an option, a shape.

Only what takes few values is looked at: a word, whether an option is given or zero, how many
entries a list has. A number that each example has of its own tells any example from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.marking.explaining.properties import TESTS
from grader.model.literals import InputProperty
from grader.model.programs import Inputs
from grader.model.trees import Tree
from grader.wording.relations import SETTINGS

#: Examples that fail, and that pass, at least.
ENOUGH = 2
_SHAPES: Sequence[InputProperty] = ("one_row", "one_column", "four_dimensions", "three_dimensions")


def setting(failed: Sequence[Inputs], passed: Sequence[Inputs]) -> str:
    """Return in words what all that *failed* have and none that *passed* has; or ""."""
    if min(len(failed), len(passed)) < ENOUGH:
        return ""
    shared = set.intersection(*({*_said(inputs)} for inputs in failed))
    others = set.union(*({*_said(inputs)} for inputs in passed))
    # In the order in which an example has them.
    return next((said for said in _said(failed[0]) if said in shared - others), "")


def _said(inputs: Inputs) -> Iterator[str]:
    """Yield what can be said of an example's options and shapes."""
    for shape in _SHAPES:
        if TESTS[shape](inputs):
            yield SETTINGS[shape]
    for name, value in _options(inputs):
        if isinstance(value, (str, bool)):
            yield SETTINGS["value"].format(name=name, value=value)
        elif isinstance(value, (int, float)):
            yield SETTINGS["zero" if not value else "not_zero"].format(name=name)
        elif isinstance(value, (list, dict)):
            yield SETTINGS["length"].format(name=name, value=len(value))
        if value is not None:
            yield SETTINGS["given"].format(name=name)


def _options(inputs: Inputs) -> Iterator[tuple[str, Tree]]:
    """Yield what isn't an array, by name: inputs, and the entries of dicts."""
    for name, value in inputs.items():
        if isinstance(value, dict):
            yield name, value
            yield from ((str(key), child) for key, child in value.items())
        else:
            yield name, value
