"""The walls of the house: a room imports from lower floors only, and nothing goes in a circle."""

from pathlib import Path

import imports
import pytest


@pytest.fixture(scope="module")
def edges(root: Path) -> imports.Graph:
    """What each module of the engine imports of it."""
    return imports.graph(root / "grader")


def test_imports_run_downward(edges: imports.Graph) -> None:
    """No module imports from its own floor's other rooms or from above."""
    assert not imports.upward(edges)


def test_there_is_no_circle(edges: imports.Graph) -> None:
    """No module of the engine imports itself through others."""
    assert not imports.circles(edges)


def test_every_room_has_a_floor(edges: imports.Graph) -> None:
    """A new folder of the engine must be given a floor before it can be used."""
    assert all(imports.floor(name) is not None for name in edges)
