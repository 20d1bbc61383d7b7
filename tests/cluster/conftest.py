"""Clusters of two processes, the example class, and what marking it here gives."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from dask_processes import DOUBLE, Dask, Grade

from grader.cli import main

sys.path.append(str(Path(__file__).resolve().parents[1] / "hostile"))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave this folder to ``tox -e cluster``: it takes minutes, and the extra [cluster]."""
    return None if os.environ.get("GRADER_CLUSTER") else True


@pytest.fixture(scope="session")
def klass(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example class: ten submissions."""
    subprocess.run([sys.executable, root / "examples" / "make_class.py"], check=True)
    folder = tmp_path_factory.mktemp("class") / "class"
    return Path(shutil.copytree(root / "examples" / "class", folder))


@pytest.fixture
def grade(klass: Path, assignment_folder: Path, tmp_path: Path) -> Grade:
    """Grade the class, or another, into a folder ``grades``; written answers and code."""

    def grade(*options: object, of: Path = klass, to: str = "grades") -> int:
        words = ["grade", of, "-a", assignment_folder, "-o", tmp_path / to, "--as", "class"]
        asked = [] if "--only" in options else ["--only", "code", "--only", "written"]
        return main([str(word) for word in (*words, *asked, *options)])

    return grade


@pytest.fixture(scope="session")
def here(klass: Path, assignment_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes on this machine make of the class."""
    output = tmp_path_factory.mktemp("here")
    words = ["grade", klass, "-a", assignment_folder, "-o", output, "-j", "2", "-q", "--annotate"]
    assert main([str(word) for word in (*words, "--only", "code", "--only", "written")]) == 0
    return output


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """A cluster whose scheduler can be killed and started again."""
    made = Dask(tmp_path)
    made.wait()
    yield made
    made.close()


@pytest.fixture(scope="module")
def local() -> Iterator[Callable[..., Any]]:
    """Make clusters of two processes on this machine, of dask's own sort; ended at the end."""
    from distributed import LocalCluster

    with ExitStack() as opened:

        def make(weak: str = "") -> Any:
            cluster = LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
                preload=[str(DOUBLE)],
                env={"GRADER_TEST_WEAK": weak},
            )
            return opened.enter_context(cluster)

        yield make


@pytest.fixture(scope="module")
def cluster(local: Callable[..., Any]) -> Any:
    """Such a cluster."""
    return local()
