"""PrairieLearn's ``results.json``: a share of 1, at most 1 MB, and no attempt used for a fault.

(Source: PrairieLearn, ``docs/externalGrading.md``.)
"""

from __future__ import annotations

import json

from grader.classroom.telling import number
from grader.exports.outgoing import Files, Outgoing, Target, cases, sum_of
from grader.model.records import SubmissionRecord

#: In bytes; a document that is larger has its messages cut.
_MOST = 1_000_000


def document(out: Outgoing, result: SubmissionRecord, longest: int = 4000) -> dict[str, object]:
    """Return one submission's ``results.json``, with messages of at most *longest* characters."""
    counted = number(result)
    points = counted["points"] if counted["points"] is not None else result["score"]
    share = points / counted["max_points"] if counted["max_points"] else 0.0
    gradable = result["status"] == "graded"
    made: dict[str, object] = {
        "gradable": gradable,
        "score": min(1.0, max(0.0, share)),
        "output": sum_of(result) if out.feedback != "none" else "",
        "tests": [
            {
                "name": f"{test.question['title']}: {test.title}",
                "points": test.score,
                "max_points": test.maximum,
                "message": test.message[:longest],
            }
            for test in cases(result, out.feedback)
        ],
    }
    if not gradable:
        made["format_errors"] = list(result["notes"])
    if longest and len(json.dumps(made)) > _MOST:
        return document(out, result, longest // 4)
    return made


def write(out: Outgoing) -> Files:
    """Return a ``results.json`` for each submission."""
    return {
        f"{result['submission']}/results.json": json.dumps(document(out, result)).encode()
        for result in out.ready()
    }


TARGETS = (Target("prairielearn", "results.json of PrairieLearn", "prairielearn", write),)
