"""The reference's package, importable by its name, and its notebook run on the real images."""

import os
import sys
import tomllib
from pathlib import Path

import pytest
from fresh_kernel import run

from grader.authoring.release import solved
from grader.model.manifest import parse

FOLDER = Path(__file__).parents[2] / "assignment"
sys.path.insert(0, str(FOLDER))


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """The solved notebook after a run in a fresh kernel; ``metadata.folder`` is where it ran."""
    assignment = parse(tomllib.loads((FOLDER / "assignment.toml").read_text("utf-8")))
    files = solved(FOLDER, assignment)
    images = Path(os.environ["CIFAR10_DIR"])
    return run(files, "FullyConnectedNets", tmp_path_factory.mktemp("executed"), images)
