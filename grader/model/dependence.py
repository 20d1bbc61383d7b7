"""What is known of how outputs depend on inputs: yes or no, and how they grow; no numbers.

A :class:`Table` holds it for one run of a key, by the form of its examples. It gives no answer
away, so that students have it too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.model.literals import Range

#: By fact: ``change`` (``always``, ``mostly``, ``far``, ``never``), ``growth`` (an exponent, ``~``
#: before one that holds roughly, or ``none``), ``0.first`` (``yes`` or ``no``: whether the output
#: changes with the first index of the input's axis 0), ``0-1.own`` and ``0-1.others`` (whether, as
#: one index of the input's axis 0 changes, the same index of the output's axis 1 does, or any other
#: does). ``far`` is a change that only large moves show, ``mostly`` one that not each example
#: shows; all else was so in every one.
Facts = Mapping[str, str]
#: By output (``dw``, ``grads.W1``), then by input (``x``, ``config.velocity``).
FactsOfOutputs = Mapping[str, Mapping[str, Facts]]
#: How many axes of an array are looked at, where none has a name.
_MOST_AXES = 2
#: Which inputs an example has that can vary, each with its number of axes.
Form = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Varied:
    """How an input of a row may vary, and what its axes are called, in the singular.

    Without a *range*, it is the narrowest that all drawn examples keep to. *axes* are words such as
    ``("example", "feature")``, from the first axis on; ``""`` for one that has none. In a row that
    names any axis, outputs are looked at along those that have a name alone.
    """

    range: Range | None = None
    axes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """What the reference's outputs depend on in one run, by the form of an example.

    *ranges* are those of inputs that don't take any number, *axes* what their axes are called.
    """

    forms: Mapping[Form, FactsOfOutputs]
    ranges: Mapping[str, Range] = field(default_factory=dict)
    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def axis(self, path: str, axis: int) -> str:
        """Return what an axis of an input is called; "" where it has no name."""
        names = self.axes.get(path, ())
        return names[axis] if axis < len(names) else ""

    def looks_along(self, path: str, axis: int) -> bool:
        """Say whether an axis is looked at: where any has a name, those that have one."""
        return bool(self.axis(path, axis)) if self.axes else axis < _MOST_AXES
