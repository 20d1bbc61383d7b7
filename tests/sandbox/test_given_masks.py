"""Two functions that draw a mask are answered for with given ones, wherever they are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.model.programs import Program, Run

LAYERS = """
import numpy as np

def drop(x, param):
    raise RuntimeError("drawn")

def drop_back(dout, cache):
    raise RuntimeError("gone back")
"""
NETWORKS = """
from .layers import drop, drop_back
from . import helpers

class Network:
    def __init__(self, p, seed=None):
        self.param = {"p": p} if seed is None else {"p": p, "seed": seed}

    def loss(self, x, mode="train"):
        self.param["mode"] = mode
        out, first = drop(x, self.param)
        out, second = helpers.second(out, self.param)
        return out, drop_back(drop_back(out, second), first)
"""
HELPERS = """
from . import layers

def second(x, param):
    from .late import named
    return named(param=param, values=x)
"""
LATE = """
from .layers import drop as named
"""
FILES = {
    "layers.py": LAYERS,
    "networks.py": NETWORKS,
    "helpers.py": HELPERS,
    "late.py": LATE,
}
MASK = ["mask", "calls", "layers:drop", "layers:drop_back", {"$": "masks"}]
LOSS = (
    ["new", "m", "networks:Network", [], {"p": 0.4, "seed": 7}],
    ["call", "l", "@m.loss", [{"$": "x"}], {}],
)
GIVE = {"out": {"@": "l", "item": 0}, "dx": {"@": "l", "item": 1}, "calls": {"@": "calls"}}
MASKS = [np.array([[0.0, 2.5, 2.5]]), np.array([[2.5, 2.5, 0.0]])]


def example(x: np.ndarray, masks: list[np.ndarray]) -> dict[str, Any]:
    return {"x": x, "masks": masks}


@pytest.fixture
def x() -> np.ndarray:
    """One row."""
    return np.array([[1.0, 2.0, 3.0]])


def test_each_call_multiplies_by_the_next_mask_and_is_written_down(ask: Any, x: Any) -> None:
    """By any name and in any module, one that is first imported while it lasts too."""
    run = Run("r", Program((MASK, *LOSS), GIVE), [example(x, MASKS)])
    for outcome in ask(FILES, run):
        assert outcome.failed is None
        product = MASKS[0] * MASKS[1]
        assert np.array_equal(outcome.gave["out"], x * product)
        assert np.array_equal(outcome.gave["dx"], x * product**2)
        calls = outcome.gave["calls"]
        assert {name: np.asarray(value).tolist() for name, value in calls.items()} == {
            "p": [0.4, 0.4],
            "train": [1, 1],
            "seed": [7, 7],
            "fits": [1, 1],
            "backward": 2,
        }


def test_in_another_mode_nothing_changes(ask: Any, x: Any) -> None:
    """A test is the identity, uses no mask, and is written down as what it is."""
    test = ["call", "l", "@m.loss", [{"$": "x"}, "test"], {}]
    run = Run("r", Program((MASK, LOSS[0], test), GIVE), [example(x, MASKS)])
    (outcome,) = ask(FILES, run)
    assert np.array_equal(outcome.gave["out"], x)
    assert outcome.gave["calls"]["train"].tolist() == [0, 0]


def test_too_many_calls_and_other_shapes_show(ask: Any, x: Any) -> None:
    """What no mask fits stays as it is, and the record says so; a missing seed is -1."""
    new = ["new", "m", "networks:Network", [], {"p": 0.4}]
    for masks in (MASKS[:1], [MASKS[0], MASKS[1].T]):
        run = Run("r", Program((MASK, new, LOSS[1]), GIVE), [example(x, masks)])
        (outcome,) = ask(FILES, run)
        assert np.array_equal(outcome.gave["out"], x * MASKS[0])
        assert outcome.gave["calls"]["fits"].tolist() == [1, 0]
        assert outcome.gave["calls"]["seed"].tolist() == [-1, -1]


def test_it_lasts_for_one_example(ask: Any, x: Any) -> None:
    """After it the student's own functions stand where they stood, in late imports too."""
    masked = Run("a", Program((MASK, *LOSS), GIVE), [example(x, MASKS)])
    plain = Program(LOSS, {"out": GIVE["out"]})
    first, second = ask(FILES, masked, Run("b", plain, [{"x": x}]))
    assert first.failed is None
    assert (second.failed.stage, second.failed.text) == ("raised", "drawn")


def test_a_table_that_is_made_meanwhile_holds_the_students_own(ask: Any, x: Any) -> None:
    """What was imported while stand-ins stood in is the student's after the example."""
    files = {
        **FILES,
        "networks.py": NETWORKS.replace("class Network", "TABLE = [drop]\n\nclass Network").replace(
            "first = drop(", "first = TABLE[0]("
        ),
    }
    masked = Run("a", Program((MASK, *LOSS), GIVE), [example(x, MASKS)])
    plain = Program(LOSS, {"out": GIVE["out"]})
    first, second = ask(files, masked, Run("b", plain, [{"x": x}]))
    assert first.failed is None
    assert (second.failed.stage, second.failed.text) == ("raised", "drawn")


def test_a_later_step_begins_anew(ask: Any, x: Any) -> None:
    """With its own masks and its own record."""
    again = ["mask", "more", *MASK[2:]]
    steps = (MASK, *LOSS, again, ["call", "n", "@m.loss", [{"$": "x"}], {}])
    give = {**GIVE, "again": {"@": "n", "item": 0}, "more": {"@": "more"}}
    (outcome,) = ask(FILES, Run("r", Program(steps, give), [example(x, MASKS)]))
    assert np.array_equal(outcome.gave["again"], outcome.gave["out"])
    assert len(outcome.gave["calls"]["p"]) == len(outcome.gave["more"]["p"]) == 2


@pytest.mark.parametrize("missing", ["drop", "drop_back"])
def test_a_function_that_is_not_there_is_not_missed(ask: Any, x: Any, missing: str) -> None:
    """A network may do without; nothing is written down of what isn't called."""
    files = {
        "layers.py": LAYERS.replace(f"def {missing}(", "def other("),
        "networks.py": NETWORKS.replace("from .layers import drop, drop_back", "")
        .replace("from . import helpers", "")
        .replace("        out, first = drop(x, self.param)\n", "        out = 2 * x\n")
        .replace("        out, second = helpers.second(out, self.param)\n", "")
        .replace("drop_back(drop_back(out, second), first)", "out"),
    }
    (outcome,) = ask(files, Run("r", Program((MASK, *LOSS), GIVE), [example(x, MASKS)]))
    assert outcome.failed is None
    assert np.array_equal(outcome.gave["out"], 2 * x)
    assert outcome.gave["calls"]["p"].size == 0


def test_a_number_of_a_class_of_ones_own_is_none(ask: Any, x: Any) -> None:
    """What compares equal to everything is written down as nothing, and sent as no number."""
    text = NETWORKS.replace(
        "class Network:",
        "class Any(float):\n    __eq__ = lambda self, other: True\n\nclass Network:",
    ).replace('{"p": p, "seed": seed}', '{"p": Any(p), "seed": seed}')
    text = text.replace("return out, drop_back(", "return Any(1), drop_back(")
    run = Run("r", Program((MASK, *LOSS), GIVE), [example(x, MASKS)])
    (outcome,) = ask({**FILES, "networks.py": text}, run)
    assert outcome.gave["calls"]["p"].tolist() == [-1, -1]
    assert not isinstance(outcome.gave["out"], float)


def test_an_error_of_a_call_is_the_students(ask: Any, x: Any) -> None:
    """A dict without a mode raises, as a real layer would."""
    text = NETWORKS.replace('        self.param["mode"] = mode\n', "")
    run = Run("r", Program((MASK, *LOSS), GIVE), [example(x, MASKS)])
    (outcome,) = ask({**FILES, "networks.py": text}, run)
    assert (outcome.failed.stage, outcome.failed.type) == ("raised", "KeyError")
