"""Classroom 50's ``result.json``: whole numbers of points, and a test for each check.

Its runner tells an autograder by the environment which submission it marks; of a class on disk the
same is known by the clones' names. Points that aren't whole are told in hundredths, the maximum
too.
(Source: foundation50/classroom50, ``schemas/result-v1.schema.json``.)
"""

from __future__ import annotations

import json
import os

from grader.classroom.telling import number
from grader.exports.outgoing import Files, Outgoing, Target, cases
from grader.model.records import SubmissionRecord

_TYPES = ("individual", "group", "team")


def document(out: Outgoing, result: SubmissionRecord) -> dict[str, object]:
    """Return one submission's ``result.json``."""
    counted = number(result)
    points = counted["points"] if counted["points"] is not None else result["score"]
    tests = list(cases(result, out.feedback))
    every = [points, counted["max_points"], *(t.score for t in tests), *(t.maximum for t in tests)]
    factor = 1 if all(float(value).is_integer() for value in every) else 100
    about = out.owners.get(result["submission"], {})
    ids = about.get("ids", {})
    members = len(out.people(result["submission"]))
    kind = os.environ.get("ASSIGNMENT_TYPE", "group" if members > 1 else "individual")
    maximum = round(max(points, counted["max_points"]) * factor)
    return {
        "schema": "classroom50/result/v1",
        "classroom": os.environ.get("CLASSROOM", ""),
        "assignment": os.environ.get("ASSIGNMENT", out.assignment.id),
        "assignment_type": kind if kind in _TYPES else "individual",
        "owner": os.environ.get("OWNER") or ids.get("username") or result["submission"],
        "submission": os.environ.get("SUBMISSION_TAG", ""),
        "commit": os.environ.get("COMMIT_URL", ""),
        "release": os.environ.get("RELEASE_URL", ""),
        "review": os.environ.get("REVIEW_URL", ""),
        "datetime": about.get("when") or result["started"],
        "graded_at": result["started"],
        "score": min(round(points * factor), maximum),
        "max-score": maximum,
        "tests": [
            {
                "test-name": f"{test.question['title']}: {test.title}",
                "passed": test.status == "passed",
                "score": min(round(test.score * factor), round(test.maximum * factor)),
                "max-score": round(test.maximum * factor),
                "output": test.message,
            }
            for test in tests
        ],
    }


def write(out: Outgoing) -> Files:
    """Return a ``result.json`` for each submission."""
    return {
        f"{result['submission']}/result.json": json.dumps(document(out, result)).encode()
        for result in out.ready()
    }


TARGETS = (Target("classroom50", "result.json of Classroom 50", "classroom50", write),)
