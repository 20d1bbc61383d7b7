"""What training questions ask can be had on any secret's images; ``tox -e secrets`` tries 50."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring import building
from grader.authoring.trained import MARGIN, reached
from grader.key import Key, load, sources, streams
from grader.sandbox import Sandbox

#: How many secrets are tried; each takes 17 s of CPU time.
COUNT = int(os.environ.get("GRADER_SECRETS", "1"))


@pytest.fixture(scope="module")
def sandbox(assignment_folder: Path) -> Iterator[Sandbox]:
    limits = sources.manifest(assignment_folder).limits
    with Sandbox(limits, level="process", allow_unsandboxed=True) as found:
        yield found


@pytest.fixture(scope="module")
def key(root: Path) -> Key:
    return load(root / building.OUTPUTS)


@pytest.mark.parametrize("number", range(COUNT))
def test_the_reference_clears_what_is_asked(
    assignment_folder: Path, key: Key, sandbox: Sandbox, number: int
) -> None:
    """Each of its answers reaches more than enough, on classes of that secret's patterns."""
    assignment = sources.manifest(assignment_folder)
    drawn = replace(key, secret=streams.derived(f"secret {number}", "marking"))
    found = list(reached(assignment_folder, assignment, drawn, sandbox))
    trainings = [question.id for question in assignment.questions if question.training]
    assert [each.question for each in found] == trainings
    assert [each.question for each in found if not each.clears] == []
    for each in found:
        assert each.accuracy >= each.reach + (MARGIN if each.reach < 0.9 else 0.02)
