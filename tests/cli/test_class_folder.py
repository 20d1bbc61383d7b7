"""A folder of results belongs to one class: nothing is lost, and its tables tell all of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said, table

from grader.classroom.gradebook import Gradebook
from grader.classroom.schema import VERSION

Grader = Callable[..., Said]
WRONG = "def scale_forward(x, w):\n    return x, None\n"


@pytest.fixture
def change(grader: Grader, toy_course: Path, grades: Path) -> Grader:
    """Run a command that works on stored results."""

    def run(command: str, *arguments: object) -> Said:
        return grader(command, "-a", toy_course, "-o", grades, *arguments)

    return run


def points(grades: Path, column: str = "score") -> dict[str, str]:
    return {name: row[column] for name, row in table(grades).items()}


def test_one_graded_alone_changes_one_row(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """The tables and the class page tell of all that the folder knows."""
    for name in ("ada", "bo", "cy"):
        put(name)
    grade(klass)
    before = points(grades)
    put("bo", scale=WRONG)
    said = grade("--as", "one", klass / "bo")
    after = points(grades)
    assert said.code == 0
    assert {name for name in before if before[name] != after[name]} == {"bo"}
    assert "ada" in (grades / "class.html").read_text("utf-8")


def test_another_assignment_is_refused(
    grader: Grader, grade: Grade, put: Put, klass: Path, grades: Path, assignment_folder: Path
) -> None:
    """A folder belongs to one assignment; the message names both."""
    put("ada")
    grade(klass)
    before = points(grades)
    said = grader("grade", "-a", assignment_folder, "-o", grades, *PLAIN, klass)
    assert said.code == 2
    assert "holds the results of toy, and this is" in said.err
    assert points(grades) == before


def test_a_smaller_run_replaces_nothing(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """--only of less than is there is refused; so no points are lost."""
    put("ada")
    grade(klass)
    said = grade("--only", "written", klass)
    assert (said.code, "replace without" in said.err) == (2, True)
    assert points(grades) == {"ada": "15"}


def test_one_run_at_a_time(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """A second is told who holds the folder; a holder that was killed holds nothing."""
    put("ada")
    grades.mkdir()
    program = (
        "import sys; from pathlib import Path\n"
        "from grader.classroom.gradebook import Gradebook\n"
        "from grader.classroom.lock import only_run\n"
        "folder = Path(sys.argv[1])\n"
        "with Gradebook(folder) as book, only_run(folder, book):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(grades)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    said = grade(klass)
    assert said.code == 2
    assert f"process {holder.pid} on" in said.err
    holder.kill()
    holder.communicate()
    assert grade(klass).code == 0


def test_a_gradebook_of_before_opens_with_everything_in_it(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """One without a version and without the later tables; a later one is left alone."""
    put("ada")
    grade(klass)
    path = grades / "gradebook.sqlite"
    with sqlite3.connect(path) as old:
        for name in ("owners", "answers", "adjustments", "log", "roster", "about"):
            old.execute(f"drop table {name}")
        old.execute("insert into manual values ('ada', 'q', 'f', 2, 'c')")
        old.execute("pragma user_version = 0")
    with Gradebook(grades) as opened:
        assert [mark.score for mark in opened.marks()] == [2.0]
        assert opened.submissions() == ["ada"]
    assert "1 from an earlier run" in grade(klass).err or points(grades) == {"ada": "15"}
    with sqlite3.connect(path) as newer:
        assert newer.execute("pragma user_version").fetchone() == (VERSION,)
        newer.execute(f"pragma user_version = {VERSION + 1}")
    said = grade(klass)
    assert (said.code, "written by a later grader" in said.err) == (2, True)


def test_a_broken_row_costs_a_row(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """A result that can't be read is marked again; the others stay as they are."""
    for name in ("ada", "bo"):
        put(name)
    grade(klass)
    with sqlite3.connect(grades / "gradebook.sqlite") as book:
        book.execute("update results set result = '{' where submission = 'ada'")
    assert grade(klass).code == 0
    assert points(grades) == {"ada": "15", "bo": "15"}


def test_a_damaged_gradebook_is_not_to_be_thrown_away(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """The advice keeps the file: it may hold marks."""
    put("ada")
    grade(klass)
    (grades / "gradebook.sqlite").write_bytes(b"garbage" * 1000)
    said = grade(klass)
    assert said.code == 2
    assert "keep it" in said.err
    assert "Traceback" not in said.err


def test_a_folder_that_is_gone_is_said(
    grade: Grade, put: Put, klass: Path, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removed while a run goes on: exit 2, and no word of files that were written."""
    from grader.reports import publication

    put("ada")
    real = publication.Publication.add

    def add(self, marked):
        made = real(self, marked)
        shutil.rmtree(grades)
        return made

    monkeypatch.setattr(publication.Publication, "add", add)
    said = grade(klass)
    assert said.code == 2
    assert "written to" not in said.err
    assert "was removed" in said.err


def test_nothing_gradable_is_exit_2(grade: Grade, klass: Path, grades: Path) -> None:
    """Rows that say why are kept; the exit code tells a script."""
    (klass / "a.zip").write_bytes(b"PK no")
    (klass / "b.zip").write_bytes(b"")
    said = grade(klass)
    assert (said.code, "nothing that could be graded" in said.err) == (2, True)
    assert set(points(grades)) == {"a", "b"}


def test_removing_one(grade: Grade, change: Grader, put: Put, klass: Path, grades: Path) -> None:
    """Its row, files and marks go; the others' stay; a name of nobody is told."""
    for name in ("ada", "bo"):
        put(name)
    grade(klass)
    assert change("remove", "nobody").code == 2
    assert change("remove", "ada", "--reason", "withdrew").code == 0
    assert points(grades) == {"bo": "15"}
    assert [path.name for path in (grades / "submissions").iterdir()] == ["bo"]
    with Gradebook(grades) as book:
        assert book.names() == {"bo"}
        assert [(e.what, e.submission, e.why) for e in book.logged()] == [
            ("removed", "ada", "withdrew")
        ]


def test_a_person_s_word_stays_through_a_regrade(
    grade: Grade, change: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """In the table, on the page, in the result; until it is taken back; all in the log."""
    put("ada")
    grade(klass)
    why = ("--reason", "the test was wrong")
    assert change("adjust", "ada", "--question", "decay", "--set", 2, *why).code == 0
    assert change("adjust", "*", "--bonus", 1.5, "--reason", "all for the delay").code == 0
    for _ in range(2):
        (row,) = table(grades).values()
        assert (row["score"], row["decay"], row["grade"]) == ("12", "2", "13.5")
        put("ada", scale=(klass / "ada" / "scales" / "scale.py").read_text() + "\n# later\n")
        assert grade(klass).code == 0
    page = (grades / "submissions" / "ada" / "feedback.html").read_text("utf-8")
    assert "the test was wrong" in page
    assert "Bonus of 1.5 points" in page
    told = json.loads((grades / "submissions" / "ada" / "result.json").read_text())
    assert told["grade"]["points"] == 13.5
    log = change("adjust", "--log").out
    assert "set 2" in log
    assert "all for the delay" in log
    id = log.splitlines()[0].partition("(")[2].partition(")")[0]
    assert change("adjust", "--undo", id).code == 0
    assert points(grades) == {"ada": "15"}
    for wrong in (
        ("ada", "--set", 1),
        ("ada", "--reason", "x"),
        ("nobody", "--set", 1, *why),
        ("ada", "--question", "none", "--set", 1, *why),
        ("ada", "--question", "decay/none", "--set", 1, *why),
        ("ada", "--exempt", *why),
        ("--undo", "c000"),
    ):
        assert change("adjust", *wrong).code == 2, wrong


def test_rules_tell_a_class_anew_without_its_code(
    grade: Grade, change: Grader, put: Put, klass: Path, grades: Path
) -> None:
    """Other points, a check that is dropped, lateness: told from what is stored."""
    put("ada", scale=WRONG)
    put("bo")
    grade(klass)
    before = points(grades)
    shutil.rmtree(klass)  # nothing is read of what was handed in
    rules = grades.parent / "policy.toml"
    rules.write_text('bonus = 1\n[points]\n"decay" = 10\n')
    assert change("report").code == 0
    assert {n: float(p) - float(before[n]) for n, p in points(grades).items()} == {
        "ada": 5.0, "bo": 5.0,
    }  # fmt: skip
    rules.unlink()
    assert change("report").code == 0
    assert points(grades) == before


def test_a_roster_names_the_class(
    grade: Grade, change: Grader, put: Put, klass: Path, grades: Path, tmp_path: Path
) -> None:
    """Names, ids and sections in the instructor's tables, and who handed in nothing; on no page
    of a student's is anybody else."""
    put("Ada Lovelace")
    put("S002")
    put("stranger")
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "name,student_id,email,section\nAda Lovelace,S001,ada@example.edu,1\n"
        "Bo Ek,S002,bo@example.edu,1\nCy Young,S003,cy@example.edu,2\n"
    )
    assert grade("--roster", roster, klass).code == 0
    rows = table(grades)
    assert rows["S002"]["name"] == "Bo Ek"
    assert rows["Ada Lovelace"]["id"] == "S001"
    assert (rows[""]["name"], rows[""]["status"]) == ("Cy Young", "nothing_handed_in")
    page = (grades / "class.html").read_text("utf-8")
    assert "1 person has handed in nothing" in " ".join(page.split())
    for path in (grades / "submissions").rglob("*.*"):
        text = path.read_text("utf-8")
        others = {"Ada Lovelace", "Bo Ek", "Cy Young", "S001", "example.edu"} - {path.parent.name}
        assert not any(other in text for other in others), path
    said = change("report")
    assert "on no roster: stranger" in said.err
    assert "handed in nothing: Cy Young" in said.err


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full", ">&-", ">/dev/full", "2>&1 | head -c 1"])
def test_closed_and_full_outputs_cost_no_results(
    toy_course: Path, put: Put, klass: Path, grades: Path, how: str
) -> None:
    """Progress and data may have nowhere to go: everything is graded and written all the same."""
    if "/dev/full" in how and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    put("ada")
    put("bo")
    words = [sys.executable, "-m", "grader", "grade", "-a", toy_course, "-o", grades, *PLAIN, klass]
    command = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} {how}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
        check=False,
    )
    assert points(grades) == {"ada": "15", "bo": "15"}
    assert "Traceback" not in done.stderr
    # Data that a full disk doesn't take is a fault; a reader that has gone is none.
    assert done.returncode == (2 if how == ">/dev/full" else 0), (done.returncode, done.stderr)


def test_what_a_run_changed_is_told(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """For whom, which question, from what to what, and why; a rerun of the same changes nothing."""
    put("ada")
    put("bo")
    grade(klass)
    put("bo", scale=WRONG)
    said = grade(klass)
    assert "1 result differs from the run before" in said.err
    assert "bo: 15 → 5 (another hand-in)" in said.err
    text = (grades / "changes.csv").read_text("utf-8-sig")
    assert '"bo","scale-forward","4 passed","0 failed","another hand-in"' in text
    assert "differ" not in grade(klass).err


def test_a_person_works_beside_a_run(
    grade: Grade,
    change: Grader,
    put: Put,
    klass: Path,
    grades: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Points that are changed while a run goes on are in all that it writes at its end."""
    from grader.reports import publication

    put("ada")
    put("bo")
    grade(klass)
    real = publication.Publication.add

    def add(self, marked):
        made = real(self, marked)
        if made["submission"] == "ada":
            said = change("adjust", "ada", "--set", 3, "--reason", "as agreed")
            assert said.code == 0, said.err
        return made

    monkeypatch.setattr(publication.Publication, "add", add)
    assert grade(klass).code == 0
    assert points(grades, "grade") == {"ada": "3", "bo": "15"}
    page = (grades / "submissions" / "ada" / "feedback.html").read_text("utf-8")
    assert "as agreed" in page
