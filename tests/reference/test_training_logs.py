"""The published training logs, line by line, on the real images (`tox -e cifar10`).

They follow from one stream of draws of numpy's global generator (rows 10 and 14 are one chain,
rows 16, 18, 19, 22 and 25 another), which the notebook gives when it is executed whole.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from fresh_kernel import printed
from on_images import ON_IMAGES

from cs682.data_utils import get_CIFAR10_data

LOGS = json.loads(Path(__file__).with_name("training_logs.json").read_text("utf-8"))
LOSS = re.compile(r"^\(Iteration \d+ / \d+\) loss: (\S+)$", re.MULTILINE)
EPOCH = re.compile(r"^\(Epoch \d+ / \d+\) train acc: (\S+); val_acc: (\S+)$", re.MULTILINE)
#: The log of each update rule.
RULES = {
    "sgd": "22 sgd",
    "sgd_momentum": "22 sgd_momentum",
    "adam": "25 adam",
    "rmsprop": "25 rmsprop",
}
#: How many of the last printed losses are compared: those of an epoch.
LATE = 4

pytestmark = ON_IMAGES


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


def test_row_1_shapes():
    """The published shapes, in float64."""
    data = get_CIFAR10_data()
    assert {name: array.shape for name, array in data.items()} == {
        "X_train": (49000, 3, 32, 32),
        "y_train": (49000,),
        "X_val": (1000, 3, 32, 32),
        "y_val": (1000,),
        "X_test": (1000, 3, 32, 32),
        "y_test": (1000,),
    }
    assert data["X_train"].dtype == np.float64


@pytest.mark.parametrize(
    ("question", "log", "print_every"),
    [
        ("train-two-layer-net", "14 two-layer net", 100),
        ("overfit-three-layers", "18 overfit, three layers", 10),
    ],
)
def test_rows_14_and_18_the_whole_logs(executed, question, log, print_every):
    """Row 14's 25 losses and 21 epochs, row 18's 4 and 21: the cells print every digit of them."""
    text = printed(executed, f"question:{question}", "answer")
    shown = [line for line in text.splitlines() if line.startswith("(")]
    assert shown == lines(LOGS[log], print_every)


def test_row_19_five_layers(executed):
    """Five layers learn 50 images by heart too, within 20 epochs."""
    text = printed(executed, "question:overfit-five-layers", "answer")
    assert max(float(train) for train, _ in EPOCH.findall(text)) == 1.0


@pytest.fixture(scope="module")
def runs(executed):
    """What rows 22 and 25 print of each update rule: its losses, then its accuracies."""
    text = "".join(
        printed(executed, f"question:{name}", "plot") for name in ("sgd-momentum", "adam")
    )
    _, *parts = re.split(r"^training with (\w+)\n", text, flags=re.MULTILINE)
    return {
        rule: (
            [float(loss) for loss in LOSS.findall(part)],
            [(float(train), float(val)) for train, val in EPOCH.findall(part)],
        )
        for rule, part in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("rule", RULES)
def test_rows_22_and_25_first_losses(runs, rule):
    """In float32 the first loss is the published one within 2e-6."""
    ((_, loss),) = LOGS[RULES[rule]]["losses"]
    losses, _ = runs[rule]
    assert abs(losses[0] - loss) < 2e-6


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "sgd"])
def test_rows_22_and_25_refined_rules_are_ahead(runs, rule):
    """After five epochs each rule is ahead of sgd on all three counts that the notebook plots."""
    (losses, accuracies), (losses_of_sgd, accuracies_of_sgd) = runs[rule], runs["sgd"]
    assert np.mean(losses[-LATE:]) < np.mean(losses_of_sgd[-LATE:])
    assert accuracies[-1][0] > accuracies_of_sgd[-1][0]
    assert max(val for _, val in accuracies) > max(val for _, val in accuracies_of_sgd)


@pytest.mark.parametrize("rule", RULES)
def test_rows_22_and_25_end_near_the_published_accuracies(runs, rule):
    """Later digits drift with float32 rounding, by no more than five points of accuracy."""
    ((_, train, val),) = LOGS[RULES[rule]]["epochs"]
    _, accuracies = runs[rule]
    assert abs(accuracies[-1][0] - train) < 0.05
    assert abs(accuracies[-1][1] - val) < 0.05
