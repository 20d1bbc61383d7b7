"""The script that kills and stops a run's processes: what it finds different, and whom it meets."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import heal
import pytest


def test_a_result_that_changed_is_told() -> None:
    """Other points, another level, a submission that is gone; equal ones are no line."""
    before = {name: {"score": 3.0, "isolation": "a", "questions": []} for name in "abcd"}
    after = {
        "a": before["a"],
        "b": {**before["b"], "score": 2.0},
        "c": {**before["c"], "isolation": "b"},
    }
    assert heal.differences(before, after) == [
        "b: 3 -> 2, score",
        "c: 3 -> 3, isolation",
        "d: is there only before",
    ]
    assert heal.differences(before, before) == []


def test_processes_are_told_by_their_command_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker, a fork server within bubblewrap, and what is forked from it."""
    lines = {
        1: "python -c from multiprocessing.spawn import spawn_main; spawn_main()",
        2: "bwrap --unshare-pid python -m grader.sandbox.zygote.zygote",
        3: "python -m grader.sandbox.zygote.zygote",
    }
    lines[4] = lines[3]
    monkeypatch.setattr(heal, "_command", lines.__getitem__)
    above = ("python -m grader grade class", lines[1])
    assert heal._kind(1, above[:1]) == "worker"
    assert heal._kind(2, above) == ""
    assert heal._kind(3, (*above, lines[2])) == "zygote"
    assert heal._kind(4, (*above, lines[2], lines[3])) == "child"
