"""docs/authoring.md, done to the letter: its assignment builds, and earns what it should."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from grader.authoring.explaining import course, explain
from grader.authoring.release import template
from grader.cli import main
from grader.key import sources

BLOCK = re.compile(r"^```\w+ (file|append|replace)=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLAIN = ("--isolation", "process", "--allow-unsandboxed", "-q")


def follow(page: str, folder: Path) -> int:
    """Do in *folder* what the blocks of *page* say; return how many there were."""
    count = 0
    for word, name, text in BLOCK.findall(page):
        path = folder / name
        if word == "replace":
            old, new = text.split("---\n")
            assert old in path.read_text("utf-8")
            text = path.read_text("utf-8").replace(old, new)
        elif word == "append":
            text = path.read_text("utf-8") + text
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        count += 1
    return count


def test_the_page_makes_an_assignment(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reference earns all but the written answer, a copy of it without its notebook all of
    the code's points, the template nothing; ids are explained."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "stats"]) == 0
    assert follow((root / "docs" / "authoring.md").read_text("utf-8"), tmp_path) > 20
    assert main(["build", "-a", "stats"]) == 0
    assert main(["build", "-a", "stats", "--check"]) == 0
    stats = tmp_path / "stats"
    for path, data in template.solved(stats, sources.manifest(stats)).items():
        if path.startswith("stats"):
            (tmp_path / "class" / "right" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "class" / "right" / path).write_bytes(data)
    shutil.copytree(tmp_path / "stats_template", tmp_path / "class" / "blank")
    shutil.copytree(stats, tmp_path / "class" / "reference")
    assert main(["grade", "-a", "stats", *PLAIN, "--as", "class", "class"]) == 0
    scores = {}
    for path in (tmp_path / "grades").rglob("result.json"):
        result = json.loads(path.read_text("utf-8"))
        scores[result["submission"]] = result["score"], result["pending"]
    assert scores == {
        "right": (19.0, 2.0),
        "reference": (14.0, 0.0),
        "blank": (0.0, 0.0),
    }
    assert "in either order" in explain("ends.values", course(stats))
    assert "A person marks it." in explain("why-n", course(stats))
    assert "what the model that its cell leaves reaches" in explain("fit", course(stats))
    monkeypatch.chdir(tmp_path / "stats_template")
    assert main(["check", "why-n"]) == 1
    assert "todo Not answered yet: why-n." in capsys.readouterr().out


def test_each_block_says_where_it_goes(root: Path) -> None:
    """The line above a block names its file: a page that is shown hides what the fence says."""
    page = (root / "docs" / "authoring.md").read_text("utf-8")
    assert unsaid(page) == []
    assert unsaid("Some words.\n\n```toml append=stats/a.toml\nx = 1\n```\n") == ["stats/a.toml"]


def unsaid(page: str) -> list[str]:
    """Return the files whose blocks have no line above that names them."""
    above = [page[: found.start()].rstrip().rpartition("\n")[2] for found in BLOCK.finditer(page)]
    names = [found[2] for found in BLOCK.finditer(page)]
    return [name for name, line in zip(names, above, strict=True) if f"`{name}`" not in line]
