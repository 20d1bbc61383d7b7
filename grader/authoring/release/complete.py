"""What a release needs of an assignment's folder, before anything is made of it."""

from __future__ import annotations

import re
from pathlib import Path

from grader.authoring.release import markers, notebooks, template
from grader.model.assignment import Assignment, ManifestError, Question


def complete(folder: Path, assignment: Assignment) -> None:
    """Raise :class:`ManifestError` for what is missing in *folder*: a file, a cell, an answer.

    A notebook of the manifest that isn't written yet is no mistake, and its questions need no
    cell.
    """
    for field in ("student", "shared", "given"):
        for path in getattr(assignment.files, field):
            if not (folder / assignment.package / path).is_file():
                raise ManifestError(
                    f"files.{field} names {path}, and {folder / assignment.package / path} isn't "
                    "there: write it, or take it off the list"
                )
    for name in template.TEXTS:
        if not (folder / "template" / name).is_file():
            raise ManifestError(f"{folder / 'template' / name} isn't there: write it for students")
    texts = {
        name: template.read(path)
        for name, path in template.notebook_paths(folder, assignment).items()
    }
    ids = template.question_ids(assignment)
    for question in assignment.questions:
        if question.notebook not in texts:
            continue
        text, file = texts[question.notebook], f"notebooks/{question.notebook}.py"
        if not re.search(rf"question:{re.escape(question.id)}\b(?!-)", text):
            raise ManifestError(
                f"{folder / file} has no cell of the question {question.id}: tag one "
                f'"question:{question.id}"'
            )
        if not _answered(folder, assignment, question, text, file, ids):
            where = question.file or file
            raise ManifestError(
                f"{where} has no answer to the question {question.id}: put it between "
                f"'# BEGIN ANSWER {question.id}: a hint' and '# END ANSWER'"
            )


def _answered(
    folder: Path,
    assignment: Assignment,
    question: Question,
    text: str,
    file: str,
    ids: list[str],
) -> bool:
    if question.kind != "code":
        return any(
            answer.question == question.id for answer, _ in notebooks.answers(text, file, ids)
        )
    if not question.file:
        return True
    place = f"{assignment.package}/{question.file}"
    found = markers.parse(template.read(folder / place), place, ids)
    # One function may answer several questions: a network with one option, then with another.
    functions = {
        other.id for other in assignment.questions if other.functions == question.functions
    }
    return any(answer.question in functions for answer in found)
