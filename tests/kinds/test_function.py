"""Any function: outputs by name, values of every sort, differences that no student can widen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from grader.kinds import Case, Function, Gradient, KindError, Published, Relation, judge
from grader.model.checks import Check
from grader.model.programs import Inputs, Outcome
from grader.model.trees import Tree
from grader.model.verdicts import Verdict

DRAWN = st.just({"x": np.array([1.0, 2.0])})
CASE = Case("values", "Values", DRAWN, 3, ("value", "dx"))


def row(**changed: Any) -> Function:
    """Return a row of one function with a gradient."""
    given: dict[str, Any] = {
        "question": "q",
        "function": "m:f",
        "arguments": ("x",),
        "returns": ("value", "dx"),
        "cases": (CASE,),
        "gradients": (Gradient("dx", wrt="x", of="value"),),
    }
    return Function(**{**given, **changed})


def check(judge: str, outputs: tuple[str, ...], **settings: Any) -> Check:
    return Check("q.c", "q", "", "hidden", "q.c", judge, outputs, 1, "f", settings=settings)


def judged(check: Check, gave: dict[str, Tree], answer: dict[str, Tree], **inputs: Tree) -> Verdict:
    return judge(check, inputs, Outcome(gave), [answer] if answer else [])


@pytest.mark.parametrize(
    ("returns", "found"),
    [
        ("value", {"value": {"@": "f"}}),
        (("value",), {"value": {"@": "f", "item": 0}}),
        (("value", "dx"), {"value": {"@": "f", "item": 0}, "dx": {"@": "f", "item": 1}}),
        ({"value": "v"}, {"value": {"@": "f", "item": ["v"]}}),
    ],
)
def test_outputs_are_found_in_what_is_returned(returns: Any, found: dict[str, Any]) -> None:
    """A plain value, a tuple of one, a tuple, a dict with names of its own."""
    case = Case("values", "Values", DRAWN, 3, tuple(found))
    (proof,) = row(returns=returns, cases=(case,), gradients=()).proofs(live=False)
    assert dict(proof.program.give) == found


def test_each_part_of_a_row_has_its_proof() -> None:
    """Published figures, cases, differences and relations, with the points that the row gives."""
    figures = Published(1, {"x": np.zeros(2)}, {"value": np.array(0.0)}, 1e-8)
    relation = Relation("even", "Even", DRAWN, ("value",), "Check {output}.")
    made = list(
        row(
            published=(figures,), published_points=1, gradient_points=2, properties=(relation,)
        ).proofs(live=False)
    )
    (checks) = [check for proof in made for check in proof.checks]
    assert [(c.id, c.visibility, c.points) for c in checks] == [
        ("q.published-1", "published", 1),
        ("q.values", "hidden", 3),
        ("q.gradient", "hidden", 2),
        ("q.even", "property", 0),
    ]
    assert checks[2].needs == "q.values"


def test_differences_without_points_are_a_property() -> None:
    """Then a student's own check takes them, and a class's marking does without."""
    *_, proof = row().proofs(live=True)
    assert proof.checks[0].visibility == "property"


def test_figures_can_be_all_that_is_asked() -> None:
    """A row without cases has published figures whose points depend on nothing."""
    figures = Published(1, {"x": np.zeros(2)}, {"value": np.array(0.0)}, 1e-8)
    made = row(cases=(), published=(figures,), published_points=1).proofs(live=False)
    (proof,) = made
    assert proof.checks[0].needs is None


def test_an_output_without_a_name_is_told() -> None:
    """A case that asks for what the row doesn't give is named."""
    case = Case("values", "Values", DRAWN, 3, ("other",))
    with pytest.raises(KindError, match=r"q\.values: the row gives no output 'other'"):
        list(row(cases=(case,)).proofs(live=False))


@pytest.mark.parametrize(
    ("got", "right", "stage"),
    [
        (np.array([1, 2]), np.array([1, 2]), None),
        (np.array([1.0, 2.0]), np.array([1, 2]), None),
        (np.array([1, 3]), np.array([1, 2]), "value"),
        (np.array([[1, 2]]), np.array([1, 2]), "shape"),
        (np.array([True, False]), np.array([True, False]), None),
        (np.array([True, True]), np.array([True, False]), "value"),
        (True, True, None),
        (False, True, "value"),
        (None, True, "returned_none"),
        (np.array([1, 2]), np.array([1.0, 2.0]), "dtype"),
        (True, 1.0, "type"),
        ({"a": np.ones(1), "b": np.ones(1)}, {"a": np.ones(1)}, None),
    ],
)
def test_values_of_every_sort_are_compared(got: Tree, right: Tree, stage: str | None) -> None:
    """Whole numbers and truth values where the reference gives such; floating point elsewhere."""
    assert judged(check("match", ("out",)), {"out": got}, {"out": right}).stage == stage


def test_whole_numbers_are_usable_where_the_row_says_so() -> None:
    """A student's own check asks for floating point, but for outputs that are whole."""
    gave: dict[str, Tree] = {"out": np.array([1, 2])}
    assert judged(check("usable", ("out",), whole=["out"]), gave, {}).passed
    assert judged(check("usable", ("out",)), gave, {}).stage == "dtype"


X = np.array([1.0, 2.0])
MOVE = 1e-5 * np.array([1.0, 0.5])
INPUTS: dict[str, Tree] = {"x": X, "x_plus": X + MOVE, "x_minus": X - MOVE}
DIFFERENCES = check("differences", ("dx",), wrt=["x"])


def squares(scale: float = 1.0, **changed: Tree) -> dict[str, Tree]:
    """Return what ``scale * sum(x**2)`` and its gradient give."""
    return {
        "dx": scale * 2 * X,
        "at0": scale * float(X @ X),
        "at0_plus": scale * float((X + MOVE) @ (X + MOVE)),
        "at0_minus": scale * float((X - MOVE) @ (X - MOVE)),
        **changed,
    }


@pytest.mark.parametrize("answer", [squares(), {}])
def test_a_gradient_is_a_slope(answer: dict[str, Tree]) -> None:
    """With the reference's answer at hand and without it, 2.001 for 2 fails and 2 passes."""
    assert judged(DIFFERENCES, squares(), answer, **INPUTS).passed
    wrong = squares(dx=2.001 * X)
    assert judged(DIFFERENCES, wrong, answer, **INPUTS).stage == "gradient"


@pytest.mark.parametrize("answer", [squares(), {}])
@pytest.mark.parametrize("loss", [1e9, float("nan"), float("inf"), None, np.ones(2), True])
def test_a_loss_that_is_scaled_up_widens_no_bound(loss: Tree, answer: dict[str, Tree]) -> None:
    """A student's loss of any size can't make a wrong gradient pass."""
    gave = squares(dx=np.zeros(2), at0=loss, at0_plus=loss, at0_minus=loss)
    verdict = judged(DIFFERENCES, gave, answer, **INPUTS)
    assert verdict.evidence["property"]["name"] == "loss_unusable"


def test_a_gradient_that_is_scaled_up_widens_no_bound() -> None:
    """A large part across the direction of the difference hides no error along it."""
    across = 1e4 * np.array([-MOVE[1], MOVE[0]]) / np.sqrt(MOVE @ MOVE)
    gave = squares(dx=2.0002 * X + across)
    assert judged(DIFFERENCES, gave, squares(), **INPUTS).stage == "gradient"


def test_relations_hold_up_to_a_factor() -> None:
    """The second call is compared with the first, and its sentence is the row's."""
    twice = check("related", ("out",), factor=2.0, name="linear")
    assert judged(twice, {"out": X, "out.again": 2 * X}, {}).passed
    verdict = judged(twice, {"out": X, "out.again": 3 * X}, {})
    assert verdict.evidence["property"] == {"name": "linear"}
    assert judged(twice, {"out": X, "out.again": None}, {}).stage == "returned_none"


def test_what_raised_is_told_by_both_judges() -> None:
    """No judge of the kind raises for what a student's code did."""
    from grader.model.programs import Failure

    failure = Failure("raised", "m:f", "ValueError", "no")
    inputs: Inputs = INPUTS
    for name, settings in (("differences", {"wrt": ["x"]}), ("related", {"factor": 1.0})):
        entry = check(name, ("dx",), **settings)
        assert judge(entry, inputs, Outcome({}, failure), []).stage == "raised"
