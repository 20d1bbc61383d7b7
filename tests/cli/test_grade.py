"""``grader grade`` from end to end: rows, files, streams, exit codes."""

import json
import pkgutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest_cli import Grade, Put, Said, table

from grader.classroom import run
from grader.marking import looking
from grader.marking.marker import Marker
from grader.sandbox import Fault, Session
from grader.sandbox.host.forkserver import ForkServer

LOOP = "def decay(w, dw, config=None):\n    while True: pass\n"
EXIT = "import os\nos._exit(0)\n"
NAN = "import numpy as np\ndef decay(w, dw, config=None):\n    return w * np.nan, config\n"
FULL = {"scale-forward": "4", "scale-backward": "6", "decay": "5"}
EMPTY = dict.fromkeys(FULL, "")


def cells(row: dict[str, str]) -> dict[str, str]:
    return {name: row[name] for name in FULL}


def strict(text: str) -> Any:
    """Parse JSON as other programs do: there is no NaN in it."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def stable(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without its times."""
    return {k: v for k, v in result.items() if k not in ("started", "seconds")}


def results(grades: Path) -> dict[str, dict[str, Any]]:
    found = [strict(path.read_text("utf-8")) for path in grades.glob("submissions/*/result.json")]
    return {result["submission"]: stable(result) for result in found}


def test_a_kernel_that_is_not_to_be_had_ends_the_run(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """Exit code 2, before anything is marked, and one line that says what to do."""
    put("ada")
    said = grade(klass, "--engine", "kernel")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].endswith("or grade with --engine cells.")
    assert not list(grades.glob("submissions/*/result.json"))


def test_another_engine_is_another_run(
    grade: Grade, put: Put, klass: Path, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one engine marked is kept for that engine, and marked anew for the other."""
    monkeypatch.setattr("grader.sandbox.Sandbox.try_kernel", lambda self: None)
    put("ada")
    kept = []
    for name in ("cells", "kernel", "kernel"):
        kept.append("(kept)" in grade(klass, "--engine", name).err)
        (result,) = results(grades).values()
        assert result["engine"] == name
    assert kept == [False, False, True]


# --- Rows ----------------------------------------------------------------------------------------


def test_every_bad_input_has_its_row(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """Each kind of damage costs what it must, and stops no other submission."""
    put("ada")
    put("Zoë Müller (late)")
    put("two packages/a")
    put("two packages/b")
    put("broken notebook")
    (klass / "broken notebook" / "Scales.ipynb").write_text("{broken")
    put("not utf-8", steps="# größer\n".encode("latin-1"))
    put("folder for a file")
    (klass / "folder for a file" / "scales" / "steps.py").unlink()
    (klass / "folder for a file" / "scales" / "steps.py").mkdir()
    put("syntax", steps="def decay(:\n")
    put("loop", steps=LOOP)
    put("exit", steps=EXIT)
    (klass / "nothing").mkdir()
    (klass / "no package").mkdir()
    (klass / "no package" / "essay.txt").write_text("x")
    (klass / "notes.txt").write_text("a file in place of a folder")
    (klass / "damaged.zip").write_bytes(b"PK\x03\x04 cut off")
    with zipfile.ZipFile(klass / "empty.zip", "w"):
        pass
    with zipfile.ZipFile(klass / "ada.zip", "w") as outer:  # the same name as the folder
        with zipfile.ZipFile(klass.parent / "inner.zip", "w") as inner:
            for path in sorted((klass / "ada").rglob("*.py")):
                inner.write(path, f"work/{path.relative_to(klass / 'ada')}")
        outer.write(klass.parent / "inner.zip", "inner.zip")

    said = grade(klass)
    rows = table(grades)
    assert said.code == 0
    no_steps = {**FULL, "decay": "0"}
    assert {name: cells(row) for name, row in rows.items() if row["status"] == "graded"} == {
        "ada": FULL,
        "ada (2)": FULL,
        "Zoë Müller (late)": FULL,
        "broken notebook": FULL,
        "not utf-8": no_steps,
        "folder for a file": no_steps,
        "syntax": no_steps,
        "loop": no_steps,
        "exit": no_steps,
    }
    unreadable = {name for name, row in rows.items() if row["status"] == "unreadable"}
    assert unreadable == {
        "two packages", "nothing", "no package", "notes.txt", "damaged", "empty",
    }  # fmt: skip
    for name in unreadable:
        assert (rows[name]["score"], cells(rows[name])) == ("0", EMPTY)
        (line,) = [line for line in said.err.splitlines() if f"] {name}  unreadable: " in line]
        assert line.rpartition("unreadable: ")[2]
    assert len(rows) == len(list(klass.iterdir())) == len(results(grades))


def test_no_cell_begins_a_formula(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """A spreadsheet takes no name for a formula, a wide sign's included."""
    for name in ("=1+1", "+1", "-1", "@x", "＝1+1", "\t=1"):
        put(name)
    grade(klass)
    assert sorted(table(grades)) == ["'+1", "'-1", "'=1+1", "'@x", "'＝1+1", "_=1"]


def test_a_class_leaves_its_files(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """The table, the page, the gradebook, what replays need, and three files of each submission."""
    put("ada")
    put("bo", steps=EXIT)
    assert grade(klass).code == 0
    files = {str(path.relative_to(grades)) for path in grades.rglob("*") if path.is_file()}
    replay = {file for file in files if file.startswith("replay/")}
    assert len([file for file in replay if file.startswith("replay/hand-ins/")]) == 2
    assert {file.rpartition("/")[2] for file in replay if file.startswith("replay/keys/")} == {
        "dependence.json", "key.bin", "key.json", "probes.json",
    }  # fmt: skip
    assert files - replay == {
        "grades.csv", "class.html", "gradebook.sqlite",
        *(
            f"submissions/{n}/{f}"
            for n in ("ada", "bo")
            for f in ("result.json", "feedback.html", "index.html")
        ),
    }  # fmt: skip


def test_grades_in_the_class_s_folder_are_no_submission(
    grader: Callable[..., Said], toy_course: Path, put: Put, klass: Path
) -> None:
    """A second run doesn't take the first one's output for a hand-in."""
    put("ada")
    for _ in range(2):
        output = klass / "grades"
        said = grader(
            "grade", klass, "-a", toy_course, "-o", output, "--isolation", "process",
            "--allow-unsandboxed",
        )  # fmt: skip
        assert said.code == 0
        assert list(table(output)) == ["ada"]


def test_one_or_a_class_can_be_said(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """The run says what it took the path for, and how to say otherwise."""
    put("work")
    assert "a class of 1 submissions (say --as one" in grade(klass).err
    assert list(table(grades)) == ["work"]
    assert "one submission (say --as class" in grade(klass, "--as", "one").err
    assert list(table(grades)) == ["class", "work"], "what a folder knows, its table tells"


# --- Streams and exit codes ----------------------------------------------------------------------


def test_stdout_is_data_and_stderr_is_messages(grade: Grade, put: Put, klass: Path) -> None:
    """A line a submission on stdout; what happens meanwhile on stderr."""
    put("ada")
    put("bo", steps="")
    said = grade(klass)
    assert said.out.splitlines() == ["ada      15 / 15  graded", "bo       10 / 15  graded"]
    assert "isolation: process" in said.err
    assert "[2/2] bo  10/15" in said.err


def test_one_submission_is_told_in_full(grade: Grade, put: Put) -> None:
    """A run on one submission prints its questions and what to look at first."""
    said = grade(put("ada", steps=EXIT))
    assert said.code == 0
    assert said.out.startswith("ada: 10 of 15 points")
    assert "A step with decay" in said.out


def test_json_is_a_line_a_submission(grade: Grade, put: Put, klass: Path, grades: Path) -> None:
    """Every result as strict JSON, whatever the numbers in it are, and nothing else on stdout."""
    put("ada")
    put("nan", steps=NAN)
    (klass / "empty").mkdir()
    said = grade(klass, "--json")
    lines = [strict(line) for line in said.out.splitlines()]
    assert {line["submission"]: stable(line) for line in lines} == results(grades)
    assert [line["submission"] for line in lines] == ["ada", "empty", "nan"]


def test_quiet_says_nothing(grade: Grade, put: Put, klass: Path) -> None:
    """With --quiet only the data is left."""
    put("ada")
    said = grade(klass, "-q")
    assert (said.code, said.err) == (0, "")
    assert said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere doesn't exist"),
        (["--notebook", "Novel"], "there is no notebook Novel: the manifest has Scales"),
        (["--key", "nowhere"], "there is no key in nowhere"),
        (["--isolation", "magic"], "There is no isolation level 'magic'"),
        (["-a", "nowhere"], "nowhere has no assignment.toml"),
        (["-o", "a file"], "choose another folder with -o"),
        (["--as", "two"], "invalid choice: 'two'"),
        (["--leaderboard"], "write `leaderboard = true` under the [question.training] of one"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    grade: Grade, put: Put, klass: Path, arguments: list[str], message: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Exit code 2, what is wrong and the way out; no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").write_text("x")
    put("ada")
    said = grade(*([] if arguments == ["nowhere"] else [klass]), *arguments)
    assert (said.code, said.out) == (2, "")
    assert message in said.err.splitlines()[-1]


def test_levels_that_hold_nothing_back_need_a_word(
    grader: Callable[..., Said], toy_course: Path, put: Put, grades: Path
) -> None:
    """``process`` and ``none`` grade nobody unless the instructor says so."""
    ada = put("ada")
    for level in ("process", "none"):
        said = grader("grade", ada, "-a", toy_course, "-o", grades, "--isolation", level)
        assert said.code == 2
        assert "--allow-unsandboxed" in said.err
    assert not (grades / "grades.csv").exists()


@pytest.mark.parametrize("fault", ["fault", "mistake", "reading"])
def test_the_grader_s_own_failure_is_not_the_student_s(
    grade: Grade, put: Put, klass: Path, grades: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3, an empty cell, the other submissions graded; the next run marks it again."""
    for name in ("ada", "bo", "cy"):
        put(name)

    def on_bo(function: Callable[..., Any], error: Exception) -> Callable[..., Any]:
        def wrong(*arguments: Any, **options: Any) -> Any:
            named = [getattr(argument, "name", "") for argument in arguments]
            if "bo" in named:
                raise error
            return function(*arguments, **options)

        return wrong

    with monkeypatch.context() as patch:
        if fault == "mistake":
            patch.setattr(Marker, "mark", on_bo(Marker.mark, ZeroDivisionError("oops")))
        elif fault == "reading":
            from grader.classroom import worker

            patch.setattr(
                worker, "read_submission", on_bo(worker.read_submission, ZeroDivisionError("oops"))
            )
        else:
            asked = Session.ask
            count = iter(range(1000))

            def ask(self: Session, *arguments: Any, **options: Any) -> Any:
                if next(count) == 4:  # the second question of the second submission
                    raise Fault("the machine is out of processes")
                return asked(self, *arguments, **options)

            patch.setattr(Session, "ask", ask)
        said = grade(klass)
    assert said.code == 3
    rows = table(grades)
    assert {name: row["status"] for name, row in rows.items()} == {
        "ada": "graded", "bo": "not_graded", "cy": "graded",
    }  # fmt: skip
    lost = {**FULL, "scale-backward": ""} if fault == "fault" else EMPTY
    assert cells(rows["bo"]) == lost
    notes = [note for q in results(grades)["bo"]["questions"] for note in q["notes"]]
    assert any("oops" in note or "out of processes" in note for note in notes)

    again = grade(klass)
    assert again.code == 0
    assert cells(table(grades)["bo"]) == FULL
    assert again.err.count("(kept)") == 2


def test_a_fork_server_that_is_killed_costs_nobody_anything(
    grade: Grade, put: Put, klass: Path, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started again, and the submission that it died in is marked anew."""
    for name in ("ada", "bo", "cy"):
        put(name)
    asked, count = Session.ask, iter(range(1000))

    def ask(self: Session, *arguments: Any, **options: Any) -> Any:
        if next(count) == 4:  # the second question of the second submission
            server = self._process._start.__closure__  # the sandbox's own function has it
            assert server is not None
            found = [cell.cell_contents for cell in server]
            (process,) = [item._process for item in found if isinstance(item, ForkServer)]
            process.kill()
            process.wait()
        return asked(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "ask", ask)
        assert grade(klass, "--isolation", "landlock+seccomp").code == 0
    assert all(cells(row) == FULL for row in table(grades).values())
    assert set(table(grades)) == {"ada", "bo", "cy"}
    assert next(count) > 9  # bo was asked again


@pytest.mark.parametrize("where", ["judge", "marker", "page"])
def test_a_fault_of_the_grader_keeps_its_traceback(
    grade: Grade, put: Put, klass: Path, grades: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs its own submission; ``errors.log`` has the traceback, and stderr says so."""
    for name in ("ada", "bo", "cy"):
        put(name, **({"steps": ""} if name == "bo" else {}))

    def failing(function: Callable[..., Any]) -> Callable[..., Any]:
        def fails_for_bo(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            of_bo = {
                "judge": lambda: not made.passed,
                "marker": lambda: arguments[1].name == "bo",
                "page": lambda: arguments[0]["submission"] == "bo",
            }
            if of_bo[where]():
                raise ZeroDivisionError("oops \x1b[31m")
            return made

        return fails_for_bo

    place = {
        "judge": "grader.marking.looking.judge",
        "marker": "grader.marking.marker.Marker.mark",
        "page": "grader.reports.pages.feedback",
    }[where]
    with monkeypatch.context() as patch:
        patch.setattr(place, failing(pkgutil.resolve_name(place)))
        said = grade(klass, "-q")
    statuses = {name: row["status"] for name, row in table(grades).items()}
    fate = "graded" if where == "page" else "not_graded"
    assert statuses == {"ada": "graded", "bo": fate, "cy": "graded"}
    assert said.code == (0 if where == "page" else 3)
    log = (grades / "errors.log").read_text("utf-8")
    assert log.count("Traceback (most recent call last)") == 1
    assert log.splitlines()[0].endswith(": bo")
    assert "in fails_for_bo" in log
    assert "ZeroDivisionError: oops" in log
    assert "\x1b" not in log
    assert f"failed on bo: {grades / 'errors.log'}" in said.err

    again = grade(klass)
    assert (again.code, "failed on" in again.err) == (0, False)
    assert (grades / "errors.log").read_text("utf-8") == log


# --- Again ---------------------------------------------------------------------------------------


def kept(said: Said) -> set[str]:
    return {line.split()[1] for line in said.err.splitlines() if line.endswith("(kept)")}


def test_the_same_command_goes_on(
    grade: Grade, put: Put, klass: Path, toy_course: Path, grades: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What was marked is kept while content, key and grader are the same."""
    put("ada")
    put("bo", steps="")
    first = grade(klass)
    before = results(grades)
    assert kept(first) == set()
    again = grade(klass)
    assert (kept(again), again.out, results(grades)) == ({"ada", "bo"}, first.out, before)

    put("bo")
    put("cy")
    changed = grade(klass)
    assert kept(changed) == {"ada"}
    assert cells(table(grades)["bo"]) == FULL

    from grader.authoring import building

    building.own_key(toy_course, tmp_path / "key", "a seed of sixteen letters")
    assert kept(grade(klass, "--key", tmp_path / "key")) == set()
    assert kept(grade(klass, "--key", tmp_path / "key")) == {"ada", "bo", "cy"}
    monkeypatch.setattr(run, "__version__", "99")
    assert kept(grade(klass, "--key", tmp_path / "key")) == set()


def test_two_processes_find_what_one_finds(
    grade: Grade, put: Put, klass: Path, grades: Path
) -> None:
    """-j changes the time and nothing else, the order of the rows included."""
    for name in ("ada", "bo", "cy", "di"):
        put(name, **({"steps": EXIT} if name == "cy" else {}))
    (klass / "empty").mkdir()
    one = grade(klass)
    first, rows = results(grades), (grades / "grades.csv").read_text()
    (grades / "gradebook.sqlite").unlink()
    two = grade(klass, "-j", "2")
    assert (two.code, two.out) == (one.code, one.out)
    assert results(grades) == first
    assert (grades / "grades.csv").read_text() == rows
    assert kept(two) == set()


# --- Trouble on the disk -------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["result.json", "feedback.html"])
def test_a_file_that_cannot_be_written_costs_its_submission(
    grade: Grade, put: Put, klass: Path, grades: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody is marked and told; ``errors.log`` says which file, and the exit code is 3."""
    for name in ("ada", "bo", "cy"):
        put(name)
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if lost in self.name and self.parent.name == "bo":
            raise OSError(28, "No space left on device", str(self))
        return write(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        said = grade(klass)
    assert said.code == 3
    assert f"failed on bo: {grades / 'errors.log'}" in said.err
    log = (grades / "errors.log").read_text("utf-8")
    assert f"{lost} can't be written (No space left on device)" in log
    assert {cells(row)["decay"] for row in table(grades).values()} == {"5"}
    told = results(grades)
    assert set(told) == {"ada", "bo", "cy"} - ({"bo"} if lost == "result.json" else set())
    assert [name for name, result in told.items() if result["notes"]] == (
        ["bo"] if "bo" in told else []
    )
    again = grade(klass)
    assert (again.code, kept(again)) == (0, {"ada", "bo", "cy"})
    assert results(grades)["bo"]["notes"] == []


def test_a_judge_that_raises_costs_its_check(
    grade: Grade, put: Put, klass: Path, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One check is an error, with its traceback kept; all others count, for that hand-in too."""
    put("ada")
    put("bo", steps="def decay(w, dw, config=None):\n    return w - 3, config\n")
    before = grade(klass)
    assert before.code == 0
    ((lost, whole),) = [
        (next(c["id"] for c in checks if c["max_score"]), sum(c["max_score"] for c in checks))
        for result in [results(grades)["ada"]]
        for checks in [q["checks"] for q in result["questions"] if q["id"] == "scale-forward"]
    ]
    judge = looking.judge

    def raises(check: Any, *rest: Any) -> Any:
        if check.id == lost:
            raise OverflowError("int too large to convert to float")
        return judge(check, *rest)

    (grades / "gradebook.sqlite").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(looking, "judge", raises)
        said = grade(klass)
    assert said.code == 3
    assert "failed on ada, bo" in said.err
    assert "OverflowError: int too large" in (grades / "errors.log").read_text("utf-8")
    for name, result in results(grades).items():
        checks = {c["id"]: c for q in result["questions"] for c in q["checks"]}
        assert [id for id, check in checks.items() if check["status"] == "error"] == [lost]
        assert checks[lost]["score"] == 0
        assert "not your fault" in checks[lost]["message"]
        forward = next(q for q in result["questions"] if q["id"] == "scale-forward")
        assert forward["score"] == whole - checks[lost]["max_score"]
        decay = next(q for q in result["questions"] if q["id"] == "decay")
        assert decay["status"] == {"ada": "passed", "bo": "failed"}[name]
    again = grade(klass)
    assert (again.code, kept(again)) == (0, set())
    assert results(grades)["ada"]["score"] == 15


@pytest.mark.parametrize("full_at", ["errors.log", "grades.csv", "class.html"])
def test_a_full_disk_loses_nothing(
    grade: Grade, put: Put, klass: Path, grades: Path, full_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says which file; what was marked is in the gradebook; the same command goes on."""
    put("ada")
    put("bo")
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if full_at in self.name or (full_at == "errors.log" and "feedback" in self.name):
            write(self, data[: len(data) // 2])
            raise OSError(28, "No space left on device", str(self))
        return write(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        if full_at == "errors.log":
            (grades / full_at).mkdir(parents=True)
        said = grade(klass)
    assert (said.code, said.out) == (2, "")
    reason = "Is a directory" if full_at == "errors.log" else "No space left on device"
    assert f"can't be written ({reason}): free some space" in said.err
    assert not list(grades.rglob("*.part"))
    again = grade(klass)
    assert again.code == 0
    assert kept(again) >= {"ada"}
    assert set(table(grades)) == {"ada", "bo"}


def test_a_run_that_stops_keeps_the_rows_of_the_one_before(
    grade: Grade, put: Put, klass: Path, grades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table doesn't shrink because a second run was cut off."""
    for name in ("ada", "bo"):
        put(name)
    grade(klass)
    for name in ("ada", "bo"):
        put(name, steps="")
    mark = Marker.mark

    def stopped(self: Marker, submission: Any, *rest: Any) -> Any:
        if submission.name == "bo":
            raise KeyboardInterrupt
        return mark(self, submission, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Marker, "mark", stopped)
        assert grade(klass).code == 130
    assert {name: row["score"] for name, row in table(grades).items()} == {"ada": "10", "bo": "15"}


@pytest.mark.parametrize("damage", ["no database", "a page", "a table"])
def test_a_damaged_gradebook_says_what_to_do(
    grade: Grade, put: Put, klass: Path, grades: Path, damage: str
) -> None:
    """Nothing is overwritten: one line names the file, and keeps it."""
    put("ada")
    grade(klass)
    book = grades / "gradebook.sqlite"
    data = book.read_bytes()
    if damage == "no database":
        book.write_bytes(b"my diary" * 1000)
    elif damage == "a page":
        book.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    else:
        with sqlite3.connect(book) as database:
            database.execute("alter table results rename column content to other")
        database.close()
    before = book.read_bytes()
    said = grade(klass)
    assert said.code == 2
    assert "gradebook.sqlite" in said.err.splitlines()[-1]
    assert "keep it" in said.err, "it may hold marks that stand nowhere else"
    assert book.read_bytes() == before
    book.unlink()
    assert grade(klass).code == 0
