"""How a nearly right answer and the outputs of a check are told, on pages and in lines."""

from typing import Any, cast

from grader.model.records import CheckRecord
from grader.model.verdicts import CheckResult
from grader.reports.findings import Diagnosis, finding
from grader.selfcheck.page import cell, question_lines
from grader.selfcheck.questions import CheckedQuestion

CHECK = cast(
    CheckRecord,
    {
        "id": "q.values",
        "title": "Gradients",
        "visibility": "hidden",
        "status": "failed",
        "score": 5.5,
        "max_score": 6.0,
        "stage": "value",
        "message": "Compare the last details of dw with the formula.",
        "evidence": {"nearly": "an epsilon in another place", "output": "dw"},
        "diagnosis": "eps-elsewhere",
        "nearly": True,
        "outputs": [
            {"name": "dx", "status": "passed", "nearly": False, "score": 2.0, "max_score": 2.0},
            {"name": "dw", "status": "failed", "nearly": True, "score": 1.5, "max_score": 2.0},
            {"name": "db", "status": "failed", "nearly": False, "score": 0.0, "max_score": 2.0},
        ],
    },
)


def changed(**fields: Any) -> CheckRecord:
    return cast(CheckRecord, {**CHECK, **fields})


def test_a_finding_is_headed_by_what_it_is() -> None:
    """Nearly right, and in what way; a misconception's title only where nothing is nearly right."""
    known = {"eps-elsewhere": Diagnosis("Epsilon is inside the root", "Look at the root: why.")}
    assert finding(CHECK, known).title == "Nearly right: an epsilon in another place"
    assert finding(CHECK, known).message == "Look at the root: why."
    assert finding(changed(evidence={"output": "dw"})).title == "Nearly right: dw"
    assert finding(changed(nearly=False), known).title == "Epsilon is inside the root"


def test_a_finding_says_what_each_output_is_worth() -> None:
    """By name, in words, with its points; nothing of a single output, nor in earlier results."""
    told = "dx: right (2 of 2); dw: nearly right (1.5 of 2); db: not right (0 of 2)"
    assert finding(CHECK).outputs == told
    assert finding(changed(outputs=CHECK["outputs"][:1])).outputs == ""
    earlier = {name: value for name, value in CHECK.items() if name not in ("nearly", "outputs")}
    assert finding(cast(CheckRecord, earlier)).outputs == ""


def test_ones_own_check_says_nearly() -> None:
    """In a terminal and in a cell, beside what is right and what isn't."""
    nearly, wrong = (
        CheckedQuestion("q", "failed", [CheckResult(**record)])
        for record in (CHECK, changed(nearly=False))
    )
    assert question_lines(nearly, "Q", set(), _whole).startswith("nearly q.values: Gradients")
    assert question_lines(wrong, "Q", set(), _whole).startswith("FAIL q.values: Gradients")
    assert "Nearly right: Gradients" in cell([nearly], "Checked.", _whole)
    assert "Not right yet: Gradients" in cell([wrong], "Checked.", _whole)


def _whole(check: str, code: str, lines: int) -> str:
    """Return all of the code to show."""
    del check, lines
    return code
