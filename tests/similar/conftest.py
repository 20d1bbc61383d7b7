"""The course's own texts, and what makes a work of texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest_similar import Works, course_text, read

from grader.classroom.likeness.works import Given, Work, code_of


@pytest.fixture(scope="session")
def course(root: Path) -> Given:
    """What the course wrote: the template and the reference."""
    return course_text(root)


@pytest.fixture
def work(course: Given) -> Works:
    """Make a work of texts by name."""

    def made(name: str, **texts: str) -> Work:
        return Work(name, code_of(read(**texts), course))

    return made
