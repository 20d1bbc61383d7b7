"""The leak scan finds whatever of an answer gets into a download, and nothing else."""

import json

import pytest

from grader.authoring.release import make, scan, solved


@pytest.fixture
def files(folder, assignment):
    """The small assignment's download, to be spoiled."""
    return make(folder, assignment)


def leaks(files, folder, assignment):
    return [str(leak) for leak in scan(files, folder, assignment)]


def test_an_honest_download_has_no_leak(files, folder, assignment):
    """What the builder makes passes its own scan."""
    assert leaks(files, folder, assignment) == []


@pytest.mark.parametrize(
    "line",
    [
        b"    out = x * factor_of_a_half\n",
        b"\tout=x*factor_of_a_half\n",
        b"out = x * \n  factor_of_a_half\n",
        b"# do: out = x * factor_of_a_half, then go on\n",
        b"Since twice a half is\na whole, of course.\n",
    ],
)
def test_a_leaked_line_is_found(files, folder, assignment, line):
    """A line of an answer is found as it is, reformatted, broken in two, or within another."""
    files["README.md"] += line
    (leak,) = leaks(files, folder, assignment)
    assert leak.startswith("README.md:2: this stands in the answer at ")


def test_the_place_of_a_leak_and_of_its_source_are_named(files, folder, assignment):
    """The message leads to both lines."""
    files["checks/rows.py"] += b"out = x * factor_of_a_half\n"
    assert leaks(files, folder, assignment) == [
        "checks/rows.py:2: this stands in the answer at demo/layers.py:10"
    ]


def test_a_leak_in_a_cell_names_the_cell(files, folder, assignment):
    """Notebooks are searched by their cells, not by their JSON."""
    notebook = json.loads(files["Halves.ipynb"])
    notebook["cells"][1]["source"] = ["import demo\n", "factor_of_a_half = 1/2"]
    files["Halves.ipynb"] = json.dumps(notebook).encode()
    (leak,) = leaks(files, folder, assignment)
    assert leak.startswith("Halves.ipynb (cell setup):2: ")


def test_lines_that_say_nothing_are_no_leak(files, folder, assignment):
    """Short lines of an answer may stand anywhere."""
    files["README.md"] += b"    if x is None:\n        return None\n"
    assert leaks(files, folder, assignment) == []


def test_a_line_that_stands_outside_of_markers_too_is_no_leak(files, folder, assignment):
    """What the course gives anyway is no secret."""
    (folder / "demo/__init__.py").write_text("factor_of_a_half = 1 / 2\n", "utf-8")
    files["demo/__init__.py"] = b"factor_of_a_half = 1 / 2\n"
    assert leaks(files, folder, assignment) == []


def test_the_solved_files_leak(folder, assignment):
    """Giving out the reference by mistake is found in each of its files."""
    found = {leak.file.split()[0] for leak in scan(solved(folder, assignment), folder, assignment)}
    assert found == {"demo/layers.py", "Halves.ipynb"}


def test_a_marker_that_is_left_is_found(files, folder, assignment):
    """Even a misspelled marker is one."""
    files["demo/__init__.py"] = b"x = 1\n# end answer\n"
    assert leaks(files, folder, assignment) == ["demo/__init__.py:2: a marker is left"]


@pytest.mark.parametrize(
    "path",
    [
        "demo/__pycache__/layers.cpython-311.pyc",
        "misconceptions/halve.py",
        "witness/halve.py",
        "demo/solution.py",
        "notebooks/Halves.py",
    ],
)
def test_a_file_that_is_not_on_the_list_is_found(files, folder, assignment, path):
    """Bytecode, hidden folders and strangers are refused by their path."""
    files[path] = b""
    assert leaks(files, folder, assignment) == [f"{path}: this file is not for students"]


def test_a_line_of_a_hidden_folder_is_found(files, folder, assignment):
    """A misconception's or witness's text may not reach a given file."""
    files["demo/__init__.py"] = b"y = 1\nreturn x * 0.25 + 0.25 * x.mean()\n"
    assert leaks(files, folder, assignment) == [
        "demo/__init__.py:2: this stands in the answer at misconceptions/halve.py:2"
    ]


def test_an_output_that_is_left_is_found(files, folder, assignment):
    """A notebook that was run before it was given out is refused."""
    notebook = json.loads(files["Halves.ipynb"])
    notebook["cells"][2]["execution_count"] = 1
    files["Halves.ipynb"] = json.dumps(notebook).encode()
    assert leaks(files, folder, assignment) == [
        "Halves.ipynb (cell halve-check): an output or execution count is left"
    ]


def test_a_file_that_is_no_text_is_found(files, folder, assignment):
    """What can't be searched isn't given out."""
    files["README.md"] = b"\xa7\r\r\n\x00"
    assert leaks(files, folder, assignment) == ["README.md: this is no UTF-8 text"]
