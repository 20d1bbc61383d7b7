"""What an author gets wrong is told in one line: the file, line or field, and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.new import new
from grader.cli import main

Said = tuple[int, str]

#: File, what stands there, what is put in its place (``None``: the file goes), what is said.
MISTAKES: dict[str, tuple[str, str, str | None, str]] = {
    "a table's unknown key": (
        "assignment.toml",
        "[outputs]",
        '[outputs]\ntemplat = "x"',
        r"assignment\.toml: outputs\.templat is no field .* did you mean template",
    ),
    "an unknown table": (
        "assignment.toml",
        "[limits]",
        "[limit]",
        r"assignment\.toml: limit is no field .* did you mean limits",
    ),
    "points that are a word": (
        "assignment.toml",
        "points = 4",
        'points = "four"',
        r"question\[variance\]\.points is 'four': give a number",
    ),
    "negative points": (
        "assignment.toml",
        "points = 4",
        "points = -4",
        r"question\[variance\]\.points is -4: give a number that is not negative",
    ),
    "points that don't add up": (
        "assignment.toml",
        "points = 4",
        "points = 5",
        r"question variance has 5 points in the manifest, and its rows give 4",
    ),
    "an unknown kind of question": (
        "assignment.toml",
        "points = 4",
        'points = 4\nkind = "essay"',
        r"question\[variance\]\.kind is 'essay': choose from code, training, written",
    ),
    "another schema": ("assignment.toml", "/v1", "/v9", r"schema is 'grader/assignment/v9'"),
    "no TOML": ("assignment.toml", "points = 4", "points = = 4", r"assignment\.toml: .*line \d+"),
    "no title": (
        "assignment.toml",
        'title = "stats"\n\n',
        "\n",
        r"notebook\[1\] has no title|title",
    ),
    "a file that isn't there": (
        "assignment.toml",
        'given = ["__init__.py"',
        'given = ["__init__.py", "help.py"',
        r"files\.given names help\.py, and .*help\.py isn't there: write it",
    ),
    "a question in a file that isn't the student's": (
        "assignment.toml",
        'file = "statistics.py"',
        'file = "other.py"',
        r"stands in other\.py, which files\.student doesn't list",
    ),
    "a question without a cell": (
        "notebooks/stats.py",
        '"question:variance"',
        '"question:other"',
        r"notebooks/stats\.py has no cell of the question variance: tag one",
    ),
    "a question without an answer": (
        "stats/statistics.py",
        "# BEGIN ANSWER variance: average the squared distances from the mean, and differentiate "
        "that.\n",
        "# here\n",
        r"END ANSWER without a BEGIN ANSWER",
    ),
    "a marker that is misspelled": (
        "stats/statistics.py",
        "# END ANSWER",
        "# END-ANSWER",
        r"stats/statistics\.py:1\d: this is no marker; write",
    ),
    "a marker for an unknown question": (
        "stats/statistics.py",
        "BEGIN ANSWER variance",
        "BEGIN ANSWER varience",
        r"stats/statistics\.py:\d+: no question 'varience'",
    ),
    "rows that can't be read": (
        "checks/__init__.py",
        "ROWS = (",
        "ROWS = ((",
        r"checks can't be imported: SyntaxError: .*, at checks/__init__\.py:\d+",
    ),
    "rows that raise": (
        "checks/__init__.py",
        "ROWS = (",
        "ROWS = (1 / 0,",
        r"checks can't be imported: ZeroDivisionError: .*, at checks/__init__\.py:\d+",
    ),
    "no rows": ("checks/__init__.py", "ROWS = (", "LINES = (", r"__init__\.py has no ROWS"),
    "a row that is none": (
        "checks/__init__.py",
        "ROWS = (",
        "ROWS = ({},",
        r"ROWS holds a dict, which is no row",
    ),
    "a row that names no function": (
        "checks/__init__.py",
        "statistics:variance",
        "statistics:varience",
        r"variance\.published-1: the reference has no statistics:varience: write it, or correct",
    ),
    "a row that names no module": (
        "checks/__init__.py",
        "statistics:variance",
        "statistic:variance",
        r"variance\.published-1: the reference has no statistic:variance",
    ),
    "a row of an unknown question": (
        "checks/__init__.py",
        'question="variance"',
        'question="varience"',
        r"a row names question varience, which the manifest doesn't have: add it, or choose from",
    ),
    "an output that the row doesn't give": (
        "checks/__init__.py",
        '3, ("value", "dx")',
        '3, ("value", "dy")',
        r"variance\.values: the row gives no output 'dy': choose from value, dx",
    ),
    "an argument that the strategy doesn't draw": (
        "checks/__init__.py",
        '{"x": dense',
        '{"y": dense',
        r"variance\.(values|gradient): .*x",
    ),
    "a gradient by what is no argument": (
        "checks/__init__.py",
        'wrt="x"',
        'wrt="y"',
        r"variance\.gradient: the row has no argument 'y': choose from x",
    ),
    "a gradient of what is no output": (
        "checks/__init__.py",
        'of="value"',
        'of="loss"',
        r"variance\.gradient: the row has no output 'loss': choose from value, dx",
    ),
    "a gradient that is no output": (
        "checks/__init__.py",
        'Gradient("dx"',
        'Gradient("dy"',
        r"variance\.gradient: the row has no output 'dy': choose from value, dx",
    ),
    "two checks of one name": (
        "checks/__init__.py",
        'cases=(Case("values"',
        'cases=(Case("values", "Twice", samples(), 0, ("value",)), Case("values"',
        r"two checks are called variance\.values: give each case",
    ),
    "a strategy that raises": (
        "checks/__init__.py",
        'return {"x": dense',
        'return {"x": 1 / 0, "y": dense',
        r"variance\.values: its strategy raised ZeroDivisionError: .*checks/__init__\.py:\d+",
    ),
    "a figure that the reference doesn't give": (
        "checks/__init__.py",
        "14 / 3",
        "15 / 3",
        r"variance\.published-1: the reference misses the published figures \(value of value\)",
    ),
    "a reference that raises": (
        "stats/statistics.py",
        "apart = x - x.mean()",
        "apart = x - x.meen()",
        r"variance\.published-1: the reference failed at \S*statistics\.py:\d+ \(raised: Attr",
    ),
    "a reference that is no Python": (
        "stats/statistics.py",
        "apart = x - x.mean()",
        "apart = x - (x.mean()",
        r"variance\.published-1: the reference failed .*SyntaxError",
    ),
    "a witness that differs": (
        "witness/statistics.py",
        "2 * x / len(x)",
        "3 * x / len(x)",
        r"variance\.values: only 0 of 30 examples are certified.*two formulas disagree",
    ),
    "no witness": (
        "witness/statistics.py",
        "",
        None,
        r"the witness has no statistics:variance of its own: write",
    ),
    "a text for students that isn't there": (
        "template/README.md",
        "",
        None,
        r"template/README\.md isn't there: write it",
    ),
    "a misconception that passes every check": (
        "misconceptions/all.toml",
        'np.sum(apart**2) / (len(x) - 1)" },\n  { old = "2 * apart / len(x)", new = '
        '"2 * apart / (len(x) - 1)',
        'np.mean(apart**2) + 0.0" },\n  { old = "2 * apart / len(x)", new = "apart * 2 / len(x)',
        r"misconception variance-unbiased passes every check of variance: correct its edits",
    ),
    "an edit that doesn't apply": (
        "misconceptions/all.toml",
        'old = "np.mean(apart**2)"',
        'old = "np.mean(apart**3)"',
        r"all\.toml: variance-unbiased: 'np.mean\(apart\*\*3\)' stands 0 times in variance",
    ),
    "a misconception without a question": (
        "misconceptions/all.toml",
        'question = "variance"\n',
        "",
        r"all\.toml: misconception variance-unbiased has no question: add it",
    ),
    "a misconception of an unknown question": (
        "misconceptions/all.toml",
        'question = "variance"',
        'question = "varience"',
        r"all\.toml: variance-unbiased names the question varience, .* choose from variance",
    ),
    "a misconception of an unknown file": (
        "misconceptions/all.toml",
        'file = "statistics.py"',
        'file = "other.py"',
        r"all\.toml: variance-unbiased edits other\.py, which isn't in the package",
    ),
    "a misconception without words": (
        "misconceptions/texts.toml",
        "[variance-unbiased]",
        "[variance-other]",
        r"texts\.toml has no words for variance-unbiased: add a table",
    ),
    "a rubric for an unknown question": (
        "rubrics.toml",
        "",
        'variance = ["1 point: right."]',
        r"rubrics\.toml: variance is no written question of the manifest",
    ),
    "a judge that isn't there": (
        "checks/__init__.py",
        "ROWS = (",
        "class Own:\n"
        '    question = "variance"\n\n'
        "    def replaceable(self):\n        return None\n\n"
        "    def proofs(self, *, live):\n"
        "        from dataclasses import replace\n\n"
        "        for proof in ROWS[1].proofs(live=live):\n"
        "            checks = tuple(replace(c, judge='mine') for c in proof.checks)\n"
        "            yield replace(proof, checks=checks)\n\n\n"
        "ROWS = (Own(),",
        r"names the judge 'mine', which is not there: add it to JUDGES",
    ),
    "a judge with a name of the engine's": (
        "checks/__init__.py",
        "ROWS = (",
        "JUDGES = {'match': print}\nROWS = (",
        r"JUDGES names 'match', which is one of the engine's own: choose another name",
    ),
}


@pytest.fixture
def build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], Said]:
    """Make a new assignment, and return what builds it and gives the code and what is said."""
    new(tmp_path / "stats")

    def run() -> Said:
        code = main(["build", "-a", str(tmp_path / "stats")])
        return code, capsys.readouterr().err

    return run


def test_the_assignment_builds_before_the_mistake(build: Callable[[], Said]) -> None:
    """What the mistakes below are made in is right."""
    code, said = build()
    assert code == 0, said


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_one_line(
    name: str, build: Callable[[], Said], tmp_path: Path
) -> None:
    """Exit code 2, one line, no traceback, and nothing is written."""
    file, old, put, said = MISTAKES[name]
    path = tmp_path / "stats" / file
    if put is None:
        path.unlink()
    elif not old:
        path.write_text(put)
    else:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, put), "utf-8")
    code, err = build()
    assert code == 2, err
    assert err.startswith("grader: "), err
    assert err.count("\n") == 1, err
    assert re.search(said, err), err
    assert not (tmp_path / "stats_key").exists()


def test_another_assignments_outputs_are_left_alone(
    build: Callable[[], Said], tmp_path: Path
) -> None:
    """A folder that was made from another assignment is refused by name, and nothing of it goes."""
    manifest = tmp_path / "stats" / "assignment.toml"
    assert build()[0] == 0
    before = {p: p.read_bytes() for p in (tmp_path / "stats_key").iterdir()}
    text = manifest.read_text("utf-8").replace('id = "stats"', 'id = "other"')
    manifest.write_text(text)
    code, err = build()
    assert code == 2
    assert "stats_template was made from another assignment, stats" in err
    assert {p: p.read_bytes() for p in (tmp_path / "stats_key").iterdir()} == before


def test_a_folder_of_somebody_elses_is_left_alone(
    build: Callable[[], Said], tmp_path: Path
) -> None:
    """A folder with files of its own is refused, though one has a name that a build gives, too."""
    own = tmp_path / "stats_template"
    own.mkdir()
    for name in ("README.md", "thesis.tex"):
        (own / name).write_text("mine")
    code, err = build()
    assert code == 2
    assert "was made by no build" in err
    assert (own / "thesis.tex").read_text() == "mine"


def test_an_output_that_holds_the_assignment_is_refused(
    build: Callable[[], Said], tmp_path: Path
) -> None:
    """A template that would lie where the assignment lies is no folder to write into."""
    manifest = tmp_path / "stats" / "assignment.toml"
    text = manifest.read_text("utf-8").replace('"../stats_template"', '".."')
    manifest.write_text(text)
    code, err = build()
    assert code == 2
    assert "outputs.template" in err
    assert manifest.read_text("utf-8") == text


def test_an_extra_that_is_missing_is_named(
    build: Callable[[], Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without jupytext the command says which extra brings it and how to install that."""
    monkeypatch.setitem(__import__("sys").modules, "jupytext", None)
    code, err = build()
    assert code == 2
    assert err == (
        "grader: grader build needs jupytext, which comes with the extra [build]: "
        "pip install 'assignment-grader[build]'\n"
    )
