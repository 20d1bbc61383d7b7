"""Hand-ins made from the template of before, whose affine_backward had an option, earn the same.

Their layers take ``need_dx``, and their networks pass it and import every name.
"""

from collections.abc import Callable

import pytest

from grader.model.verdicts import QuestionResult, SubmissionResult

MarkEdited = Callable[..., SubmissionResult]
Edit = tuple[str, str, str]

LAYERS, NETWORKS = "layers.py", "classifiers/fc_net.py"
IMPORTS = """\
from ..layer_utils import affine_relu_backward, affine_relu_forward
from ..layers import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)
"""

EARLIER_LAYERS: tuple[Edit, ...] = (
    (
        LAYERS,
        "def affine_backward(dout, cache):",
        "def affine_backward(dout, cache, need_dx=True):",
    ),
    (
        LAYERS,
        "    dx = (dout @ w.T).reshape(x.shape)\n",
        "    dx = (dout @ w.T).reshape(x.shape) if need_dx else None\n",
    ),
)
EARLIER_NETWORKS: tuple[Edit, ...] = (
    (NETWORKS, IMPORTS, "from ..layer_utils import *\nfrom ..layers import *\n"),
    (
        NETWORKS,
        "affine_relu_backward(dhidden, hidden_cache)",
        "affine_backward(\n"
        "            relu_backward(dhidden, hidden_cache[1]), hidden_cache[0], need_dx=False\n"
        "        )",
    ),
    (NETWORKS, "affine_backward(dscores, cache)", "affine_backward(dscores, cache, last > 1)"),
    (NETWORKS, "affine_backward(dh, affine_cache)", "affine_backward(dh, affine_cache, i > 1)"),
)
EARLIER = EARLIER_LAYERS + EARLIER_NETWORKS

WRONG_DB = (LAYERS, "    db = dout.sum(axis=0)\n", "    db = dout.mean(axis=0)\n")
WRONG_OUT = (LAYERS, "    out = x.reshape(len(x), -1) @ w + b\n", "    return None\n")
UNREADABLE = (LAYERS, "def affine_forward(x, w, b):", "def affine_forward(x, w, b:")
OWN_FAULT = (NETWORKS, "loss += 0.5 * self.reg * np.sum(w**2)", "loss += 0")


def lost(result: SubmissionResult) -> dict[str, float]:
    """Return the points that each question lost, where it lost any."""
    return {q.id: q.max_score - q.score for q in result.questions if q.score != q.max_score}


def question(result: SubmissionResult, id: str) -> QuestionResult:
    return next(q for q in result.questions if q.id == id)


@pytest.mark.parametrize(
    "faults",
    [(), (WRONG_DB,), (WRONG_OUT,), (UNREADABLE,), (WRONG_DB, OWN_FAULT)],
    ids=["right", "backward", "forward", "unreadable", "a network's own fault"],
)
def test_it_loses_what_one_of_now_loses(mark_edited: MarkEdited, faults: tuple[Edit, ...]) -> None:
    """The option costs nothing, also where the reference answers for a failed layer."""
    earlier, now = mark_edited(*EARLIER, *faults), mark_edited(*faults)
    assert lost(earlier) == lost(now)
    assert [q.given for q in earlier.questions] == [q.given for q in now.questions]
    assert bool(lost(now)) == bool(faults)


@pytest.mark.parametrize("fault", [(), (WRONG_DB,)], ids=["right", "wrong"])
def test_earlier_layers_serve_networks_of_now(
    mark_edited: MarkEdited, fault: tuple[Edit, ...]
) -> None:
    """Only the layers are older: nobody passes the option."""
    assert lost(mark_edited(*EARLIER_LAYERS, *fault)) == lost(mark_edited(*fault))


@pytest.mark.parametrize("fault", [(), (WRONG_DB,)], ids=["right", "wrong"])
def test_layers_of_now_refuse_the_option_of_earlier_networks(
    mark_edited: MarkEdited, fault: tuple[Edit, ...]
) -> None:
    """Such a mix fails for its student as well: the networks lose what needs a gradient.

    A correct layer in a wrong one's place takes no more than the student's own does, else who has
    the wrong one would earn more.
    """
    result = mark_edited(*EARLIER_NETWORKS, *fault)
    costs = lost(result)
    assert set(costs) - {"two-layer-net", "fully-connected-net"} == set(lost(mark_edited(*fault)))
    for id in ("two-layer-net", "fully-connected-net"):
        assert 0 < costs[id] < question(result, id).max_score
        failures = [check for check in question(result, id).checks if check.status == "failed"]
        assert all(check.stage == "raised" for check in failures)
        assert any("argument" in check.message for check in failures)
