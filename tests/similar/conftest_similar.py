"""Works made of texts, in this process: what is compared is the matter of the tests here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.classroom.likeness.works import Given, Work
from grader.classroom.reading_code import ReadSource
from grader.sandbox.code_reading import parsed
from grader.sandbox.guest import code_tokens

Read = Callable[..., list[ReadSource]]
Works = Callable[..., Work]


def read(**texts: str) -> list[ReadSource]:
    """Return texts of the project's own, by name, as a child reads them."""
    sources = []
    for name, text in texts.items():
        packed = code_tokens._packed(code_tokens.functions(text)).encode()
        sources.append(ReadSource(name, "", parsed(packed, text.count("\n") + 2)))
    return sources


def course_text(root: Path) -> Given:
    """Return what the course wrote: the template and the reference."""
    given = Given()
    for folder in ("student_template", "assignment"):
        for path in sorted((root / folder / "cs682").rglob("*.py")):
            given.add_code(read(file=path.read_text("utf-8")))
    return given
