"""Points by output: which outputs of a check are right or nearly right, and what each is worth.

A judge looks at one example. Here the verdicts on all examples of a check become one for each of
its outputs, which has a share of the check's points of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.kinds.arrays import gravity, leaves, shaped
from grader.kinds.factors import alike
from grader.model.checks import AnsweredRun, Check, Variant
from grader.model.programs import Outcome
from grader.model.records import OutputRecord
from grader.model.trees import Tree
from grader.model.verdicts import PASSED, Verdict
from grader.numeric.errors import NEARLY, RELATIVE, agrees

#: In place of ``RELATIVE``: how far a gradient may be from the key's that is right for a forward
#: pass which is nearly right. One that has nothing to do with it is off by about 0.7.
ROUGHLY = 0.02


@dataclass(frozen=True)
class Judged:
    """One check with the verdict that counts, its example, and how many examples failed.

    ``notes`` are those of all its examples. ``fault`` is the traceback of an error of the grader's
    own, which left the check without a verdict: what is in ``verdict`` then says nothing.
    ``says`` names in words the variant that a nearly right answer equals.
    ``holds``: on some example at least one output is right, or nearly right. ``compared``: the key
    has answers to its examples.
    """

    check: Check
    verdict: Verdict
    index: int
    failing: int
    examples: int
    notes: frozenset[str]
    fault: str = ""
    says: str = ""
    holds: bool = True
    compared: bool = True


def combined(
    check: Check, answered: AnsweredRun, outcomes: Sequence[Outcome], verdicts: Sequence[Verdict]
) -> tuple[Verdict, int]:
    """Return the verdict on a check that fails on some example, and the example that shows it.

    An output is as wrong as it is on its worst example. One that isn't right is nearly right where
    it is so on every example, or equals what one variant gives on all of them.
    """
    worst: dict[str, tuple[Verdict, int]] = {}
    for name in check.outputs:
        found = [(_of(check, verdict, name), i) for i, verdict in enumerate(verdicts)]
        failing = [(verdict, i) for verdict, i in found if not verdict.passed]
        if failing:
            verdict, i = min(failing, key=lambda one: gravity(one[0]))
            verdict = _alike(verdict, [one for one, _ in failing])
            if all(one.stage == "value" for one, _ in failing):
                verdict = replace(verdict, nearly=_nearly(name, verdict, answered, outcomes))
            worst[name] = verdict, i
    if not worst:  # a check without outputs is judged as a whole
        failed = [(verdict, i) for i, verdict in enumerate(verdicts) if not verdict.passed]
        return min(failed, key=lambda one: gravity(one[0]))
    first, index = min(worst.values(), key=lambda one: gravity(one[0]))
    return replace(first, parts={name: verdict for name, (verdict, _) in worst.items()}), index


def _alike(worst: Verdict, failing: Sequence[Verdict]) -> Verdict:
    """Return the *worst* verdict with no more of what its property is like than all show."""
    own = worst.evidence.get("property")
    if own is None or not own.get("like"):
        return worst
    found = [one.evidence.get("property") for one in failing]
    likes = [one.get("like", "") for one in found if one and one["name"] == own["name"]]
    own = own.copy()
    own["like"] = alike(likes) if len(likes) == len(found) else ""
    return replace(worst, evidence={**worst.evidence, "property": own})


def holds(check: Check, verdicts: Sequence[Verdict]) -> bool:
    """Say whether at least one output is right, or nearly right, on at least one example."""
    found = (_of(check, verdict, name) for verdict in verdicts for name in check.outputs)
    return any(verdict.passed or verdict.nearly for verdict in found)


def roughly_right(check: Check, answered: AnsweredRun, outcomes: Sequence[Outcome]) -> bool:
    """Say whether all outputs of a check are about what the key has, on every example.

    A gradient is that which is right for a forward pass that is nearly right.
    """
    if not answered.answers:
        return False
    for right_answers, outcome in zip(answered.answers, outcomes, strict=True):
        for name in check.outputs:
            for output, got, expected in leaves(name, outcome.gave.get(name), right_answers[name]):
                close = shaped(output, got, expected).passed and agrees(
                    np.asarray(got), np.asarray(expected), relative=ROUGHLY, absolute=NEARLY
                )
                if not close:
                    return False
    return True


def implied(entry: Judged, needed: Judged | None) -> Judged:
    """Return *entry* without the failures that agreement with the key shows to be none.

    An output that is right, or nearly right, by the check that is *needed* has the right slope.
    """
    if needed is None or needed.fault or not entry.verdict.parts:
        return entry
    wrong = {
        name: verdict
        for name, verdict in entry.verdict.parts.items()
        if name not in needed.check.outputs or not right(needed, name)
    }
    if wrong.keys() == entry.verdict.parts.keys():
        return entry
    first = min(wrong.values(), key=gravity, default=PASSED)
    failing = entry.failing if wrong else 0
    return replace(entry, verdict=replace(first, parts=wrong), failing=failing)


def agrees_with_key(entry: Judged) -> bool:
    """Say whether all outputs of a check are right or nearly right."""
    return not entry.fault and all(right(entry, name) for name in entry.check.outputs)


def right(entry: Judged, name: str) -> bool:
    """Say whether an output of a check is right or nearly right."""
    verdict = _of(entry.check, entry.verdict, name)
    return verdict.passed or bool(verdict.nearly)


def factors(entry: Judged, judged: Mapping[str, Judged]) -> dict[str, float]:
    """Return by output of a check which part of its points is earned, 0 to 1.

    *judged* are all checks of the question by id. What a check needs must be right in the same
    output, or in any where it has no such output.
    """
    check = entry.check
    found = {
        name: _factor(check, _of(check, entry.verdict, name)) for name in check.outputs or ("",)
    }
    if entry.fault:
        found = dict.fromkeys(found, 1.0)
    if check.visibility == "published" and not _counts(judged):
        return dict.fromkeys(found, 0.0)
    needed = judged.get(check.needs or "")
    if needed is None:
        return found
    met = factors(needed, judged)
    some = any(met.values())
    return {
        name: factor if (met[name] > 0 if name in met else some) else 0.0
        for name, factor in found.items()
    }


def points(check: Check, earned: Mapping[str, float]) -> float:
    """Return the points of a check whose outputs have *earned* these parts of theirs."""
    return check.points * sum(share * earned[name] for name, share in shares(check).items())


def shares(check: Check) -> dict[str, float]:
    """Return by output which part of a check's points it has; they add up to 1."""
    given = {name: check.shares.get(name, 0.0) for name in check.outputs} if check.shares else {}
    total = sum(given.values())
    if not total:
        given = dict.fromkeys(check.outputs or ("",), 1.0)
        total = len(given)
    return {name: share / total for name, share in given.items()}


def outputs(entry: Judged, earned: Mapping[str, float]) -> list[OutputRecord]:
    """Return what a result says of the outputs of a check that failed."""
    made: list[OutputRecord] = []
    for name, share in shares(entry.check).items() if entry.check.outputs else ():
        verdict = _of(entry.check, entry.verdict, name)
        made.append(
            {
                "name": name,
                "status": "passed" if verdict.passed else "failed",
                "nearly": bool(verdict.nearly),
                "score": round(entry.check.points * share * earned[name], 6) + 0.0,
                "max_score": round(entry.check.points * share, 6) + 0.0,
            }
        )
    return made


def _of(check: Check, verdict: Verdict, name: str) -> Verdict:
    """Return the part of a verdict that is about one output; the whole, where it has no parts."""
    if verdict.parts and verdict.parts.keys() <= set(check.outputs):
        return verdict.parts.get(name, PASSED)
    return verdict


def _factor(check: Check, verdict: Verdict) -> float:
    if verdict.passed:
        return 1.0
    if not (verdict.right_numbers or verdict.nearly):
        return 0.0
    kept = 1.0 - check.shape_share if verdict.right_numbers else 1.0
    return kept * (1.0 - check.nearly_share) if verdict.nearly else kept


def _counts(judged: Mapping[str, Judged]) -> bool:
    """Say whether published figures count: some value that isn't published is right somewhere.

    Else they were copied, or the code holds for nothing else. A check that needs another one may
    pass where nothing is done, and one that isn't compared with the key says nothing of values.
    """
    asked = [
        entry
        for entry in judged.values()
        if entry.check.visibility == "hidden" and entry.compared and not entry.check.needs
    ]
    return not asked or any(entry.fault or entry.holds for entry in asked)


def _nearly(name: str, verdict: Verdict, answered: AnsweredRun, outcomes: Sequence[Outcome]) -> str:
    """Return in what way an output is nearly right whose worst *verdict* is one on values.

    A variant that it equals says more than that it is close; and a variant that is itself close
    says nothing of what is no closer to it than to what is right.
    """
    got = [outcome.gave.get(name) for outcome in outcomes]
    for variant in answered.nearly:
        if _equals(name, got, variant, answered, RELATIVE):
            return variant.id
    if verdict.nearly:
        return verdict.nearly
    for variant in answered.nearly:
        if _equals(name, got, variant, answered, NEARLY):
            return variant.id
    return ""


def _equals(
    name: str, got: Sequence[Tree], variant: Variant, answered: AnsweredRun, relative: float
) -> bool:
    """Say whether one output is what a variant gives, on every example."""
    if not any(name in answers for answers in variant.answers):
        return False
    return all(
        shaped(output, one, other).passed
        and agrees(np.asarray(one), np.asarray(other), relative=relative)
        for i, given in enumerate(got)
        for output, one, other in leaves(
            name, given, variant.answers[i].get(name, answered.answers[i][name])
        )
    )
