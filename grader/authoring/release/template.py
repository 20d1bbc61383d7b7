"""What students download, made from the assignment: files from an allow-list, answers removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path

from grader.authoring.release import markers, notebooks
from grader.key.sources import RELEASED
from grader.model.assignment import Assignment

#: Texts that are for students alone, in the assignment's folder ``template``.
TEXTS = ("README.md", "requirements.txt")

Files = dict[str, bytes]


def make(folder: Path, assignment: Assignment) -> Files:
    """Return the student's download, by path with slashes.

    *folder* is the assignment's. Nothing is taken but the manifest's package files and
    notebooks, the public checks, the manifest itself and :data:`TEXTS`. Raises
    :class:`~grader.authoring.release.markers.MarkerError` for bad markers and :class:`OSError` for
    a file that can't be read; a notebook of the manifest that isn't written yet is left out.
    """
    return _make(folder, assignment, markers.stub, notebooks.student)


def solved(folder: Path, assignment: Assignment) -> Files:
    """Return the same files with the answers in place: the reference, as a student hands it in."""
    return _make(folder, assignment, markers.solved, notebooks.solved)


def given_texts(folder: Path, assignment: Assignment) -> Files:
    """Return the course's text of every package file, by path within the package.

    A student's own files come as the stubs that they started from.
    """
    return _package(folder, assignment, markers.stub)


def notebook_texts(folder: Path, assignment: Assignment) -> Files:
    """Return each notebook as students get it, by name."""
    return _notebooks(folder, assignment, notebooks.student)


def package_paths(assignment: Assignment) -> tuple[str, ...]:
    """Return the paths of all package files, within the package."""
    files = assignment.files
    return files.student + files.shared + files.given


def question_ids(assignment: Assignment) -> list[str]:
    return [question.id for question in assignment.questions]


def notebook_paths(folder: Path, assignment: Assignment) -> dict[str, Path]:
    """Return where the text of each notebook stands, by name, for those that are written."""
    paths = {book.name: folder / "notebooks" / f"{book.name}.py" for book in assignment.notebooks}
    return {name: path for name, path in paths.items() if path.is_file()}


def check_paths(folder: Path) -> list[Path]:
    """Return the files of the public checks: code, and the figures that it reads."""
    return sorted(p for p in (folder / "checks").iterdir() if p.suffix in (".py", ".json"))


def released(notebooks: Files) -> bytes:
    """Return the notebooks as they are given out, as one file: what a student's are held against.

    A copy of each by itself would be taken for a notebook that was handed in.
    """
    texts = {name: json.loads(data) for name, data in sorted(notebooks.items())}
    return (json.dumps({"notebooks": texts}, indent=0) + "\n").encode("ascii")


def read(path: Path) -> str:
    """Return a UTF-8 text with plain newlines, whatever the checkout made of them."""
    return path.read_text(encoding="utf-8")


def _make(
    folder: Path,
    assignment: Assignment,
    fill: Callable[[markers.MarkedAnswer], list[str]],
    build: Callable[[str, str, Collection[str]], bytes],
) -> Files:
    package = _package(folder, assignment, fill)
    files = {f"{assignment.package}/{path}": data for path, data in package.items()}
    for name, data in _notebooks(folder, assignment, build).items():
        files[f"{name}.ipynb"] = data
    files[RELEASED] = released(notebook_texts(folder, assignment))
    for path in check_paths(folder):
        files[f"checks/{path.name}"] = read(path).encode()
    files["assignment.toml"] = read(folder / "assignment.toml").encode()
    for name in TEXTS:
        files[name] = read(folder / "template" / name).encode()
    return dict(sorted(files.items()))


def _notebooks(
    folder: Path,
    assignment: Assignment,
    build: Callable[[str, str, Collection[str]], bytes],
) -> Files:
    ids = question_ids(assignment)
    return {
        name: build(read(path), f"notebooks/{path.name}", ids)
        for name, path in notebook_paths(folder, assignment).items()
    }


def _package(
    folder: Path, assignment: Assignment, fill: Callable[[markers.MarkedAnswer], list[str]]
) -> Files:
    ids = question_ids(assignment)
    files = {}
    for path in package_paths(assignment):
        text = read(folder / assignment.package / path)
        answers = markers.parse(text, f"{assignment.package}/{path}", ids)
        files[path] = markers.replace(text, answers, fill).encode()
    return dict(sorted(files.items()))
