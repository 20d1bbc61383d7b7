"""The student's download: an allow-list of files, answers removed, the same each time."""

import json

import nbformat
import pytest

from grader.authoring.release import MarkerError, given_texts, make, solved


def test_the_download_holds_the_allowed_files_and_no_others(folder, assignment):
    """Neither bytecode nor misconceptions nor witnesses are taken."""
    assert list(make(folder, assignment)) == [
        "Halves.ipynb",
        "README.md",
        "assignment.toml",
        "checks/released.json",
        "checks/rows.py",
        "demo/__init__.py",
        "demo/layers.py",
        "requirements.txt",
    ]


def test_two_builds_are_byte_identical(folder, assignment):
    """Nothing of a build depends on the time, on chance or on an order of files."""
    assert make(folder, assignment) == make(folder, assignment)


def test_the_stub_compiles_and_names_its_question(folder, assignment):
    """Calling what a student has not written raises NotImplementedError by the question's id."""
    scope = {}
    exec(compile(make(folder, assignment)["demo/layers.py"], "layers.py", "exec"), scope)
    with pytest.raises(NotImplementedError, match=r"^not implemented yet: question halve$"):
        scope["halve"](1.0)


def test_the_solved_files_hold_the_answers(folder, assignment):
    """The reference as a submission runs, in the same files as the template."""
    files = solved(folder, assignment)
    scope = {}
    exec(compile(files["demo/layers.py"], "layers.py", "exec"), scope)
    assert scope["halve"](3.0) == 1.5
    assert b"number_of_my_choice = 12345" in files["Halves.ipynb"]
    assert files.keys() == make(folder, assignment).keys()


def test_given_texts_are_the_packages_stubs(folder, assignment):
    """What grading restores is what students downloaded, by path in the package."""
    texts = given_texts(folder, assignment)
    assert texts == {
        path.removeprefix("demo/"): data
        for path, data in make(folder, assignment).items()
        if path.startswith("demo/")
    }


def test_the_notebook_is_valid_tagged_and_never_run(folder, assignment):
    """Cells have stable readable ids, their questions as tags, and no outputs."""
    notebook = json.loads(make(folder, assignment)["Halves.ipynb"])
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert [cell["id"] for cell in notebook["cells"]] == [
        "markdown",
        "setup",
        "halve-check",
        "halve-answer",
        "why-answer",
    ]
    assert notebook["cells"][2]["metadata"]["tags"] == ["question:halve", "check"]
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_answers_in_cells_become_a_raise_and_a_placeholder(folder, assignment):
    """A code answer raises; a written answer says what is to be written."""
    cells = {c["id"]: "".join(c["source"]) for c in _cells(make(folder, assignment))}
    assert cells["halve-answer"] == (
        "# TODO (halve): choose a number\n"
        'raise NotImplementedError("not implemented yet: question halve")'
    )
    assert cells["why-answer"] == "**Your answer:**\n\n*Write your answer here: one sentence*"


def test_the_solved_notebook_has_the_same_cells(folder, assignment):
    """Ids and tags don't depend on the answers."""
    template, reference = (
        [(cell["id"], cell["metadata"]) for cell in _cells(files)]
        for files in (make(folder, assignment), solved(folder, assignment))
    )
    assert template == reference


def test_an_answer_may_not_leave_its_cell(folder, assignment):
    """A cell's beginning inside an answer is refused by file and line."""
    path = folder / "notebooks/Halves.py"
    text = path.read_text("utf-8").replace("number_of_my_choice", "# %%\nnumber_of_my_choice")
    path.write_text(text, "utf-8")
    with pytest.raises(MarkerError, match=r"^notebooks/Halves\.py:12: a cell begins inside"):
        make(folder, assignment)


def test_a_package_file_that_is_not_there_is_an_error(folder, assignment):
    """A download is never made with a hole in it."""
    (folder / "demo/__init__.py").unlink()
    with pytest.raises(FileNotFoundError, match="__init__"):
        make(folder, assignment)


def _cells(files):
    return json.loads(files["Halves.ipynb"])["cells"]
