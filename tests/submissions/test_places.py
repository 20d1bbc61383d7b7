"""Which submissions a path holds, and the names that they get."""

import zipfile
from pathlib import Path

import pytest
from conftest_submissions import ASSIGNMENT, STUDENT, lay, package, packed
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.submissions import Found, NoSuchPath, Unreadable, find, read_submission
from grader.submissions.finding import Place

BYTES = {path: text.encode() for path, text in STUDENT.items()}


def found(*paths: Path, as_: str | None = None) -> Found:
    return find(paths, ASSIGNMENT, as_=as_)


def names(*paths: Path, as_: str | None = None) -> list[str]:
    return [place.name for place in found(*paths, as_=as_).places]


def reason(place: Place) -> str:
    """Return why the submission at *place* is unreadable, "" if it isn't."""
    try:
        read_submission(place, ASSIGNMENT)
    except Unreadable as unreadable:
        return str(unreadable)
    return ""


@pytest.mark.parametrize(
    "files", [package(), package("asgn2/"), package(""), {"x.ipynb": "{}", "a/b.txt": ""}]
)
def test_a_package_or_a_notebook_makes_it_one(tmp_path: Path, files: dict[str, str]) -> None:
    """One submission if a package, its files or a notebook is a direct child."""
    one = found(lay(tmp_path / "ada", files))
    assert (one.kind, [place.name for place in one.places]) == ("one", ["ada"])


def test_other_folders_are_a_class(tmp_path: Path) -> None:
    """Folders, zips, files and links below are a submission each, in the order of their names."""
    lay(tmp_path / "class", {**package("ada/cs682/"), **package("bo/hw/cs231n/"), "note.txt": "x"})
    (tmp_path / "class" / "cy.zip").write_bytes(packed(package("cy/asgn2/")))
    (tmp_path / "class" / "empty").mkdir()
    (tmp_path / "class" / "link").symlink_to(tmp_path / "class" / "ada")
    many = found(tmp_path / "class")
    assert many.kind == "class"
    assert {place.name: reason(place) for place in many.places} == {
        "ada": "",
        "bo": "",
        "cy": "",
        "empty": "it is empty",
        "link": "it is a link, and links aren't followed: hand in what it leads to",
        "note.txt": "it is a file (.txt) and neither a folder nor a zip",
    }


def test_what_a_path_is_can_be_said(tmp_path: Path) -> None:
    """``one`` and ``class`` decide where the look of it would decide otherwise."""
    folder = lay(tmp_path / "ada", package("hw/cs682/"))
    assert (found(folder).kind, names(folder)) == ("class", ["hw"])
    assert (found(folder, as_="one").kind, names(folder, as_="one")) == ("one", ["ada"])
    assert names(lay(tmp_path / "bo", package()), as_="class") == ["cs682"]
    (tmp_path / "cy.zip").write_bytes(packed({**package("a/cs682/"), **package("b/cs682/")}))
    assert (names(tmp_path / "cy.zip"), names(tmp_path / "cy.zip", as_="one")) == (
        ["a", "b"],
        ["cy"],
    )


def test_left_overs_and_grades_are_passed_over(tmp_path: Path) -> None:
    """What systems leave in a class's folder, and an earlier run's grades in it."""
    lay(
        tmp_path,
        {
            **package("ada/cs682/"),
            "__MACOSX/ada/x": "",
            ".DS_Store": "",
            "._ada": "",
            ".hidden/cs682/layers.py": "",
            "grades/gradebook.sqlite": "",
            "grades/ada/result.json": "{}",
        },
    )
    assert names(tmp_path) == ["ada"]


def test_several_paths_are_a_class(tmp_path: Path) -> None:
    """Each path is looked at by itself; the same name twice gets a number."""
    for folder in ("one", "two"):
        lay(tmp_path / folder / "ada", package())
        lay(tmp_path / folder / "Ada Lovelace", package())
    many = found(tmp_path / "one" / "ada", tmp_path / "two" / "ada", tmp_path / "one")
    assert many.kind == "class"
    assert [place.name for place in many.places] == ["ada", "ada (2)", "Ada Lovelace", "ada (3)"]


def test_a_path_without_submissions_is_an_error(tmp_path: Path) -> None:
    """A path that isn't there, and a folder without anything in it."""
    with pytest.raises(NoSuchPath, match="nowhere doesn't exist"):
        found(tmp_path / "nowhere")
    with pytest.raises(NoSuchPath, match="holds no submission"):
        found(lay(tmp_path / "empty", {".DS_Store": ""}))


def test_a_class_that_may_not_be_listed_is_an_error(own_folder: Path) -> None:
    """One line says which folder and why; a submission like that is a row of its own."""
    lay(own_folder / "class", {**package("ada/cs682/"), **package("bo/cs682/")})
    (own_folder / "class" / "bo").chmod(0)
    many = found(own_folder / "class")
    assert [reason(place) for place in many.places] == ["", "it can't be opened: Permission denied"]
    (own_folder / "class" / "bo").chmod(0o755)
    (own_folder / "class").chmod(0)
    with pytest.raises(NoSuchPath, match="class can't be listed: Permission denied"):
        found(own_folder / "class")
    (own_folder / "class").chmod(0o755)


# --- Downloads of learning platforms -------------------------------------------------------------


def download(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    path = tmp_path / "download.zip"
    path.write_bytes(packed(files))
    return path


def test_a_class_in_one_zip(tmp_path: Path) -> None:
    """A folder for each student and the zip in it, as Moodle packs a class."""
    path = download(
        tmp_path,
        {
            "Ada Lovelace_11_assignsubmission_file_/nets.zip": packed(package("nets/cs682/")),
            **package("Bo Ek_12_assignsubmission_file_/cs231n/"),
            "Cy Bo_13_assignsubmission_onlinetext_/onlinetext.html": "<p>later</p>",
        },
    )
    places = found(path).places
    assert [place.name for place in places] == ["Ada Lovelace_11", "Bo Ek_12"]
    assert [reason(place) for place in places] == ["", ""]
    assert found(path).notes == ("typed a text and handed in no file: Cy Bo",)
    assert read_submission(places[0], ASSIGNMENT).files == BYTES
    assert places[0].source == "download.zip/Ada Lovelace_11_assignsubmission_file_"


def test_a_zip_of_zips(tmp_path: Path) -> None:
    """A zip for each student, as Canvas packs a class; a broken one has its row too."""
    path = download(
        tmp_path,
        {
            "hw/ada_1_2_nets.zip": packed({**package("cs682/"), "old.zip": packed({"a": "b"})}),
            "hw/bo_3_4_nets.zip": b"PK\x03\x04 cut off",
            "hw/cy_LATE_5_6_nets.pdf": "%PDF",
            "hw/di_7_8_nets.zip": packed({"nets.zip": packed(package("cs682/"))}),
        },
    )
    places = found(path).places
    assert {place.name: reason(place) for place in places} == {
        "ada_1": "",
        "bo_3": "the zip is damaged: File is not a zip file",
        "cy_5": "it is a file (.pdf) and neither a folder nor a zip",
        "di_7": "",
    }
    assert read_submission(places[3], ASSIGNMENT).files == BYTES


def test_a_folder_and_a_zip_of_one_name_are_two(tmp_path: Path) -> None:
    """In a class's zip they stay apart."""
    path = download(
        tmp_path, {**package("ada/cs682/"), "ada.zip": packed(package("cs682/", {"optim.py": "x"}))}
    )
    first, second = (read_submission(place, ASSIGNMENT) for place in found(path).places)
    assert (first.name, first.files) == ("ada", BYTES)
    assert (second.name, second.files) == ("ada (2)", {"optim.py": b"x"})


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"notes.txt": "x"},
        {"work.zip": packed(package())},
        package("ada final/cs682/"),
        package("a/b/asgn2/"),
    ],
)
def test_a_zip_that_holds_one_thing_is_one(tmp_path: Path, files: dict[str, str]) -> None:
    """An empty zip, one file, or folders around one package: a submission, whatever is in it."""
    path = download(tmp_path, files)
    assert (found(path).kind, names(path)) == ("one", ["download"])


def test_a_broken_zip_is_one(tmp_path: Path) -> None:
    """It has its row, with the reason, and stops no other path."""
    (tmp_path / "bo.zip").write_bytes(b"PK cut off")
    assert names(lay(tmp_path / "ada", package()), tmp_path / "bo.zip") == ["ada", "bo"]


# --- Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace (late)", "Ada Lovelace (late)"),
        ("Жанна Ünver 王小明", "Жанна Ünver 王小明"),
        ("e\u0301tude", "\u00e9tude"),
        ("a\tb\x1b[31mc\x7f", "a_b_[31mc_"),
        ("ada\u202egpj.zip", "ada_gpj"),
        ("a:b*c?d", "a_b_c_d"),
        (".. ada ..", "ada"),
        ("...", "submission"),
        ("grades.csv", "grades.csv"),
        ("Gradebook.SQLite", "Gradebook.SQLite"),
        ("w" * 240, "w" * 120),
        ("王" * 80, "王" * 40),
    ],
)
def test_names_are_made_safe(tmp_path: Path, name: str, expected: str) -> None:
    """Letters of every script stay; what could lead astray, doesn't."""
    path = tmp_path / name
    path.mkdir() if not name.endswith(".zip") else path.write_bytes(packed(package()))
    assert names(tmp_path / name, as_="one") == [expected]


def test_bytes_that_are_no_text_are_named_too(tmp_path: Path) -> None:
    """A file's name in no known encoding can be printed, written and told."""
    lay(tmp_path / "class", package("ada/cs682/"))
    (tmp_path / "class" / "b\udcff").mkdir()
    places = found(tmp_path / "class").places
    assert [place.name for place in places] == ["ada", "b_"]
    assert places[1].source == "b_"


def test_names_that_differ_by_case_get_numbers(tmp_path: Path) -> None:
    """Two folders that one disk tells apart and another doesn't."""
    for name in ("Ada", "ada", "ADA.zip", "ada (2)"):
        lay(tmp_path / "class" / name, package())
    assert len({name.casefold() for name in names(tmp_path / "class")}) == 4


PIECES = st.sampled_from(
    ["cs682", "cs231n", "layers.py", "optim.py", "x.ipynb", "Nets.ipynb", "__MACOSX", ".git", "ada",
     "Ada", "grades.csv", "a b", "é", "\u202ea", "..", ".", "", "C:", "a\\b", "w" * 90]
)  # fmt: skip
PATHS = st.lists(PIECES | st.text(max_size=8), min_size=1, max_size=4).map("/".join)
# What zipfile can't write, since it cuts names at a NUL, is made by hand elsewhere.
PATHS = PATHS.filter(lambda path: path.partition("\0")[0])
ENTRIES = st.dictionaries(PATHS, st.binary(max_size=8), max_size=8)


@given(entries=ENTRIES, inner=ENTRIES, as_=st.sampled_from([None, "one", "class"]))
@settings(max_examples=150)
def test_any_tree_gives_safe_names_and_reads_or_says_why(
    tmp_path_factory: pytest.TempPathFactory,
    entries: dict[str, bytes],
    inner: dict[str, bytes],
    as_: str | None,
) -> None:
    """Whatever a zip holds: unique names, safe as a file's, and nothing raised but Unreadable."""
    folder = tmp_path_factory.mktemp("any")
    try:
        data = packed({**entries, "in.zip": packed(inner)})
    except (UnicodeEncodeError, ValueError, zipfile.BadZipFile):
        return  # not to be written into a zip
    (folder / "any.zip").write_bytes(data)
    places = found(folder / "any.zip", as_=as_).places
    seen = [place.name.casefold() for place in places]
    assert len(set(seen)) == len(seen) > 0
    for place in places:
        assert place.name.isprintable() or not place.name.isascii()
        assert len(place.name.encode()) < 200
        (folder / place.name).with_suffix(".x").write_text(reason(place))
        assert (folder / place.name).parent == folder


def test_grades_inside_of_a_submission_are_no_part_of_it(tmp_path: Path) -> None:
    """A run that wrote into the folder that it graded has left copies of notebooks there."""
    renamed = {**package("ada/cs682/"), "ada/Nets (1).ipynb": "mine"}
    lay(tmp_path, renamed)
    (place,) = found(tmp_path / "ada").places
    before = read_submission(place, ASSIGNMENT)
    left = {"gradebook.sqlite": "", "grades.csv": "", "submissions/ada/Nets.ipynb": "annotated"}
    left["submissions/bo/cs682/layers.py"] = "another's"
    lay(tmp_path / "ada" / "marks", left)
    (place,) = found(tmp_path / "ada").places
    assert read_submission(place, ASSIGNMENT).content == before.content
    (tmp_path / "ada.zip").write_bytes(
        packed(renamed | {f"ada/marks/{path}": text for path, text in left.items()})
    )
    (place,) = found(tmp_path / "ada.zip").places
    assert read_submission(place, ASSIGNMENT).notebooks == {"Nets": b"mine"}


def test_a_submission_that_looks_like_grades_is_one(tmp_path: Path) -> None:
    """A file of that name hides nobody; folders that are passed over are named."""
    lay(tmp_path / "ada", {**package(), "gradebook.sqlite": "", "grades.csv": ""})
    lay(tmp_path / "marks", {"gradebook.sqlite": ""})
    both = found(tmp_path)
    assert [place.name for place in both.places] == ["ada"]
    assert both.grades == (tmp_path / "marks",)


def test_grades_of_several_runs_make_no_class_of_a_lone_notebook(tmp_path: Path) -> None:
    """Two folders of grades beside one student's notebook are nobody's work."""
    lay(tmp_path, {"Nets.ipynb": "mine"})
    for run in ("marks", "marks again"):
        left = {"gradebook.sqlite": "", "grades.csv": "", "submissions/x/Nets.ipynb": "annotated"}
        lay(tmp_path / run, left)
    one = found(tmp_path)
    assert one.kind == "one"
    assert read_submission(one.places[0], ASSIGNMENT).notebooks == {"Nets": b"mine"}
