"""Thousands of submissions through one sandbox, a tenth of them the hostile corpus.

Takes minutes, so it runs only when asked for: ``GRADER_SOAK=2000 pytest tests/soak``.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from arena import Arena
from cases import cases
from trial import Trial

from grader.authoring import building
from grader.key import load, sources
from grader.sandbox import Limits, Sandbox

COUNT = int(os.environ.get("GRADER_SOAK", "0"))
LIMITS = Limits(question_cpu_seconds=0.1, submission_cpu_seconds=2.0, memory_mb=128, output_kb=16)
#: What may come and go: 4 MB of the grader's, half a megabyte of the zygote's.
GRADER_PAGES, ZYGOTE_PAGES = 1000, 125


def _pages(pid: int | str) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])


@pytest.mark.skipif(not COUNT, reason="set GRADER_SOAK to the number of submissions")
def test_a_long_class_leaves_the_grader_as_it_was(root: Path, assignment_folder: Path) -> None:
    """Descriptors and processes are the same at the end, memory flat, honest answers right."""
    course = replace(sources.manifest(assignment_folder), limits=LIMITS)
    reference = sources.package(assignment_folder / course.package)
    honest = {path: text.decode() for path, text in reference.items()}
    corpus = [case for case in cases() if case.where != "public key"]
    order = random.Random(0)
    sandbox = Sandbox(LIMITS, level=os.environ.get("GRADER_LEVEL"))
    with (
        Arena() as arena,
        Trial(course, load(root / building.OUTPUTS), sandbox, arena, {"published": []}) as trial,
    ):
        server = sandbox._server
        assert server is not None
        zygote = server._process.pid

        def mark(number: int) -> None:
            if order.random() < 0.1:
                case = corpus[number % len(corpus)]
                attempt = trial.hostile(case, reference)
                points = {c.id: c.score for q in attempt.result.questions for c in q.checks}
                points |= {q.id: q.score for q in attempt.result.questions}
                assert all(points[id] == 0 for id in case.zero), case.id
                assert attempt.effects <= {"page"}, case.id
            else:
                result = trial.mark(honest).result
                assert (result.status, result.score) == ("graded", result.max_score)

        for case in corpus:  # what is kept once for all, and memory for the largest of them
            trial.hostile(case, reference)
        state, memory = trial.state(), (_pages("self"), _pages(zygote))
        for number in range(COUNT):
            mark(number)
        assert trial.state() == state
        assert _pages("self") - memory[0] < GRADER_PAGES, "the grader grew"
        assert _pages(zygote) - memory[1] < ZYGOTE_PAGES, "the zygote grew"
