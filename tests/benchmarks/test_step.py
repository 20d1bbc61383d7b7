"""The step benchmark: all engines do the same work, and a missing PyTorch is said."""

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


@pytest.mark.parametrize("engine", ["textbook", "fast"])
def test_steps_are_timed_and_learn(root: Path, engine: str) -> None:
    """Each turn answers with seconds a step, and with a loss that begins at log 10."""
    turns = [
        json.loads(line) for line in run(root, "--work", engine, stdin="go\n" * 9).split("\n")[:-1]
    ]
    assert len(turns) == 9
    assert all(turn["cpu"] > 0 and turn["wall"] > 0 for turn in turns)
    assert turns[0]["loss"] == pytest.approx(2.3026, abs=0.01)
    assert turns[-1]["loss"] != turns[0]["loss"]


def test_every_engine_that_is_here_has_its_row(root: Path) -> None:
    """The losses agreed, the textbook's step is the measure, and a missing PyTorch is said."""
    lines = run(root).splitlines()
    # In a process of its own: other tests put a module of that name on the path.
    here = (
        subprocess.run([sys.executable, "-c", "import torch"], capture_output=True).returncode == 0
    )
    assert ("no torch: PyTorch isn't installed here (pip install torch)" in lines) is not here
    rows = [line.split() for line in lines if "(" in line and " to " in line]
    assert [row[0] for row in rows] == ["textbook", "fast", *["torch"] * here]
    assert float(rows[0][3]) == 1.0
    assert all(float(row[3]) > 0 for row in rows)


def test_another_loss_ends_the_run(root: Path, tmp_path: Path) -> None:
    """An engine that computes something else is no engine to compare with."""
    script = tmp_path / "benchmarks" / "step.py"
    script.parent.mkdir()
    (tmp_path / "assignment").symlink_to(root / "assignment")
    text = (root / "benchmarks" / "step.py").read_text("utf-8")
    right = "(dout.T @ x.reshape(len(x), -1)).T"
    assert text.count(right) == 1
    script.write_text(text.replace(right, f"1.01 * {right}"), "utf-8")
    command = [sys.executable, str(script), *SMALL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "they don't do the same" in done.stderr
