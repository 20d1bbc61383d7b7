"""What is kept of a class in memory: the same as its results say, and equal parts once."""

from __future__ import annotations

import json
from typing import Any

from grader.classroom.clusters import clusters
from grader.reports import pages
from grader.reports.class_record import ClassRecord
from grader.reports.overview import overview


def twin(result: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the same result of another submission, as it is read: with no part in common."""
    read: dict[str, Any] = json.loads(json.dumps({**result, "submission": name}))
    return read


def kept(*results: Any) -> ClassRecord:
    record = ClassRecord()
    for result in results:
        record.add(result, result)
    return record


def test_the_class_page_is_that_of_whole_results(people: Any) -> None:
    """In whatever order they come, the page and the groups are those of full results."""
    record = kept(*reversed(people))
    names = [result["submission"] for result in people]
    briefs = record.briefs(names)
    assert overview(briefs, clusters=record.clusters()) == overview(
        [*map(pages.brief, people)], clusters=clusters(people)
    )


def test_equal_parts_are_kept_once(people: Any) -> None:
    """A thousand right answers take the room of one; what differs stays apart."""
    right = max(people, key=lambda result: result["score"])
    record = kept(twin(right, "ada"), twin(right, "bo"), twin({**right, "score": 1.0}, "cy"))
    ada, bo, cy = record.briefs(["ada", "bo", "cy"])
    assert all(a is b for a, b in zip(ada["questions"], bo["questions"], strict=True))
    assert [one["submission"] for one in (ada, bo, cy)] == ["ada", "bo", "cy"]
    assert cy["score"] == 1.0
    other = twin(right, "di")
    other["questions"][0]["notes"] = ["another"]
    record.add(other, other)
    (di,) = record.briefs(["di"])
    assert di["questions"][0]["notes"] == ["another"]
    assert "another" not in ada["questions"][0]["notes"]


def test_who_is_forgotten_is_in_nothing(people: Any) -> None:
    """Neither among the results, nor in a group of failures."""
    record = kept(*people)
    names = [result["submission"] for result in people]
    record.forget(names)
    assert record.briefs(names) == record.waiting(names) == []
    assert record.clusters() == []
