"""The course as it is, a key from a secret seed, and an arena to attack in."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from arena import Arena
from trial import Trial

from grader.authoring import building
from grader.key import Key, load, sources
from grader.model.assignment import Assignment
from grader.sandbox import IsolationUnavailable, Limits, Sandbox
from grader.sandbox.protocol.levels import CONFINED, LEVELS

#: Short, since hostile code uses up what it gets; honest code needs a twentieth.
LIMITS = Limits(question_cpu_seconds=0.25, submission_cpu_seconds=5.0, memory_mb=256, output_kb=64)


@pytest.fixture(scope="session")
def course(assignment_folder: Path) -> Assignment:
    """The manifest, with short limits."""
    found = sources.manifest(assignment_folder)
    # An edit of an attack's own text lets it print what it prints where it succeeds.
    explaining = replace(found.explaining, cpu_seconds=0.0)
    return replace(found, limits=LIMITS, explaining=explaining)


@pytest.fixture(scope="session")
def reference(assignment_folder: Path, course: Assignment) -> dict[str, bytes]:
    """The reference's files: what an honest student hands in."""
    return sources.package(assignment_folder / course.package)


@pytest.fixture(scope="session")
def secret_key(drawn_key: Path) -> Key:
    """A course's own key, whose seed nothing in the corpus knows."""
    return load(drawn_key)


@pytest.fixture(scope="session")
def public_key(root: Path) -> Key:
    """The published key."""
    return load(root / building.OUTPUTS)


@pytest.fixture(scope="session")
def known(public_key: Key, assignment_folder: Path) -> dict[str, object]:
    """What anyone can look up: the notebook's figures, and the published key's answers."""
    figures = json.loads((assignment_folder / "checks" / "published.json").read_text())
    answers = {}
    for check in public_key.by_question["rmsprop"]:
        sheet = public_key.sheets[check.run]
        for example, answer in zip(sheet.run.examples, sheet.answers, strict=True):
            w = example["w"]
            steps = [("dw", "next_w")] if "dw" in example else [(f"dw{t}", f"w{t}") for t in "1234"]
            config = example["config"] or {}
            names = ("decay_rate", "learning_rate", "epsilon")
            numbers = np.array([config.get(name, 0.0) for name in names])
            for dw, gave in steps:
                asked = (w, example[dw], config.get("cache", w), numbers)
                digest = hashlib.sha1(b"".join(array.tobytes() for array in asked)).hexdigest()
                answers[digest] = answer[gave].tobytes().hex()
                w = answer[gave]
    return {"published": figures["rmsprop.next_w"]["value"], "public": answers}


@pytest.fixture(scope="session")
def arena() -> Iterator[Arena]:
    """What attacks are after."""
    with Arena() as found:
        yield found


def _levels() -> list[str]:
    """Every confined level, strongest first; by default the first that this machine has."""
    return [level for level in reversed(LEVELS) if level in CONFINED]


def _trial(
    level: str | None,
    course: Assignment,
    key: Key,
    arena: Arena,
    public: dict[str, object],
    reference: dict[str, bytes] | None = None,
) -> Trial:
    try:
        sandbox = Sandbox(LIMITS, level=level, allow_unsandboxed=level == "process")
    except IsolationUnavailable as refused:
        pytest.skip(str(refused))
    return Trial(course, key, sandbox, arena, public, reference)


@pytest.fixture(
    scope="session",
    params=_levels() if os.environ.get("GRADER_HOSTILE") == "all" else ["the strongest"],
)
def trial(
    request: pytest.FixtureRequest,
    course: Assignment,
    secret_key: Key,
    arena: Arena,
    known: dict[str, object],
) -> Iterator[Trial]:
    """Each confined level in turn if GRADER_HOSTILE is ``all``, else the strongest."""
    level = None if request.param == "the strongest" else request.param
    found = _trial(level, course, secret_key, arena, known)
    with found:
        yield found


@pytest.fixture(scope="session")
def isolating(
    course: Assignment,
    secret_key: Key,
    arena: Arena,
    known: dict[str, object],
    reference: dict[str, bytes],
) -> Iterator[Trial]:
    """The strongest level, with the reference at hand to answer for what fails."""
    with _trial(None, course, secret_key, arena, known, reference) as found:
        yield found


@pytest.fixture
def unconfined(
    course: Assignment, secret_key: Key, arena: Arena, known: dict[str, object]
) -> Iterator[Trial]:
    """The level ``process``, afresh: the last attack may have broken it."""
    if os.geteuid() != 0:
        pytest.skip("without root, what an unconfined process could do is the machine's affair")
    with _trial("process", course, secret_key, arena, known) as found:
        yield found


@pytest.fixture
def naively(
    arena: Arena, reference: dict[str, bytes], known: dict[str, object], tmp_path: Path
) -> Iterator[object]:
    """Let a naive grader grade a case; return the effects."""
    from arena import HANG_SECONDS, NAIVE_SECONDS
    from cases import Case

    def run(case: Case) -> set[str]:
        package = tmp_path / "submission" / "cs682"
        for path, text in case.files(reference, {**arena.target(confined=False), **known}).items():
            place = Path(os.path.normpath(package / path))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        seconds = HANG_SECONDS if case.effect == "hurt" else NAIVE_SECONDS
        published = json.dumps(known["published"])
        return arena.naive(case.where, tmp_path / "submission", published, seconds)

    return run
