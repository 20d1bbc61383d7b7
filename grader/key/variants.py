"""Variants of the reference that are nearly right: what they answer to the examples of a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.model.checks import AnsweredRun, Check, Variant
from grader.model.problem import Problem
from grader.model.programs import Outcome, Run
from grader.model.trees import Tree
from grader.numeric.errors import RELATIVE, agrees

#: How closely two right formulas agree on every example of a key.
CERTIFIED = 1e-11

#: What answers runs: the reference, the witness, a variant.
Answers = Callable[[Sequence[Run]], list[list[Outcome]]]


@dataclass(frozen=True)
class NearlyRight:
    """A variant of the reference that is nearly right in some questions, and what answers for it.

    ``says`` names it in words, as a student reads them.
    """

    id: str
    says: str
    questions: tuple[str, ...]
    answers: Answers


class VariantError(Problem, ValueError):
    """A variant can't be used: the message names it and says what is wrong with it."""


def add_variants(
    sheets: dict[str, AnsweredRun],
    checks: Sequence[Check],
    nearly: Sequence[NearlyRight],
) -> list[NearlyRight]:
    """Put into *sheets* what each variant answers otherwise than the reference, in its questions.

    Return the variants that differ on no example. Raises :class:`VariantError` for one that fails.
    """
    unseen = []
    for variant in nearly:
        ids = dict.fromkeys(check.run for check in checks if check.question in variant.questions)
        runs = [id for id in ids if sheets[id].answers and sheets[id].first is None]
        outcomes = variant.answers([sheets[id].run for id in runs])
        differs = False
        for id, given in zip(runs, outcomes, strict=True):
            answers = _otherwise(variant.id, sheets[id], given)
            differs = differs or any(answers)
            known = [other.answers for other in sheets[id].nearly]
            if any(answers) and not any(_equal(answers, other) for other in known):
                added = Variant(variant.id, variant.says, answers)
                sheets[id] = replace(sheets[id], nearly=(*sheets[id].nearly, added))
        if not differs:
            unseen.append(variant)
    return unseen


def _otherwise(id: str, sheet: AnsweredRun, outcomes: Sequence[Outcome]) -> list[dict[str, Tree]]:
    """Return the outputs of a variant that differ from the reference's on some example."""
    for outcome in outcomes:
        if outcome.failed:
            failed = outcome.failed
            raise VariantError(
                f"the nearly right variant {id} failed ({failed.stage}: {failed.type} "
                f"{failed.text}): correct its edits or its questions"
            )
    pairs = list(zip(outcomes, sheet.answers, strict=True))
    names = [
        name
        for name in sheet.answers[0]
        if not all(same(outcome.gave[name], answer[name], RELATIVE) for outcome, answer in pairs)
    ]
    return [{name: outcome.gave[name] for name in names} for outcome in outcomes]


def _equal(one: Sequence[Mapping[str, Tree]], other: Sequence[Mapping[str, Tree]]) -> bool:
    return all(same(a, b, CERTIFIED) for a, b in zip(one, other, strict=True))


def alike(one: Sequence[Variant], other: Sequence[Variant]) -> bool:
    """Say whether two runs hold the same variants with the same answers."""
    return [(v.id, v.says) for v in one] == [(v.id, v.says) for v in other] and all(
        len(a.answers) == len(b.answers)
        and all(same(x, y, RELATIVE) for x, y in zip(a.answers, b.answers, strict=True))
        for a, b in zip(one, other, strict=True)
    )


def same(got: Tree, expected: Tree, relative: float) -> bool:
    """Say whether two trees of answers have one structure and agree."""
    if isinstance(expected, Mapping):
        return (
            isinstance(got, Mapping)
            and set(got) == set(expected)
            and all(same(got[name], expected[name], relative) for name in expected)
        )
    one = np.asarray(got, np.float64)
    other = np.asarray(expected, np.float64)
    return one.shape == other.shape and agrees(one, other, relative=relative)
