"""Networks with dropout: right ones of any build earn all points, others those of what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.authoring import building
from grader.key import load, sources
from grader.marking.marker import Marker
from grader.model.verdicts import QuestionResult, SubmissionResult
from grader.sandbox import Sandbox
from grader.submissions import Submission

MarkEdited = Callable[..., SubmissionResult]
Edit = tuple[str, str, str]
NETWORKS, LAYERS = "classifiers/fc_net.py", "layers.py"
FORWARD = "h, dropout_cache = dropout_forward(h, self.dropout_param)"
BACKWARD = "dh = dropout_backward(dh, dropout_cache)"
UNSEEDED = "{'mode': mode, 'p': self.dropout_param['p']}"
TABLE = "TABLE = [dropout_forward, dropout_backward]"
#: A network that draws its masks by itself and calls neither function.
OWN = """\
dropout_cache = np.ones(h.shape)
                if mode == "train":
                    if "seed" in self.dropout_param:
                        np.random.seed(self.dropout_param["seed"])
                    p = self.dropout_param["p"]
                    dropout_cache = (np.random.random(h.shape) > 1 - p) / p
                h = h * dropout_cache"""
OWN_BACKWARD = "dh = dh * dropout_cache"


@pytest.fixture(scope="module")
def course_marker(root: Path, assignment_folder: Path) -> Iterator[Marker]:
    """A marker of the notebook on dropout, with the committed key and the reference at hand."""
    assignment = sources.manifest(assignment_folder)
    reference = sources.package(assignment_folder / assignment.package)
    with Sandbox(assignment.limits) as sandbox:
        key = load(root / building.OUTPUTS)
        yield Marker(assignment, key, sandbox, ["Dropout"], reference, ("code",))


@pytest.fixture
def mark_edited(course_marker: Marker, assignment_folder: Path) -> MarkEdited:
    """Mark the reference with edits, each (file, what stands there, what is to)."""

    def run(*edits: Edit) -> SubmissionResult:
        package = course_marker.assignment.package
        files = dict(sources.package(assignment_folder / package))
        for file, old, new in edits:
            assert files[file].count(old.encode()) >= 1, (file, old)
            files[file] = files[file].replace(old.encode(), new.encode(), 1)
        taken = {path: files[path] for path in course_marker.assignment.files.taken}
        return course_marker.mark(Submission("s", "s", package, taken, {}, "sha256:0"))

    return run


def question(result: SubmissionResult) -> QuestionResult:
    return next(q for q in result.questions if q.id == "fully-connected-net-dropout")


def lost(result: SubmissionResult) -> dict[str, float]:
    """Return what each check of the question lost, by the end of its id."""
    return {
        check.id.partition(".")[2]: check.max_score - check.score
        for check in question(result).checks
        if check.score != check.max_score
    }


def own(old: str = "", new: str = "", backward: str = OWN_BACKWARD) -> tuple[Edit, Edit]:
    assert old in OWN
    return (NETWORKS, FORWARD, OWN.replace(old, new) if old else OWN), (
        NETWORKS,
        BACKWARD,
        backward,
    )


RIGHT: dict[str, tuple[Edit, ...]] = {
    "masks of its own": own(),
    "with a factor in float32": own("/ p", "/ np.float32(p)"),
    "functions in a table": (
        (NETWORKS, "class TwoLayerNet", f"{TABLE}\n\n\nclass TwoLayerNet"),
        (NETWORKS, FORWARD, "h, dropout_cache = TABLE[0](h, self.dropout_param)"),
        (NETWORKS, BACKWARD, "dh = TABLE[1](dh, dropout_cache)"),
    ),
    "a late import": (
        (NETWORKS, FORWARD, f"from ..layers import dropout_forward; {FORWARD}"),
        (NETWORKS, BACKWARD, f"from cs682 import layers; {BACKWARD.replace('= ', '= layers.')}"),
    ),
    "by keywords": (
        (NETWORKS, FORWARD, FORWARD.replace("(h, ", "(x=h, dropout_param=")),
    ),
    "a layer's factor in float32": (
        (LAYERS, "< p) / p).astype", "< p) / np.float32(p)).astype"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("build", RIGHT)
def test_right_code_earns_everything_however_it_is_built(
    mark_edited: MarkEdited, build: str
) -> None:
    """Whether the two functions are called, where they are called from, and what is drawn."""
    result = mark_edited(*RIGHT[build])
    assert lost(result) == {}
    assert result.score == result.max_score


ALL = {
    "masked-loss": 7, "masked-gradients": 9, "calls": 3, "test": 7, "masked-regularization": 2,
    "masked-batchnorm": 1, "masked-layernorm": 1, "own": 5,
}  # fmt: skip
#: A network's own draws are judged by loss and gradients, which share the points.
GRADIENTS = {k: v for k, v in ALL.items() if k not in ("masked-loss", "calls", "test")} | {
    "own": 2.5
}
WRONG: dict[str, tuple[tuple[Edit, ...], dict[str, float]]] = {
    "no backward pass": (own(backward="pass"), GRADIENTS),
    "one mask for all rows": (own("random(h.shape)", "random(h.shape[1:])"), ALL),
    "another rate": (own("> 1 - p", "> p"), ALL),
    "not scaled": (own("/ p", "* 1.0"), ALL),
    "another mask at each pass": (own("np.random.seed(", "print("), ALL),
    "not where it normalizes": (
        own('if mode == "train":', 'if mode == "train" and not self.normalization:'),
        {"masked-batchnorm": 1, "masked-layernorm": 1},
    ),
    "not where it regularizes": (
        own('if mode == "train":', 'if mode == "train" and not self.reg:'),
        {"masked-regularization": 2},
    ),
    "in test mode too": (own('if mode == "train":', "if True:"), {"test": 7}),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_network_that_draws_by_itself_is_judged_by_its_draws(
    mark_edited: MarkEdited, mistake: str
) -> None:
    """A mistake costs the checks that it breaks, as it does in one that calls the functions."""
    edits, expected = WRONG[mistake]
    assert lost(mark_edited(*edits)) == expected


CALLING: dict[str, tuple[Edit, str, dict[str, float]]] = {
    "not where it normalizes": (
        (NETWORKS, FORWARD, FORWARD.replace("= ", "= (h, None) if self.normalization else ")),
        "not_called",
        {"masked-batchnorm": 1, "masked-layernorm": 1},
    ),
    "one more call": (
        (NETWORKS, FORWARD, f"{FORWARD}; dropout_forward(h, self.dropout_param)"),
        "calls",
        {k: v for k, v in ALL.items() if k != "own"},
    ),
    "the wrong probability": (
        (NETWORKS, FORWARD, FORWARD.replace("_param)", "_param | {'p': 0.5})")),
        "call_p",
        {"calls": 3, "own": 5},
    ),
    "no seed": (
        (NETWORKS, FORWARD, FORWARD.replace("self.dropout_param", UNSEEDED)),
        "call_seed",
        {"calls": 3, "own": 5},
    ),
    "no mode": (
        (NETWORKS, 'self.dropout_param["mode"] = mode', "pass"), "trains_in_test", {"test": 7}
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", CALLING)
def test_what_is_off_in_a_call_is_named(mark_edited: MarkEdited, mistake: str) -> None:
    """The property is told, and the points of what it breaks are lost."""
    edit, name, expected = CALLING[mistake]
    edits: tuple[Edit, ...] = (edit,)
    if mistake == "not where it normalizes":
        edits += ((NETWORKS, BACKWARD, f"dh = dh if self.normalization else {BACKWARD[5:]}"),)
    result = mark_edited(*edits)
    assert lost(result) == expected
    found = {(c.evidence.get("property") or {}).get("name") for c in question(result).checks}
    assert name in found


def test_a_pair_that_works_with_given_masks_only_is_found(mark_edited: MarkEdited) -> None:
    """The network's own pass on its own dropout counts: a cache that it doesn't hand on shows."""
    ones = "(self.dropout_param, np.ones_like(dh))"
    wrong = f"{ones} if len(dropout_cache) > 2 else dropout_cache"
    edit = (NETWORKS, BACKWARD, BACKWARD.replace("dropout_cache", wrong))
    layer = (LAYERS, "cache = (dropout_param, mask)", "cache = (dropout_param, mask, None)")
    back = (LAYERS, "dropout_param, mask = cache\n", "dropout_param, mask = cache[:2]\n")
    assert lost(mark_edited(edit, layer, back)) == {"own": 2.5}
