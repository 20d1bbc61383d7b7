"""``grader test``: each check is a test case, and nothing of what is tested configures the run."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as xml
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest_cli import PLAIN
from conftest_cli import Said as ToldHere

CASES = [
    "scale-forward.published-1",
    "scale-forward.values",
    "scale-backward.values",
    "scale-backward.gradient",
    "decay.trajectory",
]
MEAN = (
    "def scale_forward(x, a):\n    return x * a, (x, a)\n"
    "def scale_backward(dout, cache):\n    x, a = cache\n"
    "    return dout * a, (dout * x).mean(axis=0)\n"
)
#: Each makes pytest run a program of the folder that it stands in.
INI = "addopts = -p evil\npythonpath = .\n"
TOML = 'addopts = "-p evil"\npythonpath = "."\n'
HOSTILE: Mapping[str, Mapping[str, str]] = {
    "pytest.ini": {"pytest.ini": f"[pytest]\n{INI}"},
    ".pytest.ini": {".pytest.ini": f"[pytest]\n{INI}"},
    "tox.ini": {"tox.ini": f"[pytest]\n{INI}"},
    "setup.cfg": {"setup.cfg": f"[tool:pytest]\n{INI}"},
    "pyproject.toml": {"pyproject.toml": f"[tool.pytest.ini_options]\n{TOML}"},
    "conftest.py": {"conftest.py": "import evil\n"},
    "a test file": {"test_evil.py": "import evil\n"},
    "a folder's conftest.py": {"test/conftest.py": "import sys; sys.path[:0] = ['.']; import evil"},
}

Said = subprocess.CompletedProcess[str]
Run = Callable[..., Said]


@pytest.fixture
def hand_in(toy_course: Path, tmp_path: Path) -> Path:
    """A right submission in a folder of its own."""
    folder = tmp_path / "class" / "ada" / "scales"
    folder.mkdir(parents=True)
    for name in ("scale.py", "steps.py"):
        (folder / name).write_bytes((toy_course / "scales" / name).read_bytes())
    return folder.parent


@pytest.fixture
def run(toy_course: Path) -> Run:
    """Run ``grader test`` as a shell does; *there* is the working directory."""

    def run(*arguments: object, there: Path, **variables: str) -> Said:
        command = [sys.executable, "-P", "-m", "grader", "test", "-a", str(toy_course), *PLAIN]
        return subprocess.run(
            [*command, *map(str, arguments)],
            cwd=there,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_one_case_a_check(run: Run, hand_in: Path) -> None:
    """Right work passes, a case for each check with its id, and nothing else is collected."""
    (hand_in.parent / "test_of_somebody_else.py").write_text("def test_it(): assert False")
    said = run("ada", "-v", there=hand_in.parent)
    assert said.returncode == 0, said.stdout
    lines = [line.split()[0] for line in said.stdout.splitlines() if " PASSED " in line]
    assert lines == [f"ada::{case}" for case in CASES]
    assert f"{len(CASES)} passed" in said.stdout
    assert "assignment: " in said.stderr
    assert "reference_outputs" in said.stderr


def test_a_failure_shows_the_check_s_message(run: Run, hand_in: Path) -> None:
    """What a student would read, and no traceback of the grader's; JUnit XML has it too."""
    (hand_in / "scales" / "scale.py").write_text(MEAN)
    said = run("ada", "--junitxml=out.xml", there=hand_in.parent)
    assert said.returncode == 1
    assert "2 failed, 3 passed" in said.stdout
    assert "Traceback" not in said.stdout
    assert "cases.py" not in said.stdout
    # Where the caller is, and not where pytest runs.
    cases = list(xml.parse(hand_in.parent / "out.xml").getroot().iter("testcase"))
    assert [(case.attrib["classname"], case.attrib["name"]) for case in cases] == [
        ("ada", case) for case in CASES
    ]
    failed = {case.attrib["name"]: case.find("failure") for case in cases}
    for name, failure in failed.items():
        assert (failure is not None) == ("scale-backward" in name)
        if failure is not None:
            assert failure.text is not None
            assert failure.text in said.stdout
            assert " da " in failure.text


def test_each_submission_has_its_cases(run: Run, hand_in: Path) -> None:
    """Several paths; one that can't be read fails its cases, and says why."""
    (hand_in.parent / "bo.zip").touch()
    said = run("ada", "bo.zip", there=hand_in.parent)
    assert said.returncode == 1
    assert f"{len(CASES)} failed, {len(CASES)} passed" in said.stdout
    assert "the file is empty" in said.stdout


def test_options_choose_and_shape_what_is_shown(run: Run, hand_in: Path) -> None:
    """Checks are chosen by name; none that is chosen is usage."""
    said = run("ada", "-k", "scale-forward and not published", "-v", there=hand_in.parent)
    assert (said.returncode, said.stdout.count(" PASSED ")) == (0, 1)
    said = run("ada", "--collect-only", "-q", there=hand_in.parent)
    assert said.returncode == 0
    assert [line for line in said.stdout.splitlines() if "::" in line] == [
        f"ada::{case}" for case in CASES
    ]
    assert run("ada", "-k", "nothing", there=hand_in.parent).returncode == 2
    (hand_in / "scales" / "scale.py").write_text(MEAN)
    assert "1 failed" in run("ada", "-x", "--tb=no", there=hand_in.parent).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere doesn't exist"),
        (["ada", "--key", "nowhere"], "there is no key in nowhere"),
        (["ada", "--notebook", "Novel"], "there is no notebook Novel"),
    ],
)
def test_a_wrong_call_is_usage(run: Run, hand_in: Path, arguments: list[str], message: str) -> None:
    """Exit code 2 and one line."""
    said = run("-q", *arguments, there=hand_in.parent)
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert message in said.stderr


@pytest.mark.parametrize("inside", [False, True], ids=["beside", "inside"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_file_of_the_submission_runs(
    run: Run, hand_in: Path, tmp_path: Path, kind: str, inside: bool
) -> None:
    """Each runs under pytest itself, and none does here, from beside the folder or inside it."""
    ran = tmp_path / "ran"
    (hand_in / "evil.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    for name, text in HOSTILE[kind].items():
        (hand_in / name).parent.mkdir(exist_ok=True)
        (hand_in / name).write_text(text)
    naive = [sys.executable, "-P", "-m", "pytest", *([] if inside else [str(hand_in)])]
    if kind != "a folder's conftest.py" or inside:
        subprocess.run(naive, cwd=hand_in if inside else tmp_path, capture_output=True, check=False)
        assert ran.exists()
        ran.unlink()
    said = run("." if inside else "ada", there=hand_in if inside else hand_in.parent)
    assert said.returncode == 0, said.stdout
    assert f"{len(CASES)} passed" in said.stdout
    assert not ran.exists()


@pytest.mark.parametrize("name", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"])
def test_no_variable_of_pytest_is_read(run: Run, hand_in: Path, tmp_path: Path, name: str) -> None:
    """A plugin that a variable names is loaded by pytest itself, and not here."""
    ran = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    value = {"PYTEST_ADDOPTS": "-p evil", "PYTEST_PLUGINS": "evil"}[name]
    variables = {"PYTHONPATH": str(tmp_path), name: value}
    subprocess.run(
        [sys.executable, "-m", "pytest", str(tmp_path)],
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )
    assert ran.exists()
    ran.unlink()
    assert run("ada", there=hand_in.parent, **variables).returncode == 0
    assert not ran.exists()


@pytest.mark.parametrize(
    "options",
    [
        ["-c", "ada/pytest.ini"],
        ["-cada/pytest.ini"],
        ["-qc", "ada/pytest.ini"],
        ["-qcada/pytest.ini"],
        ["--config-file=ada/pytest.ini"],
        ["--config-fil", "ada/pytest.ini"],
        ["--inifile=ada/pytest.ini"],
        ["--rootdir", "ada"],
        ["--rootd=ada"],
        ["-p", "evil"],
        ["-pevil"],
        ["-xpevil"],
        ["-o", "addopts=-pevil"],
        ["-oaddopts=-pevil"],
        ["-qoaddopts=-pevil"],
        ["--override-ini=addopts=-pevil"],
        ["--override", "addopts=-pevil"],
        ["--confcutdir=/"],
        ["--pdb"],
        ["--pdbcls=evil:Evil"],
        ["--trace"],
        ["--basetemp=ada"],
        ["--pyargs", "evil"],
        ["--import-mode=append"],
        ["--debug"],
        ["--", "-pevil"],
        ["--", "--rootdir=ada"],
        ["-r", "-pevil"],
    ],
)
def test_options_that_decide_what_runs_are_refused(
    grader: Callable[..., ToldHere],
    toy_course: Path,
    hand_in: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
) -> None:
    """In every spelling that pytest knows: exit code 2 before pytest is begun."""
    begun = []
    monkeypatch.setattr(pytest, "main", lambda *args, **options: begun.append(args))
    monkeypatch.chdir(hand_in.parent)
    assert grader("test", "-a", toy_course, *PLAIN, "ada", *options).code == 2
    assert not begun


@pytest.mark.parametrize(
    "options", [["-k@evil"], ["-k=-pevil", "-k-pevil"], ["--junit-prefix=-pevil"], ["@evil"]]
)
def test_no_value_is_taken_for_an_option(
    run: Run, hand_in: Path, tmp_path: Path, options: list[str]
) -> None:
    """Nor for a file of further arguments."""
    ran = tmp_path / "ran"
    (hand_in.parent / "evil.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    (hand_in.parent / "evil").write_text("-p\nevil\n")
    run("ada", *options, there=hand_in.parent, PYTHONPATH=str(hand_in.parent))
    assert not ran.exists()
