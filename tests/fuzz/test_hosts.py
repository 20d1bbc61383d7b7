"""Search: a file in a hostile folder that a command runs on the host."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from budget import CASES, tried

from grader.selfcheck.rows_process import confines

GRADER = str(Path(sysconfig.get_path("scripts")) / "grader")
PROGRAM = "import os\nos.close(os.open({ran!r}, os.O_CREAT))\n"
#: Names that Python, pytest, coverage, numpy, IPython, Jupyter or the grader pick up somewhere.
PROGRAMS = (
    "conftest.py", "sitecustomize.py", "usercustomize.py", "evil.py", "setup.py", "noxfile.py",
    "checks/__init__.py", "checks/rows.py", "witness/__init__.py", "witness/scale.py",
    "grader/__init__.py", "grader/cli/__init__.py", "numpy/__init__.py", "msgspec.py", "json.py",
    "pytest.py", "hypothesis/__init__.py", "jinja2.py", "nbformat.py", "rich/__init__.py",
    "encodings/__init__.py", "pathlib.py", "argparse.py", "tests/conftest.py", "__init__.py",
    "__main__.py", "_grader_checks.py", "ipython_config.py", "jupyter_config.py",
    "misconceptions/__init__.py", "pyproject_hooks.py", "lib/site-packages/sitecustomize.py",
)  # fmt: skip
TEXTS: Mapping[str, str] = {
    "pytest.ini": "[pytest]\naddopts = -p evil\npythonpath = .\n",
    "tox.ini": "[pytest]\naddopts = -p evil\npythonpath = .\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil\npythonpath = .\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p evil'\npythonpath = ['.']\n",
    "evil.pth": "import evil\n",
    "pyvenv.cfg": "home = .\ninclude-system-site-packages = true\n",
    ".env": "PYTHONPATH=.\n",
    "assignment.toml": "schema = 'grader/assignment/v1'\nid = 'toy'\ntitle = 'x'\n",
    "reference_outputs/key.json": '{"schema": "grader/key/v2"}',
    "key.json": '{"schema": "grader/key/v2"}',
    ".grader": "consent\n",
    "basic/index.html.j2": "{{ cycler.__init__.__globals__ }}",
}


def commands(course: Path) -> Sequence[Sequence[str]]:
    own = ("-a", str(course))
    return (
        ("grade", ".", *own, "-o", "../grades", "--annotate"),
        ("grade", ".", *own),
        ("grade", "..", *own, "-j", "2", "-o", "../../grades"),
        ("grade", ".", "-o", "../grades"),
        ("test", ".", *own),
        ("test", "."),
        ("check",),
        ("check", "scale-forward"),
        ("explain", "scale-forward.values"),
        ("explain", "scale-forward.values", *own),
        ("doctor",),
        ("build", "--check", *own),
    )


def ran(folder: Path, course: Path, files: Sequence[str], command: Sequence[str]) -> bool:
    """Put hostile *files* into a hand-in, run *command* in it, and say whether one has run."""
    trace = folder / "ran"
    place = folder / "class" / "mallory"
    shutil.copytree(course / "scales", place / "scales")
    shutil.copytree(course / "scales", folder / "class" / "ada" / "scales")
    for name in ("evil.py", *files):
        text = TEXTS.get(name) or PROGRAM.format(ran=str(trace))
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        if not (place / name).is_dir():
            (place / name).write_text(text)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False)
    found = trace.exists()
    shutil.rmtree(folder)
    return found


@pytest.mark.skipif(not confines(), reason="this machine confines no code")
def test_no_line_of_the_folder_runs_on_the_host(toy_course: Path, tmp_path: Path) -> None:
    """Each command, in a folder with all of it, and with some of it."""
    dice = random.Random(CASES)
    all_files = [*PROGRAMS, *TEXTS]
    todo = [(all_files, command) for command in commands(toy_course)]
    if CASES:
        todo += [
            (dice.sample(all_files, dice.randint(1, 12)), dice.choice(commands(toy_course)))
            for _ in range(max(1, CASES // 100))
        ]
    else:
        todo = dice.sample(todo, 2)
    for number, (files, command) in enumerate(todo):
        tried["commands in hostile folders"] += 1
        folder = tmp_path / str(number)
        assert not ran(folder, toy_course, files, [GRADER, *command]), (files, command)


@pytest.mark.parametrize(
    ("files", "arguments"),
    [
        (["pytest.ini"], ["-P", "-m", "pytest"]),
        (["conftest.py"], ["-P", "-m", "pytest"]),
        (["json.py"], ["-c", "import json.decoder, sys; sys.modules.pop('json'); import json"]),
    ],
)
def test_the_search_finds_what_runs(
    toy_course: Path, tmp_path: Path, files: list[str], arguments: list[str]
) -> None:
    """Were one of these commands the grader's, the program would be seen to run."""
    assert ran(tmp_path / "one", toy_course, files, [sys.executable, *arguments])
