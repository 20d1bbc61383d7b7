"""Works made of texts, in this process: what is compared is the matter of the tests here."""

from __future__ import annotations

from collections.abc import Callable

from grader.classroom.likeness.works import Work
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
