"""The files that a run leaves, and what it takes to make them."""

import json
import subprocess
import sys
from importlib.resources import files

from grader.reports import pages


def test_a_submission_gets_a_folder_of_its_own(tmp_path, result):
    """Its result, as it was, and its page."""
    result["source"] = "s\ud800.zip"
    pages.write_submission(tmp_path, result, title="T")
    written = (tmp_path / "submissions" / "s07" / "result.json").read_text(encoding="utf-8")
    assert json.loads(written) == result
    assert "<h1>Feedback for s07</h1>" in (
        tmp_path / "submissions" / "s07" / "feedback.html"
    ).read_text("utf-8")


def test_a_class_gets_a_page_and_a_table(tmp_path, people):
    """The table has a column for every question that someone was asked."""
    pages.write_class(tmp_path, people, title="T")
    header, *rows = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert header.replace('"', "").startswith(
        "submission,status,score,max_score,pending,affine-forward,"
    )
    assert len(rows) == 3
    assert "Class of 3 submissions" in (tmp_path / "class.html").read_text(encoding="utf-8")


def test_templates_are_in_the_package():
    """Pages and their stylesheet are found as resources, as they are in a wheel."""
    names = {entry.name for entry in (files("grader.reports") / "templates").iterdir()}
    assert {"base.html.j2", "feedback.html.j2", "class.html.j2", "style.css"} <= names


def test_lines_for_a_terminal_need_no_templates():
    """Importing the room does not import Jinja."""
    code = "import sys, grader.reports; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
