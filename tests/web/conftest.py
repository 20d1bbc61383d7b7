"""A desk over a class of written answers, and browsers without a window."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import written_class
from conftest_web import ANSWERS, BASE, QUESTION, Browser

from grader.classroom.policy import Policy
from grader.key import Key, load
from grader.key.sources import manifest
from grader.web.app import application
from grader.web.desk import Desk

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def web_key() -> Key:
    """The committed key, which has rubrics and released notebooks."""
    return load(ROOT / "reference_outputs")


@pytest.fixture(scope="session")
def written_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results of four students, to be copied."""
    from grader.classroom.gradebook import Gradebook

    folder = tmp_path_factory.mktemp("written")
    assignment = manifest(ROOT / "assignment")
    asked = [q for q in assignment.questions if q.id in (QUESTION, "inline-2")]
    with Gradebook(folder) as gradebook:
        for name, text in ANSWERS.items():
            answers = {QUESTION: text, "inline-2": f"The five-layer one, says {name}."}
            gradebook.save(written_class.record(name, asked, answers), ["written"])
    return folder


@pytest.fixture
def desk(written_folder: Path, web_key: Key, tmp_path: Path) -> Desk:
    """A desk on a class of its own."""
    output = Path(shutil.copytree(written_folder, tmp_path / "grades"))
    place = ROOT / "assignment"
    return Desk(output, place, manifest(place), web_key, Policy())


@pytest.fixture
def app(desk: Desk) -> Any:
    """The desk's application."""
    return application(desk, 8000)


@pytest.fixture
def browse(app: Any, desk: Desk) -> Iterator[Callable[[str], Browser]]:
    """Open a browser for a marker of that name."""
    opened = []

    def browse(marker: str) -> Browser:
        made = Browser(app, base_url=BASE)
        opened.append(made)
        assert made.get(f"/?token={desk.sessions.token}").status_code == 200
        if marker:
            made.submit("/marker", marker=marker)
        return made

    yield browse
    for browser in opened:
        browser.close()


@pytest.fixture
def ada(browse: Callable[[str], Browser]) -> Browser:
    """The browser of a marker named Ada."""
    return browse("Ada")
