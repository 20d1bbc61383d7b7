"""The files that a run leaves: a folder for each submission, the class page and the table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grader.classroom import folder
from grader.classroom.clusters import Cluster
from grader.classroom.grades import CSV, table
from grader.classroom.next_step import Builds
from grader.classroom.roster import Person
from grader.files import write
from grader.key import Key
from grader.model.assignment import Assignment
from grader.model.evidence import CheckEvidence
from grader.model.records import QuestionRecord, SubmissionRecord, evidence_of
from grader.reports import curves, leaderboard
from grader.reports.feedback import feedback
from grader.reports.findings import Diagnosis
from grader.reports.overview import overview

BOARD = "leaderboard.html"


def diagnoses(key: Key) -> dict[str, Diagnosis]:
    """Return the words of each misconception that *key* can tell, by id."""
    known = [probe.misconception for probes in key.probes.values() for probe in probes]
    return {wrong.id: Diagnosis(wrong.title, wrong.message, wrong.note) for wrong in known}


def links(assignment: Assignment) -> dict[str, str]:
    """Return where the course's notes on each question stand, for those that have any."""
    return {q.id: q.notes_url for q in assignment.questions if q.notes_url}


def write_submission(
    output: Path,
    result: SubmissionRecord,
    *,
    title: str = "",
    diagnoses: Mapping[str, Diagnosis] | None = None,
    links: Mapping[str, str] | None = None,
    pseudonym: str = "",
    builds_on: Builds | None = None,
) -> str:
    """Write ``result.json`` and ``feedback.html`` into the submission's folder below *output*.

    Returns the page. Raises :class:`grader.files.WriteError` if a file can't be written.
    """
    place = folder.of(output, result["submission"])
    write_result(output, result)
    page = feedback(
        result,
        diagnoses=diagnoses,
        title=title,
        links=links,
        pseudonym=pseudonym,
        builds_on=builds_on,
    )
    write(place / folder.FEEDBACK, page)
    return page


def write_result(output: Path, result: SubmissionRecord) -> None:
    """Write ``result.json`` alone. Raises :class:`grader.files.WriteError` if it can't be."""
    write(folder.of(output, result["submission"]) / folder.RESULT, text_of(result))


def write_class(
    output: Path,
    results: Sequence[SubmissionRecord],
    *,
    title: str = "",
    diagnoses: Mapping[str, Diagnosis] | None = None,
    clusters: Sequence[Cluster] = (),
    rubrics: Mapping[str, Sequence[str]] | None = None,
    people: Mapping[str, Sequence[Person]] | None = None,
    missing: Sequence[Person] = (),
    reported: bool = False,
) -> None:
    """Write ``class.html``, which leads to a report where there is one (*reported*), and
    ``grades.csv`` into *output*.

    Raises :class:`grader.files.WriteError` if a file can't be written.
    """
    page = overview(
        results,
        title=title,
        diagnoses=diagnoses,
        clusters=clusters,
        rubrics=rubrics,
        people=people,
        missing=missing,
        reported=reported,
    )
    questions = dict.fromkeys(q["id"] for result in results for q in result["questions"])
    write(output / "class.html", page)
    write(output / CSV, table(results, list(questions), people, missing))


def brief(result: SubmissionRecord) -> SubmissionRecord:
    """Return a result with no more evidence than :func:`write_class` needs: models' accuracies."""
    questions: list[QuestionRecord] = [
        {
            **question,
            "checks": [
                {**check, "evidence": _reached(evidence_of(check))}
                for check in question.get("checks") or ()
            ],
        }
        for question in result["questions"]
    ]
    return {**result, "questions": questions}


def write_leaderboard(
    output: Path,
    results: Sequence[SubmissionRecord],
    assignment: Assignment,
    pseudonym: Callable[[str], str],
) -> None:
    """Write ``leaderboard.html`` into *output*, with *pseudonym*'s names in place of theirs.

    Raises :class:`grader.files.WriteError` if it can't be written.
    """
    found = leaderboard.boards(results, assignment.ranked, pseudonym)
    data = assignment.data.title if assignment.data else "the whole data set"
    page = leaderboard.leaderboard(found, title=assignment.title, data=data)
    write(output / BOARD, page)


def _reached(evidence: CheckEvidence) -> CheckEvidence:
    kept = curves.brief(evidence)
    if "accuracy" in evidence:
        kept["accuracy"] = evidence["accuracy"]
    if "accuracies" in evidence:
        kept["accuracies"] = evidence["accuracies"]
    if evidence.get("ended_early"):
        kept["ended_early"] = True
    if "data" in evidence:
        kept["data"] = evidence["data"]
    return kept


def text_of(result: SubmissionRecord) -> str:
    """Return ``result.json``, a line for each field and question: json indents in slow Python."""
    lines = []
    for name, value in result.items():
        if name == "questions":
            entries = ",\n".join(f"  {json.dumps(entry)}" for entry in result["questions"])
            text = f"[\n{entries}\n ]"
        else:
            text = json.dumps(value)
        lines.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
