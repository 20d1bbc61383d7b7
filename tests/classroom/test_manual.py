"""Marks that a person gives: read from the table, kept apart, never wiped."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.classroom import hand_marks, marks_table
from grader.classroom.gradebook import Gradebook, GradebookError
from grader.classroom.grades import table
from grader.classroom.similar import groups

Rows = list[dict[str, str]]
RUBRICS = {"inline-1": ("1 point: names it.",)}


def result(submission: str, answer: str, code: float = 4.0) -> dict[str, Any]:
    """A result with a code question of 6 points and an answer of 3 that waits."""
    asked = [
        {"id": "affine", "status": "partial", "score": code, "max_score": 6.0, "evidence": {}},
        {
            "id": "inline-1",
            "status": "needs_marking",
            "score": 0.0,
            "max_score": 3.0,
            "evidence": {"answer": answer, "cell": 4, "found": "id"},
        },
    ]
    return {
        "submission": submission,
        "content": "sha256:1",
        "key": "sha256:2",
        "grader": "0",
        "status": "graded",
        "score": code,
        "max_score": 6.0,
        "pending": 3.0,
        "notebooks": {"Nets": {"score": code, "max_score": 6.0}},
        "questions": [
            {**one, "notebook": "Nets", "title": one["id"], "given": [], "notes": [], "checks": []}
            for one in asked
        ],
    }


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    """An empty gradebook."""
    with Gradebook(tmp_path) as opened:
        yield opened


@pytest.fixture
def run(gradebook: Gradebook, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Run as ``grade`` does: take the marks, store the results, write the table."""

    def run(*results: dict[str, Any]) -> list[dict[str, Any]]:
        marks_table.import_table(tmp_path, gradebook)
        for one in results:
            gradebook.save(one, ["Nets"])
        names = [one["submission"] for one in results]
        marks_table.write_table(tmp_path, gradebook, names, RUBRICS)
        return list(hand_marks.results(gradebook, names))

    return run


def rows(folder: Path) -> Rows:
    return list(csv.DictReader(io.StringIO((folder / marks_table.CSV).read_text("utf-8-sig"))))


def fill(folder: Path, submission: str, **cells: str) -> None:
    """Fill in cells of a submission's first row, as a person does in an editor."""
    found = rows(folder)
    next(row for row in found if row["submission"].endswith(submission)).update(cells)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in found for name in row)))
    writer.writeheader()
    writer.writerows(found)
    (folder / marks_table.CSV).write_text(text.getvalue(), "utf-8", newline="")


def test_a_mark_counts_and_its_comment_is_told(run: Callable[..., Any], tmp_path: Path) -> None:
    """A mark moves its points from pending into the score and the possible score."""
    run(result("ada", "ReLU"))
    fill(tmp_path, "ada", score="2.5", comment="Say why.")
    (marked,) = run(result("ada", "ReLU"))
    assert (marked["score"], marked["max_score"], marked["pending"]) == (6.5, 9.0, 0.0)
    assert marked["notebooks"]["Nets"] == {"score": 6.5, "max_score": 9.0}
    question = marked["questions"][1]
    assert (question["status"], question["score"]) == ("partial", 2.5)
    assert question["notes"] == ["Say why."]
    assert question["evidence"]["marked_by"] == "hand"


@pytest.mark.parametrize(
    ("score", "status"), [("0", "failed"), ("3", "passed"), ("1,5", "partial")]
)
def test_the_status_follows_the_mark(
    run: Callable[..., Any], tmp_path: Path, score: str, status: str
) -> None:
    """Nothing, all and a part of the points are told apart; a decimal comma is read."""
    run(result("ada", "ReLU"))
    fill(tmp_path, "ada", score=score)
    (marked,) = run(result("ada", "ReLU"))
    assert marked["questions"][1]["status"] == status


def test_a_regrade_never_wipes_a_mark(
    run: Callable[..., Any], tmp_path: Path, gradebook: Gradebook
) -> None:
    """Other code, a table that was deleted or emptied: the mark stays."""
    run(result("ada", "ReLU"))
    fill(tmp_path, "ada", score="3")
    (marked,) = run(result("ada", "ReLU", code=6.0))
    assert marked["score"] == 9.0
    (tmp_path / marks_table.CSV).unlink()
    (marked,) = run(result("ada", "ReLU", code=0.0))
    assert marked["score"] == 3.0
    fill(tmp_path, "ada", score="")
    (marked,) = run(result("ada", "ReLU"))
    assert marked["score"] == 7.0
    assert rows(tmp_path)[0]["score"] == "3"
    (stored,) = gradebook.results(["ada"])
    assert stored["pending"] == 3.0, "what was computed is stored without the mark"


def test_a_mark_can_be_taken_back(run: Callable[..., Any], tmp_path: Path) -> None:
    """A dash in place of the score takes the mark back."""
    run(result("ada", "ReLU"))
    fill(tmp_path, "ada", score="3")
    run(result("ada", "ReLU"))
    fill(tmp_path, "ada", score=marks_table.WITHDRAW)
    (marked,) = run(result("ada", "ReLU"))
    assert marked["pending"] == 3.0


def test_another_text_waits_again(run: Callable[..., Any], tmp_path: Path) -> None:
    """A mark belongs to the text it was given for, whatever its spaces and capitals."""
    run(result("ada", "ReLU  dies."))
    fill(tmp_path, "ada", score="3")
    assert run(result("ada", "relu dies."))[0]["pending"] == 0.0
    assert run(result("ada", "Sigmoid."))[0]["pending"] == 3.0
    assert run(result("ada", "ReLU dies."))[0]["pending"] == 0.0


@pytest.mark.parametrize("score", ["4", "-1", "good", "nan", "inf"])
def test_a_wrong_score_stops_the_run(
    run: Callable[..., Any], tmp_path: Path, gradebook: Gradebook, score: str
) -> None:
    """A score that is no number from 0 to the points is refused with its line; nothing is taken."""
    run(result("ada", "ReLU"), result("ben", "tanh"))
    fill(tmp_path, "ada", score="1")
    fill(tmp_path, "ben", score=score)
    with pytest.raises(GradebookError, match=r"row 3 \('ben', 'inline-1'\): .*from 0 to 3"):
        marks_table.import_table(tmp_path, gradebook)
    assert gradebook.marks() == []


def test_rows_and_columns_of_others_stay(run: Callable[..., Any], tmp_path: Path) -> None:
    """A run over other submissions extends the table; a person's own column stays in it."""
    run(result("ada", "ReLU"))
    fill(tmp_path, "ada", score="2", marker="Jo")
    run(result("ben", "tanh"))
    found = {row["submission"]: row for row in rows(tmp_path)}
    assert set(found) == {"ada", "ben"}
    assert (found["ada"]["score"], found["ada"]["marker"]) == ("2", "Jo")


def test_a_table_with_semicolons_is_read(run: Callable[..., Any], tmp_path: Path) -> None:
    """Where commas are decimal, spreadsheets write semicolons."""
    run(result("ada", "ReLU"))
    row = rows(tmp_path)[0] | {"score": "2,5"}
    lines = [";".join(row), ";".join(row.values())]
    (tmp_path / marks_table.CSV).write_text("\n".join(lines) + "\n", "utf-8")
    assert run(result("ada", "ReLU"))[0]["questions"][1]["score"] == 2.5


def test_a_table_without_its_columns_says_so(gradebook: Gradebook, tmp_path: Path) -> None:
    """A file that is no such table is named, with the way out."""
    (tmp_path / marks_table.CSV).write_text("a,b\n1,2\n")
    with pytest.raises(GradebookError, match="no column answer_id"):
        marks_table.import_table(tmp_path, gradebook)


def test_a_formula_is_written_as_text(run: Callable[..., Any], tmp_path: Path) -> None:
    """An answer or a name that a spreadsheet would run is quoted, and its mark still counts."""
    run(result("=ada", '=HYPERLINK("x")'))
    assert rows(tmp_path)[0]["answer"].startswith("'=")
    fill(tmp_path, "=ada", score="1")
    assert run(result("=ada", '=HYPERLINK("x")'))[0]["questions"][1]["score"] == 1.0


def test_the_rubric_stands_beside_the_answer(run: Callable[..., Any], tmp_path: Path) -> None:
    """Who marks has what to mark by in the same row."""
    run(result("ada", "ReLU"))
    assert rows(tmp_path)[0]["rubric"] == "1 point: names it."


def test_answers_that_are_alike_stand_together(run: Callable[..., Any], tmp_path: Path) -> None:
    """The larger group comes first, whatever the order of the submissions."""
    long = "ReLU passes nothing on for negative inputs, and sigmoid nearly nothing for large ones"
    run(result("ada", "tanh"), result("ben", long), result("cyd", long.upper() + "!"))
    assert [(r["submission"], r["group"]) for r in rows(tmp_path)] == [
        ("ben", "1"),
        ("cyd", "1"),
        ("ada", "2"),
    ]


def test_no_answers_no_table(run: Callable[..., Any], tmp_path: Path) -> None:
    """Without an answer to mark no table is written."""
    blank = result("ada", "x")
    blank["questions"].pop()
    run(blank)
    assert not (tmp_path / marks_table.CSV).exists()


def test_a_question_that_waits_has_no_score_in_the_table() -> None:
    """grades.csv leaves the cell empty, rather than showing a zero that nobody gave."""
    line = table([result("ada", "x")], ["affine", "inline-1"]).splitlines()[1]
    assert line == '"ada","graded","4","6","3","4",""'


def test_unlike_texts_are_not_grouped() -> None:
    """Answers that share some words only are apart; one changed word of many is not."""
    one = "a unit that is negative on every example no longer learns at all in this net"
    assert groups([one, one.replace("net", "network"), "in this net a unit learns"]) == [
        [0, 1],
        [2],
    ]
