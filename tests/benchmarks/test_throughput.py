"""The benchmark runs from end to end on a class of three."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what processes use from /proc")
def test_a_small_class_gives_every_figure(root: Path) -> None:
    """Every stage and every kind of submission has a row with a number."""
    command = [sys.executable, str(root / "benchmarks" / "throughput.py")]
    command += ["-n", "3", "-j", "1", "--repeats", "1", "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line[34:].strip()]
    assert any(row.startswith("floor: ") for row in rows)
    for name in ("right", "one mistake", "reading", "comparing", "writing"):
        assert any(row.startswith(name) and row.split()[-1][-1].isdigit() for row in rows), name
