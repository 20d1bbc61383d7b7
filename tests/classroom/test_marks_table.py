"""The table of marks through spreadsheets, through runs that go on beside it, and by groups."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_manual import result

from grader.classroom import hand_marks, marks_table
from grader.classroom.gradebook import Gradebook, GradebookError, Mark

Rows = list[dict[str, str]]
LONG = "ReLU passes nothing on for negative inputs, and sigmoid nearly nothing for large ones"


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    """An empty gradebook."""
    with Gradebook(tmp_path) as opened:
        yield opened


@pytest.fixture
def put(gradebook: Gradebook, tmp_path: Path) -> Callable[..., None]:
    """Store results and write the table of their answers."""

    def put(*results: dict[str, Any]) -> None:
        for one in results:
            gradebook.save(one, ["Nets"])
        marks_table.write_table(tmp_path, gradebook, gradebook.submissions(), {})

    return put


def rows(folder: Path) -> Rows:
    text = (folder / marks_table.CSV).read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def save(
    folder: Path, found: Rows, *, sign: str = ",", end: str = "\n", code: str = "utf-8"
) -> None:
    """Save a table as a program does."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in found for name in row))
    writer = csv.DictWriter(text, names, delimiter=sign, lineterminator=end)
    writer.writeheader()
    writer.writerows(found)
    (folder / marks_table.CSV).write_bytes(text.getvalue().encode(code))


def scores(gradebook: Gradebook) -> dict[str, float]:
    return {mark.submission: mark.score for mark in gradebook.marks()}


NAMES = ("00123456", "3-14", "1e5", "=ada", "+1", "TRUE", "Émilie", "محمد")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"sign": ";", "end": "\r\n", "code": "utf-8-sig"},
        {"sign": "\t", "code": "utf-16"},
        {"end": "\r\n", "code": "utf-16"},
    ],
)
def test_a_table_survives_what_spreadsheets_do(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path, form: dict[str, str]
) -> None:
    """Names taken for numbers and dates, columns in another order, commas, marks of order."""
    put(*(result(name, f"answer of {i}") for i, name in enumerate(NAMES)))
    found = rows(tmp_path)
    assert not any(row["row_id"][0].isdigit() or row["answer_id"][0].isdigit() for row in found)
    spoiled = {"00123456": "123456", "3-14": "14. Mrz", "1e5": "100000", "TRUE": "WAHR"}
    turned = [
        dict(reversed({**row, "submission": spoiled.get(row["submission"], row["submission"]),
                       "answer_id": "1,23457E+11", "points": "3,0", "score": "2,5"}.items()))
        for row in found
    ]  # fmt: skip
    save(tmp_path, turned, **form)
    assert marks_table.import_table(tmp_path, gradebook) == len(NAMES)
    assert scores(gradebook) == dict.fromkeys(NAMES, 2.5)


def test_a_table_saved_with_a_line_for_the_separator(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """``sep=;`` before the head, and the code page of Western Windows."""
    put(result("ada", "x"))
    (row,) = rows(tmp_path)
    save(tmp_path, [{**row, "score": "1", "comment": "schön"}], sign=";", code="cp1252")
    path = tmp_path / marks_table.CSV
    path.write_bytes(b"sep=;\r\n" + path.read_bytes())
    marks_table.import_table(tmp_path, gradebook)
    assert [(mark.score, mark.comment) for mark in gradebook.marks()] == [(1.0, "schön")]


def test_what_belongs_to_nothing_stops_before_anything_is_stored(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """Misspelt ids, scores that are none and code questions are told at once, by their rows."""
    put(result("ada", "x"), result("bo", "y"), result("cy", "z"))
    found = rows(tmp_path)
    for row, changes in zip(
        found,
        ({"score": "2"}, {"score": "02. Mai"}, {"score": "1", "row_id": "w", "answer_id": "a"}),
        strict=True,
    ):
        row.update(changes)
    found.append({**found[0], "question": "affine", "row_id": "", "answer_id": "", "score": "5"})
    save(tmp_path, found)
    with pytest.raises(GradebookError) as caught:
        marks_table.import_table(tmp_path, gradebook)
    said = str(caught.value)
    for part in ("row 3 (", "'02. Mai'", "row 4 (", "belongs to no answer", "row 5 (", "adjust"):
        assert part in said
    assert gradebook.marks() == []


def test_a_huge_cell_is_read(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """A cell of more than 131,072 characters is a cell; the table's own are shorter."""
    put(result("ada", "x" * 200_000))
    (row,) = rows(tmp_path)
    assert len(row["answer"]) < 32_767
    save(tmp_path, [{**row, "score": "1", "notes": "n" * 200_000}])
    assert marks_table.import_table(tmp_path, gradebook) == 1


def test_a_mark_for_all_of_a_group(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """One row of a group marks those of it that have no mark; other groups and marks stay."""
    put(*(result(name, LONG) for name in ("ada", "bo", "cy")), result("di", "tanh"))
    found = {row["submission"]: row for row in rows(tmp_path)}
    found["ada"].update(score="2", comment="Why?", apply_to_all="yes")
    found["cy"].update(score="3")
    save(tmp_path, list(found.values()))
    marks_table.import_table(tmp_path, gradebook)
    assert scores(gradebook) == {"ada": 2.0, "bo": 2.0, "cy": 3.0}
    assert {mark.comment for mark in gradebook.marks()} == {"Why?", ""}


def test_an_equal_answer_of_somebody_new_is_offered_its_mark(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """The mark of its like stands beside it, and counts when it is taken."""
    put(result("ada", LONG))
    (row,) = rows(tmp_path)
    save(tmp_path, [{**row, "score": "2", "comment": "Why?"}])
    put(result("bo", LONG.upper()))
    found = {row["submission"]: row for row in rows(tmp_path)}
    assert (found["bo"]["offer"], found["bo"]["score"]) == ("2 points: Why?", "")
    assert scores(gradebook) == {"ada": 2.0}
    save(tmp_path, [found["ada"], {**found["bo"], "score": "OK"}])
    marks_table.import_table(tmp_path, gradebook)
    assert gradebook.marks()[1].comment == "Why?"
    assert scores(gradebook) == {"ada": 2.0, "bo": 2.0}
    put(result("cy", "another"))
    found = {row["submission"]: row for row in rows(tmp_path)}
    save(tmp_path, [{**found["cy"], "score": "ok"}])
    with pytest.raises(GradebookError, match="no mark is offered"):
        marks_table.import_table(tmp_path, gradebook)


def test_marks_saved_while_a_run_goes_on_are_taken(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """Also for an answer that the run has replaced meanwhile."""
    put(*(result(f"s{i}", f"answer {i}") for i in range(20)))
    found = rows(tmp_path)
    # A run begins here; a person saves; the run ends, one of the answers is another one.
    save(tmp_path, [{**row, "score": "1"} for row in found])
    gradebook.save(result("s3", "a new answer"), ["Nets"])
    marks_table.write_table(tmp_path, gradebook, gradebook.submissions(), {})
    assert scores(gradebook) == {f"s{i}": 1.0 for i in range(20)}
    told = {r["submission"]: r["pending"] for r in hand_marks.results(gradebook, ["s3", "s4"])}
    assert told == {"s3": 3.0, "s4": 0.0}


def test_a_table_that_is_wrong_at_the_end_of_a_run_is_left_alone(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """The new one is written beside it, and the message says so."""
    put(result("ada", "x"))
    (row,) = rows(tmp_path)
    save(tmp_path, [{**row, "score": "many"}])
    before = (tmp_path / marks_table.CSV).read_bytes()
    gradebook.save(result("bo", "y"), ["Nets"])
    with pytest.raises(GradebookError, match=r"written\.new\.csv"):
        marks_table.write_table(tmp_path, gradebook, gradebook.submissions(), {})
    assert (tmp_path / marks_table.CSV).read_bytes() == before
    assert "bo" in (tmp_path / marks_table.ASIDE).read_text("utf-8-sig")


def test_a_bonus_is_taken_where_it_is_allowed(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """Points above the maximum are refused unless the course's rules have a bonus."""
    put(result("ada", "x"))
    (row,) = rows(tmp_path)
    save(tmp_path, [{**row, "score": "3.5"}])
    with pytest.raises(GradebookError, match="from 0 to 3"):
        marks_table.import_table(tmp_path, gradebook)
    marks_table.import_table(tmp_path, gradebook, bonus=1.0)
    (told,) = hand_marks.results(gradebook, ["ada"])
    assert (told["score"], told["max_score"]) == (7.5, 9.0)


def test_what_people_marked_is_logged(
    put: Callable[..., None], gradebook: Gradebook, tmp_path: Path
) -> None:
    """Who, what, for whom and why; a mark that was only read again is no entry."""
    put(result("ada", "x"))
    for score in ("1", "1", "2", "-"):
        save(tmp_path, [{**rows(tmp_path)[0], "score": score, "comment": "c"}])
        marks_table.import_table(tmp_path, gradebook)
    said = [(entry.what, entry.submission, entry.question) for entry in gradebook.logged()]
    assert said == [
        (what, "ada", "inline-1") for what in ("marked 1", "marked 2, was 1", "took a mark back")
    ]


def test_a_table_of_before_is_read(gradebook: Gradebook, tmp_path: Path) -> None:
    """One without row_id, and with ids of answers as they were, by all that names a row."""
    gradebook.save(result("ada", "x"), ["Nets"])
    answer = hand_marks.fingerprint("x")
    row = {"question": "inline-1", "submission": "ada", "score": "2", "answer_id": answer}
    save(tmp_path, [row])
    marks_table.import_table(tmp_path, gradebook)
    assert gradebook.marks() == [Mark("ada", "inline-1", hand_marks.fingerprint("x"), 2.0)]
