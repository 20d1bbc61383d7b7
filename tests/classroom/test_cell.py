"""``grader.check`` in a notebook's cell, and the hints that come with the second failure."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

import grader
from grader.authoring import building
from grader.model.assignment import ManifestError
from grader.selfcheck.attempts import FailureCounts
from grader.wording.hints import STRUCTURES, hint

DECAY = "def decay(w, dw, config):\n    config['sum'] = config['sum'] + dw\n    {}\n"
WRONG = DECAY.format("return None, config")


@pytest.fixture
def folder(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The toy course's folder as a student's: here, and where Python looks for packages."""
    building.build(toy)
    monkeypatch.chdir(toy)
    monkeypatch.syspath_prepend(str(toy))
    yield toy
    for name in [name for name in sys.modules if name.partition(".")[0] == "scales"]:
        del sys.modules[name]


def test_saved_files_are_checked_by_name_of_question_or_function(folder: Path) -> None:
    """Right work passes, whatever it is called by."""
    report = grader.check("scale-backward", "scale_forward")
    assert report.failed == []
    assert "checks pass" in report._repr_html_()
    assert "ok   scale-backward: " in repr(report)


def test_live_objects_are_checked_in_place_of_files(folder: Path) -> None:
    """A function of the kernel's own is judged as it is now, the saved file being right."""

    def scale_backward(dout: Any, cache: Any) -> Any:
        x, a = cache
        return dout * a, 2 * (dout * x).sum(axis=0)

    assert grader.check("scale-backward", live=True).failed == []
    report = grader.check(scale_backward, examples=20)
    assert report.failed == ["scale-backward.values", "scale-backward.gradient"]
    assert "da is 2 times" in repr(report)


def test_words_are_the_same_in_both_forms_and_escaped(folder: Path) -> None:
    """What an exception says is text in the HTML, and one reason is told once."""

    def decay(w: Any, dw: Any, config: Any) -> Any:
        raise ValueError("<script>alert(1)</script>")

    report = grader.check(decay)
    html = report._repr_html_()
    assert "<script>" in repr(report)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_line_that_raised_is_told_of_live_modules_too(folder: Path) -> None:
    """A module of the folder's package is named with its line."""
    (folder / "scales" / "steps.py").write_text("def decay(w, dw, config):\n    return w @ 'x'\n")
    assert "line 2 of steps.py" in repr(grader.check("decay", live=True))


@pytest.mark.parametrize("live", [False, True])
def test_random_numbers_go_on_as_if_nothing_was_checked(folder: Path, live: bool) -> None:
    """The state of ``np.random`` is the same afterwards: the notebook's training depends on it."""
    np.random.seed(7)
    expected = np.random.rand(3)
    np.random.seed(7)
    grader.check("decay", live=live, examples=5)
    assert np.array_equal(np.random.rand(3), expected)


def test_nothing_is_written_but_the_folder_of_counts(folder: Path) -> None:
    """Checking leaves the work as it is, but for ``.grader``."""
    (folder / "scales" / "steps.py").write_text(WRONG)
    before = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}
    grader.check(examples=5)
    after = {path for path in folder.rglob("*") if "__pycache__" not in path.parts}
    assert {path.relative_to(folder).parts[0] for path in after - before} == {".grader"}


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ("never", [False, False, False]),
        ("stepwise", [False, True, True]),
        ("always", [True, True, True]),
    ],
)
def test_the_second_failure_says_more(folder: Path, hints: str, expected: list[bool]) -> None:
    """The manifest says when a check that fails again gives the stronger hint."""
    manifest = folder / "assignment.toml"
    manifest.write_text(f'hints = "{hints}"\n' + manifest.read_text())
    (folder / "scales" / "steps.py").write_text(WRONG)
    stronger = hint("returned_none", {})
    said = [stronger in repr(grader.check("decay", examples=5)) for _ in range(3)]
    assert said == expected


def test_a_check_that_passes_begins_again(tmp_path: Path) -> None:
    """Failures are counted since the last pass, by check, and outlive the process."""
    FailureCounts(tmp_path).count("a", failed=True)
    assert FailureCounts(tmp_path).count("a", failed=True) == 2
    assert FailureCounts(tmp_path).count("b", failed=True) == 1
    assert FailureCounts(tmp_path).count("a", failed=False) == 0
    assert FailureCounts(tmp_path).count("a", failed=True) == 1


@pytest.mark.parametrize("text", ["", "[1]", '{"a": "x"}', "\x00"])
def test_counts_that_cannot_be_read_begin_again(tmp_path: Path, text: str) -> None:
    """A damaged file of counts is no reason to fail."""
    (tmp_path / ".grader").mkdir()
    (tmp_path / ".grader" / "failures.json").write_text(text)
    assert FailureCounts(tmp_path).count("a", failed=True) == 1


def test_the_best_known_fact_picks_the_hint() -> None:
    """A relation between arrays says more than the stage at which they differ."""
    assert hint("value", {"structure": {"kind": "mean", "value": 3}}) == STRUCTURES["mean"]


def test_an_interrupt_is_the_persons_own(folder: Path) -> None:
    """Interrupting the kernel ends the check: it isn't taken for the code's failure."""

    def decay(w: Any, dw: Any, config: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grader.check(decay)


def test_an_unknown_question_is_refused_with_the_close_ones(folder: Path) -> None:
    """A slip of the keys leads to the question that was meant."""
    with pytest.raises(ValueError, match="scale-forward"):
        grader.check("scale-foward")


def test_the_package_is_found_where_it_was_imported_from(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook may stand elsewhere, as on Colab; or a folder is named; else that is asked for."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    # Other tests of this process may have imported packages of a course.
    for name, module in list(sys.modules.items()):
        if (file := getattr(module, "__file__", None)) and (
            Path(file).resolve().parent.parent / "assignment.toml"
        ).is_file():
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ManifestError, match=r"folder=\"\.\.\.\""):
        grader.check("decay")
    assert "ok   decay: " in repr(grader.check("decay", folder=folder, examples=5))
    importlib.import_module("scales.steps")
    report = grader.check("decay", examples=5)
    assert report.failed == []
    assert f"Checked as saved in {folder}" in repr(report)
    assert grader.check("decay", live=True, examples=5).failed == []


def test_what_fails_there_is_loaded_from_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that loads a long array names the file as seen from the notebook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.selfcheck.page.MOST_LINES", 6)
    (folder / "scales" / "steps.py").write_text(DECAY.format("return w, config"))
    text = repr(grader.check("decay", folder=folder, examples=5))
    file = folder / ".grader" / "decay.trajectory.npz"
    assert f"saved = np.load('{file.as_posix()}')" in text
    assert set(np.load(file)) <= {"w", "dw1", "dw2", "config.sum"}


def test_no_examples_are_refused(folder: Path) -> None:
    """A search of nothing finds nothing."""
    with pytest.raises(ValueError, match="at least 1"):
        grader.check("decay", examples=0)


def test_importing_the_package_loads_no_numpy() -> None:
    """The command line starts fast: what a notebook needs comes when it is asked for."""
    code = "import sys, grader; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_real_kernel_shows_both_forms(folder: Path) -> None:
    """A notebook's cell gets HTML and plain text, from files and from live objects."""
    from nbclient import NotebookClient

    cells = [
        "import grader\ngrader.check('decay', examples=5)",
        "from scales.steps import decay\ngrader.check(decay, examples=5)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in book.cells:
        data = cell.outputs[-1].data
        assert "check passes" in data["text/html"]
        assert "ok   decay: " in data["text/plain"]
