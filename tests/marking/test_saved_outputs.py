"""Saved outputs against what the code does."""

from __future__ import annotations

import pytest
from notebooks_handed_in import NAME, RELEASED, Notebook, cell, handed_in

from grader.marking.notebooks.alignment import Aligner
from grader.marking.notebooks.saved_outputs import shows, stale
from grader.model.notebooks import Cell, Output
from grader.model.verdicts import CheckResult, QuestionResult

GOOD = "out error: 9.7e-10 (expect the order of 1e-09 or less)\n"
BAD = "out error: 0.3 (expect the order of 1e-09 or less)\n"


def printing(text: str, kind: str = "stream") -> Cell:
    return Cell("", "code", "", outputs=(Output(kind, text),))


@pytest.mark.parametrize(
    ("text", "met"),
    [
        (GOOD, True),
        ("out error: 3e-08 (expect the order of 1e-08 or less)", True),
        (BAD, False),
        ("out error: nan (expect the order of 1e-09 or less)", False),
        (GOOD + BAD, False),
        ("scores differ by 2.6e-08 in all (expect less than 1e-06)", True),
        ("scores differ by 3.0 in all (expect less than 1e-06)", False),
        ("loss at reg = 0.0: 3.4702243556 (expect 3.4702243556, within 1e-10)", True),
        ("loss at reg = 1.0: 49.7 (expect 26.5948426952, within 1e-10)", False),
        ("not implemented yet: question affine-forward", False),
    ],
)
def test_figures_are_read_as_the_cells_print_them(text: str, met: bool) -> None:
    """Every form of "expect" that the course's check cells print is understood."""
    found = shows(printing(text))
    assert found is not None
    assert found[0] is met


@pytest.mark.parametrize("text", ["", "hello", "dx error:  5.4e-11", "(expect the order of"])
def test_no_figure_no_claim(text: str) -> None:
    """Where nothing says what to expect, nothing is claimed."""
    assert shows(printing(text)) is None


def test_an_exception_is_shown_as_a_failure() -> None:
    """A saved exception says that the cell failed."""
    assert shows(printing("ValueError: shapes", "error")) == (False, "ValueError: shapes")


def question(*statuses: tuple[str, str, str | None], given: bool = False) -> QuestionResult:
    """A result of affine-forward: (visibility, status, stage) of its checks."""
    checks = [
        CheckResult(f"c{i}", f"Check {i}", visibility, status, 0, 1, stage)
        for i, (visibility, status, stage) in enumerate(statuses)
    ]
    right = all(check.status == "passed" for check in checks)
    names = ["affine_backward"] if given else []
    status = "passed" if right else "failed"
    return QuestionResult("affine-forward", NAME, "", 0, 4, status, given=names, checks=checks)


RIGHT = question(("published", "passed", None), ("hidden", "passed", None))
HIDDEN = question(("published", "passed", None), ("hidden", "failed", "value"))
WRONG = question(("published", "failed", "value"), ("hidden", "failed", "value"))
SHAPE = question(("published", "failed", "shape"), ("hidden", "failed", "shape"))
GIVEN = question(("published", "passed", None), given=True)


@pytest.mark.parametrize(
    ("text", "result", "expected"),
    [
        (GOOD, RIGHT, ""),
        (GOOD, WRONG, "9.7e-10 (expect the order of 1e-09 or less)”, and the code fails: Check 0."),
        (GOOD, HIDDEN, ""),
        (GOOD, SHAPE, ""),
        (BAD, WRONG, ""),
        (BAD, RIGHT, "and the code passes every check."),
        (BAD, GIVEN, ""),
        ("", WRONG, ""),
    ],
)
def test_only_what_differs_is_stale(text: str, result: QuestionResult, expected: str) -> None:
    """Figures and code that agree, or that say nothing about each other, are not listed."""

    def printed(notebook: Notebook) -> None:
        saved = {"output_type": "stream", "name": "stdout", "text": text}
        cell(notebook, "affine-forward-check")["outputs"] = [saved] if text else []

    aligned = Aligner({NAME: RELEASED}).align({NAME: handed_in(printed)})[NAME]
    found = stale(result, aligned)
    assert len(found) == bool(expected)
    assert expected in "".join(found)


def test_a_run_of_digits_is_no_figure() -> None:
    """Thousands of them, on a line that says what to expect or not, are read at once."""
    for line in ("9" * 8_000, "9" * 8_000 + " (expect 1, within 1)", "9" * 300 + " (expect "):
        assert shows(Cell("", "code", "", outputs=(Output("stream", line),))) is None
