"""Hand submissions in, as folders and as zips, and read what was handed in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest_submissions import Hand, Texts, lay, packed, read_one

from grader.submissions import Submission


@pytest.fixture(params=["folder", "zip"])
def hand(request: pytest.FixtureRequest, tmp_path: Path) -> Hand:
    """Hand files in, as a folder and as a zip, and read what was handed in."""

    def hand(files: Texts) -> Submission:
        if request.param == "folder":
            return read_one(lay(tmp_path / "ada", files))
        path = tmp_path / "ada.zip"
        path.write_bytes(packed(files))
        return read_one(path)

    return hand


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder of an ordinary user's, who runs the test: root reads whatever the modes say."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="grader-test-") as name:
        if root:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
