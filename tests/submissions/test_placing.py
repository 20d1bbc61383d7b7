"""Files that stand elsewhere, or under another name: taken and noted, or said to be missing."""

import json
from pathlib import Path

import pytest
from conftest_submissions import ASSIGNMENT, STUDENT, Hand, lay, package, packed

from grader.submissions import find, read_submission
from grader.submissions.attempts import choose
from grader.submissions.names import likeness
from grader.submissions.notebooks import read_notebook

BYTES = {path: text.encode() for path, text in STUDENT.items()}


@pytest.mark.parametrize(
    "name",
    [
        "Layers.py",
        "LAYERS.PY",
        "layers (1).py",
        "layers(2).py",
        "layers-1.py",
        "layers_1.py",
        "layers1.py",
        "layers - Copy.py",
        "layers - Copy (2).py",
        "layers copy.py",
        "layers-Copy1.py",
        "Copy of layers.py",
        "layers.py.txt",
        "layers_final.py",
        "layers_v2.py",
        "42_layers.py",
        "doejane_10231_884123_layers.py",
        "doejane_LATE_10231_884123_layers-2.py",
    ],
)
@pytest.mark.parametrize("folder", ["cs682/", "", "hw/cs231n/"])
def test_a_file_under_the_name_of_a_copy_is_taken(hand: Hand, name: str, folder: str) -> None:
    """It stands for the file, and a note says so."""
    files = {path: text for path, text in package(folder).items() if "layers" not in path}
    read = hand({**files, folder + name: "layers"})
    assert (read.files, read.absent) == (BYTES, {})
    assert f"{name} was read as layers.py." in read.notes


@pytest.mark.parametrize(
    "name", ["conv_layers.py", "layer.py", "layers.txt", "layers_old.py", "player.py", "layers.pyc"]
)
def test_a_file_of_another_name_is_not(hand: Hand, name: str) -> None:
    """It is named where it may be what was meant."""
    files = {path: text for path, text in package().items() if "layers" not in path}
    read = hand({**files, f"cs682/{name}": "other"})
    assert read.absent == {"layers.py": ""}
    meant = "layers" in name
    assert (f"in its place there is {name}, which was not read" in read.notes[0]) == meant
    assert likeness(name, "layers.py") is None


@pytest.mark.parametrize(
    "place",
    [
        "cs682/fc_net.py",
        "fc_net.py",
        "cs682/Classifiers/fc_net.py",
        "cs682/classifier/fc_net.py",
        "classifiers/fc_net.py",
        "cs682/classifiers/deeper/fc_net (1).py",
        "more/of it/FC_net.py",
    ],
)
def test_a_file_at_another_place_is_taken(hand: Hand, place: str) -> None:
    """A flattened folder, one above, one of another name."""
    files = {path: text for path, text in package().items() if "fc_net" not in path}
    read = hand({**files, place: "nets"})
    assert (read.files, read.absent) == (BYTES, {})
    assert read.notes == (f"{place.removeprefix('cs682/')} was read as classifiers/fc_net.py.",)


def test_all_files_at_the_top_under_names_of_a_system(hand: Hand) -> None:
    """A learning system's flat download of one student's files."""
    read = hand({f"ada_1_2_{path.rpartition('/')[2]}": text for path, text in STUDENT.items()})
    assert read.files == BYTES
    assert len(read.notes) == 4


def test_a_file_at_its_place_comes_before_copies(hand: Hand) -> None:
    """They are kept as attempts; the newest first."""
    copies = {f"cs682/layers ({number}).py": f"copy {number}" for number in (1, 10, 9)}
    read = hand({**package(), **copies})
    assert read.files == BYTES
    assert [attempt.data for attempt in read.attempts["layers.py"]] == [
        b"layers",
        b"copy 10",
        b"copy 9",
        b"copy 1",
    ]
    assert choose(read, {}, {}).files == BYTES
    chosen = choose(read, {}, {"layers.py": b"layers\n"})
    assert chosen.files == {**BYTES, "layers.py": b"copy 10"}
    assert "layers (10).py was read as layers.py" in chosen.notes[-1]


def test_modules_of_ones_own_are_read(hand: Hand) -> None:
    """In the package and beside it; not the course's, copies', tests' of others or other trees'."""
    own = {
        "cs682/helpers.py": "a",
        "cs682/lib/inner.py": "b",
        "cs682/classifiers/mine.py": "c",
        "tools.py": "d",
        "lib/more.py": "e",
        "cs682/solver.py": "the course's",
        "old/cs682/helpers.py": "another package's",
        "my notes.py": "no module",
        "a/b/c/d.py": "too deep",
        "checks/rows.py": "the course's",
    }
    assert hand({**package(), **own}).files == {
        **BYTES,
        "helpers.py": b"a",
        "lib/inner.py": b"b",
        "classifiers/mine.py": b"c",
        "../tools.py": b"d",
        "../lib/more.py": b"e",
    }


@pytest.mark.parametrize(("count", "size", "read"), [(100, 1, 60), (9, 1_000_000, 4)])
def test_modules_of_ones_own_are_bounded(hand: Hand, count: int, size: int, read: int) -> None:
    """In number and in bytes; the nearest ones are read."""
    many = {f"cs682/m{number:03}.py": "x" * size for number in range(count)}
    assert len(hand({**package(), **many}).files) == len(STUDENT) + read


def test_a_notebook_alone_is_a_hand_in(hand: Hand) -> None:
    """Its answers and trainings count; each file of code is missing by name."""
    read = hand({"Nets.ipynb": "{}"})
    assert (read.files, read.notebooks) == ({}, {"Nets": b"{}"})
    assert [note.partition(" isn't")[0] for note in read.notes] == list(STUDENT)


# --- Several notebooks ---------------------------------------------------------------------------


TAGS = (["question:one", "answer"], ["question:two", "answer"])


def notebook(*answers: str) -> str:
    cells = [{"cell_type": "markdown", "source": f"## Question {i}\nWhy?"} for i in range(2)]
    for i, answer in enumerate(answers):
        text = {"cell_type": "markdown", "source": answer, "metadata": {"tags": TAGS[i]}}
        cells.insert(2 * i + 1, text)
    return json.dumps({"cells": cells, "nbformat": 4})


BLANK = notebook("Write here", "Write here")
HALF = notebook("Because", "Write here")
FULL = notebook("Because", "Therefore")
RELEASED = {"Nets": read_notebook(BLANK.encode(), "Nets")}


@pytest.mark.parametrize(
    ("files", "counts"),
    [
        ({"Nets.ipynb": BLANK, "Nets (1).ipynb": FULL}, "Nets (1).ipynb"),
        ({"Nets.ipynb": BLANK, "Nets-Copy1.ipynb": FULL}, "Nets-Copy1.ipynb"),
        ({"Nets.ipynb": FULL, "Nets (1).ipynb": BLANK}, "Nets.ipynb"),
        ({"Nets.ipynb": HALF, "Nets (1).ipynb": FULL}, "Nets (1).ipynb"),
        ({"Nets.ipynb": FULL, "Nets (1).ipynb": FULL + " "}, "Nets (1).ipynb"),
        ({"Nets (2).ipynb": FULL, "Nets (10).ipynb": FULL + " "}, "Nets (10).ipynb"),
        ({"Nets.ipynb": BLANK, ".ipynb_checkpoints/Nets (1).ipynb": FULL}, "Nets.ipynb"),
        ({"Nets.ipynb": BLANK, "old/Nets.ipynb": FULL}, "Nets.ipynb of old"),
        ({"Nets.ipynb": "{broken", "old/Nets.ipynb": FULL}, "Nets.ipynb of old"),
    ],
)
def test_of_several_notebooks_the_one_with_answers_counts(
    hand: Hand, files: dict[str, str], counts: str
) -> None:
    """Of equal ones the newest; the others are named."""
    read = choose(hand({**package(), **files}), RELEASED, {})
    name, _, folder = counts.partition(" of ")
    assert read.notebooks["Nets"].decode() == files[f"{folder}/{name}" if folder else name]
    several = sum(".ipynb_checkpoints" not in path for path in files) > 1
    assert any(note.startswith("Of several notebooks ") for note in read.notes) == several


def test_a_notebook_beside_the_others_folders_is_one_of_the_class(tmp_path: Path) -> None:
    """Who hands in a notebook alone doesn't turn a class into one submission."""
    files = {**package("ada/cs682/"), **package("bo/cs682/"), "cy.ipynb": "{}"}
    (tmp_path / "class.zip").write_bytes(packed(files))
    for path in (lay(tmp_path / "class", files), tmp_path / "class.zip"):
        found = find([path], ASSIGNMENT)
        assert (found.kind, [place.name for place in found.places]) == (
            "class",
            ["ada", "bo", "cy.ipynb"],
        )
        read = read_submission(found.places[2], ASSIGNMENT)
        assert (read.files, read.notebooks) == ({}, {"Nets": b"{}"})


@pytest.mark.parametrize(
    "files",
    [
        {"Nets.ipynb": "{}", "images/x.png": ""},
        {"Nets.ipynb": "{}", **package("hw/cs682/")},
        {"Nets.ipynb": "{}", "more.zip": "PK"},
        {"layers (1).py": "x", "Optim.py": "x"},
    ],
)
def test_one_students_files_are_one(tmp_path: Path, files: dict[str, str]) -> None:
    """A notebook with one package further down, and files under copies' names."""
    assert find([lay(tmp_path / "ada", files)], ASSIGNMENT).kind == "one"


def test_a_notebook_by_itself_is_one(tmp_path: Path) -> None:
    """A path to a notebook is a hand-in."""
    path = lay(tmp_path, {"Nets.ipynb": "{}"}) / "Nets.ipynb"
    (place,) = find([path], ASSIGNMENT).places
    assert read_submission(place, ASSIGNMENT).notebooks == {"Nets": b"{}"}
