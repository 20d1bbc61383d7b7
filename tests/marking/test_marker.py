"""One submission through the marker: each fault costs what it must, and says why."""

from collections.abc import Callable
from typing import Any

import pytest

from grader.model.verdicts import CheckResult, SubmissionResult

Mark = Callable[[dict[str, str]], SubmissionResult]

HEAD = "import numpy as np\n"
RIGHT_FORWARD = "def scale_forward(x, a):\n    return x * a, (x, a)\n"
RIGHT_BACKWARD = (
    "def scale_backward(dout, cache):\n"
    "    x, a = cache\n"
    "    return dout * a, (dout * x).sum(axis=0)\n"
)


def scale(forward: str = "", backward: str = "") -> dict[str, str]:
    return {"scale.py": HEAD + (forward or RIGHT_FORWARD) + (backward or RIGHT_BACKWARD)}


def forward(body: str) -> dict[str, str]:
    return scale(forward=f"def scale_forward(x, a):\n    {body}\n")


def backward(body: str) -> dict[str, str]:
    return scale(backward=f"def scale_backward(dout, cache):\n    x, a = cache\n    {body}\n")


def scores(result: SubmissionResult) -> dict[str, float]:
    return {question.id: question.score for question in result.questions}


def check(result: SubmissionResult, id: str) -> CheckResult:
    return next(c for q in result.questions for c in q.checks if c.id == id)


ALL: dict[str, Any] = {"scale-forward": 4.0, "scale-backward": 6.0, "decay": 5.0}


def test_the_reference_has_all_points(mark: Mark) -> None:
    """The reference passes every check, in each question and in all."""
    result = mark({})
    assert (result.status, result.score, result.max_score) == ("graded", 15.0, 15.0)
    assert scores(result) == ALL
    assert {question.status for question in result.questions} == {"passed"}
    assert result.notebooks == {"Scales": {"score": 15.0, "max_score": 15.0}}


def test_the_same_submission_gets_the_same_result(mark: Mark) -> None:
    """Marking twice gives one result, times apart."""
    first, second = mark(backward("return dout, x")), mark(backward("return dout, x"))
    for result in (first, second):
        result.started, result.seconds = "", {}
    assert first == second


@pytest.mark.parametrize(
    ("changed", "id", "stage", "score"),
    [
        (scale(backward="\n"), "scale-backward.values", "missing", 0.0),
        (
            backward("raise NotImplementedError('x')"),
            "scale-backward.values",
            "not_implemented",
            0.0,
        ),
        (backward("raise ValueError('x')"), "scale-backward.values", "raised", 0.0),
        (backward("return dx, x"), "scale-backward.values", "raised", 0.0),
        (backward("while True: pass"), "scale-backward.values", "timed_out", 0.0),
        (backward("import os; os._exit(0)"), "scale-backward.values", "died", 0.0),
        (backward("return None"), "scale-backward.values", "returned_none", 0.0),
        (backward("pass"), "scale-backward.values", "not_implemented", 0.0),
        (backward("return 'dx', 'da'"), "scale-backward.values", "type", 0.0),
        (backward("return dout * a, (dout * x)"), "scale-backward.values", "shape", 2.0),
        (backward("return (dout*a).astype(complex), a"), "scale-backward.values", "dtype", 0.0),
        (backward("return (dout*a).astype(np.float16), a"), "scale-backward.values", "dtype", 0.0),
        (backward("return dout * np.nan, a"), "scale-backward.values", "not_finite", 0.0),
        (backward("return dout * a, (dout*x).mean(0)"), "scale-backward.values", "value", 2.0),
        (backward("return dout * a, (dout*x).mean(0)"), "scale-backward.gradient", "gradient", 1.0),
        (forward("return x * a * 2, (x, a)"), "scale-forward.published-1", "value", 0.0),
        (forward("return x * a * 2, (x, a)"), "scale-forward.values", "value", 0.0),
    ],
)
def test_each_stage_is_told(
    mark: Mark, changed: dict[str, str], id: str, stage: str, score: float
) -> None:
    """A fault is found at its own stage, costs the outputs that it breaks, and has its words."""
    result = mark(changed)
    found = check(result, id)
    assert (found.status, found.stage, found.score) == ("failed", stage, score)
    assert found.message
    assert result.status == "graded"
    assert scores(result)["decay"] == 5.0


def test_one_wrong_element_is_found(mark: Mark) -> None:
    """A derivative that is off by 1e-3 in one element costs its share of values and gradient."""
    result = mark(backward("dx = dout * a; dx[0, 0] *= 1.001; return dx, (dout * x).sum(axis=0)"))
    assert scores(result)["scale-backward"] == 3.0
    assert check(result, "scale-backward.values").evidence["worst"]["index"] == [0, 0]


def test_right_numbers_in_a_wrong_shape_lose_the_shape_s_share(mark: Mark) -> None:
    """(1, D) in the place of (D,) costs a quarter of that output's value points, and says so."""
    result = mark(backward("return dout * a, (dout * x).sum(axis=0, keepdims=True)"))
    found = check(result, "scale-backward.values")
    assert (found.stage, found.score) == ("shape", 3.5)
    assert "numbers are right" in found.message


@pytest.mark.parametrize(
    "body",
    [
        "return np.zeros_like(x), (x, a)",
        "return x, (x, a)",
        "return np.array([[2.0, 6.0]]), (x, a)",
    ],
    ids=["zeros", "the input", "the published array"],
)
def test_answers_without_work_earn_nothing(mark: Mark, body: str) -> None:
    """Zeros, the input and the published array earn 0, though the last passes one check."""
    assert scores(mark(forward(body)))["scale-forward"] == 0.0


def test_zeros_in_both_passes_earn_nothing(mark: Mark) -> None:
    """A zero gradient of a zero forward pass agrees with itself, and earns no gradient points."""
    zeros = scale(
        "def scale_forward(x, a):\n    return np.zeros_like(x), (x, a)\n",
        "def scale_backward(dout, cache):\n    x, a = cache\n    return 0 * x, 0 * a\n",
    )
    assert scores(mark(zeros)) == {"scale-forward": 0.0, "scale-backward": 0.0, "decay": 5.0}


def test_a_published_check_counts_only_with_the_hidden_one(mark: Mark) -> None:
    """What fits the published figures alone passes that check, without its points.

    It has them where a hidden value is right on some example.
    """
    result = mark(forward("return (x * a if len(x) == 1 else x), (x, a)"))
    some = mark(forward("return (x * a if len(x) < 3 else x), (x, a)"))
    assert check(some, "scale-forward.values").score == 0.0
    assert check(some, "scale-forward.published-1").score == 1.0
    published = check(result, "scale-forward.published-1")
    assert (published.status, published.score) == ("passed", 0.0)
    assert "other inputs" in published.message


def test_state_must_be_kept_between_steps(mark: Mark) -> None:
    """A rule that forgets its running sum is right for one step and wrong for two."""
    steps = (
        "def decay(w, dw, config=None):\n    return w - config['rate'] * (config['sum'] + dw), {}\n"
    )
    found = check(mark({"steps.py": steps}), "decay.trajectory")
    assert found.status == "failed"


@pytest.mark.parametrize(
    "body",
    [
        "config['sum'] += dw; w -= config['rate'] * config['sum']; return w, config",
        "config['sum'] = config['sum'] + dw; return w - config['rate'] * config['sum'], None",
    ],
    ids=["in place", "config changed and not returned"],
)
def test_state_may_be_returned_or_changed_in_place(mark: Mark, body: str) -> None:
    """A rule that works in place is right, and so is one that only changes its config."""
    result = mark({"steps.py": f"def decay(w, dw, config=None):\n    {body}\n"})
    assert scores(result) == ALL


def test_prints_warnings_and_changed_inputs_cost_nothing(mark: Mark) -> None:
    """Printing, warning and writing into an input are noted at most."""
    result = mark(
        backward(
            "import warnings; print('dx' * 999); warnings.warn('x'); np.float64(1) / 0; "
            "dx = dout; dx *= a; return dx, (dx / a * x).sum(axis=0)"
        )
    )
    assert scores(result) == ALL
    assert any("dout" in note for question in result.questions for note in question.notes)


def test_a_file_that_does_not_parse_costs_its_own_questions(mark: Mark) -> None:
    """A syntax error in one file leaves the other one's points, and its line is told."""
    result = mark({"steps.py": "def decay(w, dw:\n"})
    assert scores(result) == {**ALL, "decay": 0.0}
    assert "line 1 of steps.py" in check(result, "decay.trajectory").message


def test_a_hidden_failure_shows_no_input(mark: Mark) -> None:
    """An exception's text, which can carry inputs out, is shown for public examples only."""
    result = mark(backward("raise ValueError('dout is ' + repr(dout.shape[0] > 0))"))
    gradient = check(result, "scale-backward.gradient")
    assert gradient.evidence["example"] == "hidden"
    assert "dout is True" not in gradient.message + repr(gradient.evidence)


def test_a_ladder_example_is_shown_with_what_came_and_what_is_right(mark: Mark) -> None:
    """The evidence of a wrong value is code to paste, got beside expected, and the relation."""
    result = mark(backward("return dout * a, -(dout * x).sum(axis=0)"))
    found = check(result, "scale-backward.values")
    namespace: dict[str, Any] = {}
    code = (HEAD + RIGHT_FORWARD + RIGHT_BACKWARD).replace("print", "")
    exec(code + found.evidence["input"].replace("print(", "str("), namespace)
    assert namespace["g"][1].tolist() == pytest.approx(found.evidence["expected"])
    assert found.evidence["got"] == pytest.approx([-v for v in found.evidence["expected"]])
    assert found.evidence["structure"]["kind"] == "sign"
    assert "opposite sign" in found.message


def test_a_matrix_is_told_at_the_function_that_returns_it(mark: Mark) -> None:
    """Its numbers are those of a plain array, and its operators are not: the output fails."""
    found = check(
        mark(backward("return np.asmatrix(dout * a), (dout * x).sum(axis=0)")),
        "scale-backward.values",
    )
    assert (found.stage, found.score, found.evidence["output"]) == ("type", 2.0, "dx")
    assert "plain numpy array for dx" in found.message
    assert "matrix" in found.message


def test_a_nearly_right_answer_keeps_a_part_and_is_told(mark: Mark) -> None:
    """What float32 on the way leaves fails, is called nearly right, and loses its share."""
    result = mark(forward("return (x.astype(np.float32) * a), (x, a)"))
    found = check(result, "scale-forward.values")
    assert (found.status, found.stage, found.nearly, found.score) == ("failed", "value", True, 2.25)
    assert found.evidence["precision"] == "float32"
    assert "float32" in found.message
    assert "nearly right" in found.message
