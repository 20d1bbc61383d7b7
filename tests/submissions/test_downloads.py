"""A class of 24 in each learning system's layout: whose each file is, and that none is lost."""

from __future__ import annotations

import re
from pathlib import Path

import downloads
import pytest
from conftest_submissions import ASSIGNMENT, STUDENT, lay, packed
from downloads import CLASS, LAYOUTS, LOOSE

from grader.submissions import Found, NoSuchPath, Place, Unreadable, Way, find, read_submission
from grader.submissions.downloads.pattern import BadPattern

#: Clones are cloned on disk; `.git` isn't read in a zip.
ON_DISK = "repositories"


def work(number: int) -> dict[str, bytes]:
    """Return what a student hands in: bytes that nobody else has."""
    # Brief names in a folder of their own; Canvas and Moodle may have taken the folders away.
    flat = number in downloads.APART
    files = {
        ("" if flat else "cs682/") + path: f"{number} {text}".encode()
        for path, text in STUDENT.items()
        if not flat or "/" not in path
    }
    return {**files, "Nets.ipynb": b'{"cells": []}'}


def owner(place: Place) -> str:
    return place.owner.id if place.owner is not None else place.name


def put(layout: str, tmp_path: Path, form: str) -> Path:
    """Write the download of a layout as a zip or as a folder."""
    files = LAYOUTS[layout][0](work)
    if form == "zip":
        (tmp_path / "download.zip").write_bytes(packed(files))
        return tmp_path / "download.zip"
    return lay(tmp_path / "download", files)


def owners(found: Found) -> dict[str, str]:
    """Return what the first file of each readable hand-in says, by its owner."""
    read = {}
    for place in found.places:
        try:
            submission = read_submission(place, ASSIGNMENT)
        except Unreadable:
            continue
        if submission.files:
            read[owner(place)] = submission.files["layers.py"].decode().partition(" ")[0]
    return read


@pytest.mark.parametrize("form", ["zip", "folder"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_of_24_in_each_layout(tmp_path: Path, layout: str, form: str) -> None:
    """Each hand-in is its owner's, the newest attempt's, and the loose notebook costs nobody."""
    if layout == ON_DISK and form == "zip":
        pytest.skip("clones are on disk")
    found = find([put(layout, tmp_path, form)], ASSIGNMENT)
    name = LAYOUTS[layout][1]
    assert owners(found) == {name(student): str(student.number) for student in CLASS}
    assert len(found.places) == 25
    assert found.kind == "class"
    assert [p.last.rstrip("/") for p in found.places if p.owner is None and layout != "plain"] in (
        [LOOSE],
        [],
    )


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "plain"])
def test_one_that_is_named_is_the_same_as_in_the_class(tmp_path: Path, layout: str) -> None:
    """Naming one file of a student's takes all of theirs, under the same identity and name."""
    folder = put(layout, tmp_path, "folder")
    (klass,) = [find([folder], ASSIGNMENT)]
    for place in klass.places:
        if place.owner is None or layout == "nbgrader":
            continue
        piece = place.pieces[-1].path
        one = find([piece], ASSIGNMENT)
        assert [(p.identity, p.name, p.pieces) for p in one.places] == [
            (place.identity, place.name, place.pieces)
        ]
        assert one.kind == "one"


def test_grades_in_a_download_are_nobodys(tmp_path: Path) -> None:
    """Grades that an earlier run left beside the pieces, or within one of several, are no work."""
    folder = put("canvas", tmp_path, "folder")
    before = find([folder], ASSIGNMENT)
    left = {"gradebook.sqlite": b"", "grades.csv": b"", "submissions/x/Nets.ipynb": b"annotated"}
    lay(folder / "marks", left)
    after = find([folder], ASSIGNMENT)
    assert (after.places, after.grades) == (before.places, (folder / "marks",))
    assert before.grades == ()
    files = {
        "ada_1000_7_layers.py": b"mine",
        "ada_1000_8_more.zip": packed({f"marks/{path}": data for path, data in left.items()}),
        "bob_1001_9_layers.py": b"his",
    }
    ada, bob = find([lay(tmp_path / "two", files)], ASSIGNMENT).places
    assert len(ada.pieces) == 2
    assert list(ada.open().paths) == ["layers.py"]
    assert list(bob.open().paths) == ["layers.py"]


def test_who_was_late_and_when_is_kept(tmp_path: Path) -> None:
    """Canvas marks lateness, others write times; what nobody wrote stays empty."""
    for layout in LAYOUTS:
        folder = tmp_path / layout
        folder.mkdir()
        places = find([put(layout, folder, "folder")], ASSIGNMENT).places
        known = [place.owner for place in places if place.owner is not None]
        if layout.startswith("canvas"):
            assert sum(owner.late for owner in known) == 2
        times = {"blackboard", "brightspace", "gradescope", "nbgrader", "repositories"}
        assert all(bool(owner.when) == (layout in times) for owner in known)
    assert LAYOUTS.keys() >= times


def test_a_group_has_all_its_members(tmp_path: Path) -> None:
    """Gradescope's metadata name both of a pair, whose hand-in is one."""
    places = find([put("gradescope", tmp_path, "zip")], ASSIGNMENT).places
    pairs = [p.owner for p in places if p.owner is not None and len(p.owner.members) == 2]
    assert [[member.name for member in pair.members] for pair in pairs] == [
        ["Eve Adams", "Gil Partner"],
        ["Flo Beck", "Hal Partner"],
    ]


def test_the_first_attempt_can_be_asked_for(tmp_path: Path) -> None:
    """--attempt: the first counts, or one by its number; a number too high is the last."""
    path = put("canvas", tmp_path, "zip")
    read = owners(find([path], ASSIGNMENT, way=Way(attempt="first")))
    assert [read[f"canvas:{1000 + n}"] for n in downloads.TWICE] == ["#", "#"]
    path = put("blackboard", tmp_path, "zip")
    assert (
        owners(find([path], ASSIGNMENT, way=Way(attempt=1)))["blackboard:Homework_2_j_user3"] == "#"
    )
    assert (
        owners(find([path], ASSIGNMENT, way=Way(attempt=9)))["blackboard:Homework_2_j_user3"] == "3"
    )


def test_a_second_zip_with_a_package_replaces_the_first(tmp_path: Path) -> None:
    """Two zips of one student, each with a package: the later one; parts of one go together."""
    folder = lay(
        tmp_path / "class",
        {
            "ada_1_10_draft.zip": packed({"cs682/layers.py": "old"}),
            "ada_1_11_final.zip": packed({"cs682/layers.py": "new"}),
            "bo_2_12_code.zip": packed({"cs682/layers.py": "bo"}),
            "bo_2_13_notebooks.zip": packed({"Nets.ipynb": "{}"}),
        },
    )
    ada, bo = (read_submission(p, ASSIGNMENT) for p in find([folder], ASSIGNMENT).places)
    assert (ada.files["layers.py"], bo.files["layers.py"]) == (b"new", b"bo")
    assert bo.notebooks == {"Nets": b"{}"}


def test_two_downloads_of_one_class_are_one_class(tmp_path: Path) -> None:
    """Sections that were downloaded apart, and a later download of somebody's."""
    first = lay(tmp_path / "a", {"ada_1_10_hw.zip": packed({"cs682/layers.py": "old"})})
    second = lay(
        tmp_path / "b",
        {
            "ada_LATE_1_20_hw-1.zip": packed({"cs682/layers.py": "new"}),
            "bo_2_21_hw.zip": packed({"cs682/layers.py": "bo"}),
        },
    )
    places = find([first, second], ASSIGNMENT).places
    assert [owner(place) for place in places] == ["canvas:1", "canvas:2"]
    assert read_submission(places[0], ASSIGNMENT).files["layers.py"] == b"new"
    assert places[0].identity == find([first], ASSIGNMENT).places[0].identity


def test_a_layout_can_be_named_or_described(tmp_path: Path) -> None:
    """--layout and --match decide; plain takes each name as it is; what fits nothing is told."""
    folder = lay(
        tmp_path / "class",
        {f"hw2__{n}__{i}.zip": packed({"cs682/layers.py": n}) for i, n in enumerate("abc")},
    )
    way = Way(match=r"__(?P<name>\w)__(?P<student_id>\d)\.zip")
    assert [p.name for p in find([folder], ASSIGNMENT, way=way).places] == ["a_0", "b_1", "c_2"]
    with pytest.raises(NoSuchPath, match="named as in Moodle"):
        find([folder], ASSIGNMENT, way=Way(layout="moodle"))
    canvas = put("canvas", tmp_path, "folder")
    assert len(find([canvas], ASSIGNMENT, way=Way(layout="plain"), as_="class").places) == 32
    for wrong in ("(", "no group", "(?P<student_id>.)(?P<wrong>.)"):
        with pytest.raises(BadPattern, match="--match"):
            find([folder], ASSIGNMENT, way=Way(match=wrong))


@pytest.mark.parametrize("zips", [2, 59])
def test_one_loose_notebook_among_zips_changes_nothing(tmp_path: Path, zips: int) -> None:
    """The zips are a class, and the notebook is one more of it."""
    files = {f"s{n}.zip": packed({"cs682/layers.py": str(n)}) for n in range(zips)}
    before = find([lay(tmp_path / "class", files)], ASSIGNMENT)
    after = find([lay(tmp_path / "class", {"x.ipynb": "{}"})], ASSIGNMENT)
    assert before.places == tuple(p for p in after.places if p.name != "x.ipynb")
    assert len(after.places) == zips + 1


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_a_folder_around_a_class_is_no_submission(tmp_path: Path, form: str) -> None:
    """As an archive was unpacked, twice; one student's folder stays that student's."""
    zips = {f"all/all/{who}.zip": packed({"cs682/layers.py": who}) for who in ("ada", "bo")}
    files = {**zips, "__MACOSX/all/._ada.zip": "", "all/.DS_Store": "", "all/all/roster.csv": ""}
    if form == "zip":
        (tmp_path / "class.zip").write_bytes(packed(files))
        found = find([tmp_path / "class.zip"], ASSIGNMENT)
    else:
        found = find([lay(tmp_path / "class", files)], ASSIGNMENT)
    assert [place.name for place in found.places] == ["ada", "bo"]
    alone = lay(tmp_path / "alone", {"ada/code/cs682/layers.py": "", "ada/report/a.txt": ""})
    assert [place.name for place in find([alone], ASSIGNMENT).places] == ["ada"]


def test_loose_notebooks_of_several_are_a_class(tmp_path: Path) -> None:
    """A notebook each; those of the manifest's names are one student's."""
    names = [f"{who}.ipynb" for who in ("ada", "bo", "cy")]
    several = find([lay(tmp_path / "a", dict.fromkeys(names, "{}"))], ASSIGNMENT)
    assert (several.kind, len(several.places)) == ("class", 3)
    own = {"Nets.ipynb": "{}", "Dropout.ipynb": "{}", "Nets-Copy1.ipynb": "{}"}
    assert find([lay(tmp_path / "b", own)], ASSIGNMENT).kind == "one"


def test_pages_and_tables_about_a_class_are_no_rows(tmp_path: Path) -> None:
    """Beside plain submissions, and alone: then there is nothing to grade."""
    about = {"index.html": "", "roster.csv": "", "submission_metadata.yml": ""}
    folder = lay(tmp_path / "a", {**about, "ada/cs682/layers.py": "", "bo/cs682/layers.py": ""})
    found = find([folder], ASSIGNMENT)
    assert [place.name for place in found.places] == ["ada", "bo"]
    assert re.match("passed over: index.html", found.notes[0])
    with pytest.raises(NoSuchPath, match="holds no submission"):
        find([lay(tmp_path / "b", about)], ASSIGNMENT)


def test_users_that_differ_never_become_one(tmp_path: Path) -> None:
    """Names with the sign that separates parts, and names of which one begins another."""
    users = ["jane_doe", "john_doe", "doe", "jane", "j"]
    start = "HW_1_{}_attempt_2026-10-01-00-00-00_a.zip"
    files = {start.format(user): packed({"cs682/layers.py": user}) for user in users}
    places = find([lay(tmp_path / "class", files)], ASSIGNMENT).places
    assert len({place.identity for place in places}) == len(users)


def test_the_options_name_every_layout() -> None:
    """--layout offers what is looked for, and plain."""
    from grader.cli import LAYOUTS as OFFERED
    from grader.submissions.downloads import LAYOUTS as KNOWN

    assert (*(layout.name for layout in KNOWN), "plain") == OFFERED
