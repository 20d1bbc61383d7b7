"""Reports that CI systems show: JUnit's XML and CTRF's JSON, a test for each check.

(Sources: the XML that pytest writes; ctrf.io, version 1.0.0.)
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as xml

from grader.classroom.telling import number
from grader.exports.outgoing import Files, Outgoing, Target, cases
from grader.model.records import SubmissionRecord
from grader.version import __version__

#: What XML can't hold.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(out: Outgoing) -> Files:
    """Return one file, with a suite for each submission."""
    top = xml.Element("testsuites", name=out.assignment.id)
    for result in out.results():
        tests = list(cases(result, out.feedback))
        wall = result.get("seconds", {}).get("wall", 0.0)
        suite = xml.SubElement(
            top,
            "testsuite",
            name=_fit(result["submission"]),
            tests=str(len(tests)),
            failures=str(sum(test.status == "failed" for test in tests)),
            errors=str(sum(test.status == "error" for test in tests)),
            skipped=str(sum(test.status == "skipped" for test in tests)),
            time=f"{wall:.3f}",
            timestamp=result["started"],
        )
        _property(suite, "score", result["score"])
        counted = number(result)
        if counted["points"] is not None:
            _property(suite, "points", counted["points"])
        _property(suite, "max_score", result["max_score"])
        for test in tests:
            case = xml.SubElement(
                suite, "testcase", classname=test.question["id"], name=_fit(test.id), time="0"
            )
            _property(case, "score", test.score)
            _property(case, "max_score", test.maximum)
            if test.status != "passed":
                tag = {"failed": "failure"}.get(test.status, test.status)
                found = xml.SubElement(case, tag, message=_fit(test.title))
                found.text = _fit(test.message)
    text: bytes = xml.tostring(top, encoding="utf-8", xml_declaration=True)
    return {"junit.xml": text}


def _property(element: xml.Element, name: str, value: float) -> None:
    properties = element.find("properties")
    if properties is None:
        properties = xml.SubElement(element, "properties")
    xml.SubElement(properties, "property", name=name, value=f"{value:.10g}")


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


def ctrf(out: Outgoing) -> Files:
    """Return one file, with a test for each check of each submission."""
    tests: list[dict[str, object]] = []
    begun: list[int] = []
    ended: list[int] = []
    for result in out.results():
        start, stop = _times(result)
        begun.append(start)
        ended.append(stop)
        for test in cases(result, out.feedback):
            made: dict[str, object] = {
                "name": f"{result['submission']}: {test.id}",
                "status": _CTRF[test.status],
                "rawStatus": test.status,
                "duration": 0,
                "suite": [result["submission"], test.question["id"]],
                "extra": {"score": test.score, "max_score": test.maximum},
            }
            if test.message:
                made["message"] = test.message
            tests.append(made)
    counts = {name: sum(test["status"] == name for test in tests) for name in _CTRF.values()}
    start, stop = min(begun, default=0), max(ended, default=0)
    document = {
        "reportFormat": "CTRF",
        "specVersion": "1.0.0",
        "reportId": str(uuid5(NAMESPACE_URL, f"{out.assignment.id} {start} {len(tests)}")),
        "generatedBy": f"grader {__version__}",
        "results": {
            "tool": {"name": "grader", "version": __version__},
            "summary": {
                "tests": len(tests),
                "pending": 0,
                "other": 0,
                "start": start,
                "stop": stop,
                **counts,
            },
            "tests": tests,
        },
    }
    return {"ctrf.json": json.dumps(document).encode()}


#: CTRF has no status for a fault of the grader's own but "other".
_CTRF = {"passed": "passed", "failed": "failed", "skipped": "skipped", "error": "other"}


def _times(result: SubmissionRecord) -> tuple[int, int]:
    """Return when marking began and ended, in milliseconds."""
    start = int(datetime.fromisoformat(result["started"]).timestamp() * 1000)
    return start, start + int(1000 * result.get("seconds", {}).get("wall", 0.0))


TARGETS = (
    Target("junit", "a report in JUnit's XML", "junit.xml", junit),
    Target("ctrf", "a report in CTRF's JSON", "ctrf.json", ctrf),
)
