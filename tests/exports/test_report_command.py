"""``grader report``: a graded class's report, in both versions, and against another run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest_exports import Graded
from downloads import CLASS

from grader.classroom.gradebook import Gradebook
from grader.cli import main


@pytest.fixture
def copy(graded: Graded, tmp_path: Path) -> Path:
    """A copy of the class's results, to write into."""
    shutil.copytree(graded.folder, tmp_path / "grades")
    return tmp_path / "grades"


def text_of(page: Path) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page.read_text("utf-8")).split())


def report(graded: Graded, folder: Path, *arguments: object, code: int = 0) -> None:
    words = ["report", "-q", "-a", graded.course, "-o", folder, *arguments]
    assert main([str(word) for word in words]) == code


def test_a_class_has_a_report_once_it_is_graded(copy: Path) -> None:
    """The run wrote it beside the class page, which leads to it."""
    assert 'href="report.html"' in (copy / "class.html").read_text("utf-8")
    text = text_of(copy / "report.html")
    assert "Report on a class of 25 submissions" in text
    assert "Who needs help first" in text
    assert not (copy / "report-shared.html").exists()


def test_the_version_to_pass_on_names_nobody(graded: Graded, copy: Path) -> None:
    """No name, id or address of anyone in the class, nor of a submission, is in it."""
    report(graded, copy, "--share")
    html = (copy / "report-shared.html").read_text("utf-8")
    with Gradebook(copy) as book:
        names = book.submissions()
    said = [*names, *(text for s in CLASS for text in (s.name, s.last, s.email, s.id))]
    assert [text for text in said if len(text) > 3 and text in html] == []
    own = (copy / "report.html").read_text("utf-8")
    assert any(name in own for name in names), "the test would see one"


def test_two_runs_are_compared(graded: Graded, copy: Path, tmp_path: Path) -> None:
    """By the students' ids: half of those who had a check wrong then have it right now."""
    then = tmp_path / "then"
    shutil.copytree(copy, then)
    with Gradebook(copy) as book:
        wrong = [r for r in book.all() if any(q["status"] == "failed" for q in r["questions"])]
        for result in wrong[::2]:
            for question in result["questions"]:
                for check in question["checks"]:
                    check |= {"status": "passed", "stage": None}
            book.save(result, ["changed"])
    report(graded, copy, "--before", then)
    text = text_of(copy / "report.html")
    assert "25 submissions then, 25 now, 25 in both" in text
    assert "Failed checks" in text


def test_earlier_hand_ins_are_compared(graded: Graded, copy: Path) -> None:
    """Without a folder: with what was found of the hand-ins before these, where any is kept."""
    report(graded, copy, "--before", code=2)
    with Gradebook(copy) as book:
        row = book.replays()[0]
        verdicts = dict.fromkeys(json.loads(row.verdicts), "0, failed")
        book.replayable(row._replace(code="earlier", verdicts=json.dumps(verdicts)))
    report(graded, copy, "--before")
    text = text_of(copy / "report.html")
    assert "1 submission then, 25 now, 1 in both" in text


@pytest.mark.parametrize("folder", ["nothing", "grades"])
def test_what_is_no_other_run_is_refused(
    graded: Graded, copy: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without results, and these results themselves."""
    report(graded, copy, "--before", copy.parent / folder, code=2)
    assert "holds" in capsys.readouterr().err


def test_a_time_of_feedback_changes_no_result(graded: Graded, copy: Path, tmp_path: Path) -> None:
    """It is a rule about exports: results are told as without any rule."""
    files = sorted(copy.glob("submissions/*/result.json"))
    before = [file.read_bytes() for file in files]
    policy = tmp_path / "later.toml"
    policy.write_text('feedback_after = "2999-01-01T00:00:00+00:00"\n', "utf-8")
    report(graded, copy, "--policy", policy)
    assert [file.read_bytes() for file in files] == before
