"""A second look at what was made for students: nothing of an answer may be in it.

Lines are compared without any whitespace, so that a reformatted answer is found too. What a
line says between markers is no secret if it stands outside of them as well, or says nothing by
itself (``else:``, ``return out``).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from grader.authoring.release import markers, template
from grader.key import dependence, examples
from grader.key.sources import RELEASED
from grader.model.assignment import TERMS_FOLDER, Assignment
from grader.model.trees import Tree

#: The one file of a download that is no text: the public examples' arrays.
BINARY = f"{examples.FOLDER}/{examples.BIN}"
#: Folders of an assignment of which no line is for students.
HIDDEN = ("misconceptions", "witness", TERMS_FOLDER)
#: Shorter lines say nothing by themselves (characters, without whitespace).
TRIVIAL = 12
#: From this length on a secret is looked for within longer and across broken lines.
LONG = 20


@dataclass(frozen=True)
class Leak:
    """Something that must not be given out, and where; ``line`` is 0 for a whole file.

    In a notebook, *file* names the cell too and the line is counted within it.
    """

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.reason}"
            if self.line
            else f"{self.file}: {self.reason}"
        )


def scan(files: Mapping[str, bytes], folder: Path, assignment: Assignment) -> list[Leak]:
    """Return what leaks from *files*, made of the assignment in *folder*; empty if nothing does."""
    answers, hidden = _secrets(folder, assignment)
    allowed = _allowed(folder, assignment)
    leaks = []
    for file, data in sorted(files.items()):
        if file not in allowed:
            leaks.append(Leak(file, 0, "this file is not for students"))
            continue
        if file == BINARY:
            continue  # arrays: grader.authoring.release.examples compares them with the key's
        try:
            text = data.decode()
        except UnicodeDecodeError:
            leaks.append(Leak(file, 0, "this is no UTF-8 text"))
            continue
        # Checks and witnesses import the same things; a check's own lines are public.
        secrets = answers if file.startswith("checks/") else answers | hidden
        for name, part in _parts(file, text):
            leaks += _scan_text(name, part, secrets)
        for name, notebook in _notebooks(file, text).items():
            leaks += _scan_outputs(name, notebook)
    return leaks


def _allowed(folder: Path, assignment: Assignment) -> set[str]:
    checks = {f"checks/{path.name}" for path in template.check_paths(folder)}
    package = {f"{assignment.package}/{path}" for path in template.package_paths(assignment)}
    books = {f"{name}.ipynb" for name in template.notebook_paths(folder, assignment)}
    public = {
        f"{examples.FOLDER}/{name}" for name in (examples.JSON, examples.BIN, dependence.FILE)
    }
    return checks | package | books | public | {"assignment.toml", RELEASED, *template.TEXTS}


def _secrets(folder: Path, assignment: Assignment) -> tuple[dict[str, str], dict[str, str]]:
    """Return squeezed secret lines with where they stand: of answers, and of hidden folders."""
    ids = template.question_ids(assignment)
    answers: dict[str, str] = {}
    outside: list[str] = []
    package = [folder / assignment.package / path for path in template.package_paths(assignment)]
    books = list(template.notebook_paths(folder, assignment).values())
    for path in package + books:
        text, name = template.read(path), path.relative_to(folder).as_posix()
        found = markers.parse(text, name, ids)
        # Hints stay, since they are for students.
        outside.append(markers.replace(text, found))
        for answer in found:
            for number, line in enumerate(answer.lines, start=answer.first + 1):
                # In a Markdown cell's text, prose stands behind a "#".
                answers.setdefault(_squeeze(line).removeprefix("#"), f"{name}:{number}")
    hidden = {
        _squeeze(line): f"{path.relative_to(folder).as_posix()}:{number}"
        for name in HIDDEN
        for path in sorted((folder / name).rglob("*.py"))
        for number, line in enumerate(template.read(path).split("\n"), start=1)
    }
    return _telling(answers, outside), _telling(hidden, outside)


def _telling(lines: Mapping[str, str], outside: list[str]) -> dict[str, str]:
    """Return those of *lines* that say something and that no text outside of markers says."""
    given = [_Squeezed(text) for text in outside]
    return {
        line: place
        for line, place in lines.items()
        if len(line) >= TRIVIAL and not any(text.line_of(line) for text in given)
    }


class _Squeezed:
    """A text without its whitespace that still knows its lines."""

    def __init__(self, text: str) -> None:
        self.lines = [_squeeze(line) for line in text.split("\n")]
        self.whole = "".join(self.lines)
        self.starts = [0, *accumulate(len(line) for line in self.lines)]

    def line_of(self, secret: str) -> int:
        """Return the line, from 1, where a squeezed *secret* begins; 0 if it isn't there."""
        if len(secret) < LONG:
            return self.lines.index(secret) + 1 if secret in self.lines else 0
        at = self.whole.find(secret)
        return bisect_right(self.starts, at) if at >= 0 else 0


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _parts(file: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a file: itself, or a notebook's cells, each with its name."""
    notebooks = _notebooks(file, text)
    if not notebooks:
        yield file, text
    for name, notebook in notebooks.items():
        for cell in notebook["cells"]:
            source = cell["source"]
            whole = source if isinstance(source, str) else "".join(source)
            yield f"{name} (cell {cell['id']})", whole


def _notebooks(file: str, text: str) -> dict[str, Tree]:
    """Return the notebooks that a file holds, by what they are called in a message."""
    if file.endswith(".ipynb"):
        return {file: json.loads(text)}
    if file == RELEASED:
        return {f"{file} {name}": book for name, book in json.loads(text)["notebooks"].items()}
    return {}


def _scan_text(name: str, text: str, secrets: Mapping[str, str]) -> Iterator[Leak]:
    for number, line in enumerate(text.split("\n"), start=1):
        if markers.MARKER.search(line):
            yield Leak(name, number, "a marker is left")
    squeezed = _Squeezed(text)
    for secret, place in secrets.items():
        if number := squeezed.line_of(secret):
            yield Leak(name, number, f"this stands in the answer at {place}")


def _scan_outputs(file: str, notebook: Tree) -> Iterator[Leak]:
    for cell in notebook["cells"]:
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield Leak(f"{file} (cell {cell['id']})", 0, "an output or execution count is left")
