"""A student's way, typed from the README that the zip holds: install, check, mend, hand in.

Run by ``tox -e student``: a fresh environment takes more than a minute to be made.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.authoring import releasing
from grader.cli import main
from grader.key.sources import manifest, package

pytestmark = pytest.mark.skipif(
    os.environ.get("GRADER_STUDENT") != "all", reason="GRADER_STUDENT is not all: tox -e student"
)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
#: What would wait for a person, or fetch 170 MB.
LEFT_OUT = ("jupyter notebook", "python -m cs682.download")


class Terminal:
    """A student's terminal: bash in the unpacked folder, with the environment that was made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        kept = ("HOME", "LANG", "PATH", "PIP_INDEX_URL", "PIP_CACHE_DIR", "TMPDIR")
        self._environment = {name: os.environ[name] for name in kept if name in os.environ}
        # The README's python3 is this Python.
        own = str(Path(sys.base_prefix) / "bin")
        self._environment["PATH"] = os.pathsep.join([own, self._environment["PATH"]])

    def type(self, lines: str) -> tuple[int, str]:
        """Run lines of the README; return the last one's exit code, and what was printed."""
        active = self._folder / ".venv" / "bin" / "activate"
        first = f". {active}\n" if active.exists() else ""
        done = subprocess.run(
            ["bash", "-c", first + lines],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def folder(assignment_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, unpacked where nothing of the course is."""
    base = tmp_path_factory.mktemp("student")
    made = releasing.make(assignment_folder, base / "download.zip")
    with zipfile.ZipFile(made) as archive:
        archive.extractall(base)
    return base / manifest(assignment_folder).id


def test_the_readme_leads_from_the_download_to_the_points(
    folder: Path, assignment_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command of it, in its order; what `check` says is what the grade gives."""
    assignment = manifest(assignment_folder)
    code = [question.id for question in assignment.questions if question.kind == "code"]
    blocks = BLOCK.findall((folder / "README.md").read_text("utf-8"))
    begin, *others = [block for block in blocks if not block.startswith(LEFT_OUT)]
    check, hand_in = others
    terminal = Terminal(folder)

    status, said = terminal.type(begin)
    assert status == 1, said
    assert "todo Not written yet: affine-forward, " in said
    assert len(said.partition("checking ")[2].splitlines()) <= 30

    written = package(assignment_folder / assignment.package)
    for path in assignment.files.student:
        (folder / assignment.package / path).write_bytes(written[path])
    layers = folder / assignment.package / "layers.py"
    right = layers.read_text("utf-8")
    layers.write_text(right.replace("db = dout.sum(axis=0)", "db = dout.mean(axis=0)"), "utf-8")
    status, said = terminal.type(check)
    assert status == 1, said
    assert "FAIL affine-backward.values" in said
    assert "a mean stands where a sum is asked" in said
    assert re.search(r"^wait two-layer-net, .*affine-backward\.", said, re.MULTILINE | re.DOTALL)
    assert graded(terminal, hand_in, folder, tmp_path / "broken", assignment_folder, capsys) == {
        id for id in code if id != "affine-backward"
    }

    layers.write_text(right, "utf-8")
    status, said = terminal.type(check.splitlines()[0])
    assert status == 0, said
    assert {line.split()[1].rstrip(":") for line in said.splitlines() if line[:3] == "ok "} == set(
        code
    )
    assert graded(terminal, hand_in, folder, tmp_path / "right", assignment_folder, capsys) == set(
        code
    )


def graded(
    terminal: Terminal,
    hand_in: str,
    folder: Path,
    grades: Path,
    course: Path,
    capsys: pytest.CaptureFixture[str],
) -> set[str]:
    """Collect, grade the zip with the course's key, and return the code questions that pass."""
    status, said = terminal.type(hand_in)
    assert status == 0, said
    capsys.readouterr()
    notebooks = [f"--notebook={notebook.name}" for notebook in manifest(course).notebooks]
    arguments = ["grade", str(folder / "hand-in.zip"), "--only", "code", "--json", "-q"]
    main([*arguments, *notebooks, "-a", str(course), "-o", str(grades)])
    result = json.loads(capsys.readouterr().out)
    return {question["id"] for question in result["questions"] if question["status"] == "passed"}
