"""Where the files of a run stand: no name of a hand-in meets them, and earlier ones are moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said, table

from grader.classroom import folder

#: All that a run ever writes into its folder, and names that are like it.
OWN = (
    "gradebook.sqlite", "gradebook.sqlite-wal", "gradebook.sqlite-shm", "GradeBook.sqlite-journal",
    "grades.csv", "class.html", "leaderboard.html", "written.csv", "errors.log", "submissions",
    ".grades.csv.part", "result.json", "feedback.html", "index.html", "report.html",
)  # fmt: skip


def earlier(grades: Path) -> None:
    """Put the files of each submission where they once stood: beside those of the class."""
    shutil.move(grades / "submissions", grades.with_name("aside"))
    for path in grades.with_name("aside").iterdir():
        (path / "index.html").unlink()  # there was none then
        shutil.move(path, grades / path.name)
    grades.with_name("aside").rmdir()


def test_no_name_meets_a_file_of_the_run(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """Whoever is called like one of them is marked, and so is who comes after."""
    for name in ("ada", *OWN, "zoe"):
        put(name)
    (klass / ".grades.csv.part").rename(klass / "grades.csv.part")
    for _ in range(2):
        assert grade(klass).code == 0
        rows = table(grades)
        assert len(rows) == len(OWN) + 2
        assert {row["status"] for row in rows.values()} == {"graded"}
        assert {path.name for path in grades.iterdir()} == {
            "gradebook.sqlite", "grades.csv", "class.html", "report.html", "submissions", "replay",
        }  # fmt: skip
        assert {path.name for path in (grades / "submissions").iterdir()} == set(rows)


def test_a_folder_of_before_is_moved_over(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """Files of submissions that are graded now and of those that aren't; nothing is left behind."""
    for name in ("ada", "bo", "submissions"):
        put(name)
    grade(klass)
    earlier(grades)
    (grades / "notes").mkdir()  # somebody's own
    (grades / "bo" / "Scales.html").write_text("given back")
    page = (grades / "bo" / "feedback.html").read_bytes()
    assert grade(klass / "ada").code == 0
    assert {path.name for path in grades.iterdir()} == {
        "gradebook.sqlite", "grades.csv", "class.html", "submissions", "replay", "notes",
    }  # fmt: skip
    moved = grades / "submissions"
    assert {path.name for path in moved.iterdir()} == {"ada", "bo", "submissions"}
    assert (moved / "bo" / "feedback.html").read_bytes() == page
    assert (moved / "submissions" / "result.json").is_file()


def test_a_hand_in_in_the_run_s_folder_stays(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """Of a folder with other files in it only the run's own are moved."""
    put("ada")
    grade(klass)
    earlier(grades)
    (grades / "ada" / "scales").mkdir()
    (grades / "ada" / "scales" / "scale.py").write_text("mine")
    assert grade(klass).code == 0
    assert {path.name for path in (grades / "ada").iterdir()} == {"scales"}
    assert len(list((grades / "submissions" / "ada").iterdir())) == 3


@pytest.mark.parametrize("cut_at", [1, 2, 3, 4])
def test_a_move_that_was_cut_off_goes_on(
    tmp_path: Path, cut_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it was cut off, the next one ends with every file in its place."""
    names = ["ada", "bo", "submissions"]
    for name in names:
        (tmp_path / name).mkdir()
        for file in ("result.json", "feedback.html"):
            (tmp_path / name / file).write_text(f"{name} {file}")
    (tmp_path / "bo" / "notes.txt").write_text("own")
    rename, left = Path.rename, [cut_at]

    def cut(self: Path, target: Path) -> Path:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", cut)
        with pytest.raises(KeyboardInterrupt):
            folder.move_over(tmp_path, names, [])
    folder.move_over(tmp_path, names, [])
    for name in names:
        for file in ("result.json", "feedback.html"):
            assert (folder.of(tmp_path, name) / file).read_text() == f"{name} {file}"
    assert {path.name for path in tmp_path.iterdir()} == {"bo", "submissions"}
    assert {path.name for path in (tmp_path / "bo").iterdir()} == {"notes.txt"}


def test_a_folder_that_is_as_it_should_be_is_left(tmp_path: Path) -> None:
    """Moving twice, and where nothing was marked yet, changes nothing."""
    place = folder.of(tmp_path, "ada")
    place.mkdir(parents=True)
    (place / "result.json").write_text("{}")
    folder.move_over(tmp_path, ["ada", "submissions"], [])
    assert [path.name for path in tmp_path.rglob("*")] == ["submissions", "ada", "result.json"]


@pytest.mark.parametrize("what", [".", "ada"])
def test_a_run_in_the_folder_that_it_grades_passes_its_own_files_over(
    grader: Callable[..., Said],
    toy_course: Path,
    put: Put,
    klass: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    """``grader grade .`` of a class and of one, twice: what it wrote is graded by nobody."""
    put("ada")
    put("zoe")
    monkeypatch.chdir(klass / what)
    results = []
    for _ in range(2):
        said = grader("grade", ".", "-a", toy_course, *PLAIN)
        assert said.code == 0
        assert "written to grades/" in said.err
        assert str(klass / what / "grades") in said.err.replace(str(klass / "./"), str(klass))
        results.append(said.out)
    assert results[0] == results[1]
    names = {path.name for path in Path("grades", "submissions").iterdir()}
    assert names == ({"ada", "zoe"} if what == "." else {"ada"})
    tested = grader("test", ".", "-a", toy_course, *PLAIN, "-q", "--collect-only")
    assert "grades" not in tested.out


def test_grades_are_not_written_among_what_is_graded(
    grader: Callable[..., Said], toy_course: Path, put: Put, klass: Path
) -> None:
    """A class with a submission called ``submissions`` would have its files overwritten."""
    put("submissions")
    for path in (klass, klass / "submissions"):
        said = grader("grade", path, "-a", toy_course, "-o", path, *PLAIN)
        assert said.code == 2
        assert "choose another folder with -o" in said.err
    assert {path.name for path in klass.iterdir()} == {"submissions"}
