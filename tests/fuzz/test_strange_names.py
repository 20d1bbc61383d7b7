"""Search: a name of a hand-in that meets a file of the run, or another's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from budget import CASES, cases, tried
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom import folder
from grader.cli import main
from grader.submissions import Place
from grader.submissions.finding import named

#: Files of a run, what SQLite puts beside, names that systems reserve, and twins of one another.
BASES = (
    "gradebook.sqlite", "grades.csv", "class.html", "leaderboard.html", "written.csv", "errors.log",
    "submissions", "result.json", "feedback.html", "index.html", "report.html",
    "con", "NUL", "aux.txt", "COM1", "lpt9.html",
    "ada", "Ada", "ADA", "a\u0301da", "\u00e1da", "bob (2)", "bob", "-o", "--help", "~", "$HOME",
    "=1+1", "@SUM", "a;=b", "a\tb", "a\nb", "\u202egpj", "\u200bada", "\u00adada", "ada\ufe0f",
    "\U0001f600", "\u4e2d\u6587", "a" * 200, "e\u0301" * 60, "<script>", "{{7*7}}", "%s", "a'b\"c",
)  # fmt: skip
ENDINGS = ("", "-wal", "-shm", "-journal", ".part", ".zip", " ", ".", ". .", "~", " (2)")
STARTS = ("", "", "", " ", ".", "_", "-")
NAMES = st.builds("".join, st.tuples(*map(st.sampled_from, (STARTS, BASES, ENDINGS)))) | st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40
)
CLASSES = st.lists(NAMES.filter(lambda n: n not in (".", "..") and len(n.encode()) < 256),
                   min_size=1, max_size=20, unique=True)  # fmt: skip


@cases(150)
@given(CLASSES)
def test_no_two_names_meet(names: list[str]) -> None:
    """Each is a file's name on any system, and no other's, whatever case and form it is in."""
    tried["classes of names"] += 1
    made = [place.name for place in named(Place("", Path("class", name)) for name in names)]
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert name == name.strip(" .") != ""
        assert not set(name) & set('/\\:*?"<>|\0\n\t\u202e\u200b')
        assert len(name.encode()) <= 160


def graded(klass: Path, course: Path, names: Sequence[str]) -> str:
    """Grade hand-ins of these names; return what is wrong with what the run left, or ""."""
    for name in names:
        package = klass / name / "scales"
        try:
            package.mkdir(parents=True)
        except OSError:
            continue  # no such name here
        for module in ("scale.py", "steps.py"):
            (package / module).write_bytes((course / "scales" / module).read_bytes())
    count = sum(not name.startswith(".") for name in os.listdir(klass))  # noqa: PTH208
    grades = klass.with_name("grades")
    words = ["grade", klass, "--as", "class", "-a", course, "-o", grades, "-q"]
    options = ["--isolation", "process", "--allow-unsandboxed"]
    for _ in range(2):
        try:
            code = main([*map(str, words), *options])
        except OSError as error:
            return str(error)
        if code != 0:
            return f"exit {code}"
    own = {path.name for path in grades.iterdir()}
    # Large classes have a report, too.
    written = {"gradebook.sqlite", "grades.csv", "class.html", "replay", "submissions"}
    if own - {"report.html"} != written:
        return f"{own} in the run's folder"
    told = [path for path in (grades / "submissions").iterdir() if (path / "result.json").is_file()]
    rows = (grades / "grades.csv").read_text("utf-8").count("graded")
    return "" if len(told) == count == rows else f"{len(told)} results, {rows} rows, of {count}"


def test_no_name_meets_a_file_of_the_run(toy_course: Path, tmp_path: Path) -> None:
    """Whatever hand-ins are called, all are graded, twice, and the run's files are as they are."""
    names = [base + ending for base in BASES for ending in ENDINGS]
    names = (
        names if CASES else [*BASES[:8], *names[8:-1:37], " ada", "Ada.", "gradebook.sqlite-wal"]
    )
    tried["names graded"] += len(names)
    assert graded(tmp_path / "class", toy_course, list(dict.fromkeys(names))) == ""


def test_the_search_finds_names_that_meet(
    toy_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a submission's files beside the run's own, one of these names would be in its way."""
    monkeypatch.setattr(folder, "of", lambda output, name: output / name)
    wrong = graded(tmp_path / "class", toy_course, ["ada", "class.html"])
    assert wrong != ""
