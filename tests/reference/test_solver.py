"""The solver: its draws, its histories, what it prints, and which parameters it leaves."""

import numpy as np
import pytest

from cs682 import optim
from cs682.solver import Solver


class Spy:
    """A linear model that remembers what it was asked, and scores by a plan."""

    def __init__(self):
        self.params = {"W": np.zeros((2, 3)), "b": np.zeros(3)}
        self.batches, self.scored = [], []

    def loss(self, X, y=None):
        if y is None:
            self.scored.append(len(X))
            return X @ self.params["W"] + self.params["b"]
        self.batches.append((X.copy(), y.copy()))
        grads = {"W": np.ones((2, 3)), "b": -np.ones(3)}
        return float(len(self.batches)), grads


@pytest.fixture
def data():
    """Twelve examples to train on and five to validate."""
    draw = np.random.RandomState(1)
    return {
        "X_train": draw.randn(12, 2),
        "y_train": draw.randint(3, size=12),
        "X_val": draw.randn(5, 2),
        "y_val": draw.randint(3, size=5),
    }


def test_the_draws_and_nothing_but_the_draws(data):
    """np.random.choice draws a batch each step, and the examples of a training accuracy."""
    np.random.seed(7)
    model = Spy()
    Solver(model, data, batch_size=5, num_epochs=2, num_train_samples=6, verbose=False).train()
    after = np.random.rand()
    np.random.seed(7)
    batches = []
    for step in range(4):
        batches.append(np.random.choice(12, 5))
        if step in (0, 1, 3):
            np.random.choice(12, 6)
    assert after == np.random.rand()
    for drawn, (X, y) in zip(batches, model.batches, strict=True):
        assert np.array_equal(X, data["X_train"][drawn])
        assert np.array_equal(y, data["y_train"][drawn])


def test_few_examples_are_all_scored_without_a_draw(data):
    """With no more than 1000 training examples an accuracy draws nothing."""
    solver = Solver(Spy(), data, verbose=False)
    np.random.seed(7)
    solver.check_accuracy(data["X_train"], data["y_train"], num_samples=12)
    after = np.random.rand()
    np.random.seed(7)
    assert after == np.random.rand()


def test_what_it_prints(data, capsys):
    """Losses go before accuracies, which are taken at the first step and each epoch's end."""
    Solver(Spy(), data, batch_size=5, num_epochs=2, print_every=3).train()
    # The biases fall in favor of no class, so that every example is taken for class 0.
    train, val = np.mean(data["y_train"] == 0), np.mean(data["y_val"] == 0)
    accuracies = f"train acc: {train:f}; val_acc: {val:f}"
    assert capsys.readouterr().out.splitlines() == [
        "(Iteration 1 / 4) loss: 1.000000",
        f"(Epoch 0 / 2) {accuracies}",
        f"(Epoch 1 / 2) {accuracies}",
        "(Iteration 4 / 4) loss: 4.000000",
        f"(Epoch 2 / 2) {accuracies}",
    ]


def test_it_can_be_silent(data, capsys):
    """Without verbose nothing is printed."""
    Solver(Spy(), data, verbose=False).train()
    assert capsys.readouterr().out == ""


def test_histories_and_decay(data):
    """A loss a step, accuracies at the start and after each epoch, a rate that decays by epoch."""
    config = {"learning_rate": 0.5}
    solver = Solver(
        Spy(), data, batch_size=4, num_epochs=3, lr_decay=0.1, optim_config=config, verbose=False
    )
    solver.train()
    assert solver.loss_history == [*range(1, 10)]
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 4
    rates = [config["learning_rate"] for config in solver.optim_configs.values()]
    assert rates == pytest.approx([0.0005, 0.0005], rel=1e-12)
    assert config == {"learning_rate": 0.5}


def test_a_batch_larger_than_the_data(data):
    """An epoch has one step at least."""
    solver = Solver(Spy(), data, batch_size=50, num_epochs=3, verbose=False)
    solver.train()
    assert len(solver.loss_history) == 3
    assert len(solver.val_acc_history) == 3


@pytest.fixture
def in_place(monkeypatch):
    """An update rule that changes w itself, as a student's may."""

    def rule(w, dw, config):
        w -= config.setdefault("learning_rate", 1.0) * dw
        return w, config

    monkeypatch.setattr(optim, "in_place", rule, raising=False)


@pytest.mark.parametrize("rule", ["sgd", "in_place"])
def test_the_best_parameters_are_put_back(data, in_place, rule, monkeypatch):
    """The model ends with the parameters of its best validation accuracy, first one of equals."""
    model = Spy()
    options = {"update_rule": rule, "optim_config": {"learning_rate": 1.0}, "batch_size": 12}
    solver = Solver(model, data, num_epochs=5, verbose=False, **options)
    plan = iter([0.2, 0.6, 0.4, 0.6, 0.1])
    monkeypatch.setattr(
        solver, "check_accuracy", lambda X, *_: next(plan) if X is data["X_val"] else 1.0
    )
    solver.train()
    assert solver.best_val_acc == 0.6
    # One step an epoch, of -1 in each weight: the best was met after two.
    assert np.array_equal(model.params["W"], np.full((2, 3), -2.0))
    assert np.array_equal(solver.best_params["b"], np.full(3, 2.0))
    assert model.params["W"] is not solver.best_params["W"]


def test_parameters_that_never_score_are_kept(data, monkeypatch):
    """With no right answer at all, the model still has parameters at the end."""
    model = Spy()
    solver = Solver(model, data, verbose=False)
    monkeypatch.setattr(solver, "check_accuracy", lambda *_: 0.0)
    solver.train()
    assert solver.best_val_acc == 0
    assert set(model.params) == {"W", "b"}


def test_accuracy(data):
    """The share of highest scores that are right, over batches of any size."""
    model = Spy()
    model.params["W"] = np.random.RandomState(2).randn(2, 3)
    solver = Solver(model, data, verbose=False)
    X, y = data["X_train"], data["y_train"]
    expected = np.mean((X @ model.params["W"]).argmax(axis=1) == y)
    for batch_size in (1, 5, 12, 100):
        assert solver.check_accuracy(X, y, batch_size=batch_size) == expected
    assert model.scored == [*[1] * 12, 5, 5, 2, 12, 12]


def test_unknown_names_are_errors(data):
    """An option or an update rule that doesn't exist is named, before anything is trained."""
    with pytest.raises(ValueError, match="no option learning_rate"):
        Solver(Spy(), data, learning_rate=1e-3)
    with pytest.raises(ValueError, match="no update rule 'adamw'"):
        Solver(Spy(), data, update_rule="adamw")
