"""The one thing to do next: the first broken part, or the largest loss."""

from __future__ import annotations

from typing import Any

import pytest
from class_records import Builds, check, question, result, waiting

from grader.classroom.next_step import builds, next_step
from grader.model.assignment import Assignment, Files, Limits, Question

BUILDS: Builds = {"net": ("forward", "backward"), "backward": ("forward",), "train": ("net",)}


def of(**marks: tuple[float, float] | str) -> dict[str, Any]:
    """Return a result of questions by name: points of how many, or that one isn't written."""
    made = []
    for id, mark in marks.items():
        if isinstance(mark, str):
            made.append(question(id, check(f"{id}.c", 0.0, float(mark), stage="not_implemented")))
        else:
            made.append(question(id, check(f"{id}.c", *mark)))
    return result("s", *made)


@pytest.mark.parametrize(
    ("marks", "next", "waiting"),
    [
        ({"forward": (0, 2), "net": (0, 20)}, "forward", ["net"]),
        ({"forward": (2, 2), "net": (5, 20), "other": (0, 9)}, "net", []),
        ({"forward": (2, 2), "net": (19, 20), "other": (0, 9)}, "other", []),
        # What builds on it counts with it.
        ({"forward": (0, 2), "net": (0, 10), "other": (0, 9)}, "forward", ["net"]),
        ({"forward": (1, 2), "other": (3, 4)}, "forward", []),
        # Of what isn't written, the first alone is offered, however much a later one is worth.
        ({"forward": "2", "backward": "4", "other": "30"}, "forward", ["backward"]),
        ({"forward": "2", "other": (0, 3), "late": "30"}, "other", []),
    ],
)
def test_what_comes_first(marks: Any, next: str, waiting: list[str]) -> None:
    """The question that others wait for, else the largest loss, else the first one."""
    step = next_step(of(**marks), BUILDS)
    assert step is not None
    assert step.question["id"] == next
    assert [one["id"] for one in step.waiting] == waiting


def test_nothing_is_left_where_all_is_right_or_waits() -> None:
    """Full marks, and answers that a person reads, leave nothing to do."""
    assert next_step(of(forward=(2, 2)), BUILDS) is None
    assert next_step(result("s", waiting("w")), BUILDS) is None


def test_what_builds_on_something_by_way_of_another_builds_on_it() -> None:
    """The manifest's direct entries are followed to their ends."""
    questions = [
        Question("a", "N", "A", 1.0),
        Question("b", "N", "B", 1.0, builds_on=("a",)),
        Question("c", "N", "C", 1.0, builds_on=("b",)),
    ]
    files = Files((), (), ())
    made = Assignment("x", "X", "x", (), files, {}, Limits(), (), tuple(questions))
    assert builds(made) == {"a": (), "b": ("a",), "c": ("b", "a")}
