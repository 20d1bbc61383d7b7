"""The causes of a class's lost points: who shares each, and what it has cost them."""

from __future__ import annotations

from typing import Any

from conftest_results import check, result

from grader.classroom.causes import Cause, causes, occurrences


def of(*results: Any) -> list[Cause]:
    return causes({one["submission"]: occurrences(one) for one in results})


def told(mistake: str, *outputs: str) -> dict[str, Any]:
    return {"mechanism": "catalogue", "text": "", "misconception": mistake, "outputs": [*outputs]}


def test_those_of_one_mistake_are_together_with_what_it_cost_each() -> None:
    """The costliest cause stands first; who has all points has none."""
    found = of(
        result("a", check("q.one", 1, 4, diagnosis="axis"), check("q.two", 0, 1)),
        result("b", check("q.one", 2, 4, diagnosis="axis")),
        result("c", check("q.one", 4, 4)),
        result("d", check("q.one", 3, 4, evidence={"got": [1.0]})),
    )
    mistake, *others = found
    assert (mistake.id, mistake.kind, mistake.submissions) == ("axis", "mistake", ("a", "b"))
    assert mistake.points == 5
    # A further check of a's has lost a point, and nothing is known of why.
    assert [(one.kind, one.points, one.submissions) for one in others] == [
        ("output", 1, ("a",)),
        ("output", 1, ("d",)),
    ]
    assert sum(one.points for one in found) == 7, "every lost point is of one cause"


def test_what_costs_nothing_beside_a_mistake_is_no_cause() -> None:
    """A check without points that fails with a known mistake is another sight of it."""
    checks = check("q.one", 1, 4, diagnosis="axis"), check("q.law", 0, 0, status="failed")
    assert [one.id for one in of(result("a", *checks))] == ["axis"]
    assert [one.id for one in of(result("a", checks[1]))] != []


def test_two_mistakes_of_one_check_share_its_loss_by_their_outputs() -> None:
    """Each has cost the points of the outputs that it is about."""
    outputs = [
        {"name": name, "status": "failed", "nearly": False, "score": 0.0, "max_score": points}
        for name, points in (("dx", 2.0), ("dw", 1.0))
    ]
    evidence = {"explanations": [told("axis", "dx"), told("sign", "dw")]}
    one = check("q.one", 0, 3, diagnosis="axis", evidence=evidence, outputs=outputs)
    assert {c.id: c.points for c in of(result("a", one))} == {"axis": 2.0, "sign": 1.0}


def test_lines_outputs_and_stages_are_causes() -> None:
    """One line with one repair; what came; code that isn't there, and a file that isn't read."""
    source = {
        "file": "l.py",
        "name": "f",
        "first": 7,
        "lines": ["def f(x):", "    return x.sum(1)"],
    }
    repair = {"mechanism": "repair", "text": "", "file": "l.py", "line": 8, "edit": "axis"}
    line = {"source": source, "explanations": [repair]}
    unread = {"exception": {"type": "SyntaxError"}}
    found = of(
        result("a", check("q.one", 0, 4, evidence={"got": [1.0], **line})),
        result("b", check("q.one", 0, 4, evidence={"got": [2.0], **line})),
        result("c", check("q.one", 0, 4, evidence={"got": [3.0]})),
        result("d", check("q.one", 0, 4, stage="not_implemented")),
        result("e", check("q.one", 0, 4, stage="raised", evidence=unread)),
        result("f", check("q.one", 0, 4, status="error")),
    )
    assert {(one.kind, one.submissions) for one in found} == {
        ("line", ("a", "b")),
        ("output", ("c",)),
        ("stage", ("d",)),
        ("stage", ("e",)),
    }
    texts = {one.submissions: one.text for one in found}
    assert "axis" in texts["a", "b"]
    assert texts[("e",)].endswith("SyntaxError")


def test_a_cause_has_the_same_id_in_another_run() -> None:
    """Whoever else is in the class."""
    mine = result("a", check("q.one", 0, 4, evidence={"got": [1.0]}))
    other = result("b", check("q.one", 0, 4, evidence={"got": [2.0]}))
    (alone,) = of(mine)
    assert alone.id in {one.id for one in of(other, mine)}
