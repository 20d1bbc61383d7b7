"""The code of a hand-in as tokens: its files, and the cells of code that hold answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.marking.notebooks.alignment import AlignedNotebook
from grader.sandbox import FunctionTokens, Sandbox
from grader.submissions import Submission


@dataclass(frozen=True)
class ReadSource:
    """A text of code: a file by its path, or a cell as ``Notebook.ipynb, cell 12``.

    ``question`` is the one that a cell answers. ``reason`` says why a text has no functions.
    """

    name: str
    question: str
    functions: tuple[FunctionTokens, ...]
    reason: str = ""


def listed(
    submission: Submission, aligned: Mapping[str, AlignedNotebook]
) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the question and the text of each file and of each answer cell of code."""
    for path, data in sorted(submission.files.items()):
        yield path, "", data.decode("utf-8", "replace")
    for name, one in aligned.items():
        owners: dict[int, str] = {}
        for match in one.matching.matches:
            if match.index is not None and match.question and match.role in ("answer", "added"):
                owners.setdefault(match.index, match.question)
        for index, question in sorted(owners.items()):
            cell = one.document.cells[index]
            if cell.kind == "code" and cell.source.strip():
                yield f"{name}.ipynb, cell {index + 1}", question, cell.source


def read_sources(
    sandbox: Sandbox, submission: Submission, aligned: Mapping[str, AlignedNotebook]
) -> tuple[ReadSource, ...]:
    """Return the code of a submission, taken apart in *sandbox*. Never raises for what is in it."""
    found = list(listed(submission, aligned))
    read = sandbox.read_code([text for _, _, text in found])
    return tuple(
        ReadSource(name, question, one.functions, one.reason)
        for (name, question, _), one in zip(found, read, strict=True)
    )


def to_stored(read: tuple[ReadSource, ...]) -> list[Any]:
    """Return what was read as JSON has it, each text of a source once."""
    made: list[Any] = []
    for source in read:
        texts: dict[str, int] = {}
        functions = [
            [
                *(one.name, one.first, one.last, one.syntax, one.kinds),
                [texts.setdefault(text, len(texts)) for text in one.texts],
                list(one.lines),
            ]
            for one in source.functions
        ]
        made.append([source.name, source.question, source.reason, list(texts), functions])
    return made


def from_stored(stored: list[Any]) -> tuple[ReadSource, ...]:
    """Return what :func:`to_stored` made JSON of."""
    return tuple(
        ReadSource(
            name,
            question,
            tuple(
                FunctionTokens(
                    function, first, last, kinds, tuple(texts[i] for i in at), tuple(lines), syntax
                )
                for function, first, last, syntax, kinds, at, lines in functions
            ),
            reason,
        )
        for name, question, reason, texts, functions in stored
    )
