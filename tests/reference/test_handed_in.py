"""The reference's notebook, executed whole on the real images, handed in and graded."""

import json
import shutil
from pathlib import Path

import nbformat
from on_images import ON_IMAGES

from grader.cli import main

pytestmark = ON_IMAGES

FOLDER = Path(__file__).parents[2] / "assignment"


def test_it_earns_every_automatic_point(executed, tmp_path, capsys):
    """At ``--train full``, 91 of 91 points; the other nine wait for a person."""
    handed_in = Path(shutil.copytree(executed.metadata["folder"], tmp_path / "reference"))
    nbformat.write(executed, handed_in / "FullyConnectedNets.ipynb")
    capsys.readouterr()
    code = main(
        [
            *("grade", str(handed_in), "--as", "one", "--train", "full", "--json", "--quiet"),
            *("-a", str(FOLDER), "-o", str(tmp_path / "grades")),
        ]
    )
    result = json.loads(capsys.readouterr().out)
    statuses = {question["id"]: question["status"] for question in result["questions"]}
    written = ("inline-1", "inline-2", "inline-3")
    assert [id for id, status in statuses.items() if status != "passed"] == [*written]
    assert (result["score"], result["max_score"], result["pending"]) == (91.0, 91.0, 9.0)
    assert code == 0
