"""The step benchmark: both engines do the same work, and a missing PyTorch is said."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ["--images", "500", "--steps", "2", "--rounds", "1", "--threads", "1"]


def run(root: Path, *words: str, stdin: str = "") -> str:
    """Run the benchmark on few images and return what it prints."""
    command = [sys.executable, str(root / "benchmarks" / "step.py"), *SMALL, *words]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_references_steps_are_timed_and_learn(root: Path) -> None:
    """Each turn answers with seconds a step, and with a loss that begins at log 10."""
    turns = [
        json.loads(line)
        for line in run(root, "--work", "reference", stdin="go\n" * 9).split("\n")[:-1]
    ]
    assert len(turns) == 9
    assert all(turn["cpu"] > 0 and turn["wall"] > 0 for turn in turns)
    assert turns[0]["loss"] == pytest.approx(2.3026, abs=0.01)
    assert turns[-1]["loss"] != turns[0]["loss"]


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is here")
def test_a_missing_pytorch_is_said(root: Path) -> None:
    """Without PyTorch the run ends well, with the reason and the way out."""
    assert run(root) == "skipped: PyTorch isn't installed here (pip install torch)\n"


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch isn't installed")
def test_both_engines_have_their_rows(root: Path) -> None:
    """With PyTorch both clocks give a ratio, and the losses agreed."""
    lines = [line.split() for line in run(root).splitlines()]
    assert [line[0] for line in lines[2:]] == ["cpu", "wall"]
    assert all(float(line[6]) > 0 for line in lines[2:])
