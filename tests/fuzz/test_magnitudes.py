"""Search: random numbers of some magnitude that earn a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from budget import cases, tried
from hypothesis import given
from hypothesis import strategies as st

from grader.key import Key
from grader.kinds import Judge
from grader.kinds.layers import own_work
from grader.marking.looking import judge_reply
from grader.marking.results import check_results
from grader.marking.scoring import Judged
from grader.marking.told import Places
from grader.marking.verdict_cache import VerdictCache
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Outcome
from grader.model.trees import Tree, dumps, pack
from grader.model.verdicts import PASSED, CheckResult, Verdict
from grader.sandbox import Reply

MAGNITUDES = (
    0.0, 5e-324, 1e-300, 1e-160, 1e-20, 1e-9, 1e-3, 1.0, 1e3, 1e9, 1e20, 1e160, 1e300,
    float("inf"), float("nan"),
)  # fmt: skip
#: What is said beside: each number by itself, all the same, or a ramp.
FORMS = ("random", "equal", "ramp")


def filled(tree: Tree, magnitude: float, form: str, dice: np.random.Generator) -> Tree:
    """Return *tree* with every number in it replaced by one of *magnitude*."""
    if isinstance(tree, dict):
        return {name: filled(child, magnitude, form, dice) for name, child in tree.items()}
    if isinstance(tree, list):
        return [filled(child, magnitude, form, dice) for child in tree]
    if isinstance(tree, bool) or not isinstance(tree, (int, float, np.ndarray)):
        return tree
    shape = np.shape(tree)
    made = dice.normal(size=shape)
    if form == "equal":
        made = np.full(shape, made.flat[0] if made.size else 0.0)
    elif form == "ramp":
        made = np.linspace(-1, 1, int(np.prod(shape)) or 1)[: int(np.prod(shape))].reshape(shape)
    with np.errstate(all="ignore"):
        made = np.asarray(made * magnitude)
    return float(made) if isinstance(tree, (int, float)) else made


Entry = tuple[Check, AnsweredRun, Reply]
Questions = Mapping[str, Sequence[Entry]]


@pytest.fixture(scope="session")
def questions(key: Key, right: Mapping[str, Reply]) -> Questions:
    """The checks of each question that pay or that points hang on, with the right answers."""
    return {
        question: [
            (check, key.sheets[check.run], right[check.run])
            for check in checks
            if check.visibility != "property"
        ]
        for question, checks in key.by_question.items()
    }


class _NoTexts:
    def text(self, path: str) -> bytes | None:
        return None


def _beyond(result: CheckResult, kept: frozenset[str]) -> float:
    """Return what a check earns beside the shares of its outputs in *kept*, which are right."""
    if result.status == "passed" or not result.outputs:
        return result.score
    return sum(output["score"] for output in result.outputs if output["name"] not in kept)


def earned(
    entries: Sequence[Entry],
    judges: Mapping[str, Judge],
    magnitude: float,
    form: str,
    dice: np.random.Generator,
    kept: frozenset[str] = frozenset(),
) -> dict[str, float]:
    """Return what numbers of *magnitude* earn in a question, by check, shares included.

    Outputs in *kept* stay right; their shares, and a check of those alone, aren't counted.
    """
    judged: list[Judged] = []
    shares: dict[str, float] = {}
    made: dict[str, list[Outcome]] = {}
    for check, answered, right in entries:
        if check.run not in made:
            made[check.run] = [
                Outcome({k: v if k in kept else filled(v, magnitude, form, dice)
                         for k, v in outcome.gave.items()})
                for outcome in right.outcomes
            ]  # fmt: skip
        text, data = pack(
            [{"gave": dict(o.gave), "failed": None, "notes": []} for o in made[check.run]]
        )
        reply = Reply(answered.run, dumps(text), data, {})
        with np.errstate(all="ignore"):
            found = judge_reply(check, answered, reply, judges, VerdictCache())
        assert not found.fault, found.fault
        judged.append(found)
        examples = answered.run.examples
        if "wrt" in check.settings and found.verdict.passed:
            works = [own_work(check, *both) for both in zip(examples, reply.outcomes, strict=True)]
            if sum(works) > len(works) / 2:
                shares[check.id] = 1.0
    results = check_results(judged, {}, {}, Places(_NoTexts()))
    counted = {check.id for check, _, _ in entries if not set(check.outputs) <= kept}
    found = {r.id: _beyond(r, kept) for r in results if r.id in counted}
    found = {id: score for id, score in found.items() if score}
    return found | {id: share for id, share in shares.items() if id in counted}


@cases(15)
@given(
    data=st.data(),
    magnitude=st.sampled_from(MAGNITUDES),
    form=st.sampled_from(FORMS),
    seed=st.integers(0, 1 << 32),
)
def test_numbers_without_work_earn_nothing(
    key: Key, questions: Questions, data: st.DataObject, magnitude: float, form: str, seed: int
) -> None:
    """Of every magnitude, in all outputs, or in the gradients beside a right forward pass."""
    id = data.draw(st.sampled_from(sorted(questions)))
    kept = data.draw(st.sampled_from([frozenset(), frozenset(("out", "loss", "scores"))]))
    tried["numbers of some magnitude"] += 1
    dice = np.random.default_rng(seed)
    assert earned(questions[id], key.judges, magnitude, form, dice, kept) == {}, id


def test_every_question_that_pays_is_tried(key: Key, questions: Questions) -> None:
    """Each with some magnitude."""
    dice = np.random.default_rng(7)
    for number, (id, entries) in enumerate(questions.items()):
        tried["numbers of some magnitude"] += 1
        magnitude = MAGNITUDES[number % len(MAGNITUDES)]
        assert earned(entries, key.judges, magnitude, "random", dice) == {}, id
        assert sum(check.points for check, _, _ in entries) > 0, id


def _scaled(check: Check, inputs: Any, outcome: Outcome, answers: Any) -> Verdict:
    """Judge by a bound in proportion to what came."""
    del inputs
    for name in check.outputs:
        got, right = outcome.gave[name], answers[0][name]
        if not isinstance(got, np.ndarray) or got.shape != np.shape(right):
            return Verdict("shape", name)
        if not np.linalg.norm(got - right) <= 1.001 * np.linalg.norm(got):
            return Verdict("value", name)
    return PASSED


def test_the_search_finds_a_bound_that_the_answer_scales(key: Key, questions: Questions) -> None:
    """With such a judge of values, numbers that are large enough earn."""
    judges = {**key.judges, "match": _scaled}
    found = [
        magnitude
        for magnitude in MAGNITUDES
        if earned(
            questions["affine-forward"], judges, magnitude, "random", np.random.default_rng(1)
        )
    ]
    assert 1e20 in found
    assert 1e-20 not in found
