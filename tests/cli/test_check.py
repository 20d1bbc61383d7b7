"""``grader check``: a student's own folder, public checks only."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import Said

MEAN = (
    "def scale_forward(x, a):\n    return x * a, (x, a)\n"
    "def scale_backward(dout, cache):\n    x, a = cache\n"
    "    return dout * a, (dout * x).mean(axis=0)\n"
)

Check = Callable[..., Said]


@pytest.fixture
def folder(toy_course: Path, tmp_path: Path) -> Path:
    """What a student downloads, with the reference's answers filled in."""
    from grader.authoring import release
    from grader.key.sources import manifest

    release.write(release.solved(toy_course, manifest(toy_course)), tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def check(grader: Callable[..., Said], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run ``grader check`` in that folder."""
    monkeypatch.chdir(folder)

    def check(*arguments: object) -> Said:
        return grader("check", "--examples", 5, *arguments)

    return check


def test_right_work_passes(check: Check) -> None:
    """Exit code 0 and a line for each check."""
    said = check()
    assert said.code == 0, said.out
    assert {line[:5] for line in said.out.splitlines()} == {"ok   "}
    assert "isolation: " in said.err


def test_wrong_work_fails_with_its_smallest_example(check: Check, folder: Path) -> None:
    """Exit code 1; what failed, why, and numpy to paste that shows it."""
    (folder / "scales" / "scale.py").write_text(MEAN)
    said = check("scale-backward")
    assert said.code == 1
    assert re.search(r"^FAIL scale-backward\.", said.out, re.MULTILINE)
    assert "np.array(" in said.out
    assert "checks failed" in said.err.splitlines()[-1]


def test_one_question_can_be_asked(check: Check) -> None:
    """Only the named question is checked; an unknown one is told with those that there are."""
    said = check("decay")
    assert said.code == 0
    assert {line.split()[1].partition(".")[0] for line in said.out.splitlines()} == {"decay"}
    said = check("decoy")
    assert said.code == 2
    assert "choose from scale-forward, scale-backward, decay" in said.err


def test_unwritten_work_fails_without_a_traceback(
    grader: Callable[..., Said], toy_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder as it is downloaded, each question says that it isn't written yet."""
    monkeypatch.chdir(toy_course.parent / "student_template")
    said = grader("check", "-q", "--examples", 5)
    verdicts = {line.split()[0] for line in said.out.splitlines() if not line.startswith(" ")}
    assert (said.code, verdicts) == (1, {"FAIL"})
    assert "Traceback" not in said.out


def test_a_folder_without_work_is_told(
    grader: Callable[..., Said], toy_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No manifest upward, and no package here, are two messages."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    assert "no assignment.toml" in grader("check").err
    said = grader("check", "-a", toy_course)
    assert said.code == 2
    assert "can't be checked: it is empty" in said.err


def test_where_nothing_can_be_forked_one_s_own_work_is_checked(
    check: Check, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Windows: at the level none, right work passes and wrong work is shown."""
    monkeypatch.setattr("grader.sandbox.sandbox.forks", lambda: False)
    said = check()
    assert (said.code, "isolation: none" in said.err) == (0, True)
    (folder / "scales" / "scale.py").write_text(MEAN)
    said = check("scale-backward")
    assert said.code == 1
    assert "np.array(" in said.out
