"""The script that saves marks while runs are killed: what it calls lost, and two killed runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import marks
import pytest


def test_a_mark_that_is_gone_or_does_not_count_is_told(tmp_path: Path) -> None:
    """Missing in the table, another one there, or not in the result."""
    (tmp_path / "written.csv").write_text(
        "submission,question,score\na,q,1\nb,q,\nc,q,2\nd,q,1\n", "utf-8"
    )
    for name, score in (("a", 1.0), ("b", 1.0), ("c", 2.0), ("d", 0.5)):
        place = tmp_path / "submissions" / name / "result.json"
        place.parent.mkdir(parents=True)
        question = {"id": "q", "status": "passed", "score": score}
        place.write_text(json.dumps({"submission": name, "questions": [question]}), "utf-8")
    saved = {(name, "q"): 1.0 for name in "abcde"}
    assert [line.partition(":")[0] for line in marks.lost(saved, tmp_path)] == [
        "b q",
        "c q",
        "d q",
        "e q",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="runs are killed as on Linux")
def test_marks_outlive_a_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs killed, at moments that a seed says: all marks are there."""
    words = ["marks.py", "--moments", "2", "--count", "6", "--seed", "3"]
    monkeypatch.setattr(sys, "argv", words)
    assert marks.main() == 0
