"""Kinds of rows: what an assignment can ask, what is proved by it, and who judges the answers.

One module a kind. A judge is a function of arrays: what was asked, what came, what is expected. It
never raises for what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.kinds.arrays import Answer, Judge
from grader.kinds.dropout import Mask
from grader.kinds.dropout_networks import DropoutNetwork
from grader.kinds.function import Function, Gradient, Relation
from grader.kinds.layers import Backward, Forward
from grader.kinds.networks import Network
from grader.kinds.proof import LADDER, Case, KindError, Proof, Published, Row
from grader.kinds.registry import JUDGES, extended, judge, worded
from grader.kinds.update_rules import Rule
from grader.model.checks import Replaceable, Words

__all__ = [
    "JUDGES",
    "LADDER",
    "Answer",
    "Backward",
    "Case",
    "DropoutNetwork",
    "Forward",
    "Function",
    "Gradient",
    "Judge",
    "KindError",
    "Mask",
    "Network",
    "Proof",
    "Published",
    "Relation",
    "Row",
    "Rule",
    "Words",
    "extended",
    "judge",
    "parts",
    "proofs",
    "worded",
]


def proofs(rows: Iterable[Row], *, live: bool = False) -> list[Proof]:
    """Return the proofs of *rows*, in their order.

    *live* is for a student's own machine: central differences get probe points at half the step
    too, which tell a kink from a wrong gradient where no reference has chosen the examples.
    """
    return [proof for row in rows for proof in row.proofs(live=live)]


def parts(rows: Iterable[Row]) -> Mapping[str, tuple[Replaceable, ...]]:
    """Return, by question, the functions to replace if it failed."""
    groups: dict[str, dict[Replaceable, None]] = {}
    members: dict[str, str] = {}
    for row in rows:
        replaceable = row.replaceable()
        if replaceable is None:
            continue
        for question, part in replaceable.parts.items():
            groups.setdefault(replaceable.group, {})[part] = None
            members[question] = replaceable.group
    return {question: tuple(groups[group]) for question, group in members.items()}
