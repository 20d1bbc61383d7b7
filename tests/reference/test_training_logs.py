"""The published training logs, line by line, on the real images (`tox -e cifar10`).

They follow from one stream of draws of numpy's global generator: rows 10 and 14 are one chain,
rows 16, 18, 19, 22 and 25 another.
"""

import io
import json
import os
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs682.data_utils import SUMS, get_CIFAR10_data
from cs682.solver import Solver

LOGS = json.loads(Path(__file__).with_name("training_logs.json").read_text("utf-8"))

# A folder named on purpose, so that a data set in someone's cache doesn't slow the usual run.
FOLDER = Path(os.environ.get("CIFAR10_DIR") or os.devnull)

pytestmark = [
    pytest.mark.cifar10,
    pytest.mark.skipif(
        not all((FOLDER / name).is_file() for name in SUMS),
        reason="CIFAR10_DIR names no folder with the files of CIFAR-10",
    ),
]


@pytest.fixture(scope="module")
def data():
    """CIFAR-10 as the notebook loads it."""
    return get_CIFAR10_data()


def first(data, count):
    """The first training images, with the whole validation set."""
    train = {name: data[name][:count] for name in ("X_train", "y_train")}
    return {**train, "X_val": data["X_val"], "y_val": data["y_val"]}


def lines(log, print_every):
    """What a solver prints for a log; an epoch's line comes after the losses of its steps."""
    num_epochs = log["epochs"][-1][0]
    steps = log["iterations"] // num_epochs
    printed = [
        (iteration, f"(Iteration {iteration} / {log['iterations']}) loss: {loss:f}")
        for iteration, loss in log["losses"]
    ]
    printed += [
        (
            max(1, epoch * steps) + 0.5,
            f"(Epoch {epoch} / {num_epochs}) train acc: {train:f}; val_acc: {val:f}",
        )
        for epoch, train, val in log["epochs"]
    ]
    assert [iteration for iteration, _ in log["losses"]] == [
        *range(1, log["iterations"] + 1, print_every)
    ]
    return [line for _, line in sorted(printed)]


def test_row_1_shapes(data):
    """The published shapes, in float64."""
    assert {name: array.shape for name, array in data.items()} == {
        "X_train": (49000, 3, 32, 32),
        "y_train": (49000,),
        "X_val": (1000, 3, 32, 32),
        "y_val": (1000,),
        "X_test": (1000, 3, 32, 32),
        "y_test": (1000,),
    }
    assert data["X_train"].dtype == np.float64


def test_row_14_the_whole_log(data, capsys):
    """The two-layer net after row 10's draws: 25 losses and 21 epochs, to every digit."""
    np.random.seed(231)
    np.random.randn(3, 5)
    np.random.randint(7, size=3)
    TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
    solver = Solver(
        TwoLayerNet(),
        data,
        update_rule="sgd",
        optim_config={"learning_rate": 1e-3},
        lr_decay=0.95,
        num_epochs=20,
        batch_size=400,
        print_every=100,
    )
    solver.train()
    assert capsys.readouterr().out.splitlines() == lines(LOGS["14 two-layer net"], 100)


@pytest.fixture(scope="module")
def chain(data):
    """Rows 18, 19, 22 and 25, one after another from row 16 on: solver and print-out by name."""
    np.random.seed(231)
    np.random.randn(2, 15)
    np.random.randint(10, size=2)
    for _ in ("reg 0", "reg 3.14"):
        FullyConnectedNet([20, 30], input_dim=15, dtype=np.float64)
    runs = {}

    def train(name, model, data, **options):
        solver = Solver(model, data, **options)
        with redirect_stdout(io.StringIO()) as printed:
            solver.train()
        runs[name] = solver, printed.getvalue()

    for name, depth, scale, rate in (("18", 2, 0.06, 7e-4), ("19", 4, 0.17, 4e-4)):
        model = FullyConnectedNet([100] * depth, weight_scale=scale, dtype=np.float64)
        config = {"learning_rate": rate}
        train(name, model, first(data, 50), optim_config=config, num_epochs=20, batch_size=25)
    rates = {"sgd": 1e-2, "sgd_momentum": 1e-2, "adam": 1e-3, "rmsprop": 1e-4}
    for rule, rate in rates.items():
        model = FullyConnectedNet([100] * 5, weight_scale=5e-2)
        config = {"learning_rate": rate}
        train(rule, model, first(data, 4000), update_rule=rule, optim_config=config, num_epochs=5)
    return runs


def test_row_18_the_whole_log(chain):
    """Three layers learn 50 images by heart: 4 losses and 21 epochs, to every digit."""
    _, printed = chain["18"]
    assert printed.splitlines() == lines(LOGS["18 overfit, three layers"], 10)


def test_row_19_five_layers(chain):
    """Five layers learn them too, within 20 epochs."""
    solver, _ = chain["19"]
    assert max(solver.train_acc_history) == 1.0


@pytest.mark.parametrize("name", ["22 sgd", "22 sgd_momentum", "25 adam", "25 rmsprop"])
def test_rows_22_and_25_first_losses(chain, name):
    """In float32 the first loss is the published one within 2e-6."""
    ((_, loss),) = LOGS[name]["losses"]
    solver, _ = chain[name.partition(" ")[2]]
    assert abs(solver.loss_history[0] - loss) < 2e-6


@pytest.mark.parametrize("rule", ["sgd_momentum", "adam", "rmsprop"])
def test_rows_22_and_25_refined_rules_are_ahead(chain, rule):
    """After five epochs each rule is ahead of sgd on all three counts that the notebook plots."""
    (ahead, _), (sgd, _) = chain[rule], chain["sgd"]
    assert np.mean(ahead.loss_history[-20:]) < np.mean(sgd.loss_history[-20:])
    assert ahead.train_acc_history[-1] > sgd.train_acc_history[-1]
    assert ahead.best_val_acc > sgd.best_val_acc


@pytest.mark.parametrize("name", ["22 sgd", "22 sgd_momentum", "25 adam", "25 rmsprop"])
def test_rows_22_and_25_end_near_the_published_accuracies(chain, name):
    """Later digits drift with float32 rounding, by no more than five points of accuracy."""
    solver, _ = chain[name.partition(" ")[2]]
    ((_, train, val),) = LOGS[name]["epochs"]
    assert abs(solver.train_acc_history[-1] - train) < 0.05
    assert abs(solver.val_acc_history[-1] - val) < 0.05
