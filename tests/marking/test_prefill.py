"""The prefilled answer cache spares calls of the reference and changes no mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.authoring import building
from grader.key import load, sources
from grader.marking.isolation import prefill_answers
from grader.marking.marker import Marker
from grader.model.checks import Replaceable
from grader.model.programs import Program, Run
from grader.sandbox import Batch, Package, Sandbox
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
#: Right, and with an option of the student's own, which the network passes.
OPTION = (
    (LAYERS, "affine_backward(dout, cache):", "affine_backward(dout, cache, need_dx=True):"),
    (NETWORKS, "affine_backward(dh, affine_cache)", "affine_backward(dh, affine_cache, i > 1)"),
)

Edit = tuple[str, str, str]
MarkTwice = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def mark_twice(root: Path, assignment_folder: Path) -> Iterator[MarkTwice]:
    """Mark the reference with edits, without sealed answers and then with them."""
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
            assert all(marker.code.sealed_answers().values())
            opened = marker.mark(submission)
            marker.code.sealed_answers = dict  # type: ignore[method-assign]
            results = marker.mark(submission), opened
            return [replace(result, started="", seconds={}).to_json() for result in results]

        yield run


@pytest.mark.parametrize(
    "edits",
    [
        (WRONG_DB,),
        (LEAKY,),
        (WRONG_DB, LEAKY),
        (WRONG_DB, OTHER_CALLS),
        (WRONG_DB, *OPTION),
        (WRONG_DB, (NETWORKS, "loss += 0.5 * self.reg * np.sum(w**2)", "loss += 0")),
    ],
    ids=["affine", "relu", "both", "other calls", "an option", "a network's own fault"],
)
def test_a_result_is_the_same_with_sealed_answers(
    mark_twice: MarkTwice, edits: tuple[Edit, ...]
) -> None:
    """Marks, messages and evidence don't tell whether the reference was asked or the cache."""
    asked, opened = mark_twice(*edits)
    assert asked == opened
    assert any(question["given"] for question in opened["questions"])


def test_a_prefill_whose_process_ends_gives_nothing(marker: Marker) -> None:
    """Without its process there are no sealed answers, and calls are asked as they come."""
    ending = Package("cs682", {"layers.py": b"import os\nos._exit(1)\n"}, {}, {})
    run = Run("run", Program((["call", "f", "layers:forward", [], {}],), {"out": {"@": "f"}}), [{}])
    found = prefill_answers(marker.sandbox, ending, [Replaceable("layers:forward")], [Batch([run])])
    assert not any(found.values())
