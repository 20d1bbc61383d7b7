"""A model is what its parameters make: what only answers gains nothing, networks lose nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from handed_in import BEST, THREE, Hand, answer

from grader.marking.marker import Marker

#: A network that reaches what is asked of the best model, quickly; ``loss`` of a part of it.
TRAINED = """\
np.random.seed(1)
best_model = FullyConnectedNet([80, 60], normalization="batchnorm", weight_scale=2e-2)
best_solver = Solver(best_model, data, update_rule="adam", optim_config={"learning_rate": 1e-3},
                     num_epochs=5, verbose=False)
best_solver.train()
best_solver = None
"""
OTHER = """\
class Other:
    def __init__(self, **held):
        self.__dict__.update(held)
"""
MEANS = """\
means = np.stack([data["X_train"][data["y_train"] == c].mean(axis=0).ravel() for c in range(10)])
"""
IMAGES = """\
shown = data["X_train"][:50].reshape(50, -1)
wanted = np.eye(10)[data["y_train"][:50]]
def looked_up(X):
    far = ((X.reshape(len(X), 1, -1) - shown) ** 2).sum(axis=2)
    return wanted[far.argmin(axis=1)]
"""


def in_class(body: str) -> str:
    """Return the class Other with a ``loss`` of that body."""
    return f"{OTHER}    def loss(self, X, y=None):\n        {body}\n"


TEMPLATES = MEANS + in_class("return X.reshape(len(X), -1) @ means.T")
LOOKED_UP = IMAGES + in_class("return looked_up(X)")


@pytest.mark.parametrize(
    "cell",
    [
        "best_model = None",
        "best_model = {}",
        TEMPLATES + "best_model = Other()",
        TEMPLATES + "best_model = Other(means=means)",
        TEMPLATES + "best_model = Other(params={})",
        TEMPLATES + "best_model = Other(params={'W1': np.array([object()])})",
        TEMPLATES + "best_model = Other(params={'W1': 'text'}, bn_params='text')",
    ],
)
def test_what_is_no_network_earns_nothing(hand_in: Hand, cell: str) -> None:
    """Nothing at all, and templates in every place that an object has for them."""
    result = hand_in({BEST: cell})[BEST]
    assert (result.status, result.score) == ("failed", 0.0)


@pytest.mark.parametrize(
    "model",
    [
        "class Table(FullyConnectedNet):\n"
        "    def loss(self, X, y=None): return looked_up(X)\n"
        "model = Table([100, 100])",
        "model = FullyConnectedNet([100, 100])\nmodel.loss = looked_up",
        "model = FullyConnectedNet([100, 100])\nmodel.loss = looked_up\n"
        "model.params['W1'][:] = np.nan",
        "model = FullyConnectedNet([100, 100])\nmodel.loss = looked_up\n"
        "model.params = {n: p.astype(object) for n, p in model.params.items()}",
        "model = FullyConnectedNet([100, 100])\nmodel.loss = looked_up\n"
        "model.params['W2'] = np.zeros((1 << 12, 1 << 12))",
        "class Other(FullyConnectedNet):\n"
        "    params = property(lambda self: 1 / 0, lambda self, value: None)\n"
        "    def loss(self, X, y=None): return looked_up(X)\n"
        "model = Other([100, 100])",
        "model = FullyConnectedNet([100, 100])\nmodel.loss = looked_up\n"
        "class Endless(dict):\n"
        "    def items(self):\n"
        "        while True: yield 'W', np.zeros((3, 3))\n"
        "model.params = Endless(model.params)",
        # A network worked out from the images: it was trained in no epoch.
        "model = FullyConnectedNet([50, 50], dtype=np.float64)\n"
        "p, scale = model.params, (shown ** 2).sum(axis=1)\n"
        "p['W1'], p['b1'] = shown.T / scale, np.full(50, -0.9)\n"
        "p['W2'], p['W3'] = np.eye(50), wanted",
    ],
    ids=["subclass", "loss", "nan", "objects", "large", "property", "endless", "worked out"],
)
def test_a_table_behind_a_network_earns_nothing(hand_in: Hand, model: str) -> None:
    """However well the object answers: what it was trained to is in its parameters."""
    result = hand_in({THREE: f"{IMAGES}\nsolver = None\n{model}"})[THREE]
    assert result.score == 0
    assert result.status in ("failed", "needs_marking")
    assert "accuracy" not in result.checks[0].evidence or "history" in result.checks[0].message


def test_templates_as_a_network_are_judged_as_one(hand_in: Hand) -> None:
    """One matrix is a network without hidden layers: it is as good as such a one is."""
    result = hand_in({BEST: TEMPLATES + "best_model = Other(params={'W': means})"})[BEST]
    assert (result.status, result.score) == ("needs_marking", 0.0)
    assert result.checks[0].evidence["accuracy"] < 0.5


@pytest.mark.parametrize(
    "more",
    [
        "",
        "net = best_model\n"
        "inner = {n.replace('W', 'weights '): p for n, p in net.params.items()}\n"
        "class Renamed:\n"
        "    params, bn_params = inner, net.bn_params\n"
        "    def loss(self, X, y=None):\n"
        "        net.params = {n.replace('weights ', 'W'): p for n, p in self.params.items()}\n"
        "        return net.loss(X)\n"
        "best_model = Renamed()",
    ],
    ids=["as it is", "renamed"],
)
def test_a_network_has_all_points(hand_in: Hand, more: str) -> None:
    """In float32, normalized, under other names and in a class of the student's own."""
    result = hand_in({BEST: TRAINED + more})[BEST]
    assert (result.status, result.score) == ("passed", 16.0), result.checks[0].message


@pytest.mark.parametrize(
    "more",
    [
        # Together with a copy of itself, by an attribute, a global name or a closure.
        in_class("return self.first.loss(X) + self.second.loss(X)")
        + "best_model = Other(first=best_model, second=best_model)",
        "nets = [best_model, best_model]\n"
        + in_class("return sum(net.loss(X) for net in nets)")
        + "best_model = Other()",
        "def averaged(*nets):\n"
        "    class Both:\n"
        "        def loss(self, X, y=None): return sum(net.loss(X) for net in nets)\n"
        "    return Both()\n"
        "best_model = averaged(best_model, best_model)",
        # With images that it scales itself.
        "class Scaled(FullyConnectedNet):\n"
        "    def loss(self, X, y=None): return super().loss(X / 64, y)\n"
        "best_model = Scaled([80, 60], normalization='batchnorm', weight_scale=2e-2)\n"
        "Solver(best_model, data, update_rule='adam', optim_config={'learning_rate': 1e-3},\n"
        "       num_epochs=5, verbose=False).train()",
    ],
    ids=["attributes", "globals", "closure", "scaled"],
)
def test_another_model_that_scores_waits_for_a_person(hand_in: Hand, more: str) -> None:
    """An ensemble and a network that prepares its images itself: their own accuracy is noted."""
    result = hand_in({BEST: TRAINED + more})[BEST]
    assert (result.status, result.score) == ("needs_marking", 0.0)
    evidence = result.checks[0].evidence
    assert evidence["own_accuracy"] is not None
    assert evidence["own_accuracy"] > 0.4
    assert "accuracy" not in evidence


def test_the_scores_needn_t_be_equal(hand_in: Hand, solved: bytes) -> None:
    """What picks the same classes is the same model: probabilities in place of scores."""
    more = """
plain = model.loss
def likely(X, y=None):
    scores = plain(X)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
model.loss = likely
"""
    assert hand_in({THREE: answer(solved, THREE) + more})[THREE].status == "passed"


def test_where_the_class_has_failed_the_parameters_count(
    hand_in: Hand, solved: bytes, with_reference: Marker, package: dict[str, bytes]
) -> None:
    """Agreement isn't asked of code that has failed its own question: that is paid there."""
    path = "classifiers/fc_net.py"
    wrong = package[path].replace(b"loss += 0.5 * self.reg", b"loss += self.reg")
    assert wrong != package[path]
    silent = answer(solved, THREE) + "\nmodel.loss = lambda X, y=None: np.zeros((len(X), 10))"
    only = ("fully-connected-net", THREE)
    for files, status in (({path: wrong}, "passed"), ({}, "needs_marking")):
        results = hand_in({THREE: silent}, only=only, by=with_reference, files=files)
        assert results[THREE].status == status
        assert (results["fully-connected-net"].status == "passed") == (not files)


@pytest.mark.parametrize(
    "way",
    [
        "raise ValueError(said)",
        "raise type(said, (Exception,), {})(said)",
        "raise NotImplementedError(said)",
        "print(said); return X",
        "return said",
        "return type(said, (), {})()",
        "exec(compile('raise ValueError', '/submission/cs682/' + said, 'exec'))",
    ],
)
def test_what_a_model_says_of_hidden_images_is_told_nowhere(
    hand_in: Hand, solved: bytes, way: str
) -> None:
    """Its process has got them: no text of it, no name and no print comes out."""
    more = f"""
def told(X, y=None):
    said = "TAI" + "NT" + repr(float(np.ravel(X)[0]))
    {way}
model.loss = told
"""
    result = hand_in({THREE: answer(solved, THREE) + more})[THREE]
    assert "TAINT" in repr(replace(result, notes=["TAINT"]))  # all of it is looked at
    assert "TAINT" not in repr(result)
