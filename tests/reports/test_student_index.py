"""A student's page over all notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from class_records import check, question, result, waiting

from grader.classroom import folder
from grader.model.assignment import Assignment, Files, Limits, NotebookEntry
from grader.reports.student_index import student_index, write_index

NOTEBOOKS = (NotebookEntry("N", "Nets"), NotebookEntry("B n", "Batches"), NotebookEntry("D", ""))


def assignment(notebooks: tuple[NotebookEntry, ...] = NOTEBOOKS) -> Assignment:
    return Assignment("a", "Deep", "p", (), Files((), (), ()), {}, Limits(), notebooks)


def one(**more: Any) -> dict[str, Any]:
    """A result with two notebooks, something lost and something that waits."""
    first = question("a", check("a.c", 1.0, 4.0))
    second = question("b", check("b.c", 2.0), notebook="B n")
    made = result("ada", first, {**waiting("w"), "notebook": "B n"}, second, **more)
    points = {"N": {"score": 1.0, "max_score": 4.0}, "B n": {"score": 2.0, "max_score": 2.0}}
    return {**made, "notebooks": points}


def test_every_notebook_is_there_with_what_waits(page: Any) -> None:
    """Points, questions and what a person has to mark; one that wasn't asked says so."""
    found = page(student_index(one(), assignment(), {}))
    assert "Nets 0 of 1 right, 1 to mend or write 1 / 4 –" in found.text
    assert "Batches 1 of 2 right 2 / 2 3" in found.text
    assert "D not asked in this run" in found.text
    assert "Question a : 3 points are missing there" in found.text
    hrefs = [link["href"] for link in found.all("a")]
    assert {"feedback.html#q-a", "feedback.html#notebook-1", "feedback.html#notebook-2"} <= {*hrefs}


def test_notebooks_with_verdicts_are_led_to_where_they_are(tmp_path: Path, page: Any) -> None:
    """Files that stand beside the page, and no others."""
    place = folder.of(tmp_path, "ada")
    place.mkdir(parents=True)
    (place / "B n.ipynb").write_text("{}")
    write_index(tmp_path, one(), assignment(), {})  # type: ignore[arg-type]
    hrefs = [link["href"] for link in page((place / "index.html").read_text("utf-8")).all("a")]
    assert {"B%20n.html", "B%20n.ipynb"} <= {*hrefs}
    assert "N.html" not in hrefs


def test_a_notebook_of_that_name_keeps_its_page(tmp_path: Path) -> None:
    """A notebook that is called index comes back as index.html."""
    write_index(tmp_path, one(), assignment((NotebookEntry("index", ""),)), {})  # type: ignore[arg-type]
    assert not (folder.of(tmp_path, "ada") / "index.html").exists()


def test_no_text_of_a_result_is_taken_for_markup(hostile: Any) -> None:
    """Names, sources, titles and notes show as text."""
    for status in ("graded", "unreadable"):
        hostile.harmless(student_index(hostile.everywhere(one(status=status)), assignment(), {}))
