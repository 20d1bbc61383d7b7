"""The course's download as a student's folder: as it was given out, and filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest_selfcheck import Work

from grader.authoring import release
from grader.key.sources import manifest
from grader.selfcheck.work import Opened


@pytest.fixture(scope="session")
def download(assignment_folder: Path) -> dict[str, bytes]:
    """The files that students get, without the public examples."""
    return release.make(assignment_folder, manifest(assignment_folder))


@pytest.fixture(scope="session")
def answered(assignment_folder: Path) -> dict[str, bytes]:
    """The same files with the reference's answers in place."""
    return release.solved(assignment_folder, manifest(assignment_folder))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Write files into a folder of a student's, and open it."""

    def opened(files: dict[str, bytes]) -> Opened:
        release.write(files, tmp_path / "mine")
        return Opened(tmp_path / "mine", tmp_path / "mine")

    return opened
