"""The reference, handed in as a student's folder, has every automatic point of every notebook."""

import json
import os
import tomllib
from pathlib import Path

import pytest

from grader.authoring.release import make, solved, write
from grader.cli import main
from grader.model.manifest import parse

FOLDER = Path(__file__).parents[2] / "assignment"
ASSIGNMENT = parse(tomllib.loads((FOLDER / "assignment.toml").read_text("utf-8")))
POINTS = {
    "FullyConnectedNets": (91.0, 9.0),
    "BatchNormalization": (86.0, 14.0),
    "Dropout": (85.0, 15.0),
}
ALL = os.environ.get("GRADER_NOTEBOOKS") == "all"


def graded(files, name, folder, capsys):
    """The result of a hand-in of *files* for the notebook *name*."""
    write(files, folder / "someone")
    capsys.readouterr()
    arguments = ["grade", str(folder / "someone"), "--as", "one", "--notebook", name]
    main([*arguments, "--json", "--quiet", "-a", str(FOLDER), "-o", str(folder / "grades")])
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", POINTS)
def test_the_reference_earns_every_automatic_point(name, tmp_path, capsys):
    """Written answers wait for a person, and nothing else does."""
    if name == "FullyConnectedNets" and not ALL:
        pytest.skip("trains four models: tox -e notebooks")
    result = graded(solved(FOLDER, ASSIGNMENT), name, tmp_path, capsys)
    automatic, written = POINTS[name]
    assert (result["score"], result["max_score"], result["pending"]) == (
        automatic,
        automatic,
        written,
    )
    waiting = [q["id"] for q in result["questions"] if q["status"] != "passed"]
    assert waiting == [q["id"] for q in result["questions"] if "inline" in q["id"]]


@pytest.mark.parametrize("name", list(POINTS)[1:])
def test_the_template_earns_nothing(name, tmp_path, capsys):
    """Neither for code nor for its placeholders."""
    result = graded(make(FOLDER, ASSIGNMENT), name, tmp_path, capsys)
    assert (result["score"], result["max_score"], result["pending"]) == (0.0, 100.0, 0.0)
