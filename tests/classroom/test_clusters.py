"""Failures that nothing explains, grouped: what an instructor reads first in a large class."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest

from grader.classroom.clusters import clusters, skeleton


def failed(got: Any = None, **facts: Any) -> dict[str, Any]:
    """A failed check of a question ``q``."""
    evidence = {"call": "Net.loss", "output": "out", **({} if got is None else {"got": got})}
    return {
        "id": "q.values",
        "title": "Values",
        "visibility": "hidden",
        "status": "failed",
        "stage": "value",
        "message": "Look here.",
        "evidence": evidence,
        "diagnosis": None,
        **facts,
    }


def result(name: str, *checks: dict[str, Any]) -> dict[str, Any]:
    return {"submission": name, "questions": [{"id": "q", "title": "Q", "checks": list(checks)}]}


def test_equal_outputs_are_together_and_others_apart() -> None:
    """Outputs that differ by rounding are one group; the largest group comes first."""
    found = clusters(
        [
            result("a", failed([2.0, 1.0])),
            result("b", failed([1.0, 0.5])),
            result("c", failed([1.0 + 1e-12, 0.5])),
        ]
    )
    assert [tuple(cluster.submissions) for cluster in found] == [("b", "c"), ("a",)]


@pytest.mark.parametrize(
    "check",
    [
        failed([1.0], status="passed"),
        failed([1.0], status="error"),
        failed([1.0], stage="not_implemented"),
        failed([1.0], diagnosis="known"),
        failed(stage="raised", evidence={"exception": {"type": "SyntaxError"}}),
    ],
    ids=["passed", "the grader's own", "not written", "explained", "a file that doesn't parse"],
)
def test_what_needs_no_explanation_is_in_no_group(check: dict[str, Any]) -> None:
    """Only failures that are there and that no misconception explains are grouped."""
    assert clusters([result("a", check)]) == []


def test_a_question_counts_once_by_the_check_that_shows_most() -> None:
    """Several failed checks of one fault make one group, with what came as its example."""
    (found,) = clusters([result("a", failed(), failed([1.0], id="q.small"))])
    assert found.example["id"] == "q.small"
    assert found.id.startswith("q.small@")


def test_exceptions_are_told_apart_by_what_they_say() -> None:
    """Two ways of raising are two groups, whatever the numbers are."""
    one = failed(stage="raised")
    one["evidence"]["exception"] = {"type": "ValueError", "text": "shapes", "line": 3}
    other = copy.deepcopy(one)
    other["evidence"]["exception"]["text"] = "axis"
    moved = copy.deepcopy(one)
    moved["evidence"]["exception"]["line"] = 9
    found = clusters([result("a", one), result("b", other), result("c", moved)])
    assert [tuple(cluster.submissions) for cluster in found] == [("a", "c"), ("b",)]


def test_numbers_that_are_none_can_be_grouped() -> None:
    """NaN, infinity and nested lists do not break the grouping."""
    got = [[float("nan"), float("inf")], [-0.0, 1]]
    assert len(clusters([result("a", failed(got)), result("b", failed(copy.deepcopy(got)))])) == 1


def test_a_skeleton_is_toml_with_everything_to_fill_in() -> None:
    """Whatever a student wrote, the skeleton parses, and names question and function."""
    check = failed([1.0])
    check["evidence"]["source"] = {"file": "net.py", "name": "f", "first": 7, "lines": ['"]\n[x]']}
    (found,) = clusters([result('a"\nb', check)])
    entry = tomllib.loads(skeleton(found))
    (wrong,) = entry.pop("misconception")
    assert (wrong["question"], wrong["function"]) == ("q", "Net")
    assert wrong["edits"] == [{"old": "", "new": ""}]
    assert list(entry) == [wrong["id"]]
    assert set(entry[wrong["id"]]) == {"title", "message", "note"}


def repaired(got: list[float], line: int, text: str, edit: str = "axis") -> dict[str, Any]:
    """A failed check that a change in one line makes right."""
    check = failed(got)
    check["evidence"]["source"] = {
        "file": "layers.py",
        "name": "norm",
        "first": line - 1,
        "lines": ["def norm(x):", f"    {text}", "    return x"],
    }
    facts = {"mechanism": "repair", "text": "Look.", "file": "layers.py", "line": line}
    check["evidence"]["explanations"] = [{**facts, "edit": edit}]
    return check


def test_those_of_the_same_line_and_kind_are_together() -> None:
    """Whatever came, and wherever the line stands in a file; another line or kind is apart."""
    found = clusters(
        [
            result("a", repaired([1.0], 30, "var = x.var(axis=1)")),
            result("b", repaired([2.0], 77, "var  = x.var(axis=1)")),
            result("c", repaired([1.0], 30, "mean = x.mean(axis=1)")),
            result("d", repaired([1.0], 30, "var = x.var(axis=1)", "sign")),
        ]
    )
    assert [tuple(cluster.submissions) for cluster in found] == [("a", "b"), ("c",), ("d",)]
    assert found[0].repair == "an axis, keepdims or ddof, in the line var = x.var(axis=1) of norm"


def test_a_line_that_is_not_shown_groups_nothing() -> None:
    """Without its text, what came counts."""
    one, other = repaired([1.0], 30, "x = 1"), repaired([1.0], 30, "y = 1")
    for check in (one, other):
        check["evidence"]["explanations"][0]["line"] = 99
    (found,) = clusters([result("a", one), result("b", other)])
    assert not found.repair
