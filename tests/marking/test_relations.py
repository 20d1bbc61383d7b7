"""What is said of a relation holds on every public example that fails, and isn't chance."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from grader.marking.explaining.failure import PublicFailure
from grader.marking.explaining.relations import Relations
from grader.marking.explaining.settings import setting
from grader.model.checks import AnsweredRun, Check
from grader.model.programs import Outcome, Program, Run
from grader.model.steps import Call
from grader.model.verdicts import Verdict
from grader.numeric.strategies import dense

Answer = Mapping[str, Any]
SHAPES = ((3, 4), (4, 4), (5, 3), (2, 5), (6, 4), (4, 2))
INPUTS = [
    {"x": dense(shape, 3 * i), "w": dense(shape, 3 * i + 1), "param": {"eps": 0.0 if i < 3 else 1}}
    for i, shape in enumerate(SHAPES)
]


def right(x: Any, w: Any) -> Answer:
    return {"dx": x * w + 2, "dw": x - 3 * w * w, "db": (x * w).sum(axis=0)}


def unasked() -> Any:
    raise AssertionError("a relation asks nothing of a submission")


def said(
    wrong: Callable[[Any, Any], Answer],
    stage: Any = "value",
    fails: Callable[[int], bool] = lambda i: True,
    inputs: Any = INPUTS,
    steps: int = 1,
) -> str:
    """What is said where *wrong* gives some outputs on the examples that fail."""
    answers = [right(e["x"], e["w"]) for e in inputs]
    outcomes = []
    for i, (example, answer) in enumerate(zip(inputs, answers, strict=True)):
        given = wrong(example["x"], example["w"]) if fails(i) else {}
        outcomes.append(Outcome({**answer, **given}))
    names = [name for name in answers[0] if name in wrong(inputs[0]["x"], inputs[0]["w"])]
    parts = {name: Verdict(stage, name) for name in names}
    check = Check(
        "q.values", "q", "t", "hidden", "q.values", "match", ("dx", "dw", "db"), 1.0, "back"
    )
    calls = tuple(Call(f"f{n}", "m:back", [{"$": "x"}]) for n in range(steps))
    run = Run("q.values", Program(calls, {name: {"@": "f0"} for name in answers[0]}), inputs)
    verdict = Verdict(stage, names[0], parts=parts)
    failure = PublicFailure(check, verdict, AnsweredRun(run, answers), outcomes, unasked)
    found = Relations().explain(failure)
    assert all(one["mechanism"] == "structure" for one in found)
    return " ".join(one["text"] for one in found)


def swap(x: Any, w: Any) -> Answer:
    answer = right(x, w)
    return {"dx": answer["dw"], "dw": answer["dx"]}


def mixed(x: Any, w: Any) -> Answer:
    return {"dx": np.flip(right(x, w)["dx"], axis=0)}


def where(has: Callable[[Any], Any]) -> Callable[[Any, Any], Answer]:
    """Wrong where an input has something."""
    return lambda x, w: {"dx": np.where(has(w), 7 * x, right(x, w)["dx"])}


def row(place: int) -> Callable[[Any, Any], Answer]:
    """Wrong in one row."""

    def wrong(x: Any, w: Any) -> Answer:
        dx = right(x, w)["dx"].copy()
        dx[place] = 0
        return {"dx": dx}

    return wrong


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (swap, "dx and dw stand in each other's place"),
        (lambda x, w: {"dx": right(x, w)["dw"]}, "dx: it has the numbers that are asked for as dw"),
        (lambda x, w: {"dx": x}, "dx back to where it is made: it equals the input x"),
        (lambda x, w: {"dx": 1e-17 * x}, "it is zero but for rounding"),
        (mixed, "the right numbers are there, at other places"),
        (lambda x, w: {"db": np.full(x.shape[1], x.sum())}, "all of them are one number"),
        (where(lambda w: w < 0), "where w is negative: all that is wrong in dx stands there"),
        (where(lambda w: w > 0), "where w is positive"),
        (row(0), "the first row of dx is wrong"),
        (row(-1), "the last row of dx is wrong"),
    ],
)
def test_a_relation_is_said(wrong: Callable[[Any, Any], Answer], words: str) -> None:
    """Outputs, inputs, order and elements: each in a sentence with its names."""
    assert words in said(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, w: {"dx": dense(x.shape, 99)},
        lambda x, w: {"dx": x if len(x) > 3 else 2 * x},
        lambda x, w: {"dx": x * (1 + 1e-6)},
        lambda x, w: {"dx": np.full(x.shape, np.nan)},
        lambda x, w: {"dx": None},
        lambda x, w: {"dx": right(x, w)["dx"] / 3},
        where(lambda w: (w < 0) & (np.arange(w.size).reshape(w.shape) % 3 > 0)),
        row(1),
    ],
    ids=["drawn", "not all", "near", "nan", "none", "a factor", "some negative", "second row"],
)
def test_nothing_is_said_where_there_is_no_relation(wrong: Callable[[Any, Any], Answer]) -> None:
    """Where one example shows otherwise, or another sentence says it already, none is."""
    assert said(wrong) == ""


def test_wrong_shapes_are_told_where_outputs_have_changed_places() -> None:
    """Outputs in each other's place have the other's shape; nothing else is said of shapes."""
    assert "in each other's place" in said(
        lambda x, w: {"dw": right(x, w)["db"], "db": right(x, w)["dw"]}, "shape"
    )
    assert said(lambda x, w: {"db": x}, "shape") == ""
    assert said(lambda x, w: {"dx": x}, "raised") == ""


def test_what_examples_have_in_common_that_fail() -> None:
    """An option that all that fail have, and no other: two of each at least."""
    odd = where(lambda w: np.abs(w) > 0.5)
    assert "where eps is zero: dx is wrong in these" in said(odd, fails=lambda i: i < 3)
    assert "where eps isn't zero" in said(odd, fails=lambda i: i > 2)
    assert said(odd, fails=lambda i: i < 2) == ""
    assert setting([{"n": 0}], [{"n": 1}, {"n": 2}]) == ""
    assert setting([{"n": None}] * 2, [{"n": 0.5}] * 2) == ""
    assert setting([{"n": 0.5}] * 2, [{"n": None}] * 2) == "n isn't zero"
    assert setting([{"mode": "test"}] * 2, [{"mode": "train"}] * 2) == "mode is test"
    flat, image = {"x": np.ones((3, 4))}, {"x": np.ones((3, 2, 2, 1))}
    assert setting([image] * 2, [flat] * 2) == "an input has four dimensions"
    assert setting([flat] * 2, [image] * 2) == ""


def test_what_has_a_name_is_left_out_and_stays_wrong() -> None:
    """Of a failure in three outputs, that of one is told by itself."""
    check = Check("q.v", "q", "t", "hidden", "q.v", "match", ("dx", "dw", "db"), 1.0, "back")
    parts = {name: Verdict("value", name) for name in ("dx", "db")}
    sheet = AnsweredRun(Run("q.v", Program((), {}), []), [])
    whole = PublicFailure(check, Verdict("value", "dx", parts=parts), sheet, [], unasked)
    assert (whole.wrong, whole.all_wrong) == (("dx", "db"), ("dx", "db"))
    part = whole.only(["db", "dw"])
    assert (part.wrong, part.all_wrong) == (("db",), ("dx", "db"))
    assert whole.only([]).wrong == ()


def test_only_the_first_call_is_right() -> None:
    """Of three calls of one function, what the first leaves for the others is to be looked at."""

    def later(x: Any, w: Any) -> Answer:
        answer = right(x, w)
        return {"dw": answer["dw"] ** 2, "db": answer["db"] ** 2}

    assert "the first call gives what is asked" in said(later, steps=3)
    assert said(later, steps=2) == ""
    assert said(lambda x, w: {"dw": right(x, w)["dw"] ** 2}, steps=3) == ""
