"""A class of 24 of the toy assignment, graded once, with a roster that has every system's ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import downloads
import pytest
from conftest_exports import PLAIN, Graded, roster

from grader.cli import main

WRONG = b"def scale_forward(x, w):\n    return x, None\n"


@pytest.fixture(scope="session")
def work(toy_course: Path) -> downloads.Work:
    """What each student hands in: right, one file wrong, or one not there."""
    right = {name: (toy_course / "scales" / name).read_bytes() for name in ("scale.py", "steps.py")}

    def work(number: int) -> dict[str, bytes]:
        files = dict(right)
        if number % 3 == 1:
            files["scale.py"] = WRONG
        if number % 4 == 2:
            files["steps.py"] = b"\n"
        files["scale.py"] += f"# by {number}\n".encode()
        if number in downloads.APART:
            return files
        return {f"scales/{name}": data for name, data in files.items()}

    return work


@pytest.fixture(scope="session")
def graded(
    toy_course: Path, work: downloads.Work, tmp_path_factory: pytest.TempPathFactory
) -> Graded:
    """The results of Canvas's download, as it came."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "download.zip").write_bytes(downloads.packed(downloads.canvas(work)))
    (folder / "roster.csv").write_text(roster(), "utf-8")
    words = ["grade", "-q", "-a", toy_course, "-o", folder / "grades", "-j", 2, *PLAIN]
    words += ["--roster", folder / "roster.csv", folder / "download.zip"]
    code = main([str(word) for word in words])
    assert code == 0
    return Graded(toy_course, folder / "grades")


@pytest.fixture
def export(graded: Graded, tmp_path: Path) -> Callable[..., Path]:
    """Run ``grader export`` and return what it wrote."""

    def export(target: str, *arguments: object, code: int = 0) -> Path:
        to = tmp_path / f"sent-{target}"
        words = ["export", target, "-q", "-a", graded.course, "-o", graded.folder, "--to", to]
        assert main([str(word) for word in (*words, *arguments)]) == code
        return to

    return export
