"""One fault costs its own points: what builds on it is marked with the reference's in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.key import sources
from grader.marking.isolation import Isolation, withheld_inputs
from grader.marking.judging import Judging
from grader.marking.marker import Marker
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import Package

MarkEdited = Callable[..., SubmissionResult]
Mark = Callable[[dict[str, str]], SubmissionResult]

LAYERS, NETWORKS, RULES = "layers.py", "classifiers/fc_net.py", "optim.py"
RIGHT_DB = "    db = dout.sum(axis=0)\n"


def lost(result: SubmissionResult) -> dict[str, float]:
    """Return the points that each question lost, where it lost any."""
    return {q.id: q.max_score - q.score for q in result.questions if q.score != q.max_score}


def question(result: SubmissionResult, id: str) -> QuestionResult:
    return next(q for q in result.questions if q.id == id)


@pytest.mark.parametrize(
    ("edits", "costs"),
    [
        ([(LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n")], {"affine-backward": 2.0}),
        (
            [(LAYERS, RIGHT_DB, "    db = dout.sum(axis=0, keepdims=True)\n")],
            {"affine-backward": pytest.approx(4 / 3 / 4, abs=1e-5)},
        ),
        ([(LAYERS, RIGHT_DB, "    raise ValueError\n")], {"affine-backward": 6.0}),
        ([(LAYERS, RIGHT_DB, "    while True: pass\n")], {"affine-backward": 6.0}),
        ([(LAYERS, RIGHT_DB, "    import os; os._exit(0)\n")], {"affine-backward": 6.0}),
        (
            [(LAYERS, "    out = np.maximum(x, 0)\n", "    raise NotImplementedError\n")],
            {"relu-forward": 2.0},
        ),
        (
            [(LAYERS, "    out = x.reshape(len(x), -1) @ w + b\n", "    return None\n")],
            {"affine-forward": 4.0},
        ),
        (
            [(NETWORKS, "class TwoLayerNet:", "class TwoLayerNet")],
            {"two-layer-net": 12.0},
        ),
    ],
    ids=["mean", "shape", "raises", "loops", "exits", "blank", "none", "a network does not parse"],
)
def test_a_fault_costs_its_own_question(
    mark_edited: MarkEdited, edits: list[tuple[str, str, str]], costs: dict[str, float]
) -> None:
    """Whatever is wrong with a layer, the networks that call it keep their points."""
    assert lost(mark_edited(*edits)) == costs


def test_a_function_that_does_not_parse_costs_itself(mark_edited: MarkEdited) -> None:
    """The rest of its file runs."""
    result = mark_edited((LAYERS, "def affine_forward(x, w, b):", "def affine_forward(x, w, b:"))
    assert lost(result) == {"affine-forward": 4.0}


def test_layers_that_do_not_parse_leave_the_networks(mark_edited: MarkEdited) -> None:
    """With no layer at all, both networks are judged with the course's layers and given losses."""
    headers = (
        "affine_forward(x, w, b)",
        "affine_backward(dout, cache)",
        "relu_forward(x)",
        "relu_backward(dout, cache)",
    )
    edits = [(LAYERS, f"def {header}:", f"def {header}") for header in headers]
    result = mark_edited(*edits)
    assert set(lost(result)) == {
        "affine-forward",
        "affine-backward",
        "relu-forward",
        "relu-backward",
    }
    assert question(result, "two-layer-net").status == "passed"


def test_the_result_names_what_was_given(mark_edited: MarkEdited) -> None:
    """A question that was judged with a correct function in a failed one's place says which."""
    result = mark_edited((LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n"))
    assert question(result, "fully-connected-net").given == ["affine_backward"]
    assert question(result, "affine-backward").given == []
    assert question(result, "adam").given == []


def test_a_networks_own_fault_is_not_hidden_by_a_right_layer(mark_edited: MarkEdited) -> None:
    """Two faults in two functions cost their own points each."""
    result = mark_edited(
        (LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n"),
        (NETWORKS, "loss += 0.5 * self.reg * np.sum(w**2)", "loss += 0"),
    )
    costs = lost(result)
    assert set(costs) == {"affine-backward", "fully-connected-net"}
    assert 0 < costs["fully-connected-net"] < 10


def test_a_right_backward_pass_keeps_its_points_over_a_wrong_forward_pass(
    mark_edited: MarkEdited,
) -> None:
    """Gradients that agree with the key aren't held against a wrong forward pass's differences."""
    result = mark_edited((LAYERS, "    out = np.maximum(x, 0)\n", "    out = np.abs(x)\n"))
    assert set(lost(result)) == {"relu-forward"}
    backward = question(result, "relu-backward")
    assert {check.status for check in backward.checks} == {"passed"}


def test_a_backward_pass_that_fits_its_own_wrong_forward_earns_a_share(
    mark_edited: MarkEdited,
) -> None:
    """Right for a leaky ReLU where a ReLU is asked: half of the gradient points."""
    result = mark_edited(
        (LAYERS, "    out = np.maximum(x, 0)\n", "    out = np.where(x > 0, x, 0.1 * x)\n"),
        (LAYERS, "    dx = dout * (x > 0)\n", "    dx = np.where(x > 0, dout, 0.1 * dout)\n"),
    )
    assert question(result, "relu-backward").score == 0.5
    assert question(result, "relu-forward").score == 0.0
    assert any(
        "forward pass as it is" in c.message for c in question(result, "relu-backward").checks
    )


@pytest.mark.parametrize(
    ("forward", "backward"),
    [("np.zeros_like(x)", "0 * dout"), ("x", "dout"), ("3 * x", "3 * dout"), ("x", "dout + 0 * x")],
)
def test_agreeing_with_oneself_about_nothing_earns_nothing(
    mark_edited: MarkEdited, forward: str, backward: str
) -> None:
    """Zeros and the input handed through agree with their own gradients, and are no layer."""
    result = mark_edited(
        (LAYERS, "    out = np.maximum(x, 0)\n", f"    out = {forward}\n"),
        (LAYERS, "    dx = dout * (x > 0)\n", f"    dx = {backward}\n"),
    )
    assert question(result, "relu-forward").score == 0.0
    assert question(result, "relu-backward").score == 0.0


def test_blank_networks_earn_nothing_from_right_layers(mark_edited: MarkEdited) -> None:
    """The reference answers for layers, not for what builds on them."""
    result = mark_edited(
        (LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n"),
        (
            NETWORKS,
            "        hidden, hidden_cache =",
            "        raise NotImplementedError\n        hidden, hidden_cache =",
        ),
    )
    assert lost(result)["two-layer-net"] >= 10


def test_without_the_reference_the_question_says_so(
    course_marker: Marker, mark_edited: MarkEdited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the course's code isn't at hand, the lost points come with the reason."""
    monkeypatch.setattr(course_marker.code, "_reference", None)
    result = mark_edited((LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n"))
    network = question(result, "two-layer-net")
    assert network.score < network.max_score
    assert any("affine_backward" in note and "not at hand" in note for note in network.notes)


def test_two_known_mistakes_are_both_named(mark_edited: MarkEdited) -> None:
    """Two misconceptions in two functions: each is found, and costs its own points."""
    result = mark_edited(
        (LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n"),
        (RULES, '    m_hat = config["m"] / (1 - beta1**t)\n', '    m_hat = config["m"]\n'),
    )
    named = {q.id: {c.diagnosis for c in q.checks if c.diagnosis} for q in result.questions}
    assert {id: names for id, names in named.items() if names} == {
        "affine-backward": {"affine-db-mean"},
        "adam": {"adam-m-not-corrected"},
    }
    assert set(lost(result)) == {"affine-backward", "adam"}


def test_no_call_of_a_right_network_is_refused(
    course_marker: Marker, assignment_folder: Path
) -> None:
    """The reference answers all that its own networks ask, with no answer known beforehand.

    What it withholds are the hidden inputs of each question that is answered for.
    """
    marker, key = course_marker, course_marker.key
    files = sources.package(assignment_folder / marker.assignment.package)
    course = Package(marker.assignment.package, files, key.given, marker.assignment.given)
    withheld, judging = withheld_inputs(key), Judging(key)
    building = [q for q in marker.assignment.questions if q.kind == "code" and q.builds_on]
    asked = 0
    with Isolation(marker.sandbox, course, course, key.parts, withheld=withheld) as isolation:
        for one in building:
            failed = [id for id in one.builds_on if id in key.parts]
            parts = frozenset(part for id in failed for part in key.parts[id])
            if not failed or parts & set(key.parts.get(one.id, ())):
                continue
            asked += 1
            assert len(withheld(parts)) > 25 * len(failed), one.id
            assert not judging.look(one.id, isolation.session(failed)).failed, one.id
    assert asked >= 3
