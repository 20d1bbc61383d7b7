"""``grader check``: a student's own folder, public checks only."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest_cli import PLAIN, Said

from grader.key import examples
from grader.key.sources import manifest
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

    files = release.solved(toy_course, manifest(toy_course))
    template = toy_course.parent / "student_template"
    files |= {path: (template / path).read_bytes() for path in release.examples.PATHS}
    release.write(files, tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def check(grader: Callable[..., Said], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run ``grader check`` in that folder."""
    monkeypatch.chdir(folder)

    def check(*arguments: object) -> Said:
        return grader("check", "--examples", 5, *arguments)

    return check


def test_right_work_passes(check: Check) -> None:
    """Exit code 0 and a line for each question."""
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


def test_wrong_work_is_told_what_it_depends_on(check: Check, folder: Path) -> None:
    """The table of yes and no stands in the download."""
    scale = folder / "scales" / "scale.py"
    scale.write_text(scale.read_text().replace("(dout * x).sum(axis=0)", "dout.sum(axis=0)"))
    said = check("scale-backward")
    assert said.code == 1
    assert "Let da depend on x: a change in x leaves da as before." in " ".join(said.out.split())


def test_one_question_can_be_asked(check: Check) -> None:
    """Only the named question is checked; an unknown one is told with those that there are."""
    said = check("decay")
    assert said.code == 0
    assert [line.split()[:2] for line in said.out.splitlines()] == [["ok", "decay:"]]
    said = check("decoy")
    assert said.code == 2
    assert "choose from scale-forward, scale-backward, decay" in said.err


def test_what_builds_on_a_failure_waits(check: Check, folder: Path) -> None:
    """It is named with what it waits for, asked alone, too; and of it nothing is said to fail."""
    (folder / "scales" / "scale.py").write_text(MEAN.replace("x * a, (x", "x + a, (x"))
    said = check("-q")
    assert said.code == 1
    assert "FAIL scale-forward.values: Output" in said.out
    assert "wait scale-backward: waits for scale-forward." in said.out
    assert "FAIL scale-backward" not in said.out
    assert check("-q", "scale-backward").out == "wait scale-backward: waits for scale-forward.\n"


TABLE = """\
import numpy as np

TABLE = {table!r}

def scale_forward(x, a):
    found = TABLE.get(x.tobytes() + a.tobytes())
    out = np.frombuffer(found).reshape(x.shape) if found else np.zeros(x.shape)
    return out, (x, a)

def scale_backward(dout, cache):
    x, a = cache
    return dout * a, (dout * x).sum(axis=0)
"""


def test_a_table_of_the_public_answers_is_left_to_the_grade(
    check: Check, folder: Path, toy_course: Path, grader: Callable[..., Said], tmp_path: Path
) -> None:
    """What passes here agrees with the public examples, says the command; it earns no point."""
    runs = examples.load(folder / "checks", manifest(toy_course).id)
    assert runs is not None
    stored = runs["scale-forward.values"]
    table = {
        example["x"].tobytes() + example["a"].tobytes(): answer["out"].tobytes()
        for example, answer in zip(stored.run.examples, stored.answers, strict=True)
    }
    published = np.array([[1.0, 2.0]]), np.array([2.0, 3.0])
    table[published[0].tobytes() + published[1].tobytes()] = np.array([[2.0, 6.0]]).tobytes()
    (folder / "scales" / "scale.py").write_text(TABLE.format(table=table))
    said = check("scale-forward")
    assert (said.code, said.out) == (0, "ok   scale-forward: Scale: forward\n")
    assert "grading asks the same of others" in said.err
    graded = grader("grade", folder, "-a", toy_course, "-o", tmp_path / "g", "--json", "-q", *PLAIN)
    (question,) = (q for q in json.loads(graded.out)["questions"] if q["id"] == "scale-forward")
    assert question["score"] == 0


def test_without_public_examples_nothing_is_called_right(check: Check, folder: Path) -> None:
    """Numbers that came are no more than that."""
    for path in ("examples.json", "examples.bin"):
        (folder / "checks" / path).unlink()
    said = check("scale-backward")
    assert said.out.startswith("runs scale-backward: ")
    assert "no public examples" in said.err


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"schema": "grader/examples/v1"}'])
def test_public_examples_that_are_damaged_are_told(
    check: Check, folder: Path, damage: bytes
) -> None:
    """With what to do: nothing is guessed."""
    (folder / "checks" / "examples.json").write_bytes(damage)
    said = check("-q")
    assert said.code == 2
    assert "copy checks/ from the download again" in said.err


def test_unwritten_work_fails_without_a_traceback(
    grader: Callable[..., Said], toy_course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder as it is downloaded, one line names what isn't written yet."""
    monkeypatch.chdir(toy_course.parent / "student_template")
    said = grader("check", "-q", "--examples", 5)
    assert (said.code, said.err) == (1, "")
    assert said.out == "todo Not written yet: scale-forward, scale-backward, decay.\n"


def test_a_folder_without_work_is_told(
    grader: Callable[..., Said], toy_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No manifest upward, and no package here or there, are two messages."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    assert "no assignment.toml" in grader("check").err
    (tmp_path / "half").mkdir()
    shutil.copy(toy_course / "assignment.toml", tmp_path / "half")
    said = grader("check", "-a", tmp_path / "half")
    assert said.code == 2
    assert "can't be checked: it is empty" in said.err


def test_the_work_is_found_from_above_and_from_within(
    check: Check, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From above by ``-a``, and from the package's own folder."""
    for place, options in ((folder.parent, ["-a", "mine"]), (folder / "scales", [])):
        monkeypatch.chdir(place)
        said = check("decay", *options)
        assert (said.code, said.out[:10]) == (0, "ok   decay"), said


def test_no_examples_are_one_line(check: Check) -> None:
    """A search of nothing is refused."""
    said = check("-q", "--examples", 0)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert "at least 1" in said.err


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
