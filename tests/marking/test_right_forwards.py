"""A backward pass is judged behind a right forward pass, whatever is wrong with the student's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring import building
from grader.key import load, sources
from grader.marking.code_questions import CodeExaminer
from grader.marking.examiner import HandIn
from grader.marking.marker import Marker
from grader.model.verdicts import QuestionResult
from grader.sandbox import Package, Sandbox
from grader.submissions import Submission

Results = Mapping[str, QuestionResult]
MarkLayers = Callable[..., Results]

AFFINE = "    out = x.reshape(len(x), -1) @ w + b\n"
WRONG_CACHE = AFFINE + "    return out, (out, w, b)\n"
RELU = "    out = np.maximum(x, 0)\n"
MOMENTS = "mean, var = x.mean(axis=0), x.var(axis=0)"
STD = "        std = np.sqrt(var + eps)\n"
XHAT = "        xhat = (x - mean) / std\n"
ROW_STD = "    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)\n"
ROW_XHAT = "    xhat = (x - x.mean(axis=1, keepdims=True)) / std\n"
MASK = "mask = ((np.random.rand(*x.shape) < p) / p).astype(x.dtype)"
BATCHNORM = ("batchnorm-forward", "batchnorm-backward", "batchnorm-backward-alt")
LAYERNORM = ("layernorm-forward", "layernorm-backward")
LAYERNORM_BY_BATCHNORM = """
def layernorm_forward(x, gamma, beta, ln_param):
    param = {"mode": "train", "eps": ln_param.get("eps", 1e-5)}
    gamma, beta = gamma.reshape(-1, 1), beta.reshape(-1, 1)
    out, cache = batchnorm_forward(x.T, gamma, beta, param)
    return out.T, cache


def layernorm_backward(dout, cache):
    xhat, gamma, std = cache
    xhat, std = xhat.T, std.reshape(-1, 1)
    dgamma, dbeta = (dout * xhat).sum(axis=0), dout.sum(axis=0)
    d = dout * gamma.reshape(1, -1)
    sums = d.mean(axis=1, keepdims=True) + xhat * (d * xhat).mean(axis=1, keepdims=True)
    return (d - sums) / std, dgamma, dbeta
"""


@pytest.fixture(scope="module")
def mark_layers(root: Path, assignment_folder: Path) -> Iterator[MarkLayers]:
    """Mark some questions of the reference with edits of layers.py, each (old, new)."""
    assignment = sources.manifest(assignment_folder)
    files = sources.package(assignment_folder / assignment.package)
    key = load(root / building.OUTPUTS)
    course = Package(assignment.package, files, key.given, assignment.given)
    code = [question for question in assignment.questions if question.kind == "code"]
    limits = replace(assignment.limits, question_cpu_seconds=0.5)
    with Sandbox(limits) as sandbox:
        examiner = CodeExaminer(assignment, key, sandbox, code, course)
        marker = Marker(assignment, key, sandbox)

        def run(asked: tuple[str, ...], *edits: tuple[str, str], more: str = "") -> Results:
            text = files["layers.py"].decode()
            for old, new in edits:
                assert text.count(old) == 1, old
                text = text.replace(old, new)
            taken = {path: files[path] for path in assignment.files.taken}
            taken["layers.py"] = (text + more).encode()
            hand_in = Submission("s", "s", assignment.package, taken, {}, "sha256:0")
            done: dict[str, QuestionResult] = {}
            wanted = [question for question in code if question.id in asked]
            examiner.examine(wanted, HandIn(hand_in, marker.package(hand_in), {}), done)
            assert not examiner.faults
            return done

        yield run


def lost(results: Results) -> set[str]:
    """Return the questions that lost points."""
    return {id for id, result in results.items() if result.score < result.max_score}


BATCHNORM_FAULTS = {
    "eps outside the root": [(STD, "        std = np.sqrt(var) + eps\n")],
    "no eps": [(STD, "        std = np.sqrt(var)\n")],
    "another eps": [(STD, "        std = np.sqrt(var + 1e-4)\n")],
    "ddof": [(MOMENTS, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)")],
    "another axis": [(MOMENTS, "mean, var = x.mean(axis=1), x.var(axis=1)")],
    "another axis, put back": [
        (MOMENTS, "mean, var = x.mean(axis=1)[:, None], np.var(x, 1)[:, np.newaxis]")
    ],
    "one number": [(MOMENTS, "mean, var = x.mean(), x.var()")],
    "no mean": [(XHAT, "        xhat = x / std\n")],
    "no mean in the variance": [(MOMENTS, "mean, var = x.mean(axis=0), (x**2).mean(axis=0)")],
    "sign": [(XHAT, "        xhat = (x + mean) / std\n")],
    "no root": [(STD, "        std = var + eps\n")],
    "std for var": [(MOMENTS, "mean, var = x.mean(axis=0), x.std(axis=0)")],
    "another name": [(XHAT, "        xhat = (x - mu) / std\n")],
    "two faults": [
        (MOMENTS, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)"),
        ("(x - running_mean) / np.sqrt(", "(x - running_mean / np.sqrt("),
        ("running_var + eps) + beta", "running_var + eps)) + beta"),
    ],
    "two faults of one output": [
        (MOMENTS, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)"),
        (STD, "        std = np.sqrt(var) + eps\n"),
    ],
}


@pytest.mark.parametrize("edits", BATCHNORM_FAULTS.values(), ids=list(BATCHNORM_FAULTS))
def test_a_fault_of_batch_norms_forward_pass_costs_no_backward_pass(
    mark_layers: MarkLayers, edits: list[tuple[str, str]]
) -> None:
    """Both backward passes are judged behind the student's own forward pass, mended."""
    assert lost(mark_layers(BATCHNORM, *edits)) == {"batchnorm-forward"}


LAYERNORM_FAULTS = {
    "ddof": [(ROW_STD, ROW_STD.replace("keepdims=True)", "keepdims=True, ddof=1)"))],
    "eps outside the root": [
        (ROW_STD, "    std = np.sqrt(x.var(axis=1, keepdims=True)) + eps\n"),
    ],
    "another axis": [
        (ROW_STD, ROW_STD.replace("axis=1", "axis=0")),
        (ROW_XHAT, ROW_XHAT.replace("axis=1", "axis=0")),
    ],
    "no mean": [(ROW_XHAT, "    xhat = x / std\n")],
    "no keepdims": [(ROW_STD, "    std = np.sqrt(x.var(axis=1) + eps)\n")],
}


@pytest.mark.parametrize("edits", LAYERNORM_FAULTS.values(), ids=list(LAYERNORM_FAULTS))
def test_a_fault_of_layer_norms_forward_pass_costs_no_backward_pass(
    mark_layers: MarkLayers, edits: list[tuple[str, str]]
) -> None:
    """The same, where the fault is the axis of every reduction, too."""
    assert lost(mark_layers(LAYERNORM, *edits)) == {"layernorm-forward"}


@pytest.mark.parametrize(
    "forward",
    ["raise ValueError", "return None", "out = np.abs(x)", "out = x.max(0)", "while True: pass"],
)
def test_a_fault_of_relus_forward_pass_costs_no_backward_pass(
    mark_layers: MarkLayers, forward: str
) -> None:
    """A loop that never ends costs what a raise costs."""
    results = mark_layers(("relu-forward", "relu-backward"), (RELU, f"    {forward}\n"))
    assert lost(results) == {"relu-forward"}


@pytest.mark.parametrize(
    "forward", ["raise ValueError", "import os; os._exit(0)", "out = x.reshape(len(x), -1) @ w - b"]
)
def test_a_fault_of_the_affine_layers_forward_pass_costs_no_backward_pass(
    mark_layers: MarkLayers, forward: str
) -> None:
    """Its backward pass is called on the usual cache."""
    results = mark_layers(("affine-forward", "affine-backward"), (AFFINE, f"    {forward}\n"))
    assert lost(results) == {"affine-forward"}


@pytest.mark.parametrize(
    "mask",
    [
        "mask = np.random.rand(*x.shape) < p / p",
        "mask = (np.random.rand(*x.shape) < 0) / p",
        "mask = (np.random.rand(*x.shape) > p) / p",
        "mask = np.random.rand(*x.shape) < p",
        "mask = np.random.rand(*x.shape) / p",
        "raise ValueError",
    ],
    ids=["keeps all", "drops all", "inverted", "unscaled", "a number", "raises"],
)
def test_a_fault_of_dropouts_forward_pass_costs_no_backward_pass(
    mark_layers: MarkLayers, mask: str
) -> None:
    """Where no mask shows, dout must go through one that is given."""
    results = mark_layers(("dropout-forward", "dropout-backward"), (MASK, mask))
    assert lost(results) == {"dropout-forward"}


def test_a_cache_of_ones_own_form_is_mended_with_its_forward_pass(mark_layers: MarkLayers) -> None:
    """The usual cache doesn't fit what this backward pass reads."""
    results = mark_layers(
        ("affine-forward", "affine-backward"),
        (AFFINE, "    flat = x.reshape(len(x), -1)\n    out = flat @ w - b\n"),
        ("    cache = (x, w, b)\n", "    cache = {'flat': flat, 'shape': x.shape, 'w': w}\n"),
        (
            "    x, w, _ = cache\n",
            "    flat, shape, w = cache['flat'], cache['shape'], cache['w']\n",
        ),
        ("dx = (dout @ w.T).reshape(x.shape)", "dx = (dout @ w.T).reshape(shape)"),
        ("dw = x.reshape(len(x), -1).T @ dout", "dw = flat.T @ dout"),
    )
    assert lost(results) == {"affine-forward"}


def test_the_page_says_first_that_the_forward_pass_is_at_fault(mark_layers: MarkLayers) -> None:
    """A note names the forward pass, whether the backward pass lost something or not."""
    ddof = (MOMENTS, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)")
    right = mark_layers(BATCHNORM, ddof)["batchnorm-backward"]
    assert right.notes[0].startswith("Mend batchnorm_forward first")
    blank = (STD, "        raise NotImplementedError\n")
    lacking = mark_layers(BATCHNORM, blank)["batchnorm-backward"]
    assert lacking.notes[0].startswith("Mend batchnorm_forward first")
    assert lacking.score == 0


WRONG_BACKWARDS = {
    "batchnorm": (
        BATCHNORM[:2],
        (MOMENTS, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)"),
        ("dx = dcentred - dcentred.mean(axis=0)", "dx = dcentred"),
    ),
    "relu": (
        ("relu-forward", "relu-backward"),
        (RELU, "    while True: pass\n"),
        ("    dx = dout * (x > 0)\n", "    dx = dout\n"),
    ),
    "dropout": (
        ("dropout-forward", "dropout-backward"),
        (MASK, "mask = np.random.rand(*x.shape) < p / p"),
        ("        dx = dout * mask\n", "        dx = dout\n"),
    ),
}


@pytest.mark.parametrize("case", WRONG_BACKWARDS.values(), ids=list(WRONG_BACKWARDS))
def test_a_wrong_backward_pass_still_loses_behind_a_wrong_forward_pass(
    mark_layers: MarkLayers, case: tuple[tuple[str, ...], tuple[str, str], tuple[str, str]]
) -> None:
    """Two faults cost both questions."""
    asked, forward, backward = case
    assert lost(mark_layers(asked, forward, backward)) == set(asked)


@pytest.mark.parametrize(
    "nonsense",
    ["np.random.rand(*dout.shape)", "np.zeros_like(dout)", "dout", "np.full(dout.shape, np.nan)"],
)
def test_nonsense_earns_nothing_behind_a_mended_forward_pass(
    mark_layers: MarkLayers, nonsense: str
) -> None:
    """What stands in for a forward pass gives no point to a backward pass that isn't one."""
    results = mark_layers(
        ("layernorm-forward", "layernorm-backward"),
        LAYERNORM_FAULTS["ddof"][0],
        (
            "    sums = dxhat.mean(axis=1, keepdims=True)",
            f"    return {nonsense}, {nonsense}[0], {nonsense}[0]\n"
            "    sums = dxhat.mean(axis=1, keepdims=True)",
        ),
    )
    assert results["layernorm-backward"].score == 0


@pytest.mark.parametrize("reaction", ["raise SystemExit", "import os; os._exit(0)", "out = 0 * x"])
def test_a_forward_pass_that_notices_its_edits_gains_nothing(
    mark_layers: MarkLayers, reaction: str
) -> None:
    """It loses what it had to lose; the questions beside it keep their points."""
    noticing = (
        "        import sys\n"
        "        own = sys._getframe().f_code.co_code\n"
        "        known = globals().setdefault('known', own)\n"
        "        if own != known:\n"
        f"            {reaction}\n"
    )
    results = mark_layers(
        (*BATCHNORM, "relu-forward", "relu-backward"),
        (STD, noticing + "        std = np.sqrt(var) + eps\n"),
        ("dx = dcentred - dcentred.mean(axis=0)", "dx = dcentred"),
    )
    assert results["batchnorm-forward"].score < results["batchnorm-forward"].max_score
    # Two of its three gradients are right, and that is what they are worth.
    assert results["batchnorm-backward"].score == 14
    assert not {"relu-forward", "relu-backward"} & lost(results)


@pytest.mark.parametrize(
    "edit",
    [
        ("np.sqrt(running_var + eps)", "(np.sqrt(running_var) + eps)"),
        (MOMENTS, "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)"),
        (STD, "        std = np.sqrt(var) + eps\n"),
    ],
    ids=["when testing", "ddof", "eps outside the root"],
)
def test_a_layer_written_with_another_layers_functions_keeps_its_points(
    mark_layers: MarkLayers, edit: tuple[str, str]
) -> None:
    """Layer norm by batch norm: the fault of batch norm costs batch norm's question alone."""
    asked = (*BATCHNORM, *LAYERNORM, "fully-connected-net-normalization")
    results = mark_layers(asked, edit, more=LAYERNORM_BY_BATCHNORM)
    assert lost(results) == {"batchnorm-forward"}


def test_a_blank_function_gives_nothing_to_its_copy(mark_layers: MarkLayers) -> None:
    """The reference answers for other layers, not for the other function of the same layer."""
    copied = """
def batchnorm_backward(dout, cache):
    raise NotImplementedError


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)
"""
    results = mark_layers(BATCHNORM, more=copied)
    assert [results[id].score for id in BATCHNORM[1:]] == [0, 0]


def test_right_code_is_asked_in_one_process(
    mark_layers: MarkLayers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is searched, and nothing more is started, where nothing failed."""
    started: list[object] = []
    start = Sandbox.start

    def counting(self: Sandbox, *args: object, **kwargs: object) -> object:
        started.append(args)
        return start(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Sandbox, "start", counting)
    assert not lost(mark_layers((*BATCHNORM, *LAYERNORM, "relu-forward", "relu-backward")))
    assert len(started) == 1


def test_what_a_right_forward_pass_keeps_wrongly_costs_its_backward_pass(
    mark_layers: MarkLayers,
) -> None:
    """A cache without its input is no fault of the networks, and none that the usual one hides."""
    layers = ("affine-forward", "affine-backward")
    networks = ("two-layer-net", "fully-connected-net")
    result = mark_layers((*layers, *networks), (AFFINE + "    # END ANSWER\n", WRONG_CACHE))
    assert lost(result) == {"affine-backward"}
    assert result["affine-backward"].score == 0
    assert result["affine-backward"].notes == []
