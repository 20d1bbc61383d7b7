"""The page on benchmarks: each script is in it, and each that it names is there."""

from __future__ import annotations

import re
from pathlib import Path


def test_each_benchmark_is_listed(root: Path) -> None:
    """Whoever looks for a figure's command finds it, and no script is left that nobody knows."""
    folder = root / "benchmarks"
    named = set(re.findall(r"`((?:peers/)?\w+\.py)", (folder / "README.md").read_text("utf-8")))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    parts_of_the_peers = {"peers/items.py", "peers/otter_class.py", "peers/spent.py"}
    assert named == there - parts_of_the_peers
