"""A numeric derivative in place of a backward pass is noted; honest loops never are."""

from collections.abc import Callable

import pytest

from grader.model.verdicts import QuestionResult, SubmissionResult

MarkEdited = Callable[..., SubmissionResult]

NUMERIC = """    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        h = np.zeros_like(x)
        h[i] = 1e-6
        dx[i] = ((relu_forward(x + h)[0] - relu_forward(x - h)[0]) / 2e-6 * dout)[i]
"""
LOOP = """    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        for _ in range(50):
            dx[i] = dout[i] * (1.0 if x[i] > 0 else 0.0)
"""
ONCE = """    out, _ = relu_forward(x)
    dx = dout * (out > 0)
"""


def relu_backward(result: SubmissionResult) -> QuestionResult:
    return next(q for q in result.questions if q.id == "relu-backward")


@pytest.mark.parametrize("body", [LOOP, ONCE], ids=["a slow loop", "one call"])
def test_honest_work_is_not_noted(mark_edited: MarkEdited, body: str) -> None:
    """A loop over single elements, or one use of the forward pass, is right and says nothing."""
    question = relu_backward(mark_edited(("layers.py", "    dx = dout * (x > 0)\n", body)))
    assert (question.status, question.notes) == ("passed", [])


def test_a_numeric_derivative_is_noted(mark_edited: MarkEdited) -> None:
    """Calls of the forward pass without end are told, with their count."""
    question = relu_backward(mark_edited(("layers.py", "    dx = dout * (x > 0)\n", NUMERIC)))
    (note,) = question.notes
    assert "relu_backward calls relu_forward" in note
    assert "numeric derivative" in note
