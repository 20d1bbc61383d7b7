"""The curves of a training on a page, each with its numbers as a table."""

from __future__ import annotations

from typing import Any

from grader.reports.feedback import feedback
from grader.reports.figures import plot


def question(histories: dict[str, Any]) -> dict[str, Any]:
    check = {
        "id": "train.accuracy", "title": "Accuracy", "visibility": "hidden", "status": "passed",
        "score": 5.0, "max_score": 5.0, "stage": None, "message": "", "diagnosis": None,
        "evidence": {"histories": histories},
    }  # fmt: skip
    return {
        "id": "train", "notebook": "N", "title": "Train", "score": 5.0, "max_score": 5.0,
        "status": "passed", "given": [], "notes": [], "evidence": {}, "checks": [check],
    }  # fmt: skip


def page(histories: dict[str, Any]) -> str:
    result = {
        "submission": "s", "assignment": "a", "status": "graded", "score": 5.0, "max_score": 5.0,
        "pending": 0.0, "notes": [], "source": "s", "started": "", "grader": "", "isolation": "",
        "content": "", "key": "", "questions": [question(histories)],
    }  # fmt: skip
    return feedback(result)


def test_a_plot_spans_its_box() -> None:
    """The largest value is at the top, the smallest at the bottom, the last at the right."""
    drawn = plot("Loss", {"training": [3.0, 2.0, 1.0]})
    assert drawn is not None
    assert drawn.lines[0].points.split() == ["0.0,0.0", "160.0,60.0", "320.0,120.0"]
    assert drawn.rows == ((3.0,), (2.0,), (1.0,))


def test_a_long_history_has_a_short_table() -> None:
    """The table has the first and the last value, and at most 21 in all."""
    drawn = plot("Accuracy", {"training": [i / 200 for i in range(200)], "validation": [0.1, 0.2]})
    assert drawn is not None
    assert len(drawn.rows) == 21
    assert (drawn.rows[0], drawn.rows[-1]) == ((0.0, 0.1), (0.995, None))


def test_without_two_values_there_is_no_plot() -> None:
    """One value is no curve; a flat one is."""
    assert plot("Loss", {"training": [1.0]}) is None
    assert plot("Loss", {"training": [1.0, 1.0]}) is not None


def test_the_page_has_a_curve_and_its_table() -> None:
    """Where a training was measured, its loss and accuracies are drawn and listed."""
    text = page({"loss_history": [2.3, 1.5], "train_acc_history": [0.1, 0.5]})
    assert text.count("<polyline") == 2
    assert "<td>2.3</td>" in text
    assert "<polyline" not in page({})
