"""What the searches are made on: the committed key, and what the reference answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from budget import tried

from grader.authoring import building
from grader.key import Key, load, sources
from grader.sandbox import Batch, Package, Reply, Sandbox


@pytest.fixture(scope="session")
def key(root: Path) -> Key:
    """The committed key."""
    return load(root / building.OUTPUTS)


@pytest.fixture(scope="session")
def right(key: Key, assignment_folder: Path) -> Mapping[str, Reply]:
    """The reference's reply to each run of the key."""
    assignment = sources.manifest(assignment_folder)
    files = sources.package(assignment_folder / assignment.package)
    package = Package(assignment.package, files, key.given, assignment.given)
    batch = Batch([sheet.run for sheet in key.sheets.values()])
    with (
        Sandbox(building._PATIENT, level="process", allow_unsandboxed=True) as sandbox,
        sandbox.start(package) as session,
    ):
        return {reply.run: reply for reply in session.ask(batch)}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cases each search has tried."""
    for name, count in sorted(tried.items()):
        terminalreporter.write_line(f"{count:8} {name}")
