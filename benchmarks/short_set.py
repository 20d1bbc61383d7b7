"""How small the drawn set may be: what passes and what fails on it, over many hyperparameters.

    python benchmarks/short_set.py [-n 60] [--seed 1] [--sizes 2500,500 800,200,2.6] [--to FILE]

Draws configurations of the two trainings that are judged by an accuracy, good and bad ones, trains
each with the reference on drawn sets (images that train, that validate, and the contrast of the
classes' patterns), and prints each set's accuracy on hidden images with the CPU seconds it took.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "assignment"))

from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet  # noqa: E402
from cs682.solver import Solver  # noqa: E402
from cs682.synthetic import images  # noqa: E402

HIDDEN = 1000
WIDTHS = ([100, 100], [100, 100, 100], [100, 100, 100, 100], [200, 100], [256, 128, 64], [50, 50])


def two_layers(dice: random.Random) -> dict[str, Any]:
    return {
        "hidden": dice.choice([20, 50, 100, 150]),
        "reg": dice.choice([0.0, 0.0, 0.1, 0.5]),
        "scale": 1e-3,
        "rule": "sgd",
        "rate": 10 ** dice.uniform(-5.5, -1.5),
        "epochs": dice.choice([1, 3, 5, 10, 15, 20]),
        "batch": dice.choice([50, 100, 200, 400]),
    }


def best_model(dice: random.Random) -> dict[str, Any]:
    return {
        "widths": dice.choice(WIDTHS),
        "reg": dice.choice([0.0, 1e-3, 1e-2]),
        "scale": 10 ** dice.uniform(-2.5, -1.0),
        "rule": dice.choice(["adam", "adam", "rmsprop", "sgd_momentum", "sgd"]),
        "rate": 10 ** dice.uniform(-5.0, -2.0),
        "epochs": dice.choice([1, 3, 5, 10, 20]),
        "batch": dice.choice([100, 100, 200, 256]),
        "normalization": dice.choice([None, None, "batchnorm"]),
        "dropout": dice.choice([1, 1, 1, 0.8]),
    }


def drawn(
    train: int, validation: int, secret: int, contrast: float = 1.0
) -> tuple[dict[str, np.ndarray], Any]:
    """Return a notebook's data, and the hidden images with their labels."""
    X, y = images(train + validation, [secret, 1], [secret], contrast)
    hidden, labels = images(HIDDEN, [secret, 2], [secret], contrast)
    X, hidden = X.astype(float), hidden.astype(float)
    mean = X[:train].mean(axis=0)
    X, hidden = X - mean, hidden - mean
    data = {"X_train": X[:train], "y_train": y[:train], "X_val": X[train:], "y_val": y[train:]}
    return data, (hidden, labels)


def trained(
    config: dict[str, Any], data: dict[str, np.ndarray], hidden: Any
) -> tuple[float, float]:
    """Return the accuracy on hidden images, and the CPU seconds of the training."""
    np.random.seed(0)
    began = time.process_time()
    if "hidden" in config:
        model: Any = TwoLayerNet(
            hidden_dim=config["hidden"], reg=config["reg"], weight_scale=config["scale"]
        )
    else:
        model = FullyConnectedNet(
            config["widths"],
            reg=config["reg"],
            weight_scale=config["scale"],
            normalization=config["normalization"],
            dropout=config["dropout"],
        )
    solver = Solver(
        model,
        data,
        update_rule=config["rule"],
        optim_config={"learning_rate": config["rate"]},
        lr_decay=0.95,
        num_epochs=config["epochs"],
        batch_size=config["batch"],
        verbose=False,
    )
    solver.train()
    spent = time.process_time() - began
    return float(np.mean(model.loss(hidden[0]).argmax(axis=1) == hidden[1])), spent


def _size(text: str) -> tuple[int, int]:
    train, validation, *contrast = text.split(",")
    return (int(train), int(validation), *map(float, contrast))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=60, metavar="COUNT", help="of each question")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", nargs="+", default=["2500,500", "800,200,2.6"])
    parser.add_argument("--only", default="", metavar="QUESTION")
    parser.add_argument("--to", type=Path, metavar="FILE")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    sizes = [_size(size) for size in options.sizes]
    found: dict[str, list[Any]] = {}
    for name, draw in (("train-two-layer-net", two_layers), ("best-model", best_model)):
        if options.only not in name:
            continue
        dice = random.Random(f"{options.seed} {name}")
        for number in range(options.n):
            config = draw(dice)
            row = [trained(config, *drawn(size[0], size[1], number, *size[2:])) for size in sizes]
            found.setdefault(name, []).append([config, row])
            print(
                name, " ".join(f"{a:.3f} {s:5.2f}s" for a, s in row), json.dumps(config), flush=True
            )
    if options.to:
        options.to.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
