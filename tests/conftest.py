"""Where things stand in a checkout, for all tests."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def assignment_folder(root: Path) -> Path:
    """The course's folder."""
    return root / "assignment"


@pytest.fixture
def toy(root: Path, tmp_path: Path) -> Path:
    """A copy of the toy assignment, to build from and to break."""
    import shutil

    return Path(shutil.copytree(root / "tests" / "toy", tmp_path / "course" / "assignment"))
