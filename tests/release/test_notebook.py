"""The first released notebook, run top to bottom in a fresh kernel on the synthetic data."""

import json
import math
import re
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from fresh_kernel import pictures, printed, run

from grader.authoring.release import make, scan, solved
from grader.model.manifest import parse

FOLDER = Path(__file__).parents[2] / "assignment"
ASSIGNMENT = parse(tomllib.loads((FOLDER / "assignment.toml").read_text("utf-8")))
NAME = "FullyConnectedNets"
QUESTIONS = [question for question in ASSIGNMENT.questions if question.notebook == NAME]
#: The cell whose training takes two thirds of the whole run.
LONGEST = ["question:best-model", "answer"]
ERROR = re.compile(r"^(\w+) error: (\S+) \(expect the order of (\S+) or less\): met$", re.MULTILINE)
#: The lines that check files with grader; tests/release/test_notebooks.py runs them.
WITHOUT = ("selfcheck",)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The student's notebook after a run on the student's files."""
    folder = tmp_path_factory.mktemp("template")
    return run(make(FOLDER, ASSIGNMENT), NAME, folder, without=WITHOUT)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The reference's notebook after a run on the reference; its longest training is cut short."""
    files = solved(FOLDER, ASSIGNMENT)
    notebook = json.loads(files[f"{NAME}.ipynb"])
    (cell,) = (c for c in notebook["cells"] if c["metadata"]["tags"] == LONGEST)
    assert "        num_epochs=20,\n" in cell["source"]
    cell["source"] = [line.replace("num_epochs=20", "num_epochs=8") for line in cell["source"]]
    files[f"{NAME}.ipynb"] = json.dumps(notebook).encode()
    return run(files, NAME, tmp_path_factory.mktemp("reference"), without=WITHOUT)


def test_the_assignments_own_download_has_no_leak():
    """Nothing that stands only between markers is given out, in any file."""
    assert scan(make(FOLDER, ASSIGNMENT), FOLDER, ASSIGNMENT) == []


def test_every_stub_compiles():
    """The student's package and checks load before anything is written."""
    for path, data in make(FOLDER, ASSIGNMENT).items():
        if path.endswith(".py"):
            compile(data, path, "exec")


def test_every_question_of_the_notebook_has_its_cells():
    """Each question has a text, and a check or an answer cell, by its tags."""
    notebook = nbformat.reads(make(FOLDER, ASSIGNMENT)[f"{NAME}.ipynb"].decode(), as_version=4)
    tags = [set(cell.metadata.get("tags", ())) for cell in notebook.cells]
    for question in QUESTIONS:
        kinds = set().union(*(t for t in tags if f"question:{question.id}" in t))
        assert "text" in kinds
        assert ("check" if question.kind == "code" else "answer") in kinds
    assert all(tags), "every cell carries a tag, and a readable id by it"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_an_unfilled_question_says_so(template, question):
    """On the template each question is named as not written yet, without a traceback."""
    tag = f"question:{question.id}"
    if question.kind == "written":
        (cell,) = (c for c in template.cells if {tag, "answer"} <= set(c.metadata.tags))
        assert "*Write your answer here: " in cell.source
    else:
        line = rf"^not implemented yet: question {question.id}( \(it needs \S+ first\))?$"
        assert re.search(line, printed(template, tag), re.MULTILINE)


def test_the_notebook_says_which_data_it_uses(template):
    """Without CIFAR-10 at hand the stand-in is named."""
    assert "synthetic" in printed(template, "data").lower()


def test_the_reference_fills_every_question(reference):
    """Nothing of the reference is missing, and every check cell says "met"."""
    assert "not implemented" not in printed(reference)
    assert ": not yet" not in printed(reference)


def test_the_untouched_notebook_draws_no_empty_plot(template):
    """Only the images are shown: there is nothing else yet."""
    assert pictures(template) == ["images-data-plot"]


def test_it_says_which_to_do_belongs_to_which_notebook(template):
    """Its first cell names each function of each notebook in that notebook's row."""
    rows = [line for line in template.cells[0].source.splitlines() if line.startswith("| `")]
    names = [notebook.name for notebook in ASSIGNMENT.notebooks]
    assert [re.match(r"\| `(\w+)`", row)[1] for row in rows] == names
    for question in ASSIGNMENT.questions:
        for function in question.functions:
            assert f"`{function}`" in rows[names.index(question.notebook)]


def test_no_notebook_asks_for_convolution():
    """The package has fully-connected layers and no others."""
    for path, data in make(FOLDER, ASSIGNMENT).items():
        if path.endswith(".ipynb"):
            assert b"convol" not in data.lower()


def test_the_reference_meets_every_published_bound(reference):
    """Each printed error is of the order of magnitude beside it, or less."""
    errors = ERROR.findall(printed(reference))
    assert len(errors) == 38
    for name, error, order in errors:
        assert math.floor(math.log10(float(error))) <= math.log10(float(order)) + 1e-9, name


def test_the_reference_prints_the_published_losses(reference):
    """Losses of rows 8, 9, 12 and 16, within 1e-10 relative on any machine."""
    text = printed(reference)
    for name, expected in [
        ("SVM loss", 8.999602749096233),
        ("softmax loss", 2.302545844500738),
        ("loss at reg = 0.0", 3.4702243556),
        ("loss at reg = 1.0", 26.5948426952),
        ("initial loss at reg = 0", 2.3004790897684924),
        ("initial loss at reg = 3.14", 7.052114776533016),
    ]:
        (value,) = re.findall(rf"^{re.escape(name)}: (\S+)", text, re.MULTILINE)
        assert float(value) == pytest.approx(expected, rel=1e-10)


def test_the_reference_overfits_small_data(reference):
    """Both overfitting cells reach every one of their 50 images."""
    for question in ("overfit-three-layers", "overfit-five-layers"):
        assert "best training accuracy: 1.0 " in printed(reference, f"question:{question}")


def test_the_reference_draws_the_plots(reference):
    """Images, learned weights, and rows 15, 18, 19, 22 and 25: a picture each."""
    assert pictures(reference) == [
        "images-data-plot",
        "train-two-layer-net-plot",
        "weights-plot",
        "overfit-three-layers-answer",
        "overfit-five-layers-answer",
        "sgd-momentum-plot",
        "adam-plot",
    ]


def test_the_best_model_learns_the_synthetic_images(reference):
    """It is above the half of the images that is asked for on CIFAR-10, by a margin.

    Within eight of its twenty epochs; ``tox -e cifar10`` runs them all.
    """
    text = printed(reference, "question:best-model")
    accuracies = re.findall(r"^(val|test) accuracy: (\S+)", text, re.MULTILINE)
    assert [name for name, _ in accuracies] == ["val", "test"]
    assert all(float(accuracy) > 0.6 for _, accuracy in accuracies)


def test_the_best_model_is_saved(reference):
    """The last cell leaves the parameters and running averages in a file without pickles."""
    with np.load(Path(reference.metadata["folder"]) / "best_model.npz") as arrays:
        assert {"W1", "b1", "gamma1", "running_mean1"} <= set(arrays.files)
