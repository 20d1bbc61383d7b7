"""Gradescope's ``results.json``: a test for each question, and how the number came about.

``score`` at the top overrides the sum of the tests, so that lateness and changes count; one hidden
test would hide the total, so all tests have one visibility.
(Source: gradescope/autograder_samples, ``docs/specs.md`` @ af5dee4.)
"""

from __future__ import annotations

import json

from grader.classroom.telling import number
from grader.exports.outgoing import Files, Outgoing, Target, story, sum_of
from grader.model.records import SubmissionRecord

_VISIBILITY = {"now": "visible", "due": "after_due_date", "published": "after_published"}


def document(out: Outgoing, result: SubmissionRecord) -> dict[str, object]:
    """Return one submission's ``results.json``."""
    options = out.options
    seen = "hidden" if options.feedback == "none" else _VISIBILITY[out.after]
    counted = number(result)
    tests = []
    for place, question in enumerate(result["questions"], start=1):
        test: dict[str, object] = {
            "name": question["title"],
            "number": str(place),
            "output": story(question, options.feedback),
            "visibility": seen,
            "extra_data": {"id": question["id"], "status": question["status"]},
        }
        if question["status"] != "needs_marking":
            test |= {"score": question["score"], "max_score": question["max_score"]}
            test["status"] = "passed" if question["status"] == "passed" else "failed"
        tests.append(test)
    lines = [*result["notes"], sum_of(result)] if options.feedback != "none" else []
    return {
        "score": counted["points"] if counted["points"] is not None else result["score"],
        "execution_time": round(result.get("seconds", {}).get("wall", 0.0), 3),
        "output": "\n".join(line for line in lines if line),
        "output_format": "text",
        "visibility": "visible" if options.feedback == "none" else _VISIBILITY[out.after],
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"key": result["key"], "grader": result["grader"]},
    }


def write(out: Outgoing) -> Files:
    """Return a ``results.json`` for each submission."""
    return {
        f"{result['submission']}/results.json": json.dumps(document(out, result)).encode()
        for result in out.ready()
    }


TARGETS = (Target("gradescope", "results.json of Gradescope", "gradescope", write),)
