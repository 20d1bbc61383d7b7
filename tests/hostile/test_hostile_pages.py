"""Nothing of a student's stands on a page, in a table or in a terminal but as text."""

from __future__ import annotations

import csv
import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from arena import MARKUP
from cases import Case, cases
from trial import Trial

from grader import reports
from grader.reports import pages, summary
from grader.submissions import find

CASES = [case for case in cases() if case.group == "pages"]
NAMES = [
    MARKUP.replace("/", ""),
    "=1+1",
    "+cmd|' C'!A0",
    "@SUM(A1)",
    "-2+3",
    "\x1b[31mred",
    "\u202egnp.exe",
    '"quoted" onmouseover=alert(1)',
    "{{ 7*7 }}",
    "a\nb",
    "%2e%2e%2fup",
    # What a run writes beside them.
    *("gradebook.sqlite", "gradebook.sqlite-wal", "gradebook.sqlite-shm", "leaderboard.html"),
    *("class.html", "grades.csv", "written.csv", "errors.log", "submissions"),
]


class Elements(HTMLParser):
    """The elements and attributes of a page, as a browser takes them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.found += [f"{tag}@{name}" for name, _ in attrs]


def _safe(text: str) -> None:
    """Fail unless a page holds no script, no handler, nothing from afar, and no odd character."""
    own = (Path(reports.__file__).parent / "templates" / "table.js").read_text("utf-8")
    text = text.replace(f"<script>{own}</script>", "", 1)  # of the class's page, named by its hash
    found = Elements(text).found
    assert "script" not in found
    assert not {"img", "iframe", "object", "embed", "base", "form"} & set(found)
    assert not [name for name in found if re.search(r"@on|@srcdoc|@srcset", name)]
    assert "49" not in re.findall(r">([^<]*)<", text)  # no template of a student's was worked out
    _clean(text)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src 'none'" in html.unescape(policy[1])


def _clean(text: str) -> None:
    odd = {c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs")}
    assert odd == set()


@pytest.fixture
def results(trial: Trial, reference: dict[str, bytes]) -> Callable[[Case], dict[str, Any]]:
    """Mark a case of the corpus; return its result as it is written down."""
    return lambda case: asdict(trial.hostile(case, reference).result)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_students_words_stay_words(results: Any, tmp_path: Path, case: Case) -> None:
    """On the student's page, the class's page, in the table, the result and the terminal."""
    result = results(case)
    pages.write_submission(tmp_path, result, title="T")
    pages.write_class(tmp_path, [result], title="T")
    for path in (
        tmp_path / "submissions" / result["submission"] / "feedback.html",
        tmp_path / "class.html",
    ):
        _safe(path.read_text("utf-8"))
    _clean(summary(result))
    assert len(str(result)) < 1 << 18
    assert (tmp_path / "grades.csv").read_text().splitlines()[1].startswith('"s01","graded",')


def test_words_that_are_shown_are_shown(results: Any, tmp_path: Path) -> None:
    """The control: what was raised does stand on the page, escaped."""
    (case,) = [case for case in CASES if case.name == "exception_text"]
    result = results(case)
    pages.write_submission(tmp_path, result, title="T")
    text = (tmp_path / "submissions" / result["submission"] / "feedback.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in text


def test_names_are_safe_as_files_cells_and_words(
    trial: Trial, reference: dict[str, bytes], tmp_path: Path
) -> None:
    """Submissions with the names of formulas, markup, escapes: pages, table and folders hold."""
    class_folder, out = tmp_path / "class", tmp_path / "grades"
    for name in NAMES:
        package = class_folder / name / "cs682"
        package.mkdir(parents=True)
        (package / "optim.py").write_bytes(reference["optim.py"])
    found = find([class_folder], trial.course, as_="class")
    marked = []
    for place in found.places:
        blank = asdict(trial.marker().unreadable(place.name, place.source, f"{place.name}: lost"))
        pages.write_submission(out, blank, title="T")
        marked.append(blank)
    assert len(marked) == len(NAMES)
    pages.write_class(out, marked, title="T")
    for path in filter(Path.is_file, out.rglob("*.html")):  # a submission is called so, too
        _safe(path.read_text("utf-8"))
    with (out / "grades.csv").open(newline="") as file:
        for row in list(csv.reader(file))[1:]:
            assert row[0][:1] not in "=+-@\t\r"
            _clean(row[0])
    assert {path.name for path in out.iterdir()} == {"submissions", "class.html", "grades.csv"}
    # Each in a folder of its own.
    assert len(list((out / "submissions").iterdir())) == len(NAMES)
