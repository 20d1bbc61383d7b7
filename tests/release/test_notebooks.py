"""The notebooks on normalization and dropout in a fresh kernel; and all three, half written.

By default cells that take long are left out, and so are those that check files with grader.
``tox -e notebooks`` runs all three whole: untouched, half written, and on the reference.
"""

import ast
import os
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
from fresh_kernel import pictures, printed, run

from grader.authoring.release import make, markers, solved, template
from grader.model.manifest import parse

FOLDER = Path(__file__).parents[2] / "assignment"
ASSIGNMENT = parse(tomllib.loads((FOLDER / "assignment.toml").read_text("utf-8")))
BOOKS = ("BatchNormalization", "Dropout")
ALL = ("FullyConnectedNets", *BOOKS)
QUESTIONS = {
    name: [question for question in ASSIGNMENT.questions if question.notebook == name]
    for name in ALL
}
#: The tags of trainings that take more than a few seconds, and of their plots.
LONG = ("scales", "scales-curves", "sizes", "sizes-curves", "layernorm-sizes")
LONG += ("experiment", "experiment-curves")
WITHOUT = () if os.environ.get("GRADER_NOTEBOOKS") == "all" else ("selfcheck", *LONG)
whole = pytest.mark.skipif(bool(WITHOUT), reason="GRADER_NOTEBOOKS is not all: tox -e notebooks")
#: What a student who has begun each notebook has written: nothing that a training needs.
BEGUN = ("affine-forward", "affine-backward", "relu-forward", "rmsprop")
BEGUN += ("batchnorm-forward", "layernorm-forward", "dropout-forward")
MARK = re.compile(r": (met|not yet)$", re.MULTILINE)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """Each notebook after a run on the student's files, by name."""
    files = make(FOLDER, ASSIGNMENT)
    return {
        name: run(files, name, tmp_path_factory.mktemp("untouched"), without=("selfcheck",))
        for name in BOOKS
    }


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Each notebook after a run on the reference, by name; without the longest cells by default."""
    files = solved(FOLDER, ASSIGNMENT)
    return {
        name: run(files, name, tmp_path_factory.mktemp("reference"), without=WITHOUT)
        for name in BOOKS
    }


def half_written():
    """The student's files with the answers of the questions in BEGUN."""

    def fill(answer):
        begun = answer.question in BEGUN
        return markers.solved(answer) if begun else markers.stub(answer)

    ids = template.question_ids(ASSIGNMENT)
    files = dict(make(FOLDER, ASSIGNMENT))
    for path in ASSIGNMENT.files.student:
        name = f"{ASSIGNMENT.package}/{path}"
        text = template.read(FOLDER / name)
        files[name] = markers.replace(text, markers.parse(text, name, ids), fill).encode()
    return files


@pytest.mark.parametrize("name", BOOKS)
def test_every_question_has_its_cells(name):
    """Each question has a text, and a check or an answer cell, by its tags."""
    notebook = nbformat.reads(make(FOLDER, ASSIGNMENT)[f"{name}.ipynb"].decode(), as_version=4)
    tags = [set(cell.metadata.get("tags", ())) for cell in notebook.cells]
    for question in QUESTIONS[name]:
        kinds = set().union(*(t for t in tags if f"question:{question.id}" in t))
        assert "text" in kinds
        assert ("check" if question.kind == "code" else "answer") in kinds
    assert all(tags), "every cell carries a tag, and a readable id by it"


@pytest.mark.parametrize("name", ALL)
def test_after_each_part_of_code_a_line_asks_grader(name):
    """Every code question has a cell of one line, after its own check."""
    notebook = nbformat.reads(make(FOLDER, ASSIGNMENT)[f"{name}.ipynb"].decode(), as_version=4)
    places = {cell.id: place for place, cell in enumerate(notebook.cells)}
    for question in QUESTIONS[name]:
        if question.kind == "code":
            place = places[f"{question.id}-selfcheck"]
            assert notebook.cells[place].source == f'grader.check("{question.id}")'
            assert place > places[f"{question.id}-check"]


@pytest.mark.parametrize("name", BOOKS)
def test_the_graph_is_drawn_before_the_backward_pass_is_asked(name):
    """A picture of the computational graph stands ahead of the check of the backward pass."""
    notebook = nbformat.reads(make(FOLDER, ASSIGNMENT)[f"{name}.ipynb"].decode(), as_version=4)
    ids = [cell.id for cell in notebook.cells]
    backward = next(q.id for q in QUESTIONS[name] if q.id.endswith("backward"))
    assert ids.index("graph-plot") < ids.index(f"{backward}-check")


@pytest.mark.parametrize("name", ALL)
def test_the_setup_holds_imports_and_what_is_the_notebooks_own(name):
    """No scaffolding stands in a first cell: imports, and at most one function of this notebook."""
    notebook = nbformat.reads(make(FOLDER, ASSIGNMENT)[f"{name}.ipynb"].decode(), as_version=4)
    (setup,) = (cell for cell in notebook.cells if cell.metadata.tags == ["setup"])
    others = [
        node
        for node in ast.parse(setup.source).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert all(isinstance(node, ast.FunctionDef) for node in others)
    assert len(others) <= 1


@pytest.mark.parametrize("name", BOOKS)
def test_an_untouched_notebook_says_what_is_not_written(untouched, name):
    """Each question is named, without a traceback; of plots there is the graph alone."""
    for question in QUESTIONS[name]:
        tag = f"question:{question.id}"
        if question.kind == "written":
            (cell,) = (c for c in untouched[name].cells if {tag, "answer"} <= set(c.metadata.tags))
            assert "*Write your answer here: " in cell.source
        else:
            line = rf"^not implemented yet: question {question.id}( \(it needs \S+ first\))?$"
            assert re.search(line, printed(untouched[name], tag), re.MULTILINE)
    assert pictures(untouched[name]) == ["graph-plot"]
    assert not MARK.search(printed(untouched[name]))


@pytest.mark.parametrize(("name", "figures"), [("BatchNormalization", 41), ("Dropout", 36)])
def test_every_check_cell_says_met_on_the_reference(reference, name, figures):
    """Each figure is met, and there are as many as the published rows have."""
    text = printed(reference[name])
    assert "not implemented" not in text
    assert MARK.findall(text) == ["met"] * figures


def test_the_reference_prints_the_published_figures(reference):
    """Losses of rows 7 (normalization) and 6 (dropout) to ten digits."""
    text = printed(reference["BatchNormalization"])
    assert re.search(r"^initial loss at reg = 0: 2\.261195510", text, re.MULTILINE)
    assert re.search(r"^initial loss at reg = 3\.14: 6\.996533220", text, re.MULTILINE)
    text = printed(reference["Dropout"])
    losses = re.findall(r"^initial loss: (\S{11})", text, re.MULTILINE)
    assert losses == ["2.300479089", "2.302371489", "2.304275922"]


def test_the_reference_draws_the_plots(reference):
    """A picture for each experiment that was run, after the graph."""
    drawn = {
        "BatchNormalization": [
            "graph-plot",
            "fully-connected-net-normalization-deep-curves-plot",
            "fully-connected-net-normalization-scales-curves-plot",
            "fully-connected-net-normalization-sizes-curves-plot",
            "fully-connected-net-normalization-layernorm-sizes-plot",
        ],
        "Dropout": ["graph-plot", "fully-connected-net-dropout-experiment-curves-plot"],
    }
    for name, ids in drawn.items():
        left_out = [id for id in ids if any(f"{tag}-plot" in id for tag in WITHOUT)]
        assert pictures(reference[name]) == [id for id in ids if id not in left_out]


@pytest.mark.parametrize("name", ALL)
def test_a_half_written_notebook_runs_to_its_end(name, tmp_path):
    """What is written is checked, and what isn't is named: no traceback in any cell."""
    notebook = run(half_written(), name, tmp_path, without=WITHOUT[:1])
    text = printed(notebook)
    for question in QUESTIONS[name]:
        if question.kind == "code":
            own = printed(notebook, f"question:{question.id}", "check")
            said = f"not implemented yet: question {question.id}"
            # The sandwich, a second check, needs more than its question's own function.
            assert (said in own) == (question.id not in BEGUN)
    marks = MARK.findall(text)
    assert marks
    assert set(marks) == {"met"}


@whole
@pytest.mark.parametrize("name", ALL)
def test_an_untouched_notebook_runs_whole(name, tmp_path):
    """The lines that ask grader included."""
    notebook = run(make(FOLDER, ASSIGNMENT), name, tmp_path)
    checks = [cell for cell in notebook.cells if cell.metadata.tags[-1] == "selfcheck"]
    assert checks
    assert all(cell.outputs for cell in checks)


@whole
def test_the_first_notebook_runs_whole_on_the_reference(tmp_path):
    """The lines that ask grader included; each shows that nothing failed."""
    notebook = run(solved(FOLDER, ASSIGNMENT), "FullyConnectedNets", tmp_path)
    checks = [cell for cell in notebook.cells if cell.metadata.tags[-1] == "selfcheck"]
    assert checks
    for cell in checks:
        (output,) = cell.outputs
        assert "FAIL" not in output["data"]["text/plain"]


@whole
@pytest.mark.parametrize("name", BOOKS)
def test_the_lines_that_ask_grader_find_no_fault_in_the_reference(reference, name):
    """On the right package each shows that nothing failed."""
    checks = [c for c in reference[name].cells if c.metadata.tags[-1] == "selfcheck"]
    assert checks
    for cell in checks:
        (output,) = cell.outputs
        assert "FAIL" not in output["data"]["text/plain"]
