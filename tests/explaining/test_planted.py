"""What is told of a spread of planted mistakes is true, and whoever judges it sees what isn't."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import evaluate
import mutants
import numpy as np
import places
import plants
import pytest
import relations
import rewrites
import sums
from bulk import Bench, Judged, Marked, Variant, bench
from explanations import RIGHT_OUTPUTS, Told, told
from oracle import drawn_alike
from truth import Judgement

from grader.model.programs import Outcome

#: By hand: one of each part of the course, all of which are told nothing untrue; and two mutants.
SAMPLE = (
    "affine-bias-subtracted",
    "affine-dw-squared-input",
    "affine-gradients-swapped-in-return",
    "relu-backward-negated",
    "relu-backward-rectified",
    "batchnorm-gamma-after-shift",
    "batchnorm-dx-half-variance",
    "layernorm-backward-staged-n",
    "dropout-backward-complement",
    "optim-momentum-half-step",
    "optim-adam-m-swapped",
    "networks-two-loss-absolute",
)
RIGHT = ("right-witness", "rewritten-reference-1", "rewritten-staged-2", "unusual-renamed_folder")


@pytest.fixture(scope="module")
def marking() -> Iterator[Bench]:
    """A worker with the demonstration key, and what judges it."""
    with bench() as opened:
        yield opened


@pytest.fixture(scope="module")
def written() -> dict[str, plants.Plant]:
    """The mistakes that were written by hand, by id."""
    return {plant.id: plant for plant in plants.written()}


def test_nothing_untrue_is_told_of_a_sample(
    marking: Bench, written: dict[str, plants.Plant]
) -> None:
    """Twelve mistakes lose points, and what is said of them holds by rule."""
    marked = [marking.marked(written[id]) for id in SAMPLE]
    assert all(one.wrong for one in marked)
    assert list(evaluate.wrong(marked, {})) == []
    (known,) = [one.known for one in marked if one.plant.id == "relu-backward-rectified"]
    assert known == "relu-backward-mask-of-dout"


def test_nothing_is_said_of_right_variants(marking: Bench) -> None:
    """Four right packages pass every check without a word."""
    variants = [one for one in evaluate.right_variants() if one.name in RIGHT]
    assert len(variants) == len(RIGHT)
    assert {one.name: marking.messages(one) for one in variants} == {name: [] for name in RIGHT}


def test_there_are_enough() -> None:
    """At least 150 kinds by hand, 400 mistakes and 100 right variants."""
    by_hand = plants.written()
    assert len({plant.kind for plant in by_hand if not plant.known}) >= 150
    assert {plant.function for plant in by_hand} == set(plants.FUNCTIONS)
    assert len(by_hand) + len(mutants.mutants()) >= 450
    names = [one.name for one in evaluate.right_variants()]
    assert len(names) == len(set(names)) >= 100


def test_mutants_are_those_of_their_seed() -> None:
    """The same seed gives the same mutants, of every operator; another seed gives others."""
    first = mutants.mutants()
    assert mutants.mutants(7) != first
    again = list(mutants.mutated("witness", "adam", 12, mutants.SEED))
    assert again == [p for p in first if p.id.startswith("mutant-witness-adam-")]
    used = {kind for plant in first for kind in plant.kind.split("; ")}
    assert used == set(mutants.OPERATORS)


def test_rewritten_code_is_other_code() -> None:
    """No two right variants are the same text, and the same seed gives the same ones."""
    texts = [files["layers.py"] + files["optim.py"] for _, files in rewrites.rewritings()]
    assert len(set(texts)) == len(texts)
    one, other = (rewrites.rewritten("staged", random.Random("1")) for _ in range(2))
    assert one == other


# --- The planted lines ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        ("a = 1\nb = 3\nc = 3\n", {2}),
        ("a = 1\nc = 3\n", {1, 2}),
        ("a = 1\nb = 2\nx = 0\nc = 3\n", {3}),
        ("a = 1\nb = (2 +\n     1)\nc = 3\n", {2, 3}),
        ("a = 1\nif b:\n    b = 2\nc = 3\n", {2, 3}),
        ("b = 2\nc = 3\na = 1\n", {1, 2, 3}),
    ],
)
def test_planted_lines_are_those_that_changed(new: str, lines: set[int]) -> None:
    """With all lines of a statement; where one is gone, those around the gap."""
    assert plants.changed_lines("a = 1\nb = 2\nc = 3\n", new) == lines


def test_an_edit_that_does_not_fit_is_told() -> None:
    """What is to be edited must stand in the function once."""
    text = "def f(x):\n    return x + x\n\n\ndef g(x):\n    return x\n"
    with pytest.raises(plants.PlantError, match="2 times"):
        plants.with_edits(text, "f", [{"old": "x +", "new": ""}, {"old": "x", "new": "y"}])
    with pytest.raises(plants.PlantError, match="no h"):
        plants.with_edits(text, "h", [])


# --- The judge -----------------------------------------------------------------------------------


def said(mechanism: str, **facts: Any) -> Told:
    """Return an explanation of what affine_backward gives."""
    return Told(
        "affine-backward", "affine-backward.values", mechanism, "Look.", facts, "value", first=True
    )


#: Of a package whose dw is half as large, on line 31 of layers.py.
FALSE = [
    said("repair", file="layers.py", line=3),
    said("repair", file="optim.py", line=31),
    said("catalogue", misconception="affine-dw-mean"),
    said("catalogue", misconception="affine-db-mean", outputs=["db"]),
    said("catalogue", misconception="no-such-mistake"),
    said("catalogue", nearly="an epsilon left out"),
    said("structure", output="dw", structure={"kind": "sign", "value": None}),
    said("structure", output="dw", structure={"kind": "mean", "value": 2}),
    said("structure", output="dw", structure={"kind": "transposed", "value": None}),
    said(RIGHT_OUTPUTS, outputs=["dx", "dw"]),
]


@pytest.mark.parametrize("claim", FALSE, ids=lambda claim: f"{claim.mechanism} {claim.facts}")
def test_a_false_explanation_is_judged_untrue(
    marking: Bench, written: dict[str, plants.Plant], claim: Told
) -> None:
    """Another line, another mistake's name, a relation that holds on no other example."""
    assert marking.judge.judge(written["affine-dw-half"], claim).word == "untrue"


def test_a_true_explanation_is_judged_true(
    marking: Bench, written: dict[str, plants.Plant]
) -> None:
    """The planted line, the relation that holds, the outputs that are right."""
    plant = written["affine-dw-half"]
    (line,) = plant.lines["layers.py"]
    for claim in (
        said("repair", file="layers.py", line=line),
        said("structure", output="dw", structure={"kind": "factor", "value": 0.5}),
        said(RIGHT_OUTPUTS, outputs=["dx", "db"]),
    ):
        assert marking.judge.judge(plant, claim).word == "true", claim


def test_what_no_rule_decides_is_unjudged(marking: Bench, written: dict[str, plants.Plant]) -> None:
    """A mechanism without a rule, an unknown relation, an output that is never wrong."""
    plant = written["affine-dw-half"]
    for claim in (
        said("a mechanism of tomorrow"),
        said("structure", output="dw", structure={"kind": "permuted", "value": None}),
        said("structure", output="dx", structure={"kind": "sign", "value": None}),
    ):
        assert marking.judge.judge(plant, claim).word == "unjudged", claim


def test_each_untruth_is_an_exit_code(marking: Bench, written: dict[str, plants.Plant]) -> None:
    """A line stands for whatever must not be, and the counts stand in the table."""
    plant = written["affine-dw-half"]
    false = Judged(FALSE[0], Judgement("untrue", "another line"))
    untrue = Marked(plant, wrong=True, told=[false])
    assert [line.split(": ")[0] for line in evaluate.wrong([untrue], {"right": ["a word"]})] == [
        plant.id,
        "right, which is right",
    ]
    named = replace(untrue, known="affine-dw-mean", told=[])
    assert len(list(evaluate.wrong([named], {}))) == 1
    assert len(list(evaluate.wrong([Marked(plant, wrong=False)], {}))) == 1
    (row,) = [line for line in evaluate.report([untrue], {}) if line.startswith("| repair |")]
    assert row.split(" | ")[1:5] == ["1", "0", "1", "0"]


def test_all_explanations_of_a_check_are_judged() -> None:
    """Each one that the check holds, and the sentence about outputs that are right."""
    check: dict[str, Any] = {
        "id": "c",
        "status": "failed",
        "stage": "value",
        "diagnosis": None,
        "message": 'Look at it. zip() is bad db and grads["W1"] are right and keep their points.',
        "evidence": {
            "explained_by": "repair",
            "explanations": [
                {"mechanism": "repair", "text": "Here.", "file": "layers.py", "line": 3},
                {"mechanism": "terms", "text": "There.", "terms": {"a": "1/2"}},
            ],
        },
    }
    passed = {**check, "status": "passed"}
    result = {"questions": [{"id": "q", "checks": [check, passed]}]}
    found = [(each.mechanism, each.first) for each in told(result)]
    assert found == [("repair", True), ("terms", False), (RIGHT_OUTPUTS, False)]
    assert list(told(result))[-1].facts == {"outputs": ["db", "grads.W1"]}
    check["evidence"] = {"explained_by": "number"}
    assert [each.mechanism for each in told(result)] == ["number", RIGHT_OUTPUTS]


@pytest.mark.parametrize(
    ("kind", "got", "holds"),
    [
        ("sign", [[-1.0, -2.0], [-3.0, -4.0]], True),
        ("sign", [[-1.0, -2.0], [-3.0, 4.0]], False),
        ("transposed", [[1.0, 3.0], [2.0, 4.0]], True),
        ("mean", [[0.5, 1.0], [1.5, 2.0]], True),
        ("sum", [[2.0, 4.0], [6.0, 8.0]], True),
        ("sum", [[3.0, 6.0], [9.0, 12.0]], False),
        ("factor", [[3.0, 6.0], [9.0, 12.0]], True),
        ("offset", [[2.0, 3.0], [4.0, 5.0]], True),
        ("offset", [[2.0, 3.0], [4.0, 6.0]], False),
        ("rows", [[1.0, 2.0], [0.0, 0.0]], True),
        ("rows", [[0.0, 2.0], [0.0, 0.0]], False),
        ("columns", [[1.0, 0.0], [3.0, 0.0]], True),
        ("zeros", [[0.0, 0.0], [0.0, 0.0]], True),
        ("zeros", [[0.0, 0.0], [0.0, 1.0]], False),
    ],
)
def test_relations_hold_or_not(kind: str, got: list[list[float]], holds: bool) -> None:
    """Each kind on a pair of arrays for which it holds, and on one for which it doesn't."""
    expected = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert relations.holds(kind, None, np.array(got), expected, {"x": expected}) is holds


def test_draws_that_look_otherwise_are_told_apart() -> None:
    """Another share of zeros, and another factor."""
    chance = np.random.default_rng(1)

    def drawn(keep: float, factor: float) -> list[Outcome]:
        return [Outcome({"out": factor * (chance.random((50, 40)) < keep)}) for _ in range(4)]

    assert drawn_alike(drawn(0.7, 2.0), drawn(0.7, 2.0))
    assert not drawn_alike(drawn(0.7, 2.0), drawn(0.3, 2.0))
    assert not drawn_alike(drawn(0.7, 2.0), drawn(0.7, 4.0))


def test_a_word_about_right_code_is_seen(marking: Bench, written: dict[str, plants.Plant]) -> None:
    """A package that isn't right gets messages."""
    files = written["affine-dw-half"].files
    assert any("affine-backward.values" in line for line in marking.messages(Variant("w", files)))


# --- Dependence and terms ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "check", "text", "word"),
    [
        (
            "affine-db-through-bias",
            "affine-backward",
            "Keep b out of db: a change in b changes db.",
            "true",
        ),
        (
            "affine-db-through-bias",
            "affine-backward",
            "Keep x out of db: a change in x changes db.",
            "untrue",
        ),
        (
            "affine-db-last-row",
            "affine-backward",
            "Let every example count in db: a change in dout of the first example leaves db as "
            "before.",
            "true",
        ),
        (
            "affine-db-last-row",
            "affine-backward",
            "Let db depend on dout: a change in dout leaves db as before.",
            "untrue",
        ),
        (
            "layernorm-mean-of-batch",
            "layernorm-forward",
            "Keep examples apart: a change in x of one example changes out of another.",
            "true",
        ),
        (
            "layernorm-uncentred",
            "layernorm-forward",
            "Keep examples apart: a change in x of one example changes out of another.",
            "untrue",
        ),
        (
            "relu-squared",
            "relu-forward",
            "Let out double when x doubles: it grows fourfold.",
            "true",
        ),
        ("relu-squared", "relu-forward", "Let out double when x doubles: it halves.", "untrue"),
        ("relu-squared", "relu-forward", "Let out be.", "unjudged"),
    ],
)
def test_dependence_is_judged_by_moving_inputs(
    marking: Bench, written: dict[str, plants.Plant], id: str, check: str, text: str, word: str
) -> None:
    """What depends on what is found out anew; a sentence that can't be read isn't judged."""
    claim = Told(check, f"{check}.values", "dependence", text, {}, "value")
    assert marking.judge.judge(written[id], claim).word == word


@pytest.mark.parametrize(
    ("weight", "word"), [("1/2", "true"), ("0.5", "true"), ("2", "untrue"), ("1/N", "untrue")]
)
def test_terms_are_judged_by_adding_them_up(
    marking: Bench,
    written: dict[str, plants.Plant],
    monkeypatch: pytest.MonkeyPatch,
    weight: str,
    word: str,
) -> None:
    """Half a term is half of it on other examples, and no other part."""

    def terms(given: Any, answers: Any) -> Any:
        rows = given["x"].reshape(len(given["x"]), -1)
        return SimpleNamespace(
            terms={"the product": rows.T @ given["dout"]},
            others={},
            instead={},
            symbols={"N": len(rows)},
            read=(),
            entry="",
            places=(),
        )

    declared = SimpleNamespace(
        question="affine-backward", output="dw", terms=terms, beside=None, composition="sum"
    )
    monkeypatch.setattr(sums, "declarations", lambda: [declared])
    claim = said("terms", outputs=["dw"], terms={"the product": weight})
    claim = replace(claim, text="Look at the weight of the product in dw: it is otherwise.")
    assert marking.judge.judge(written["affine-dw-half"], claim).word == word
    other = said("terms", outputs=["dw"], terms={"another": weight})
    assert marking.judge.judge(written["affine-dw-half"], other).word == "unjudged"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1/2", 0.5),
        ("2 N", 8.0),
        ("1/(2 N)", 0.125),
        ("-(1 - beta1)", -0.1),
        ("1e-05", 1e-5),
        ("N^2", 16.0),
        ("N/(N - 1)", 4 / 3),
    ],
)
def test_weights_are_read(written: str, value: float) -> None:
    """Sizes and settings by name, and what stands around them."""
    assert sums.number(written, {"N": 4, "beta1": 0.9}) == pytest.approx(value)
    with pytest.raises(ValueError, match="names"):
        sums.number("1/gamma", {"N": 4})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Check the order: out and other stand in each other's place.", True),
        ("Look at f: it has the numbers that are asked for as other.", True),
        ("Look at f: it has the numbers that are asked for as out.", False),
        ("Follow out back: it equals the input x.", False),
        ("Follow out back: it equals the input y.", True),
        ("Follow out back: it is zero but for rounding.", False),
        ("Look at out: the right numbers are there, at other places.", True),
        ("Look at what out is made from: all of them are one number, and others are asked.", False),
        ("Look at what f does where x is negative: all that is wrong in out stands there.", False),
        ("Look at what f does where x is positive: all that is wrong in out stands there.", True),
        ("Look at a slice: the first row of out is wrong, and the others are right.", False),
        (
            "Look at what f does where mode is test: out is wrong in these examples, and right in "
            "all others.",
            True,
        ),
        (
            "Look at what f does where eps is given: out is wrong in these examples, and right in "
            "all others.",
            False,
        ),
        ("Look at it.", None),
    ],
)
def test_relations_to_inputs_and_outputs_hold_or_not(text: str, holds: bool | None) -> None:
    """Of two outputs that have changed places in test mode, each sentence is read and tried."""
    one, other = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0, 1.0], [4.0, 3.0]])
    right = {"out": one, "other": other}
    inputs = {"x": one, "y": other, "param": {"mode": "test"}}
    examples = [
        places.Example(inputs, {"out": other, "other": one}, right),
        places.Example({**inputs, "param": {"mode": "train"}}, right, right),
    ]
    assert places.stands(text, "out", examples) is holds
    assert places.stands(text, "out", examples[1:]) is None
