"""Where things stand in a checkout, for all tests."""

import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

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
    return Path(shutil.copytree(root / "tests" / "toy", tmp_path / "course" / "assignment"))


@pytest.fixture(scope="session")
def toy_course(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy assignment with its key."""
    from grader.authoring import building

    folder = tmp_path_factory.mktemp("toy") / "assignment"
    shutil.copytree(root / "tests" / "toy", folder)
    building.build(folder)
    return folder
