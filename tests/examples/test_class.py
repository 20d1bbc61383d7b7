"""The example class: made from the reference, marked as expected, twice the same."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.authoring import building
from grader.classroom.run import Settings, Worker
from grader.submissions import find

POINTS = {
    "affine-forward": 4.0,
    "affine-backward": 6.0,
    "relu-forward": 2.0,
    "relu-backward": 4.0,
    "two-layer-net": 12.0,
    "fully-connected-net": 18.0,
    "sgd-momentum": 4.0,
    "rmsprop": 4.0,
    "adam": 6.0,
}
#: Right code needs a twentieth of it.
LIMIT = "question_cpu_seconds = 0.5"
#: What each example loses of the code questions; all that isn't named is right.
LOST: dict[str, set[str]] = {
    "ada": set(),
    "boris": set(),
    "chloe": set(POINTS),
    "dora": {"affine-backward"},
    "emil": {"adam"},
    "fatima": {"fully-connected-net"},
    "goran": {"rmsprop"},
    "hana": {"relu-backward"},
    "ivan": {"rmsprop"},
    "jana": set(),
}


@pytest.fixture(scope="module")
def worker(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """A worker that marks as ``grader grade --only code`` does; loops end sooner."""
    folder = shutil.copytree(root / "assignment", tmp_path_factory.mktemp("course") / "assignment")
    manifest = folder / "assignment.toml"
    text, found = re.subn(r"(?m)^question_cpu_seconds = .*", LIMIT, manifest.read_text("utf-8"))
    assert found == 1
    manifest.write_text(text, "utf-8")
    settings = Settings(
        folder, root / building.OUTPUTS, kinds=("code",),
        level="process", allow_unsandboxed=True,
    )  # fmt: skip
    made = Worker(settings)
    yield made
    made.close()


@pytest.fixture(scope="module")
def results(worker: Worker, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The class's results, by submission."""
    folder = tmp_path_factory.mktemp("examples") / "class"
    script = [sys.executable, root / "examples" / "make_class.py", folder]
    subprocess.run(script, check=True, capture_output=True)
    return {
        place.name: [worker.mark(place).result, worker.mark(place).result]
        for place in find([folder], worker.assignment).places
    }


def code(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {q["id"]: q for q in result["questions"] if q["id"] in POINTS}


def test_the_class_is_all_there(results: dict[str, Any]) -> None:
    """Ten submissions, each asked all code questions, none of them the grader's fault."""
    assert list(results) == sorted(LOST)
    for result, _ in results.values():
        assert result["status"] == "graded"
        assert {id: q["max_score"] for id, q in code(result).items()} == POINTS


@pytest.mark.parametrize("name", sorted(LOST))
def test_each_example_loses_what_it_must(results: dict[str, Any], name: str) -> None:
    """A fault costs its own question, in whole or in part, and no other."""
    questions = code(results[name][0])
    lost = {id for id, q in questions.items() if q["score"] < POINTS[id]}
    assert lost == LOST[name]
    for id in lost:
        assert questions[id]["status"] in ("failed", "partial", "not_implemented")
        assert all(c["message"] for c in questions[id]["checks"] if c["status"] == "failed")


@pytest.mark.parametrize("name", sorted(LOST))
def test_marking_twice_gives_one_result(results: dict[str, Any], name: str) -> None:
    """Everything but the times is the same."""
    first, second = (
        {k: v for k, v in result.items() if k not in ("started", "seconds")}
        for result in results[name]
    )
    assert first == second


def test_the_template_has_no_points(results: dict[str, Any]) -> None:
    """Blank parts are told as such, question by question."""
    questions = code(results["chloe"][0])
    assert {(q["score"], q["status"]) for q in questions.values()} == {(0.0, "not_implemented")}


@pytest.mark.parametrize("notebook", ["BatchNormalization", "Dropout"])
def test_the_reference_has_all_points_of_the_other_notebooks(root: Path, notebook: str) -> None:
    """All points that rows give: what a person marks is apart."""
    settings = Settings(
        root / "assignment", root / building.OUTPUTS, (notebook,),
        level="process", allow_unsandboxed=True,
    )  # fmt: skip
    worker = Worker(settings)
    try:
        (place,) = find([root / "assignment"], worker.assignment, as_="one").places
        result = worker.mark(place).result
    finally:
        worker.close()
    asked = {q.id: q.points for q in worker.assignment.code_questions((notebook,))}
    assert {q["id"]: q["score"] for q in result["questions"] if q["id"] in asked} == asked
    assert sum(asked.values()) == {"BatchNormalization": 86, "Dropout": 85}[notebook]
