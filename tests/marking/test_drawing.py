"""What only hidden examples show is explained by further public ones, or by how those differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.authoring import building
from grader.classroom.worker import Settings, Worker
from grader.key.public import COUNT, PublicDraws
from grader.marking.explaining.properties import TESTS, differing
from grader.model.literals import InputProperty
from grader.model.records import CheckRecord
from grader.submissions import Place
from grader.wording.messages import DIFFERS

SCALE = """
import numpy as np

def scale_forward(x, a):
    if WHEN:
        return BACK, (x, a)
    return x * a, (x, a)

def scale_backward(dout, cache):
    x, a = cache
    return dout * a, (dout * x).sum(axis=0)
"""
ROUND = "all(float(f'{v:.3g}') == v for v in np.ravel(x))"
Check = Callable[..., CheckRecord]


@pytest.fixture(scope="module")
def worker(toy_course: Path) -> Iterator[Worker]:
    """A worker of the toy course, as a class has one."""
    settings = Settings(
        toy_course, toy_course.parent / building.OUTPUTS, level="process", allow_unsandboxed=True
    )
    made = Worker(settings)
    yield made
    made.close()


@pytest.fixture
def check(worker: Worker, tmp_path: Path) -> Check:
    """Mark a forward pass that gives BACK where WHEN; return the result of its hidden check."""

    def run(when: str, back: str = "1 + x * a") -> CheckRecord:
        package = tmp_path / "ada" / "scales"
        package.mkdir(parents=True)
        (package / "scale.py").write_text(SCALE.replace("WHEN", when).replace("BACK", back))
        result = worker.mark(Place("ada", tmp_path / "ada")).result
        (found,) = [
            c for q in result["questions"] for c in q["checks"] if c["id"] == "scale-forward.values"
        ]
        return found

    return run


def test_one_of_the_further_draws_is_told_with_all_its_text(check: Check, worker: Worker) -> None:
    """A fault that no rung of the ladder meets, and hidden examples do."""
    ladder = worker.key.ladders["scale-forward.values"].run.examples
    largest = max(example["x"].size for example in ladder)
    hidden = worker.key.sheets["scale-forward.values"].run.examples
    assert any(example["x"].size > largest for example in hidden)
    found = check(f"x.size > {largest}")
    assert (found["status"], found["evidence"]["example"]) == ("failed", "ladder")
    assert "x = np.array(" in found["evidence"]["input"]
    assert np.size(found["evidence"]["expected"]) > largest


def test_what_it_raised_is_told_as_well(check: Check, worker: Worker) -> None:
    """The text of an exception, which isn't told of a hidden example."""
    ladder = worker.key.ladders["scale-forward.values"].run.examples
    largest = max(example["x"].size for example in ladder)
    found = check(f"x.size > {largest}", "{}['no such rule']")
    assert "no such rule" in found["message"]


def test_without_one_that_fails_nothing_hidden_is_told(check: Check) -> None:
    """Numbers that aren't rounded tell hidden examples from all that are shown or drawn."""
    found = check(f"not {ROUND}", "{}[str(x)]")
    assert (found["status"], found["evidence"]["example"]) == ("failed", "hidden")
    assert "input" not in found["evidence"]
    assert "[" not in found["message"]


def test_how_the_hidden_ones_differ_is_told_in_a_word(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no public one fails: of the examples that failed, beside all others."""
    compared: list[tuple[int, int]] = []

    def found(failed: Sequence[Any], passed: Sequence[Any]) -> str:
        compared.append((len(failed), len(passed)))
        assert all(example["x"].shape[0] > 2 for example in failed)
        return "wide"

    monkeypatch.setattr("grader.marking.explaining.drawing.differing", found)
    said = check(f"not {ROUND} and len(x) > 2")
    ((failed, passed),) = compared
    assert failed == said["evidence"]["failing"][0] > 0
    assert passed > COUNT // 2
    assert said["evidence"]["differs"] == "wide"
    assert said["message"].endswith(DIFFERS["wide"])


def test_further_draws_are_public_and_others_than_those_shown(worker: Worker) -> None:
    """Rounded as a ladder is, of no secret, up to two hundred, the smallest first."""
    assert worker.marker.code._judging._drawing is not None
    draws: Any = worker.marker.code._judging._drawing._draws
    more = draws.of("scale-forward.values")
    assert COUNT // 2 < len(more.run.examples) <= COUNT
    sizes = [example["x"].size for example in more.run.examples]
    assert sizes[0] < sizes[-1]
    assert all(float(f"{v:.3g}") == v for e in more.run.examples for v in e["x"].flat)
    assert draws.of("scale-forward.published-1") is None
    assert draws.of("scale-forward.values") is more


def test_nothing_is_drawn_by_checks_that_are_graded(toy_course: Path) -> None:
    """A course that lies in a path that is graded is not imported."""
    draws = PublicDraws(toy_course, pytest.fail, pytest.fail, [toy_course.parent])
    assert draws.of("scale-forward.values") is None


def test_each_property_has_a_sentence_without_a_number() -> None:
    """The words are fixed: none is made of what was asked."""
    assert set(TESTS) == set(DIFFERS) == set(get_args(InputProperty))
    assert not any("{" in sentence for sentence in DIFFERS.values())


ROWS = arrays.arrays(np.float64, arrays.array_shapes(min_dims=1, max_dims=4, max_side=3),
                     elements=st.floats(-1e3, 1e3))  # fmt: skip
EXAMPLES = st.lists(st.fixed_dictionaries({"x": ROWS, "config": st.none() | st.just({})}))


@given(EXAMPLES, EXAMPLES)
def test_a_property_is_that_of_all_that_failed_and_of_none_that_passed(
    failed: list[dict[str, Any]], passed: list[dict[str, Any]]
) -> None:
    """Of whatever examples; a word is said only where it tells them apart."""
    name = differing(failed, passed)
    if name is not None:
        assert failed
        assert passed
        assert all(map(TESTS[name], failed))
        assert not any(map(TESTS[name], passed))


@pytest.mark.parametrize(
    ("x", "name"),
    [
        (np.ones((1, 3)) / 2, "one_row"),
        (np.ones((3, 1)) / 2, "one_column"),
        (np.ones((2, 2, 2, 2)) / 2, "four_dimensions"),
        (np.array([[1.0, 2.0], [1.001, 3.0]]), "close"),
        (np.array([[1000.0, 2.0], [0.1, 3.0]]), "large"),
        (np.array([[0.0, 2.0], [0.1, 3.0]]), "zeros"),
    ],
)
def test_the_property_that_differs_is_found(x: Any, name: str) -> None:
    """Beside square examples of middling numbers, none of them near one another."""
    usual = {"x": np.array([[0.5, -0.25], [0.3, 1.25]])}
    assert differing([{"x": x}], [usual]) == name
    assert differing([usual], [usual]) is None
    json.dumps(differing([{"x": x}], [usual]))
