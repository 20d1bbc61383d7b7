"""Where things stand in a checkout, and how Hypothesis searches, for all tests."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# Before numpy is loaded: workers beside each other would wait for one another's threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long an example takes is a matter of what else the machine does: no test has a deadline.
settings.register_profile(
    "tests", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def assignment_folder(root: Path) -> Path:
    """The course's folder."""
    return root / "assignment"


@pytest.fixture(scope="session")
def drawn_key(assignment_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key of the real assignment, from a seed of its own; drawn once in a run.

    Drawing takes a good part of a minute, so workers that run side by side share one.
    """
    import fcntl

    from grader.authoring import building

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "drawn-key"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            seed = "a seed that is drawn for the tests"
            building.own_key(assignment_folder, folder, seed, trains=False)
            (folder / "done").touch()
    return folder


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
