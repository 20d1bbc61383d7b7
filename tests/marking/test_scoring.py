"""Points by output: each output has its share, and one that is nearly right keeps a part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.key import Key, load
from grader.kinds import JUDGES
from grader.marking import scoring
from grader.marking.looking import judge_reply
from grader.marking.scoring import Judged
from grader.marking.verdict_cache import VerdictCache
from grader.model.checks import AnsweredRun, Check, Variant
from grader.model.programs import Program, Run
from grader.model.trees import Tree, dumps, pack
from grader.model.verdicts import CLOSE
from grader.sandbox import Reply

NAMES = ("dx", "dw", "db")
CHECK = Check("q.values", "q", "t", "hidden", "run", "match", NAMES, 6.0, "f")
RIGHT: list[dict[str, Any]] = [
    {"dx": np.arange(1.0, 7).reshape(2, 3), "dw": np.ones(4) / 3, "db": np.array([5.0, 1.0])},
    {"dx": np.full((3, 1), -0.5), "dw": np.linspace(-1, 2, 4), "db": np.array([0.1, 0.2])},
]
#: What a nearly right implementation gives for dw alone.
OTHER = [{"dw": answer["dw"] * 1.01 + 0.002} for answer in RIGHT]
SHEET = AnsweredRun(
    Run("run", Program((), {}), [{}, {}]),
    RIGHT,
    nearly=(Variant("eps-elsewhere", "an epsilon in another place", OTHER),),
)


def judged(
    gave: Sequence[Mapping[str, Any]], check: Check = CHECK, sheet: AnsweredRun = SHEET
) -> Judged:
    """Return what is found of answers to the examples of a run."""
    text, data = pack([{"gave": dict(g), "failed": None, "notes": []} for g in gave])
    give = {name: {"@": name} for name in gave[0]}
    run = Run(sheet.run.id, Program((), give), [{"x": 0.0}] * len(gave))
    return judge_reply(check, sheet, Reply(run, dumps(text), data, None), JUDGES, VerdictCache())


def earned(entry: Judged, *others: Judged) -> dict[str, float]:
    return scoring.factors(entry, {one.check.id: one for one in (entry, *others)})


def changed(
    how: Mapping[str, float], number: int = 0, right: Sequence[Mapping[str, Any]] = RIGHT
) -> list[dict[str, Any]]:
    """Return the answers, those of one example multiplied by what *how* says of an output."""
    gave = [dict(answer) for answer in right]
    for name, factor in how.items():
        gave[number][name] = gave[number][name] * factor
    return gave


STATES = {"right": (1.0, 1.0), "close": (1 + 1e-7, 0.75), "wrong": (1.01, 0.0)}


@given(
    st.fixed_dictionaries({name: st.sampled_from(sorted(STATES)) for name in NAMES}),
    st.integers(0, 1),
    st.none() | st.fixed_dictionaries({name: st.integers(1, 5) for name in NAMES}),
)
def test_each_output_has_its_share(
    states: dict[str, str], number: int, weights: dict[str, int] | None
) -> None:
    """Whatever is wrong, close or right, on whichever example: the shares add up to the points."""
    check = replace(CHECK, shares=weights or {})
    entry = judged(changed({n: STATES[s][0] for n, s in states.items()}, number), check)
    expected = {name: STATES[state][1] for name, state in states.items()}
    assert earned(entry) == expected
    total = sum((weights or dict.fromkeys(NAMES, 1)).values())
    points = sum(6 * (weights or {}).get(n, 1) * expected[n] / total for n in NAMES)
    assert scoring.points(check, earned(entry)) == pytest.approx(points)
    failing = {name for name, state in states.items() if state != "right"}
    assert set(entry.verdict.parts) == failing
    assert bool(entry.verdict.nearly) == (bool(failing) and "wrong" not in states.values())


def test_the_result_tells_each_output() -> None:
    """An output's name, whether it is right or nearly right, and its points."""
    entry = judged(changed({"dw": 1 + 1e-7, "db": 2.0}))
    told = scoring.outputs(entry, earned(entry))
    assert [(o["name"], o["status"], o["nearly"], o["score"], o["max_score"]) for o in told] == [
        ("dx", "passed", False, 2.0, 2.0),
        ("dw", "failed", True, 1.5, 2.0),
        ("db", "failed", False, 0.0, 2.0),
    ]


def test_what_equals_a_variant_is_nearly_right_and_named() -> None:
    """On every example; where one example alone equals it, the output is wrong."""
    everywhere = [{**answer, **other} for answer, other in zip(RIGHT, OTHER, strict=True)]
    entry = judged(everywhere)
    assert (entry.verdict.nearly, entry.says) == ("eps-elsewhere", "an epsilon in another place")
    assert earned(entry) == {"dx": 1.0, "dw": 0.75, "db": 1.0}
    for number in (0, 1):
        mixed = [dict(answer) for answer in RIGHT]
        mixed[number] |= OTHER[number]
        assert earned(judged(mixed))["dw"] == 0.0


def test_a_variant_of_one_output_says_nothing_of_another() -> None:
    """What is wrong by as much in an output that the variant leaves right is wrong."""
    everywhere = [{**answer, "db": answer["db"] * 1.01 + 0.002} for answer in RIGHT]
    assert earned(judged(everywhere))["db"] == 0.0


def test_close_numbers_are_a_variants_where_they_equal_it() -> None:
    """A variant that is itself close is named for what equals it, and for nothing else."""
    near = [{"dw": answer["dw"] * (1 + 1e-8)} for answer in RIGHT]
    sheet = replace(SHEET, nearly=(Variant("tiny", "an epsilon left out", near),))
    same = [{**answer, **other} for answer, other in zip(RIGHT, near, strict=True)]
    assert judged(same, sheet=sheet).verdict.nearly == "tiny"
    assert judged(changed({"dw": 1 + 1e-7}), sheet=sheet).verdict.nearly == CLOSE


def test_nearly_right_in_a_wrong_shape_loses_both_shares() -> None:
    """The share of the shape is taken from what is left of the points."""
    gave = [{**a, "db": a["db"][np.newaxis] * (1 + 1e-7)} for a in RIGHT]
    assert earned(judged(gave))["db"] == pytest.approx(0.75 * 0.75)


def test_points_that_need_another_check_need_the_same_output() -> None:
    """A gradient's points depend on the value of the same output, nearly right or right."""
    slope = replace(CHECK, id="q.gradient", needs="q.values", points=3.0)
    values = judged(changed({"dw": 1 + 1e-7, "db": 2.0}))
    entry = judged(RIGHT, slope)
    assert earned(entry, values) == {"dx": 1.0, "dw": 1.0, "db": 0.0}


def test_agreement_with_the_key_implies_agreement_with_differences() -> None:
    """What is right, or nearly right, by its value isn't held against a wrong forward pass."""
    slope = replace(CHECK, id="q.gradient", needs="q.values")
    values = judged(changed({"dw": 1 + 1e-7, "db": 2.0}))
    entry = scoring.implied(judged(changed({"dx": 2.0, "dw": 2.0, "db": 2.0}), slope), values)
    assert set(entry.verdict.parts) == {"db"}
    assert scoring.implied(judged(changed({"dx": 2.0}), slope), values).verdict.passed


@pytest.fixture(scope="module")
def key(root: Any) -> Key:
    """The demonstration key of the real assignment."""
    return load(root / "reference_outputs")


def compared(key: Key) -> list[tuple[Check, AnsweredRun]]:
    """Return the checks that compare with the key by value alone, with their runs."""
    found = [(check, key.sheets[check.run]) for check in key.checks]
    return [
        (check, sheet)
        for check, sheet in found
        if check.judge == "match" and sheet.answers and check.visibility == "hidden"
    ]


def twisted(value: Tree, seed: int) -> Tree:
    """Return an answer of the same form with other numbers."""
    if isinstance(value, dict):
        return {name: twisted(child, seed + i) for i, (name, child) in enumerate(value.items())}
    array = np.asarray(value)
    draws = np.random.default_rng(seed).standard_normal(array.shape)
    return np.asarray(array + (1 + np.abs(array).max()) * draws)


def test_any_output_that_is_wrong_loses_its_share_and_no_other(key: Key) -> None:
    """In every check of the course, for each output alone and for all at once."""
    for check, sheet in compared(key):
        for wrong in [{name} for name in check.outputs] + [set(check.outputs)]:
            gave = [
                {n: twisted(v, i) if n in wrong else v for n, v in answer.items()}
                for i, answer in enumerate(sheet.answers)
            ]
            found = earned(judged(gave, check, sheet))
            assert found == {n: 0.0 if n in wrong else 1.0 for n in check.outputs}, check.id


def test_every_variant_costs_the_share_of_a_nearly_right_answer(key: Key) -> None:
    """In each check of each row that has one, in the outputs that it gives otherwise."""
    costs = set()
    for check, sheet in compared(key):
        for variant in sheet.nearly:
            gave = [{**a, **v} for a, v in zip(sheet.answers, variant.answers, strict=True)]
            found = earned(judged(gave, check, sheet))
            assert set(found.values()) <= {0.75, 1.0}, (check.id, variant.id)
            if min(found.values()) < 1:
                costs.add((check.question, variant.id))
    ids = {variant for _, variant in costs}
    assert len(costs) >= 25
    assert {"batchnorm-no-eps", "layernorm-eps-outside-root", "adam-eps-inside-root"} <= ids


def test_examples_that_make_an_epsilon_large_are_a_quarter_at_most(key: Key) -> None:
    """Tiny variances, gradients near 1e-7 and a given eps have checks of their own."""
    for question, checks in key.by_question.items():
        total = sum(check.points for check in checks)
        large = [c for c in checks if any(map(epsilon_shows, key.sheets[c.run].run.examples))]
        assert sum(check.points for check in large) <= total / 4, question


def epsilon_shows(inputs: Mapping[str, Any]) -> bool:
    given_ones = [inputs.get(name) or {} for name in ("bn_param", "ln_param")]
    small = "dw1" in inputs and np.abs(inputs["dw1"]).max() < 1e-3
    return small or any("eps" in param for param in given_ones)


def test_published_figures_count_where_a_value_is_right_somewhere() -> None:
    """Copied figures earn nothing; with one output right on one example they count."""
    figures = replace(CHECK, id="q.published-1", visibility="published", judge="match")
    published = judged(RIGHT, figures)
    wrong = dict.fromkeys(NAMES, 2.0)
    nowhere = judged(changed(wrong, 1, changed(wrong)))
    assert set(earned(published, nowhere).values()) == {0.0}
    somewhere = judged(changed(wrong))
    assert set(earned(published, somewhere).values()) == {1.0}
    uncompared = replace(somewhere, check=replace(CHECK, id="q.initial"), compared=False)
    assert set(earned(published, nowhere, uncompared).values()) == {0.0}
