"""An assignment's folder, copied out of the repository, with the engine as it is installed.

Runs with GRADER_INSTALLED set, as `tox -e release` does, which installs the wheel: it takes half a
minute.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WHERE = "import grader, pathlib; print(pathlib.Path(grader.__file__).resolve().parents[1])"


def run(folder: Path, *command: str, code: int = 0) -> str:
    """Run a command of the installed engine in *folder*; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.mark.skipif("GRADER_INSTALLED" not in os.environ, reason="tox -e release installs a wheel")
def test_the_installed_engine_does_all_of_it(root: Path, tmp_path: Path) -> None:
    """Build, grade, check, explain and new, with nothing of the repository at hand."""
    where = subprocess.run(
        [sys.executable, "-c", WHERE], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert Path(where.stdout.strip()) != root, "the engine that is installed is the checkout"
    shutil.copytree(root / "tests" / "linreg", tmp_path / "linreg")
    run(tmp_path, "build", "-a", "linreg")
    run(tmp_path, "build", "-a", "linreg", "--check")
    shutil.copytree(tmp_path / "linreg_template", tmp_path / "mine")
    for path in (tmp_path / "linreg" / "fits").glob("*.py"):
        shutil.copy(path, tmp_path / "mine" / "fits")
    plain = ("--isolation", "process", "--allow-unsandboxed")
    run(tmp_path, "grade", "-a", "linreg", *plain, "--only", "code", "--as", "one", "mine")
    (result,) = (tmp_path / "grades").rglob("result.json")
    assert json.loads(result.read_text("utf-8"))["score"] == 22
    assert "ok   nearest: " in run(tmp_path / "mine", "check", "--examples", "5")
    assert "k smallest distances" in run(tmp_path, "explain", "-a", "linreg", "nearest.values")
    run(tmp_path, "new", "stats")
    run(tmp_path, "build", "-a", "stats")
