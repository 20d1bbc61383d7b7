"""``grader check``: a student's own folder, public checks only."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import Said

from grader.selfcheck.rows_process import confines

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
    assert re.fullmatch(r"1 check failed|\d+ checks failed", said.err.splitlines()[-1])


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
    monkeypatch.setattr("grader.sandbox.host.startup.forks", lambda: False)
    said = check()
    assert (said.code, "isolation: none" in said.err) == (0, True)
    (folder / "scales" / "scale.py").write_text(MEAN)
    said = check("scale-backward")
    assert said.code == 1
    assert "np.array(" in said.out


#: What a stranger's rows may try as soon as they are imported: each leaves a file or says a secret.
PROGRAMS = {
    "writes": "open({ran!r}, 'w').close()",
    "starts a shell": "import os; os.system('touch {ran}')",
    "starts a process": "import subprocess; subprocess.run(['touch', {ran!r}])",
    "forks": "import os\nif os.fork() == 0: open({ran!r}, 'w').close()",
    "reads": "raise ValueError(open({secret!r}).read())",
    "kills": "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
}


@pytest.mark.skipif(not confines(), reason="this machine confines no code")
@pytest.mark.parametrize("what", PROGRAMS)
def test_rows_of_a_strangers_folder_can_do_nothing(
    check: Check, folder: Path, tmp_path: Path, what: str
) -> None:
    """Imported for a build they would run with all powers; here they compute, and nothing else."""
    ran, secret = tmp_path / "ran", tmp_path / "secret"
    secret.write_text("a-secret-of-the-instructor")
    rows = folder / "checks" / "__init__.py"
    program = PROGRAMS[what].format(ran=str(ran), secret=str(secret))
    control = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
        if (what != "kills")
        else None
    )
    assert control is None or ran.exists() or b"a-secret" in control.stderr
    ran.unlink(missing_ok=True)
    rows.write_text(program + "\n" + rows.read_text("utf-8"), "utf-8")
    said = check("-q", "decay")
    assert said.code in (0, 2), said
    assert not ran.exists()
    assert "a-secret" not in said.out + said.err


def test_rows_that_are_broken_are_told(check: Check, folder: Path) -> None:
    """An error of theirs is one line, and so is an end without a word."""
    rows = folder / "checks" / "__init__.py"
    text = rows.read_text("utf-8")
    rows.write_text("raise ValueError('no rows today')\n" + text, "utf-8")
    said = check("-q")
    assert (said.code, said.out) == (2, "")
    assert "no rows today" in said.err
    rows.write_text("import os; os._exit(0)\n" + text, "utf-8")
    said = check("-q")
    assert said.code == 2
    assert "has ended" in said.err
    rows.unlink()
    said = check("-q")
    assert said.code == 2
    assert "no __init__.py with ROWS" in said.err


def test_counts_of_failures_are_written_through_no_link(
    check: Check, folder: Path, tmp_path: Path
) -> None:
    """A folder's links lead nowhere: neither its ``.grader`` nor a file in it."""
    (folder / "scales" / "scale.py").write_text(MEAN)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "own").write_text("as it was")
    (folder / ".grader").mkdir()
    for name in ("failures.json", ".failures.json.part"):
        (folder / ".grader" / name).symlink_to(elsewhere / "own")
    assert check("-q", "scale-backward").code == 1
    assert (elsewhere / "own").read_text() == "as it was"
    shutil.rmtree(folder / ".grader")
    (folder / ".grader").symlink_to(elsewhere)
    assert check("-q", "scale-backward").code == 1
    assert [path.name for path in elsewhere.iterdir()] == ["own"]
