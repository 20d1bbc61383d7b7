"""A class of the toy assignment, and the command line to grade it with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import PLAIN, Grade, Put, Said

from grader.cli import main


@pytest.fixture
def grader(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse's own way out
            code = int(str(error.code))
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    """The folder that a run writes into."""
    return tmp_path / "grades"


@pytest.fixture
def grade(grader: Callable[..., Said], toy_course: Path, grades: Path) -> Grade:
    """Run ``grader grade`` on the toy assignment."""

    def run(*arguments: object) -> Said:
        return grader("grade", "-a", toy_course, "-o", grades, *PLAIN, *arguments)

    return run


@pytest.fixture
def klass(tmp_path: Path) -> Path:
    """The folder that a class's submissions stand in."""
    folder = tmp_path / "class"
    folder.mkdir()
    return folder


@pytest.fixture
def put(klass: Path, toy_course: Path) -> Put:
    """Hand in the reference, with some files replaced, under a name."""

    def put(name: str, **texts: str | bytes) -> Path:
        folder = klass / name / "scales"
        folder.mkdir(parents=True, exist_ok=True)
        for module in ("scale", "steps"):
            text = texts.get(module, (toy_course / "scales" / f"{module}.py").read_bytes())
            data = text.encode() if isinstance(text, str) else text
            (folder / f"{module}.py").write_bytes(data)
        return folder.parent

    return put
