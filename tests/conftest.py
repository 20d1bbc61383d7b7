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
