"""Where the package and the notebooks stand, in every form in which they are handed in."""

import pytest
from conftest_submissions import STUDENT, Hand, package

from grader.submissions import Unreadable

BYTES = {path: text.encode() for path, text in STUDENT.items()}


@pytest.mark.parametrize("name", ["cs682", "cs231n", "asgn2"])
@pytest.mark.parametrize(
    "folder", ["", "ada/", "My homework (final)/", "Hausübung 2/Lösung/", "a/b/c/d/e/f/"]
)
def test_the_package_is_found_under_each_name_anywhere(hand: Hand, name: str, folder: str) -> None:
    """Any of the three names, however deep, in folders with spaces and accents."""
    read = hand(package(f"{folder}{name}/"))
    assert (read.package, read.files, read.notes) == (name, BYTES, ())


def test_only_what_the_manifest_names_is_taken(hand: Hand) -> None:
    """Given files and data stay where they are; shared ones and modules of one's own are taken."""
    more = {"solver.py": "mine", "__init__.py": "", "layer_utils.py": "utils", "own.py": "own"}
    assert hand(package(files={**STUDENT, **more, "data.txt": "x"})).files == {
        **BYTES,
        "layer_utils.py": b"utils",
        "own.py": b"own",
    }


def test_a_missing_file_is_no_reason_to_read_nothing(hand: Hand) -> None:
    """What is there is taken: the marker says what is missing."""
    read = hand({"cs682/optim.py": "optim"})
    assert read.files == {"optim.py": b"optim"}
    assert read.absent == {"layers.py": "", "classifiers/fc_net.py": ""}
    assert read.notes == (
        "layers.py isn't in the hand-in.",
        "classifiers/fc_net.py isn't in the hand-in.",
    )


@pytest.mark.parametrize(
    "junk",
    [
        "__MACOSX/",
        ".ipynb_checkpoints/",
        "venv/lib/site-packages/",
        ".git/",
        "node_modules/",
        "__pycache__/",
    ],
)
def test_a_package_in_a_junk_folder_does_not_count(hand: Hand, junk: str) -> None:
    """What tools leave behind makes no tie, and is no submission by itself."""
    assert hand({**package(), **package(f"{junk}cs682/")}).files == BYTES


def test_nothing_but_junk_is_empty(hand: Hand) -> None:
    """A package that stands in a junk folder only isn't one."""
    with pytest.raises(Unreadable, match="it is empty"):
        hand(package("__MACOSX/cs682/"))


@pytest.mark.parametrize(("one", "other"), [("a/cs682/", "b/cs682/"), ("cs682/", "cs231n/")])
def test_a_tie_of_two_is_unreadable(hand: Hand, one: str, other: str) -> None:
    """Two packages with as many files each: nobody but the student knows which is meant."""
    with pytest.raises(Unreadable, match="more than one package") as caught:
        hand({**package(one), **package(other)})
    assert repr(one[:-1]) in str(caught.value)
    assert repr(other[:-1]) in str(caught.value)


def test_the_fuller_of_two_packages_is_taken(hand: Hand) -> None:
    """A left-over file under another name doesn't make a tie."""
    assert hand({**package(), "old/asgn2/layers.py": "older"}).files == BYTES


@pytest.mark.parametrize("folder", ["code/", "my cs682/", ""])
def test_a_renamed_package_folder_is_read_and_noted(hand: Hand, folder: str) -> None:
    """Under another name, or without a folder of its own, the files are the package's."""
    read = hand({**package(folder), "report.txt": "see code"})
    assert (read.package, read.files) == ("code" if folder == "code/" else "cs682", BYTES)
    assert "was read as cs682" in read.notes[0]


def test_a_package_of_the_right_name_comes_first(hand: Hand) -> None:
    """A fuller folder of another name stays aside."""
    read = hand({**package("backup/"), "cs231n/layers.py": "mine"})
    assert (read.package, read.files["layers.py"]) == ("cs231n", b"mine")
    assert read.absent.keys() == {"optim.py", "classifiers/fc_net.py"}
    assert "in its place there is backup/optim.py, which was not read" in " ".join(read.notes)


@pytest.mark.parametrize(
    "files", [{"notes.txt": "hello"}, {"cs682/solver.py": ""}, {"report.pdf": "%PDF"}]
)
def test_no_package_is_unreadable(hand: Hand, files: dict[str, str]) -> None:
    """A text, or given files alone: the message names what is looked for."""
    with pytest.raises(Unreadable, match=r"no folder cs682 or cs231n or asgn2 with any of layers"):
        hand(files)


def test_an_archive_that_stays_shut_is_named(hand: Hand) -> None:
    """Where a package may be in an archive of another kind, the message says so."""
    with pytest.raises(Unreadable, match=r"'work\.rar' wasn't opened, hand in a plain zip"):
        hand({"work.rar": "Rar!"})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Nets.ipynb", "Nets"),
        ("deep/er/Nets.ipynb", "Nets"),
        ("Nets (1).ipynb", "Nets"),
        ("42_Nets_late.ipynb", "Nets"),
        ("untitled.ipynb", "Nets"),
        ("dropout-final.ipynb", "Dropout"),
    ],
)
def test_notebooks_are_known_by_their_names(hand: Hand, path: str, name: str) -> None:
    """Copies' and LMS names are seen through; a single one of any name is the first's."""
    assert hand({**package(), path: "{}"}).notebooks == {name: b"{}"}


def test_the_nearest_notebook_of_several_is_taken(hand: Hand) -> None:
    """The exact name, then the one beside the package."""
    files = {
        **package("hw/cs682/"),
        "Nets.ipynb": "above",
        "hw/Nets.ipynb": "beside",
        "hw/Nets copy.ipynb": "copy",
        "hw/.ipynb_checkpoints/Nets.ipynb": "checkpoint",
    }
    assert hand(files).notebooks == {"Nets": b"beside"}


@pytest.mark.parametrize("notebook", [{}, {"Nets.ipynb": "{broken"}, {"Nets.ipynb": b"\xff\xfe"}])
def test_a_missing_or_broken_notebook_costs_no_code(hand: Hand, notebook: dict[str, bytes]) -> None:
    """The package is read whatever the notebook is."""
    assert hand({**package(), **notebook}).files == BYTES


def test_the_content_is_a_hash_of_what_is_taken(hand: Hand) -> None:
    """A changed taken file changes the hash; a changed other one, or another place, doesn't."""
    first = hand(package("a/cs682/")).content
    assert first.startswith("sha256:")
    assert hand({**package("a/cs682/"), "a/diary.txt": "x"}).content == first
    assert hand(package("a/cs682/", {**STUDENT, "optim.py": "other"})).content != first
