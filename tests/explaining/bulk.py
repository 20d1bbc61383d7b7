"""Marks planted mistakes and right variants by one worker, and judges what it tells of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from explanations import Told, told
from oracle import Oracle
from plants import COURSE, ROOT, Files, Plant, right
from truth import Judge, Judgement

from grader.classroom.worker import Settings, Worker
from grader.key import sources
from grader.submissions import Submission


class Judged(NamedTuple):
    """One explanation and what its rule says."""

    said: Told
    judgement: Judgement


@dataclass(frozen=True)
class Marked:
    """What became of a plant: what was told, and the CPU seconds beyond those of right code.

    A plant that loses nothing is right: ``told`` is empty and ``wrong`` false. ``known`` is the
    misconception that it turned out to be.
    """

    plant: Plant
    wrong: bool
    known: str = ""
    told: Sequence[Judged] = ()
    cpu: float = 0.0

    @property
    def first(self) -> str:
        """The mechanism of the message that is read first."""
        return next((judged.said.mechanism for judged in self.told), "nothing")

    @property
    def mechanisms(self) -> frozenset[str]:
        """All that something was told by."""
        return frozenset(judged.said.mechanism for judged in self.told)


class Variant(NamedTuple):
    """Right code: its files, in the package of that name."""

    name: str
    files: Files
    package: str = ""


@dataclass
class Bench:
    """A worker as `grader grade` has one, with an oracle beside it."""

    worker: Worker
    judge: Judge = field(init=False)
    _floors: dict[tuple[str, tuple[str, ...]], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        worker = self.worker
        self.judge = Judge(Oracle(worker.sandbox, worker.assignment, worker.key), worker.key)
        self._questions = tuple(worker.marker.questions)

    def mark(
        self, files: Files, questions: Iterable[str] = (), package: str = ""
    ) -> tuple[dict[str, Any], float]:
        """Return the result of a package in some code questions, and its CPU seconds."""
        marker, asked = self.worker.marker, set(questions)
        marker.questions = tuple(q for q in self._questions if not asked or q.id in asked)
        began = time.process_time()
        package = package or self.worker.assignment.package
        result = marker.mark(Submission("s", "s", package, files, {}, "sha256:0"))
        return dict(result.to_json()), result.seconds["cpu"] + time.process_time() - began

    def marked(self, plant: Plant) -> Marked:
        """Mark a plant and judge what is told of it."""
        result, cpu = self.mark(plant.files, plant.questions)
        said = list(told(result))
        found = [Judged(each, self.judge.judge(plant, each)) for each in said]
        floor = self._floor(plant.base, plant.questions)
        known = self.judge.known(plant, said)
        return Marked(plant, bool(said), known, found, max(0.0, cpu - floor))

    def messages(self, variant: Variant) -> list[str]:
        """Return all that is said of a package's checks, which is nothing where it is right."""
        result, _ = self.mark(variant.files, package=variant.package)
        return [
            f"{check['id']}: {check['status']} {check['message']}"
            for question in result["questions"]
            for check in question["checks"]
            if check["status"] != "passed" or check["message"]
        ]

    def _floor(self, base: str, questions: tuple[str, ...]) -> float:
        if (base, questions) not in self._floors:
            spent = [self.mark(right(base), questions)[1] for _ in range(3)]
            self._floors[base, questions] = statistics.median(spent)
        return self._floors[base, questions]


@contextmanager
def bench() -> Iterator[Bench]:
    """Return a bench with the demonstration key."""
    assignment = sources.manifest(COURSE)
    settings = Settings(
        assignment=COURSE,
        key=ROOT / "reference_outputs",
        notebooks=tuple(notebook.name for notebook in assignment.notebooks),
        kinds=("code",),
        level="process",
        allow_unsandboxed=True,
    )
    worker = Worker(settings)
    try:
        yield Bench(worker)
    finally:
        worker.sandbox.close()


def looked_at(
    plants: Sequence[Plant], variants: Sequence[Variant]
) -> tuple[list[Marked], Mapping[str, list[str]]]:
    """Return what became of plants, and what was said of right variants, by name."""
    with bench() as marking:
        marked = [marking.marked(plant) for plant in plants]
        return marked, {one.name: marking.messages(one) for one in variants}
