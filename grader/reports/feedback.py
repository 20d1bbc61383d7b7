"""The page for one student: what is right, and for the rest what to look at first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from grader.classroom.next_step import Builds, next_step
from grader.model.records import SubmissionRecord
from grader.reports.environment import render
from grader.reports.findings import Diagnosis, Story, story
from grader.wording.labels import SUBMISSIONS, count

if TYPE_CHECKING:  # a command that prints no page should not wait for it
    from markupsafe import Markup

#: How many questions' HTML is cached, and up to how many characters of result.
KEPT, LONGEST = 256, 1 << 13


def feedback(
    result: SubmissionRecord,
    *,
    diagnoses: Mapping[str, Diagnosis] | None = None,
    title: str = "",
    links: Mapping[str, str] | None = None,
    pseudonym: str = "",
    builds_on: Builds | None = None,
) -> str:
    """Return ``feedback.html`` for *result*, a submission's result as ``result.json`` holds it.

    *diagnoses* are the words for the ids in ``checks[].diagnosis``; one without words shows the
    check's own message. *title* is the assignment's. *links* lead from a question's id to the
    course's notes; what isn't http or https is left out. *pseudonym* is the submission's on the
    leaderboard, if it is on one. *builds_on* are the questions that each builds on, by which the
    first broken part is found.
    """
    links = links or {}
    stories = [story(q, diagnoses or {}, links.get(q["id"], "")) for q in result["questions"]]
    step = next_step(result, builds_on or {})
    groups: dict[str, list[Story]] = {}
    for entry in stories:
        groups.setdefault(entry.question["notebook"], []).append(entry)
    return render(
        "feedback.html.j2",
        result=result,
        title=title or result["assignment"],
        status=SUBMISSIONS.get(result["status"], result["status"]),
        groups=groups,
        stories=stories,
        articles={entry.anchor: _article(entry) for entry in stories},
        step=step,
        first=next((s for s in stories if step and s.question is step.question), None),
        right=sum(entry.question["status"] == "passed" for entry in stories),
        share=_share(result),
        pseudonym=pseudonym,
        count=count,
    )


def _article(entry: Story) -> Markup:
    """Return the HTML of one question; right ones look alike in a class and are made once."""
    if entry.question["status"] == "passed" and not entry.finding and not entry.plots:
        text = json.dumps(entry.question)
        if len(text) <= LONGEST:
            return _right(text, entry.link)
    return _told(entry)


@lru_cache(KEPT)
def _right(question: str, link: str) -> Markup:
    return _told(story(json.loads(question), {}, link))


def _told(entry: Story) -> Markup:
    from markupsafe import Markup

    return Markup(render("question.html.j2", entry=entry, count=count))


def _share(result: SubmissionRecord) -> float:
    return round(100 * result["score"] / result["max_score"], 2) if result["max_score"] else 0.0
