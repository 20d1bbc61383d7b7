"""The page for the instructor: who has what, which questions are hard, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Literal
from urllib.parse import quote

from grader.classroom import folder
from grader.classroom.clusters import Cluster
from grader.classroom.roster import Person
from grader.classroom.similar import groups
from grader.model.records import QuestionRecord, SubmissionRecord
from grader.reports import curves, figures
from grader.reports.environment import render
from grader.reports.findings import Diagnosis, finding
from grader.wording import labels

#: What a question's bar is made of, in this order.
PARTS = ("passed", "partial", "failed", "not_implemented", "needs_marking", "not_graded")


@dataclass
class Statistics:
    """How a class did on one question. ``mean`` is over those who were graded."""

    id: str
    title: str
    max_score: float
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    scores: list[float] = field(default_factory=list)

    @property
    def mean(self) -> float | None:
        return fmean(self.scores) if self.scores else None

    @property
    def bar(self) -> tuple[figures.Segment, ...]:
        return figures.bar(self.counts)


@dataclass
class SharedFailure:
    """Submissions that failed in one way, and the checks of one question that show it."""

    question: str
    checks: list[str]
    cause: str
    note: str
    submissions: list[str] = field(default_factory=list)


def overview(
    results: Sequence[SubmissionRecord],
    *,
    title: str = "",
    diagnoses: Mapping[str, Diagnosis] | None = None,
    clusters: Sequence[Cluster] = (),
    rubrics: Mapping[str, Sequence[str]] | None = None,
    people: Mapping[str, Sequence[Person]] | None = None,
    missing: Sequence[Person] = (),
    reported: bool = False,
) -> str:
    """Return ``class.html`` for *results*, each as ``result.json`` holds it.

    Links lead to ``submissions/<submission>/feedback.html`` beside the page. *clusters* are groups
    of failures that no diagnosis explains; without any, their section is left out. *rubrics* stand
    beside the written answers of their questions. *people* are whose a submission is, by its name,
    *missing* those of the class who handed in nothing. *reported*: ``report.html`` is beside it.
    """
    names = {
        name: ", ".join(person.name for person in whose if person.name)
        for name, whose in (people or {}).items()
    }
    graded = [result for result in results if result["status"] != "unreadable"]
    shares = [r["score"] / r["max_score"] for r in graded if r["max_score"]]
    scores = [result["score"] for result in graded]
    questions = _statistics(graded)
    denominators = _denominators(graded)
    return render(
        "class.html.j2",
        title=title or (results[0]["assignment"] if results else ""),
        results=results,
        graded=graded,
        unreadable=[result for result in results if result["status"] == "unreadable"],
        incomplete=[result for result in results if result["status"] == "not_graded"],
        mean=fmean(scores) if scores else None,
        median=median(scores) if scores else None,
        mean_share=fmean(shares) if shares else 0.0,
        median_share=median(shares) if shares else 0.0,
        max_score=max((result["max_score"] for result in graded), default=0.0),
        comparable=len(denominators) < 2,
        denominators=denominators,
        reported=reported,
        questions=questions,
        parts=[part for part in PARTS if any(q.counts[part] for q in questions)],
        bins=figures.histogram(shares),
        failures=_failures(graded, diagnoses or {}),
        trainings=curves.trainings(graded),
        plot=curves,
        clusters=[(cluster, finding(cluster.example)) for cluster in clusters],
        names=names,
        named=any(names.values()),
        ruled=any("grade" in result for result in results),
        missing=[person.name or person.id for person in missing],
        answers=_answers(graded, rubrics or {}),
        stale=_listed(graded, "stale"),
        trained_on=_listed(graded, "trained_on"),
        repeated=_listed(graded, "repeated"),
        statuses=labels.STATUSES,
        submission_statuses=labels.SUBMISSIONS,
        count=labels.count,
        percent=labels.percent,
        href=lambda name: f"{folder.SUBMISSIONS}/{quote(name, safe='')}/{folder.FEEDBACK}",
    )


@dataclass
class Denominator:
    """Submissions whose scores are of one number of points, with as many to be marked still."""

    max_score: float
    pending: float
    submissions: list[str] = field(default_factory=list)


def _denominators(results: Sequence[SubmissionRecord]) -> list[Denominator]:
    """Return what scores are of, the largest number of points first."""
    found: dict[tuple[float, float], Denominator] = {}
    for result in results:
        of = -result["max_score"], result["pending"]
        entry = found.setdefault(of, Denominator(result["max_score"], result["pending"]))
        entry.submissions.append(result["submission"])
    return [found[of] for of in sorted(found)]


def _statistics(results: Sequence[SubmissionRecord]) -> list[Statistics]:
    found: dict[str, Statistics] = {}
    for question in _questions(results):
        entry = found.setdefault(
            question["id"], Statistics(question["id"], question["title"], question["max_score"])
        )
        status = question["status"]
        entry.counts[status] = entry.counts.get(status, 0) + 1
        if status not in ("needs_marking", "not_graded"):
            entry.scores.append(question["score"])
    return list(found.values())


def _failures(
    results: Sequence[SubmissionRecord], diagnoses: Mapping[str, Diagnosis]
) -> dict[str, list[SharedFailure]]:
    """Return failures by question in its order, the most frequent first.

    Checks that the same submissions failed in the same way are one failure. Code that isn't there
    yet is no failure to explain.
    """
    found: dict[tuple[str, str, str, str], SharedFailure] = {}
    for result in results:
        for question in result["questions"]:
            for check in question.get("checks") or []:
                if check["status"] == "passed" or check.get("stage") == "not_implemented":
                    continue
                id = check.get("diagnosis") or ""
                known = diagnoses.get(id, Diagnosis(id, ""))
                cause = known.title or labels.stage(check.get("stage"), check["status"])
                failure = found.setdefault(
                    (question["id"], check["id"], id, cause),
                    SharedFailure(question["title"], [check["title"]], cause, known.note),
                )
                failure.submissions.append(result["submission"])
    merged: dict[tuple[str, str, str, tuple[str, ...]], SharedFailure] = {}
    for (question_id, _, id, cause), failure in found.items():
        first = merged.setdefault((question_id, id, cause, tuple(failure.submissions)), failure)
        if first is not failure:
            first.checks += failure.checks
    groups: dict[str, list[SharedFailure]] = {}
    for question in _questions(results):
        if question["id"] not in groups:
            mine = [failure for key, failure in merged.items() if key[0] == question["id"]]
            groups[question["id"]] = sorted(mine, key=lambda failure: -len(failure.submissions))
    return {id: failures for id, failures in groups.items() if failures}


@dataclass
class Answers:
    """The answers to one question that wait for a person, those that are alike together."""

    title: str
    rubric: Sequence[str]
    groups: list[tuple[str, list[str]]]


def _answers(
    results: Sequence[SubmissionRecord], rubrics: Mapping[str, Sequence[str]]
) -> dict[str, Answers]:
    """Return, by question, the text of each group's first answer and who wrote one like it."""
    found: dict[str, list[tuple[str, str, str]]] = {q["id"]: [] for q in _questions(results)}
    for result in results:
        for question in result["questions"]:
            text = (question.get("evidence") or {}).get("answer")
            if text and question["status"] == "needs_marking":
                entry = question["title"], text, result["submission"]
                found[question["id"]].append(entry)
    return {
        id: Answers(
            title=entries[0][0],
            rubric=rubrics.get(id, ()),
            groups=[
                (entries[members[0]][1], [entries[i][2] for i in members])
                for members in groups([text for _, text, _ in entries])
            ],
        )
        for id, entries in found.items()
        if entries
    }


def _listed(
    results: Sequence[SubmissionRecord], kind: Literal["stale", "trained_on", "repeated"]
) -> list[tuple[str, str, str]]:
    """Return submission, question and each line that its evidence holds of one *kind*."""
    return [
        (result["submission"], question["title"], line)
        for result in results
        for question in result["questions"]
        for line in (question.get("evidence") or {}).get(kind, ())
    ]


def _questions(results: Sequence[SubmissionRecord]) -> list[QuestionRecord]:
    return [question for result in results for question in result["questions"]]
