"""What an id means: a check, a question, a stage or a misconception, as plain text."""

from __future__ import annotations

import difflib
import textwrap
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.key import fingerprints, load, sources
from grader.key.fingerprints import Misconception
from grader.key.store import JSON
from grader.model.assignment import Assignment
from grader.model.checks import Check
from grader.wording import glossary
from grader.wording.stages import STAGE_WORDS

WIDTH = 88


class Unknown(LookupError):
    """Nothing has that id; the message names those that are close."""


@dataclass(frozen=True)
class Course:
    """What an assignment's folder, and a key where there is one, have names for."""

    assignment: Assignment
    checks: Mapping[str, Check]
    misconceptions: Mapping[str, Misconception]


def course(folder: Path, key: Path | None = None) -> Course:
    """Read the names of the assignment in *folder* and of the *key*, its own where none is named.

    A key says by itself what its checks are, and without one none is known. All of it is data: the
    rows of ``checks/`` are a program, and the folder may be a student's. Raises
    :class:`grader.key.BadKey` for a key that can't be read.
    """
    assignment = sources.manifest(folder)
    place = key or sources.key_folder(folder, assignment)
    checks = load(place).checks if key or (place / JSON).is_file() else ()
    return Course(
        assignment,
        {check.id: check for check in checks},
        {**_keyed(place), **catalogue(folder)},
    )


def explain(id: str, course: Course | None) -> str:
    """Return what *id* means. Raises :class:`Unknown`."""
    if id in STAGE_WORDS:
        return _stage(id)
    names: list[str] = list(STAGE_WORDS)
    if course is not None:
        if id in course.checks:
            return _check(course.checks[id], course)
        if id in course.misconceptions:
            return _misconception(course.misconceptions[id])
        questions = [question.id for question in course.assignment.questions]
        if id in questions:
            return _question(id, course)
        names += [*questions, *course.checks, *course.misconceptions]
    close = difflib.get_close_matches(id, names, n=3, cutoff=0.5)
    way_out = f"did you mean {' or '.join(close)}?" if close else "see the ids in a result.json"
    raise Unknown(f"nothing is called {id!r}: {way_out}")


def _stage(id: str) -> str:
    return _text(
        f"{id}: a stage, number {list(STAGE_WORDS).index(id) + 1} of the "
        f"{len(STAGE_WORDS)} that a check goes through. The first that fails is told.",
        STAGE_WORDS[id].meaning,
        STAGE_WORDS[id].hint,
    )


def _check(check: Check, course: Course) -> str:
    question = course.assignment.question(check.question)
    worth = f"{check.points:g} of {question.points:g} points" if check.points else "no points"
    asked = f"It asks {check.call} for {_and(check.outputs)}, and is worth {worth}."
    needs = f"Its points count once {check.needs} passes as well." if check.needs else ""
    return _text(
        f"{check.id}: a {check.visibility} check of the question {question.id}, {question.title}.",
        f"{check.title.rstrip('.')}.",
        asked,
        check.words.meaning if check.words else glossary.JUDGES.get(check.judge, ""),
        glossary.VISIBILITIES[check.visibility],
        needs,
    )


def _question(id: str, course: Course) -> str:
    question = course.assignment.question(id)
    checks = [check for check in course.checks.values() if check.question == id]
    lines = [f"  {check.id}: {check.title} ({check.points:g})" for check in checks]
    builds = f"It builds on {_and(question.builds_on)}." if question.builds_on else ""
    notes = f"The course's notes: {question.notes_url}" if question.notes_url else ""
    judged = {
        "written": "A person marks it.",
        "training": "It is judged by what the model that its cell leaves reaches.",
    }
    head = _text(
        f"{id}: a question of the notebook {question.notebook}, {question.title}, "
        f"{question.points:g} points.",
        judged.get(question.kind, ""),
        builds,
        notes,
    )
    return head + ("\nIts checks:\n" + "\n".join(lines) + "\n" if lines else "")


def _misconception(wrong: Misconception) -> str:
    return _text(
        f"{wrong.id}: a misconception about {wrong.question}: {wrong.title}.",
        f"To the student: {wrong.message}",
        f"To the instructor: {wrong.note}" if wrong.note else "",
        f"No output tells it from {_and(wrong.same_as)}." if wrong.same_as else "",
    )


def catalogue(folder: Path) -> dict[str, Misconception]:
    """Return the misconceptions that have words in *folder*, built into a key or not."""
    catalogue = folder / "misconceptions"
    texts = catalogue / "texts.toml"
    if not texts.is_file():
        return {}
    words = tomllib.loads(texts.read_text("utf-8"))
    found = {}
    for path in sorted(catalogue.glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8")).get("misconception", ()):
            if path != texts and entry["id"] in words:
                found[entry["id"]] = Misconception(
                    id=entry["id"],
                    question=entry["question"],
                    same_as=tuple(entry.get("same_as", ())),
                    **words[entry["id"]],
                )
    return found


def _keyed(key: Path) -> dict[str, Misconception]:
    return {p.misconception.id: p.misconception for p in fingerprints.load(key)}


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _text(*paragraphs: str) -> str:
    """Return the paragraphs that aren't empty, filled, the first apart from the rest."""
    filled = [textwrap.fill(p, WIDTH, break_on_hyphens=False) for p in paragraphs if p]
    return "\n\n".join([filled[0], "\n".join(filled[1:])]).rstrip() + "\n"
