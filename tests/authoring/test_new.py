"""``grader new``: a folder that builds and grades, and that stands beside others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.authoring.release import template
from grader.cli import main
from grader.key import sources

PLAIN = ("--isolation", "process", "--allow-unsandboxed", "-q")


def test_what_is_new_builds_and_grades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands that its message names work as written, with nothing filled in."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "my-stats"]) == 0
    assert "my-stats/assignment.toml" in capsys.readouterr().out
    assert main(["build", "-a", "my-stats"]) == 0
    assert main(["build", "-a", "my-stats", "--check"]) == 0
    folder = tmp_path / "my-stats"
    for path, data in template.solved(folder, sources.manifest(folder)).items():
        if path.startswith("my_stats"):
            (tmp_path / "work" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "work" / path).write_bytes(data)
    assert main(["grade", "-a", "my-stats", *PLAIN, "--as", "one", "work"]) == 0
    (result,) = (tmp_path / "grades").rglob("result.json")
    assert json.loads(result.read_text("utf-8"))["score"] == 4


@pytest.mark.parametrize("name", ["3x", "a b", "class", "a.b"])
def test_a_name_that_can_be_no_id_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name must do for a package and a folder."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    assert "can't name an assignment" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_stands_there_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that holds something is never written into."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "stats"]) == 0
    before = {p: p.read_bytes() for p in (tmp_path / "stats").rglob("*") if p.is_file()}
    assert main(["new", "stats"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in before} == before
