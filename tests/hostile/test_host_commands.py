"""No command runs a line of a folder that it is pointed at, or stands in, outside the sandbox.

The folder holds a program under every name that Python, pytest, nbconvert or the grader itself is
known to pick up from a working directory.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.selfcheck.rows_process import confines

GRADER = Path(sysconfig.get_path("scripts")) / "grader"
#: A template of nbconvert's is a program; it takes them from the working directory by itself.
TEMPLATE = (
    "{% for c in ''.__class__.__mro__[1].__subclasses__() %}{% if c.__name__ == '_wrap_close' %}"
    "{{ c.__init__.__globals__['system']('touch RAN') }}{% endif %}{% endfor %}"
)
Commands = dict[str, Sequence[str]]


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """What exists once a program of the folder has run."""
    return tmp_path / "ran"


@pytest.fixture
def mallory(toy_course: Path, tmp_path: Path, ran: Path) -> Path:
    """A submission with a program for whoever looks."""
    folder = tmp_path / "class" / "mallory"
    shutil.copytree(toy_course, folder)
    shutil.copytree(toy_course.parent / "reference_outputs", folder / "reference_outputs")
    program = f"import os\nos.close(os.open({str(ran)!r}, os.O_CREAT))\n"
    names = {*sys.stdlib_module_names, "numpy", "pytest", "hypothesis", "jinja2", "nbconvert"}
    names |= {"sitecustomize", "usercustomize", "conftest", "evil", "msgspec", "nh3", "rich"}
    for name in names:
        (folder / f"{name}.py").write_text(program)
    for rows in (folder / "checks" / "__init__.py", folder / "witness" / "__init__.py"):
        rows.write_text(program + (rows.read_text("utf-8") if rows.exists() else ""))
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p evil\npythonpath = .\n")
    (folder / "basic").mkdir()
    (folder / "basic" / "index.html.j2").write_text(TEMPLATE.replace("RAN", str(ran)))
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Mine"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "Scales.ipynb").write_text(json.dumps(notebook))
    return folder


def commands(course: Path) -> Commands:
    own = ("-a", str(course))
    return {
        "grade": ("grade", ".", *own, "-o", "../grades", "--annotate"),
        "grade beside another": ("grade", "..", *own, "-j", "2", "-o", "../../grades"),
        "grade, nothing named": ("grade", ".", "-o", "../grades"),
        "test": ("test", ".", *own),
        "test, nothing named": ("test", "."),
        "check": ("check",),
        "explain": ("explain", "scale-forward.values"),
        "doctor": ("doctor",),
    }


NAMES = list(commands(Path()))


@pytest.mark.skipif(not confines(), reason="this machine confines no code")
@pytest.mark.parametrize("name", NAMES)
def test_no_command_runs_a_program_of_the_folder(
    mallory: Path, toy_course: Path, ran: Path, name: str
) -> None:
    """From inside of it, with the script that is installed."""
    shutil.copytree(toy_course / "scales", mallory.parent / "ada" / "scales")
    said = subprocess.run(
        [str(GRADER), *commands(toy_course)[name]],
        cwd=mallory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode in (0, 1, 2), said.stderr
    assert "Traceback" not in said.stderr
    assert not ran.exists()


@pytest.mark.parametrize("name", ["numpy", "pathlib", "argparse", "socket", "json"])
def test_python_m_imports_nothing_of_the_folder(
    mallory: Path, toy_course: Path, ran: Path, name: str
) -> None:
    """``python -m grader`` takes the working directory off Python's path before all else."""
    for path in mallory.glob("*.py"):
        if path.stem != name:
            path.unlink()
    here = [sys.executable, "-m", "grader", "grade", ".", "-a", str(toy_course), "-o", "../grades"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    said = subprocess.run(here, cwd=mallory, env=environment, capture_output=True, check=False)
    assert (said.returncode, ran.exists()) == (0, False), said.stderr
    control = [sys.executable, "-c", f"import {name}"]
    subprocess.run(control, cwd=mallory, env=environment, capture_output=True, check=False)
    assert ran.exists() or name == "socket" or name in sys.modules


def test_the_programs_are_real(mallory: Path, toy_course: Path, ran: Path) -> None:
    """Where nothing keeps the working directory away, each is run."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}

    def runs(*arguments: str) -> bool:
        ran.unlink(missing_ok=True)
        command = [sys.executable, *arguments]
        subprocess.run(command, cwd=mallory, env=environment, capture_output=True, check=False)
        return ran.exists()

    assert runs("-P", "-m", "pytest")
    # As the processes of `grade -j 2` are started.
    assert runs("-c", "from multiprocessing.spawn import spawn_main")
    rows = "import sys; from pathlib import Path; from grader.key.checks import course_checks"
    assert runs("-P", "-c", f"{rows}; course_checks(Path('.').resolve())")
    page = (
        "from nbconvert import HTMLExporter; from nbformat.v4 import new_notebook\n"
        "HTMLExporter(template_name='basic').from_notebook_node(new_notebook())"
    )
    assert runs("-P", "-c", page)


def test_a_submission_is_not_the_course(mallory: Path, toy_course: Path, tmp_path: Path) -> None:
    """What is called ``assignment`` and ``reference_outputs`` among submissions is not taken."""
    klass = tmp_path / "submissions"
    shutil.copytree(mallory, klass / "assignment")
    shutil.copytree(mallory / "reference_outputs", klass / "reference_outputs")

    def grade(*arguments: str, there: Path) -> subprocess.CompletedProcess[str]:
        command = [str(GRADER), "grade", *arguments, "-o", str(tmp_path / "grades")]
        return subprocess.run(command, cwd=there, capture_output=True, text=True, check=False)

    said = grade(".", there=klass)
    assert said.returncode == 2
    assert "may be a submission's" in said.stderr
    said = grade("assignment", "reference_outputs", there=klass)
    assert said.returncode == 2
    # With the course above, that one is taken, and told.
    shutil.copytree(toy_course, tmp_path / "assignment")
    shutil.copytree(toy_course.parent / "reference_outputs", tmp_path / "reference_outputs")
    for paths in ([".", "-q"], ["."], ["assignment", "reference_outputs"], ["assignment"]):
        said = grade(*paths, there=klass)
        assert said.returncode == 0, said.stderr
        told = f"assignment: {tmp_path / 'assignment'}, key: {tmp_path / 'reference_outputs'}"
        assert (told in said.stderr) == ("-q" not in paths)
    # Neither is one that stands in the submission that is graded, from inside of it.
    assert str(tmp_path / "assignment") in grade(".", there=klass / "assignment").stderr
    # The course's maintainers grade the reference where it stands.
    assert grade("assignment", there=tmp_path).returncode == 0
    # What is named is taken.
    own = ["-a", str(klass / "assignment"), "--key", str(klass / "reference_outputs")]
    assert grade(".", *own, there=klass).returncode == 0
