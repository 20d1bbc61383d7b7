"""Every target gets the numbers that were marked, in the form that its importer reads."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import downloads
import jsonschema
import pytest
from conftest_exports import Graded, canvas_id, moodle_id, table
from downloads import CLASS

from grader.classroom.gradebook import Gradebook
from grader.classroom.overrides import change_points
from grader.classroom.steps import Steps
from grader.cli import main
from grader.cli.stored_options import TARGETS as OFFERED
from grader.exports import TARGETS
from grader.key.sources import manifest
from grader.submissions import find, read_submission

Export = Callable[..., Path]


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def by_name(numbers: dict[str, float]) -> dict[int, float]:
    """Return numbers by the student's number instead of the submission's name."""
    found = {}
    for name, number in numbers.items():
        if match := re.search(r"_1(\d{3})$", name):
            found[int(match[1])] = number
    return found


def test_each_layout_holds_the_same_24(
    graded: Graded, work: downloads.Work, tmp_path: Path
) -> None:
    """What is read of each student is the same to the byte in every layout: so are the grades."""
    assignment = manifest(graded.course)
    with Gradebook(graded.folder) as book:
        contents = book.contents()
    assert len(contents) == 25
    expected = sorted(contents[n] for n in contents if re.search(r"_1\d{3}$", n))
    for name, (make, _) in downloads.LAYOUTS.items():
        for path, data in make(work).items():
            place = tmp_path / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        found = []
        for place in find([tmp_path / name], assignment).places:
            if "somebody" not in place.name:
                found.append(read_submission(place, assignment).content)
        assert sorted(found) == expected, name


def test_the_scores_are_what_was_handed_in(graded: Graded) -> None:
    """Right, wrong and missing work differ: a test of equal numbers shows something."""
    assert len(set(graded.scores.values())) >= 4
    assert len(graded.scores) == 24


def canvas_export(marks: dict[int, str], *, sign: str = ",", possible: str = "15") -> str:
    """Return a gradebook as Canvas exports it."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Scales and steps (777)",
            "Other (778)", "Current Score"]  # fmt: skip
    lines = [head, ["    Points Possible", "", "", "", "", possible, "10", "(read only)"]]
    lines += [
        [f"{s.last}, {s.first}", canvas_id(s), s.id, s.user, "Sec 1", marks.get(s.number, ""), "5",
         "50"]
        for s in CLASS
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows(
        [*lines, ["Absent, Zed", "9999", "z", "zed", "Sec 1", "3", "", ""]]
    )
    return "\ufeff" + text.getvalue()


def canvas_import(path: Path, sign: str = ",") -> dict[int, str]:
    """Read a file by the rules of Canvas's importer; return the scores of the one assignment."""
    lines = list(csv.reader(io.StringIO(path.read_text("utf-8")), delimiter=sign))
    head = [cell.lstrip("\ufeff") for cell in lines[0]]
    assert len(head) > 3
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert "Section" in head[-2]
    assert re.search(r"\(777\)$", head[-1])
    assert "Points Possible" in lines[1][0]
    assert all(line[-1].strip() not in ("", "-") for line in lines[2:])
    return {int(line[1]) - 1000: line[-1] for line in lines[2:]}


def test_canvas(export: Export, graded: Graded, tmp_path: Path) -> None:
    """The instructor's own export, filled in; those unchanged and absent are no rows."""
    (tmp_path / "in.csv").write_text(canvas_export({}), "utf-8")
    sent = canvas_import(export("canvas", "--into", tmp_path / "in.csv"))
    assert {n: float(score) for n, score in sent.items()} == graded.scores
    marks = {n: f"{score:g}" for n, score in graded.scores.items()} | {4: "1", 5: "EX"}
    (tmp_path / "in.csv").write_text(canvas_export(marks, sign=";"), "utf-8")
    sent = canvas_import(export("canvas", "--into", tmp_path / "in.csv"), ";")
    assert set(sent) == {4, 5}
    (tmp_path / "in.csv").write_text(canvas_export({}, possible="30"), "utf-8")
    sent = canvas_import(export("canvas", "--into", tmp_path / "in.csv", "--scale"))
    assert {n: float(score) / 2 for n, score in sent.items()} == graded.scores


def test_a_gradebook_with_rows_about_its_columns(
    export: Export, graded: Graded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blank lines and a row about posting are nobody's; whom Canvas doesn't ask gets nothing."""
    head, possible, *people = canvas_export({3: "N/A", 5: "EX"}).splitlines()
    posting = ",,,,,Manual Posting,,"
    text = "\n".join(["", head, "", posting, possible, *people, ""])
    (tmp_path / "in.csv").write_text(text, "utf-8")
    path = export("canvas", "--into", tmp_path / "in.csv", "--to", tmp_path / "up.csv")
    assert not path.exists()
    sent = canvas_import(tmp_path / "up.csv")
    assert {n: float(score) for n, score in sent.items()} == {
        number: score for number, score in graded.scores.items() if number != 3
    }


def test_canvas_refuses_what_it_can_t_fill_in(export: Export, tmp_path: Path) -> None:
    """No table, no such column, a table of something else, or the same file to write to."""
    export("canvas", code=2)
    (tmp_path / "in.csv").write_text(canvas_export({}), "utf-8")
    export("canvas", "--into", tmp_path / "in.csv", "--column", "HW 9", code=2)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    export("canvas", "--into", tmp_path / "other.csv", code=2)
    export("canvas", "--into", tmp_path / "in.csv", "--to", tmp_path / "in.csv", code=2)


def moodle_worksheet(grade: str = "Grade") -> str:
    """Return a worksheet as Moodle exports it."""
    head = ["Identifier", "Full name", "Email address", "Status", grade, "Maximum grade",
            "Grade can be changed", "Last modified (submission)", "Last modified (grade)",
            "Feedback comments"]  # fmt: skip
    return "\ufeff" + table(
        [
            head,
            *(
                [f"Participant {moodle_id(s)}", s.name, s.email, "Submitted for grading - ",
                 "1.00" if s.number == 4 else "", "15.00", "No" if s.number == 6 else "Yes",
                 "Wednesday, 10 June 2026, 2:14 PM", "-", ""]
                for s in CLASS
            ),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("column", ["Grade", "Arvosana"])
def test_moodle(export: Export, graded: Graded, tmp_path: Path, column: str) -> None:
    """The instructor's own worksheet, filled in, in whatever language the site is."""
    (tmp_path / "in.csv").write_text(moodle_worksheet(column), "utf-8")
    if column != "Grade":
        export("moodle", "--into", tmp_path / "in.csv", code=2)
    sent = export("moodle", "--into", tmp_path / "in.csv", "--column", column)
    assert sent.read_bytes().startswith(b"\xef\xbb\xbf")
    found = rows(sent)
    # What the importer requires, as it stood there.
    assert {"Identifier", "Last modified (grade)", column} <= set(found[0])
    assert {row["Last modified (grade)"] for row in found} == {"-"}
    told = {int(row["Identifier"].split()[1]) - 500: float(row[column]) for row in found}
    assert told == {n: score for n, score in graded.scores.items() if n != 6}


def test_feedback_for_moodle_goes_back_as_it_came(export: Export) -> None:
    """Moodle's reader splits at the first four signs: name, number, type, plugin."""
    with zipfile.ZipFile(export("moodle-feedback")) as archive:
        names = archive.namelist()
        assert archive.read(names[0]).lstrip().startswith(b"<!doctype html>")
    assert len(names) == 24
    for name in names:
        _, id, kind, plugin, rest = name.split("_", 4)
        assert (id.isdigit(), kind, plugin) == (True, "assignsubmission", "file")
        assert rest == "/feedback.html"


def test_feedback_for_canvas_goes_back_as_it_came(export: Export) -> None:
    """The user's and the attachment's ids stand in each name; each page is its owner's own."""
    with zipfile.ZipFile(export("canvas-feedback")) as archive:
        names = archive.namelist()
        found = {}
        for name in names:
            match = re.match(r"\w+_(\d+)_(\d+)_feedback\.html$", name)
            assert match is not None
            found[int(match[1]) - 1000] = archive.read(name).decode()
    assert set(found) == {student.number for student in CLASS}
    assert "_1004" in found[4]
    assert not any(f"_1{n:03d}" in found[4] for n in range(24) if n != 4)


def test_what_is_open_waits_and_who_is_excused_has_no_zero(
    graded: Graded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every target that is a grade; `--partial` sends what is open."""
    folder = tmp_path / "grades"
    shutil.copytree(graded.folder, folder)
    with Gradebook(folder) as book:
        names = {name[-4:]: name for name in book.submissions()}
        (result,) = book.results([names["1003"]])
        book.save({**result, "pending": 3.0}, ["Scales", "code"])
    with Steps(folder) as steps:
        change_points(steps, names["1000"], "", "excuse", 0.0, "r")

    def sent(target: str, *more: str) -> tuple[str, str]:
        to = tmp_path / target
        words = ["export", target, "-a", graded.course, "-o", folder, "--to", to, *more]
        capsys.readouterr()
        assert main([str(word) for word in words]) == 0
        files = to.rglob("*.json") if to.is_dir() else [to]
        return "".join(f"{f} {f.read_text('utf-8')}" for f in files), capsys.readouterr().err

    for target in ("csv", "json", "otter", "nbgrader", "gradescope", "classroom50", "prairielearn"):
        text, said = sent(target)
        who = "user3," if target == "nbgrader" else names["1003"]
        assert who not in text, target
        assert "1 left out, since points of theirs are open" in said, target
        if target == "nbgrader":
            assert "user0," not in text
            assert f"excused, and left out: {names['1000']}" in said
        shutil.rmtree(tmp_path / target, ignore_errors=True)
        assert who in sent(target, "--partial")[0], target


def documents(folder: Path, name: str) -> dict[str, Any]:
    return {path.parent.name: json.loads(path.read_text()) for path in folder.glob(f"*/{name}")}


GRADESCOPE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
        "visibility": {"$ref": "#/$defs/visibility"},
        "stdout_visibility": {"$ref": "#/$defs/visibility"},
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "visibility": {"$ref": "#/$defs/visibility"},
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
    "$defs": {"visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]}},
}


def test_gradescope(export: Export, graded: Graded) -> None:
    """The specification's fields, and a score that is the sum of the tests."""
    found = documents(export("gradescope"), "results.json")
    for document in found.values():
        jsonschema.validate(document, GRADESCOPE)
        assert sum(test["score"] for test in document["tests"]) == document["score"]
    assert by_name({name: d["score"] for name, d in found.items()}) == graded.scores


def test_feedback_has_levels_and_times(export: Export) -> None:
    """All, one's own exceptions, or nothing; at once or later."""
    said = {}
    for level in ("all", "own", "none"):
        found = documents(export("gradescope", "--feedback", level), "results.json")
        said[level] = "".join(t["output"] for d in found.values() for t in d["tests"])
        seen = {t["visibility"] for d in found.values() for t in d["tests"]}
        assert seen == ({"hidden"} if level == "none" else {"visible"})
    assert len(said["all"]) > len(said["own"]) >= len(said["none"]) == 0
    for after, visibility in (("due", "after_due_date"), ("published", "after_published")):
        (one, *_) = documents(export("gradescope", "--after", after), "results.json").values()
        assert one["visibility"] == visibility


CLASSROOM50 = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schema", "classroom", "assignment", "assignment_type", "owner", "submission",
                 "commit", "release", "review", "datetime", "score", "max-score", "tests"],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        "assignment_type": {"enum": ["individual", "group", "team"]},
        **{name: {"type": "string"} for name in
           ("classroom", "assignment", "owner", "submission", "commit", "release", "review",
            "datetime", "graded_at")},
        "score": {"type": "integer", "minimum": 0},
        "max-score": {"type": "integer", "minimum": 0},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": {"type": "string"},
                    "passed": {"type": "boolean"},
                    "score": {"type": "integer", "minimum": 0},
                    "max-score": {"type": "integer", "minimum": 0},
                },
            },
        },
    },
}  # fmt: skip


def test_classroom50(export: Export, graded: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers in the share that was scored; the runner's environment names the rest."""
    monkeypatch.setenv("SUBMISSION_TAG", "submit/2026-06-01T14-32-05Z-a1b2c3d")
    found = documents(export("classroom50"), "result.json")
    for document in found.values():
        jsonschema.validate(document, CLASSROOM50)
        assert document["score"] <= document["max-score"]
        assert document["submission"].startswith("submit/")
    shares = {name: 15 * d["score"] / d["max-score"] for name, d in found.items() if d["max-score"]}
    assert by_name(shares) == pytest.approx(graded.scores)


def test_prairielearn(export: Export, graded: Graded) -> None:
    """A share from 0 to 1 and points by check; what can't be graded uses no attempt."""
    found = documents(export("prairielearn"), "results.json")
    assert by_name({n: 15 * d["score"] for n, d in found.items()}) == pytest.approx(graded.scores)
    assert all(0 <= document["score"] <= 1 for document in found.values())
    with Gradebook(graded.folder) as book:
        statuses = {result["submission"]: result["status"] for result in book.all()}
    assert {n: d["gradable"] for n, d in found.items()} == {
        name: status == "graded" for name, status in statuses.items()
    }
    assert all(len(json.dumps(document)) < 1_000_000 for document in found.values())


def test_junit(export: Export, graded: Graded) -> None:
    """A suite each, with counts that are right and the score as a property."""
    top = xml.parse(export("junit")).getroot()
    scores = {}
    for suite in top:
        found = {p.get("name"): float(p.get("value") or 0) for p in suite.find("properties") or ()}
        scores[suite.get("name") or ""] = found["score"]
        tests = suite.findall("testcase")
        assert suite.get("tests") == str(len(tests))
        assert suite.get("failures") == str(sum(t.find("failure") is not None for t in tests))
    assert by_name(scores) == graded.scores


def test_ctrf(export: Export, graded: Graded) -> None:
    """What the format requires, counts that add up, and the scores of checks in it."""
    document = json.loads(export("ctrf").read_text())
    assert (document["reportFormat"], document["specVersion"]) == ("CTRF", "1.0.0")
    results = document["results"]
    summary, tests = results["summary"], results["tests"]
    kinds = ("passed", "failed", "skipped", "pending", "other")
    assert summary["tests"] == len(tests) == sum(summary[kind] for kind in kinds)
    assert {"start", "stop"} <= set(summary)
    assert results["tool"]["name"] == "grader"
    scores: dict[str, float] = {}
    for test in tests:
        assert isinstance(test["duration"], int)
        assert test["status"] in kinds
        name = test["suite"][0]
        scores[name] = scores.get(name, 0.0) + test["extra"]["score"]
    assert by_name(scores) == graded.scores


def test_tables(export: Export, graded: Graded) -> None:
    """Plain CSV and JSON, nbgrader's and Otter's: read back, the same numbers."""
    by_id = {student.id: student.number for student in CLASS}
    found = rows(export("csv"))
    assert {
        int(row["id"]) - 1000: float(row["points"]) for row in found if row["id"].startswith("1")
    } == graded.scores
    told = json.loads(export("json").read_text("utf-8"))
    assert {
        by_id[one["people"][0]["ids"]["sid"]]: one["points"] for one in told if one["people"]
    } == graded.scores
    found = rows(export("nbgrader"))
    assert ",".join(found[0]) == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
        "late_submission_penalty,score,max_score"
    )
    numbers = {row["student_id"]: float(row["score"]) for row in found}
    assert {s.number: numbers[s.user] for s in CLASS} == graded.scores
    first, *rest = rows(export("otter"))
    assert first["file"] == "points-per-question"
    assert float(first["total_points_earned"]) == 15.0
    assert by_name({r["file"]: float(r["total_points_earned"]) for r in rest}) == graded.scores
    assert {row["grading_status"] for row in rest if "somebody" not in row["file"]} == {"Completed"}


def test_the_options_name_every_target() -> None:
    """What the command offers is the table."""
    assert tuple(sorted(TARGETS)) == tuple(sorted(OFFERED))


def test_the_autograder_marks_one_submission_in_a_root_of_its_own(
    export: Export, graded: Graded, work: downloads.Work, tmp_path: Path
) -> None:
    """Unpacked as Gradescope does, run_autograder writes results.json; without work, too."""
    root = tmp_path / "autograder"
    with zipfile.ZipFile(export("gradescope-autograder")) as archive:
        modes = {i.filename: i.external_attr >> 16 for i in archive.infolist()}
        archive.extractall(root / "source")
    (engine,) = (root / "source" / "engine").glob("*.whl")
    with zipfile.ZipFile(engine) as archive:
        archive.extractall(root / "engine")
    for name in ("setup.sh", "run_autograder"):
        assert modes[name] & stat.S_IXUSR
        assert (root / "source" / name).read_text().startswith("#!")
        syntax = subprocess.run(["bash", "-n", root / "source" / name], check=False)
        assert syntax.returncode == 0
    for number, score in ((0, graded.scores[0]), (1, graded.scores[1]), (None, 0.0)):
        submission = root / "submission"
        submission.mkdir(exist_ok=True)
        for path, data in (work(number) if number is not None else {"x.txt": b""}).items():
            (submission / path).parent.mkdir(exist_ok=True)
            (submission / path).write_bytes(data)
        if number is None:
            for path in (submission / "scales").iterdir():
                path.unlink()
        subprocess.run(
            ["bash", root / "source" / "run_autograder"],
            env={**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable,
                 "PYTHONPATH": str(root / "engine")},
            check=True,
            capture_output=True,
        )  # fmt: skip
        document = json.loads((root / "results" / "results.json").read_text())
        jsonschema.validate(document, GRADESCOPE)
        assert document["score"] == score


def _early(tmp_path: Path, said: str, *, due: str = "2999-01-01 00:00") -> Path:
    policy = tmp_path / "early.toml"
    policy.write_text(f'due = "{due}"\ntimezone = "UTC"\nfeedback_after = "{said}"\n', "utf-8")
    return policy


@pytest.mark.parametrize("target", ["canvas-feedback", "moodle-feedback"])
def test_no_page_is_sent_before_its_time(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    """A zip of pages is refused with the time that they are for; afterwards it is made."""
    sent = export(target, "--policy", _early(tmp_path, "1 day"), code=2)
    assert not sent.exists()
    assert "2999-01-02 00:00+00:00" in capsys.readouterr().err
    passed = _early(tmp_path, "due", due="2020-01-01 00:00")
    assert export(target, "--policy", passed).is_file()


@pytest.mark.parametrize("target", ["prairielearn", "classroom50", "junit", "ctrf"])
def test_messages_are_left_out_before_their_time(
    export: Export, graded: Graded, tmp_path: Path, target: str
) -> None:
    """Numbers are sent, and nothing of why points are missing."""
    with Gradebook(graded.folder) as book:
        checks = [c for result in book.all() for q in result["questions"] for c in q["checks"]]
    said = {" ".join(check["message"].split()[:3]) for check in checks if check["message"]}
    now = _text(export(target))
    assert any(words in now for words in said)
    early = _text(export(target, "--policy", _early(tmp_path, "due")))
    assert not [words for words in said if words in early]
    assert "score" in early


@pytest.mark.parametrize(
    ("said", "asked", "visible"),
    [
        ("2020-01-01", "now", "visible"),
        ("2998-12-31", "now", "after_due_date"),
        ("due", "now", "after_due_date"),
        ("due", "published", "after_published"),
        ("1 day", "now", "after_published"),
        ("1 day", "due", "after_published"),
    ],
)
def test_gradescope_waits_by_itself(
    export: Export, tmp_path: Path, said: str, asked: str, visible: str
) -> None:
    """By its own words: after the due date, or when somebody publishes; never sooner than said."""
    sent = export("gradescope", "--policy", _early(tmp_path, said), "--after", asked)
    for document in documents(sent, "results.json").values():
        assert {document["visibility"], *(t["visibility"] for t in document["tests"])} == {visible}
        assert any(test["output"] for test in document["tests"]) or document["score"] == 15


def _text(sent: Path) -> str:
    files = [sent] if sent.is_file() else sorted(path for path in sent.rglob("*") if path.is_file())
    return "".join(path.read_text("utf-8") for path in files)
