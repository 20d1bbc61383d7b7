"""Envelopes of what the reference would answer: they spare calls and change no mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.course import building
from grader.key import load, sources
from grader.marking.rehearsal import Rehearsal
from grader.marking.submissions import Marker
from grader.model.checks import Part
from grader.sandbox import Fault, Limits, Package, Sandbox, Session
from grader.submissions import Submission

LAYERS, NETWORKS = "layers.py", "classifiers/fc_net.py"
RIGHT_DB = "    db = dout.sum(axis=0)\n"
WRONG_DB = (LAYERS, RIGHT_DB, "    db = dout.mean(axis=0)\n")
LEAKY = (LAYERS, "    out = np.maximum(x, 0)\n", "    out = np.where(x > 0, x, 0.1 * x)\n")
SCORES = "        scores, scores_cache = affine_forward(hidden, self.params["
#: Right, and calls the layer with what no other network does.
OTHER_CALLS = (
    NETWORKS,
    SCORES,
    "        affine_forward(hidden + 1, self.params['W2'], 0)\n" + SCORES,
)

Edit = tuple[str, str, str]
MarkTwice = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def mark_twice(root: Path, assignment_folder: Path) -> Iterator[MarkTwice]:
    """Mark the reference with edits, without envelopes and then with them."""
    assignment = sources.manifest(assignment_folder)
    reference = sources.package(assignment_folder / assignment.package)
    key = load(root / building.OUTPUTS)
    with Sandbox(assignment.limits) as sandbox:

        def run(*edits: Edit) -> list[dict[str, Any]]:
            files = dict(reference)
            for file, old, new in edits:
                assert files[file].count(old.encode()) == 1, (file, old)
                files[file] = files[file].replace(old.encode(), new.encode())
            taken = {path: files[path] for path in assignment.files.taken}
            submission = Submission("s", "s", assignment.package, taken, {}, "sha256:0")
            marker = Marker(assignment, key, sandbox, reference=reference, kinds=("code",))
            results = [replace(marker.mark(submission), started="", seconds={}) for _ in range(2)]
            return [result.to_json() for result in results]

        yield run


@pytest.mark.parametrize(
    "edits",
    [
        (WRONG_DB,),
        (LEAKY,),
        (WRONG_DB, LEAKY),
        (WRONG_DB, OTHER_CALLS),
        (WRONG_DB, (NETWORKS, "loss += 0.5 * self.reg * np.sum(w**2)", "loss += 0")),
    ],
    ids=["affine", "relu", "both", "other calls", "a network's own fault"],
)
def test_a_result_is_the_same_with_envelopes(
    mark_twice: MarkTwice, edits: tuple[Edit, ...]
) -> None:
    """Marks, messages and evidence don't tell whether the reference was asked or an envelope."""
    asked, opened = mark_twice(*edits)
    assert asked == opened
    assert any(question["given"] for question in opened["questions"])


TEXT = b"def forward(x):\n    return 2 * x\n"
PART = Part("layers:forward")


@pytest.fixture
def rehearsal() -> Iterator[tuple[Rehearsal, list[Session]]]:
    """A rehearsal of one function, and the sessions that were asked for it."""
    asked: list[Session] = []
    with Sandbox(Limits(), level="process", allow_unsandboxed=True) as sandbox:
        reference = Package("cs682", {"layers.py": TEXT}, {}, {})
        yield Rehearsal(sandbox, reference, [PART], asked.append), asked


def test_one_submission_alone_has_no_rehearsal(rehearsal: tuple[Rehearsal, list[Session]]) -> None:
    """The first one is asked as it comes; the second has it, and no later one has it again."""
    found, asked = rehearsal
    counts = []
    for _ in range(3):
        found.sealed([PART.target])
        counts.append(len(asked))
    assert counts == [0, 1, 1]


def test_a_rehearsal_that_fails_costs_nothing() -> None:
    """Where its process doesn't start, calls are asked as they come, and it isn't tried again."""
    tried = []

    def fail(session: Session) -> None:
        tried.append(session)
        raise Fault("no process could be started")

    with Sandbox(Limits(), level="process", allow_unsandboxed=True) as sandbox:
        reference = Package("cs682", {"layers.py": TEXT}, {}, {})
        found = Rehearsal(sandbox, reference, [PART], fail)
        assert [found.sealed([PART.target]) for _ in range(3)] == [b"", b"", b""]
    assert len(tried) == 1
