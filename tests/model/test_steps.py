"""Steps of programs, and the JSON that keys and messages hold of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from grader.model import steps
from grader.model.programs import Program


def stored(root: Path) -> list[list[object]]:
    """Return every step of the course's key, as it stands on disk."""
    key = json.loads((root / "reference_outputs" / "key.json").read_text("utf-8"))
    programs = [
        entry["program"] for table in ("sheets", "ladders") for entry in key[table].values()
    ]
    programs += [entry["first"] for entry in key["sheets"].values() if "first" in entry]
    return [step for program in programs for step in program["steps"]]


def test_the_steps_of_a_key_read_back_as_they_are(root: Path) -> None:
    """A key that is on disk stays valid, and none is stale for its steps alone."""
    found = stored(root)
    assert {step[0] for step in found} >= {"call", "new", "params", "keep"}
    for step in found:
        assert json.loads(json.dumps(steps.to_json(steps.from_json(step)))) == step


def test_every_step_has_a_word() -> None:
    """The union names the classes that the table has, each once."""
    assert set(get_args(steps.Step)) == set(steps.STEPS.values())
    assert len(set(steps.STEPS.values())) == len(steps.STEPS)


def test_a_program_takes_steps_and_their_lists() -> None:
    """A course's own kind may write either: the program is the same."""
    listed = Program((["call", "f", "m:f", [{"$": "x"}], {}],), {"y": {"@": "f"}})  # type: ignore[arg-type]
    assert listed == Program((steps.Call("f", "m:f", [{"$": "x"}]),), {"y": {"@": "f"}})
    assert Program.from_json(listed.to_json()) == listed
    assert listed.inputs == {"x"}


@pytest.mark.parametrize("listed", [[], ["shout", "f"], [3], ["keep"], ["keep", "a", 1, 2]])
def test_what_is_no_step_is_refused(listed: list[object]) -> None:
    """An unknown word, or other fields than its own."""
    with pytest.raises(ValueError, match="step"):
        steps.from_json(listed)
