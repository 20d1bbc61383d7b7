"""From rows to proofs: which checks a row stands for, and the programs that they replay.

A module for each kind of row. A :class:`Proof` is a program, what draws its examples, and the
checks that are judged on what it gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.kinds import dropout, layers, networks, update_rules
from grader.kinds.proof import LADDER, Proof
from grader.model.checks import Backward, Forward, Mask, Network, Row, Rule

__all__ = ["LADDER", "Proof", "proofs"]


def proofs(rows: Sequence[Row], *, live: bool = False) -> list[Proof]:
    """Return the proofs of *rows*, in their order.

    *live* is for a student's own machine: central differences get probe points at half the step
    too, which tell a kink from a wrong gradient where no reference has chosen the examples.
    """
    made: list[Proof] = []
    for row in rows:
        match row:
            case Forward():
                made += layers.forward(row)
            case Backward():
                made += layers.backward(row, live)
            case Rule():
                made += update_rules.rule(row)
            case Network():
                made += networks.network(row, live)
            case Mask():
                made += dropout.mask(row, live)
    return made
