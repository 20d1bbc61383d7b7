"""What is wrong in a manifest is told in one line, with the path of the field."""

from __future__ import annotations

import copy
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.model.assignment import ManifestError
from grader.model.manifest import parse

Manifest = dict[str, Any]
Edit = Callable[[Manifest], object]


@pytest.fixture(scope="module")
def manifest(root: Path) -> Manifest:
    """The course's own manifest, which has every kind of field."""
    return tomllib.loads((root / "assignment" / "assignment.toml").read_text("utf-8"))


def question(data: Manifest) -> Manifest:
    """Return the first question, affine-forward."""
    found: Manifest = data["question"][0]
    return found


def training(data: Manifest) -> Manifest:
    """Return the first training question's own table."""
    return next(q["training"] for q in data["question"] if "training" in q)


#: What is done to the manifest, and what is said of it.
WRONG: list[tuple[Edit, str]] = [
    (
        lambda d: question(d).update(points="four"),
        "question[affine-forward].points is 'four': give a number",
    ),
    (
        lambda d: question(d).update(points=-1),
        "question[affine-forward].points is -1: give a number that is not negative",
    ),
    (
        lambda d: question(d).update(points=float("nan")),
        "question[affine-forward].points is nan: give a finite number",
    ),
    (
        lambda d: question(d).update(points=True),
        "question[affine-forward].points is True: give a number",
    ),
    (
        lambda d: question(d).update(kind="essay"),
        "question[affine-forward].kind is 'essay': choose from code, training, written",
    ),
    (
        lambda d: question(d).update(functions="f"),
        "question[affine-forward].functions is 'f': give a list",
    ),
    (
        lambda d: question(d).update(functions=["f", 3]),
        "question[affine-forward].functions[2] is 3: give a text in quotes",
    ),
    (
        lambda d: question(d).update(pionts=4),
        "question[affine-forward].pionts is no field of the manifest: did you mean points?",
    ),
    (lambda d: d["limits"].update(memory_mb=5.5), "limits.memory_mb is 5.5: give a whole number"),
    (
        lambda d: d["limits"].update(memory_mb=-5),
        "limits.memory_mb is -5: give a number that is not negative",
    ),
    (lambda d: d["given"].update(layers=[1]), "given.layers[1] is 1: give a text in quotes"),
    (lambda d: d["given"].update(layers="x"), "given.layers is 'x': give a list"),
    (lambda d: d.update(given=3), "given is 3: give a table"),
    (lambda d: d["images"].update(short=[1, 2]), "images.short is [1, 2]: give a list of 3"),
    (
        lambda d: d["images"].update(short=[1, 2, -3]),
        "images.short[3] is -3: give a number that is not negative",
    ),
    (lambda d: d.update(hints="maybe"), "hints is 'maybe': choose from never, stepwise, always"),
    (lambda d: d.update(hints=3), "hints is 3: give a text in quotes"),
    (lambda d: d.update(question={}), "question must be a list of tables: write [[question]]"),
    (lambda d: d.update(question=[3]), "question[1] must be a table, and is 3"),
    (lambda d: d.update(files=[3]), "files must be a table, and is [3]"),
    (lambda d: d.pop("id"), "the manifest has no 'id': add it"),
    (lambda d: d.update(titel="x"), "titel is no field of the manifest: did you mean title?"),
    (
        lambda d: training(d)["short"].update(reach="x"),
        "question[train-two-layer-net].training.short.reach is 'x': give a number",
    ),
    (
        lambda d: training(d)["short"].update(reach=-0.5),
        "question[train-two-layer-net].training.short.reach is -0.5: give a number that is not "
        "negative",
    ),
    (
        lambda d: training(d)["short"].update(reech=1),
        "question[train-two-layer-net].training.short.reech is no field of the manifest: did you "
        "mean reach?",
    ),
    (
        lambda d: training(d).pop("short"),
        "question[train-two-layer-net].training has no short: add it",
    ),
    (
        lambda d: d.update(models={"histories": {"loss_history": 3}}),
        "models.histories.loss_history is 3: give a text in quotes",
    ),
    (
        lambda d: d.update(models={"answers": "words"}),
        "models.answers is 'words': choose from scores, classes, values",
    ),
    (
        lambda d: d.update(models={"seeds": [1, "x"]}),
        "models.seeds[2] is 'x': give a whole number",
    ),
]


@pytest.mark.parametrize(("edit", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_field_is_named_by_its_path(manifest: Manifest, edit: Edit, said: str) -> None:
    """Whatever is wrong with it, and however deep it stands."""
    data = copy.deepcopy(manifest)
    edit(data)
    with pytest.raises(ManifestError) as raised:
        parse(data)
    assert str(raised.value) == said


def test_a_right_manifest_is_read(manifest: Manifest) -> None:
    """Tables become the classes that they stand for; numbers stay as they are written."""
    assignment = parse(manifest)
    assert assignment.id == manifest["id"]
    assert [q.id for q in assignment.questions] == [q["id"] for q in manifest["question"]]
    assert assignment.questions[0].points == manifest["question"][0]["points"]
    assert type(assignment.questions[0].points) is type(manifest["question"][0]["points"])
    found = next(q.training for q in assignment.questions if q.training)
    assert found.short.reach == training(manifest)["short"]["reach"]


def test_a_right_manifest_waits_for_no_library(root: Path) -> None:
    """msgspec is imported where something has to be told of a field, and not before."""
    program = (
        "import sys; from pathlib import Path; from grader.key.sources import manifest; "
        "manifest(Path(sys.argv[1])); assert 'msgspec' not in sys.modules"
    )
    for folder in ("assignment", "tests/linreg", "tests/toy"):
        subprocess.run([sys.executable, "-c", program, str(root / folder)], check=True)


def test_what_may_be_left_out_may(manifest: Manifest) -> None:
    """Of the manifest's own tables, those that have a default."""
    data = {k: v for k, v in manifest.items() if k not in ("aliases", "given", "limits", "hints")}
    assignment = parse(data)
    assert (assignment.aliases, dict(assignment.given)) == ((), {})
    assert assignment.limits.memory_mb == 512
