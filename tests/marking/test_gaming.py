"""Answers without work, to the real key: zeros, the input, the published arrays earn nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.authoring import building
from grader.classroom.run import Settings, Worker
from grader.key import load
from grader.submissions import find

NOTEBOOKS = ("FullyConnectedNets", "BatchNormalization", "Dropout")
NETS = """
import numpy as np

class TwoLayerNet:
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.reg = reg
        sizes = [input_dim, hidden_dim, num_classes]
        self.params = {}
        for i in (1, 2):
            self.params[f"W{i}"] = np.zeros((sizes[i - 1], sizes[i]))
            self.params[f"b{i}"] = np.zeros(sizes[i])

    def loss(self, X, y=None):
        scores = SCORES
        if y is None:
            return scores
        return LOSS, {name: GRADIENT for name, p in self.params.items()}


class FullyConnectedNet(TwoLayerNet):
    def __init__(self, hidden_dims, input_dim=3072, num_classes=10, dropout=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.reg = reg
        sizes = [input_dim, *hidden_dims, num_classes]
        self.params = {}
        for i in range(1, len(sizes)):
            self.params[f"W{i}"] = np.zeros((sizes[i - 1], sizes[i]))
            self.params[f"b{i}"] = np.zeros(sizes[i])
            if normalization and i < len(sizes) - 1:
                self.params[f"gamma{i}"] = np.zeros(sizes[i])
                self.params[f"beta{i}"] = np.zeros(sizes[i])
"""

ZEROS = {
    "layers.py": """
import numpy as np

def affine_forward(x, w, b):
    return np.zeros((len(x), w.shape[1])), (x, w, b)

def affine_backward(dout, cache):
    return tuple(np.zeros_like(a) for a in cache)

def relu_forward(x):
    return np.zeros_like(x), x

def relu_backward(dout, cache):
    return np.zeros_like(cache)

def batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = np.zeros_like(gamma)
    return np.zeros_like(x), (x, gamma, beta)

def batchnorm_backward(dout, cache):
    return tuple(np.zeros_like(a) for a in cache)

batchnorm_backward_alt = layernorm_backward = batchnorm_backward

def layernorm_forward(x, gamma, beta, ln_param):
    return np.zeros_like(x), (x, gamma, beta)

def dropout_forward(x, dropout_param):
    return np.zeros_like(x), (dropout_param, np.zeros_like(x))

def dropout_backward(dout, cache):
    return np.zeros_like(dout)
""",
    "optim.py": """
import numpy as np

def sgd_momentum(w, dw, config=None):
    zero = np.zeros_like(w)
    return zero, {**(config or {}), "velocity": zero, "cache": zero, "m": zero, "v": zero}

rmsprop = adam = sgd_momentum
""",
    "classifiers/fc_net.py": NETS.replace(
        "SCORES", "np.zeros((len(X), list(self.params.values())[-1].size))"
    )
    .replace("LOSS", "0.0")
    .replace("GRADIENT", "np.zeros_like(p)"),
}

INPUTS = {
    "layers.py": """
import numpy as np

def affine_forward(x, w, b):
    return x, (x, w, b)

def affine_backward(dout, cache):
    return cache

def relu_forward(x):
    return x, x

def relu_backward(dout, cache):
    return dout

def batchnorm_forward(x, gamma, beta, bn_param):
    return x, (x, gamma, beta)

def batchnorm_backward(dout, cache):
    return dout, cache[1], cache[2]

batchnorm_backward_alt = layernorm_backward = batchnorm_backward

def layernorm_forward(x, gamma, beta, ln_param):
    return x, (x, gamma, beta)
""",
    "optim.py": """
def sgd_momentum(w, dw, config=None):
    return w, {**(config or {}), "velocity": w, "cache": w, "m": w, "v": w}

rmsprop = adam = sgd_momentum
""",
    "classifiers/fc_net.py": NETS.replace("SCORES", "X")
    .replace("LOSS", "float(np.sum(X))")
    .replace("GRADIENT", "p"),
}


def published(key: Path) -> dict[str, str]:
    """Return a submission that answers with the notebook's own figures, and nothing else."""
    figures: dict[str, Any] = {}
    loaded = load(key)
    for check in loaded.checks:
        if check.visibility == "published":
            figures.setdefault(check.call, {}).update(loaded.sheets[check.run].answers[0])

    def array(call: str, name: str) -> str:
        return f"np.array({figures[call][name].tolist()})"

    layers = "import numpy as np\n" + "".join(
        f"def {call}(*inputs):\n    return {array(call, 'out')}, inputs\n"
        for call in ("affine_forward", "relu_forward")
    )
    layers += "def affine_backward(dout, cache):\n    return cache\n"
    layers += "def relu_backward(dout, cache):\n    return dout\n"
    optim = "import numpy as np\n" + "".join(
        f"def {rule}(w, dw, config=None):\n"
        + "".join(f"    config[{name!r}] = {array(rule, name)}\n" for name in names)
        + f"    return {array(rule, 'next_w')}, config\n"
        for rule, names in (
            ("sgd_momentum", ["velocity"]),
            ("rmsprop", ["cache"]),
            ("adam", ["m", "v"]),
        )
    )
    net = figures["TwoLayerNet"]
    nets = (
        NETS.replace("SCORES", array("TwoLayerNet", "scores"))
        .replace("LOSS", f"{float(net['new_loss'])} if self.reg else {float(net['loss'])}")
        .replace("GRADIENT", "p")
    )
    return {"layers.py": layers, "optim.py": optim, "classifiers/fc_net.py": nets}


@pytest.fixture(scope="module")
def worker(root: Path) -> Iterator[Worker]:
    """A worker with the committed key, for the code questions of all notebooks."""
    settings = Settings(
        root / "assignment", root / building.OUTPUTS, NOTEBOOKS, ("code",),
        level="process", allow_unsandboxed=True,
    )  # fmt: skip
    made = Worker(settings)
    yield made
    made.close()


def marked(worker: Worker, folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """Return the result of *files*, handed in in *folder*."""
    for path, text in files.items():
        (folder / "cs682" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "cs682" / path).write_text(text, "utf-8")
    (place,) = find([folder], worker.assignment, as_="one").places
    result = worker.mark(place).result
    assert result["status"] == "graded"
    return result


@pytest.mark.parametrize("answers", ["zeros", "the input", "the published arrays"])
def test_answers_without_work_earn_nothing(
    worker: Worker, root: Path, tmp_path: Path, answers: str
) -> None:
    """Every question of every notebook, all of them at once."""
    files = {
        "zeros": ZEROS,
        "the input": INPUTS,
        "the published arrays": published(root / building.OUTPUTS),
    }[answers]
    result = marked(worker, tmp_path, files)
    earned = {q["id"]: q["score"] for q in result["questions"] if q["score"]}
    assert earned == {}
    ran = [check["stage"] for q in result["questions"] for check in q["checks"]]
    assert not {"missing", "not_implemented"} >= set(ran)


def test_the_published_arrays_do_pass_the_published_checks(
    worker: Worker, root: Path, tmp_path: Path
) -> None:
    """The submission above is what it says: it passes what the notebook shows, without points."""
    result = marked(worker, tmp_path, published(root / building.OUTPUTS))
    shown = {
        check["id"]: (check["status"], check["score"])
        for question in result["questions"]
        for check in question["checks"]
        if check["visibility"] == "published" and question["notebook"] == NOTEBOOKS[0]
    }
    assert len(shown) >= 7
    assert set(shown.values()) == {("passed", 0.0)}, shown


REMEMBERS = """
exact, asked = affine_forward, {}


def affine_forward(x, w, b):
    out, cache = exact(x, w, b)
    out = out * (1 + 2e-7)
    if asked:
        *inputs, before, dout, given = asked["last"]
        for now, then, gradient in zip((x, w, b), inputs, given):
            if now.shape == then.shape and 0 < abs(now - then).max() < 1e-3:
                rise = np.vdot(now - then, gradient) / np.vdot(dout, dout)
                return before + dout * rise, cache
    return out, (*cache, out)


def affine_backward(dout, cache):
    x, w, b, out = cache
    if HONEST:
        return exact_backward(dout, (x, w, b))
    given = [np.random.default_rng(1).standard_normal(a.shape) for a in (x, w, b)]
    asked["last"] = x, w, b, out, dout, given
    return tuple(given)
"""


@pytest.mark.parametrize(("honest", "points"), [(False, 1.0), (True, 6.0)])
def test_a_forward_pass_that_remembers_its_calls_lends_nothing(
    worker: Worker, assignment_folder: Path, tmp_path: Path, honest: bool, points: float
) -> None:
    """It is nearly right and fits any gradient, which has what fits any forward pass; no value."""
    layers = (assignment_folder / "cs682" / "layers.py").read_text()
    text = f"{layers}\n\nexact_backward, HONEST = affine_backward, {honest}\n{REMEMBERS}"
    result = marked(worker, tmp_path / "remembers", {"layers.py": text})
    found = {question["id"]: question["score"] for question in result["questions"]}
    assert (found["affine-forward"], found["affine-backward"]) == (3.0, points)
