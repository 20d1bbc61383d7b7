"""The second assignment, built, and what is handed in for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring import building
from grader.authoring.release import template
from grader.key import sources

HandIn = Callable[..., Path]


@pytest.fixture(scope="session")
def linreg(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the second assignment outside of the repository, with its template and key."""
    folder = tmp_path_factory.mktemp("course") / "linreg"
    shutil.copytree(root / "tests" / "linreg", folder)
    building.build(folder)
    return folder


@pytest.fixture
def hand_in(linreg: Path, tmp_path: Path) -> HandIn:
    """Hand in the reference under a name, with some texts replaced in its files."""

    def put(name: str, **edits: dict[str, str]) -> Path:
        folder = tmp_path / "class" / name
        for path, data in template.solved(linreg, sources.manifest(linreg)).items():
            if path.startswith(("fits/", "Fits")):
                text = data.decode("utf-8")
                for old, new in edits.get(Path(path).stem, {}).items():
                    assert old in text
                    text = text.replace(old, new)
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, "utf-8")
        return folder

    return put
