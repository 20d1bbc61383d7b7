# ruff: noqa: E501 - texts as they stand in notebooks
"""Notebooks as other courses and other years give them out, filled in: made up in our own words.

None has ids, tags or markers. Each says which cell answers which question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TWO, THREE, FIVE = "train-two-layer-net", "overfit-three-layers", "overfit-five-layers"
BEST = "best-model"
#: What a written question comes to: an answer, or one of these.
BLANK, NOT_ASKED = "blank", "not asked"

SIGMOID = "Sigmoid, where its input is large or very small, and ReLU for what is below zero."
DEEPER = "The five layer one: each matrix multiplies what the one before made of the scale."
SHRINKS = "The cache only ever grows, so steps shrink. Adam lets old gradients fade."

IMPORTS = """\
import time
import numpy as np
import matplotlib.pyplot as plt
from {package}.classifiers.fc_net import *
from {package}.data_utils import get_CIFAR10_data
from {package}.gradient_check import eval_numerical_gradient
from {package}.layers import *
from {package}.solver import Solver

%matplotlib inline
plt.rcParams['figure.figsize'] = (9.0, 7.0)
%load_ext autoreload
%autoreload 2

def err(a, b):
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))"""
DATA = "data = get_CIFAR10_data()\nfor k, v in data.items():\n    print(k, v.shape)"
CHECK = "x = np.linspace(-0.2, 0.7, 60).reshape(4, 15)\nout, _ = {}\nprint(err(out, out))"
TWO_CHECK = (
    "model = TwoLayerNet(input_dim=4, hidden_dim=30, num_classes=6)\nprint(model.params.keys())"
)
TRAINED = """\
model = TwoLayerNet()
solver = None
##############################
# TODO: let a Solver train a TwoLayerNet to more than half of the validation images #
##############################
model = TwoLayerNet(hidden_dim=100, reg=0.1)
solver = Solver(model, data, update_rule='sgd', optim_config={'learning_rate': 1e-3},
                lr_decay=0.95, num_epochs=8, batch_size=100, print_every=100)
solver.train()"""
CURVES = "plt.subplot(2, 1, 1)\nplt.plot(solver.loss_history, 'o')\nplt.show()"
SEVERAL = """\
N, D, H1, H2, C = 3, 12, 18, 25, 8
for reg in [0, 2.5]:
    model = FullyConnectedNet([H1, H2], input_dim=D, num_classes=C, reg=reg, dtype=np.float64)
    loss, grads = model.loss(np.random.randn(N, D), np.random.randint(C, size=N))"""
FITTED = """\
# TODO: fit 50 images with {words} layers
small = {{
    'X_train': data['X_train'][:50], 'y_train': data['y_train'][:50],
    'X_val': data['X_val'], 'y_val': data['y_val'],
}}
weight_scale = {scale}
learning_rate = {rate}
model = FullyConnectedNet({sizes}, weight_scale=weight_scale, dtype=np.float64)
solver = Solver(model, small, print_every=10, num_epochs=20, batch_size=25,
                update_rule='sgd', optim_config={{'learning_rate': learning_rate}})
solver.train()
plt.plot(solver.loss_history, 'o')"""
FIT_THREE = FITTED.format(words="three", scale=0.06, rate=7e-4, sizes="[100, 100]")
FIT_FIVE = FITTED.format(words="five", scale=0.08, rate=2e-3, sizes="[100, 100, 100, 100]")
RULES = """\
num_train = 4000
few = {'X_train': data['X_train'][:num_train], 'y_train': data['y_train'][:num_train],
       'X_val': data['X_val'], 'y_val': data['y_val']}
solvers = {}
for rule in ['sgd', 'sgd_momentum']:
    model = FullyConnectedNet([100, 100, 100, 100, 100], weight_scale=5e-2)
    solver = Solver(model, few, num_epochs=1, update_rule=rule, optim_config={'learning_rate': 1e-2})
    solver.train()
    solvers[rule] = solver"""
BEST_CELL = """\
best_model = None
# TODO: keep the best network that you can train in best_model
best = 0
for rate in (1e-3,):
    net = FullyConnectedNet([100, 100], weight_scale=2e-2, reg=0.02)
    search = Solver(net, data, update_rule='adam', optim_config={'learning_rate': rate},
                    num_epochs=8, batch_size=100, verbose=False)
    search.train()
    if search.best_val_acc > best:
        best, best_model = search.best_val_acc, net
best_model = best_model or net"""
TESTED = "print(np.mean(np.argmax(best_model.loss(data['X_test']), axis=1) == data['y_test']))"

ASK_ZERO = (
    "Only ReLU was asked for so far, though a net may have other activation functions. Some get a "
    "gradient of zero, or nearly, in the backward pass. Which of the activation functions below have "
    "the problem, and for which one-dimensional inputs?\n1. Sigmoid\n2. ReLU\n3. Leaky ReLU"
)
ASK_DEPTH = (
    "Compare how hard it was to train the three-layer net and the five-layer net. Which was more "
    "sensitive to the scale of the initialization? Why do you think so?"
)
ASK_ADAGRAD = (
    "AdaGrad has a step of its own for each parameter, as Adam does:\n\n```\ncache += dw ** 2\n"
    "w += -learning_rate * dw / (np.sqrt(cache) + eps)\n```\n\nA friend trains a network with AdaGrad "
    "and sees the updates become tiny and the learning slow. Why would they? Would Adam do the same?"
)
TEXTS = {
    "two": "# Two-layer network\nWrite the class `TwoLayerNet` in the file `{p}/classifiers/fc_net.py`.",
    "solver": "# Solver\nTraining is a class of its own now. Open the file `{p}/solver.py` and read it. "
    "Then let a `Solver` train a `TwoLayerNet` to at least `50%` accuracy on the validation set.",
    "many": "# Multilayer network\nNow any number of hidden layers: read the class "
    "`FullyConnectedNet` and write its initialization, forward pass and backward pass.",
    "three": "As another sanity check, make sure that 50 images can be overfitted. Begin with a "
    "three-layer network with 100 units in each hidden layer, and change the learning rate and the "
    "initialization scale until it reaches 100% training accuracy within 20 epochs.",
    "five": "Now try a five-layer network with 100 units on each layer on the same 50 examples. The "
    "learning rate and the initialization scale change again; 100% training accuracy in 20 epochs.",
    "rules": "# Update rules\nSo far plain stochastic gradient descent was used. Better rules follow.",
    "momentum": "# SGD+Momentum\nOpen the file `{p}/optim.py`, write `sgd_momentum`, and run the "
    "following to check it.",
    "compare": "Once you have done so, run the following to train a six-layer network with both.",
    "best": "# Train a good model!\nTrain the best fully-connected model on CIFAR-10 that you can, and "
    "keep it in the variable `best_model`. At least 50% accuracy on the validation set is needed.",
    "hint": "If you are careful, 55% can be had without any convolution. Dropout may help as well.",
    "test": "# Test your model!\nRun the best model on the validation and test sets.",
}

Cell = dict[str, Any]


@dataclass(frozen=True)
class Edition:
    """A filled-in notebook, and what is right: cells by training question, answers by written."""

    cells: Sequence[Cell]
    trained: Mapping[str, str]
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return json.dumps({"cells": self.cells, "nbformat": 4, "nbformat_minor": 2}).encode()


def text(source: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def code(source: str) -> Cell:
    made: Cell = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    return {**made, "source": source.splitlines(keepends=True)}


def notebook(
    package: str,
    *,
    zero: Sequence[Cell] = (),
    depth: Sequence[Cell] = (),
    adagrad: Sequence[Cell] = (),
    two: str = TRAINED,
    three: str = FIT_THREE,
    five: str = FIT_FIVE,
    best: Sequence[Cell] = (),
    rules: bool = True,
) -> list[Cell]:
    """Return the cells of a notebook; some of its parts may be other ones, or none."""
    t = {name: text(source.format(p=package)) for name, source in TEXTS.items()}

    def parts() -> Iterator[Cell]:
        yield text("# Fully-Connected Neural Nets\nLayers, written one at a time, make a network.")
        yield code("# Some setup\n" + IMPORTS.format(package=package))
        yield code("# Load the data.\n" + DATA)
        if two:
            yield text("# Affine layer: forward\nOpen `layers.py` and write it.")
            yield code(CHECK.format("affine_forward(x, np.ones((15, 3)), np.zeros(3))"))
            yield text("# ReLU layer: forward")
            yield code(CHECK.format("relu_forward(x)"))
            yield from zero
            yield from (t["two"], code(TWO_CHECK), t["solver"], code(two), code(CURVES))
        yield from (t["many"], code(SEVERAL), t["three"], code(three), t["five"], code(five))
        yield from depth
        if rules:
            yield t["rules"]
        yield from (t["momentum"], t["compare"], code(RULES))
        yield from adagrad
        yield from best or (t["best"], code(BEST_CELL))
        yield from (t["test"], code(TESTED))

    return list(parts())


TRAINED_ALL = {TWO: TRAINED, THREE: FIT_THREE, FIVE: FIT_FIVE, BEST: BEST_CELL}
SPLIT = (
    code(
        "nets = [FullyConnectedNet([100, 100], weight_scale=2e-2, reg=0.02)]\nfor net in nets:\n"
        "    Solver(net, data, update_rule='adam', optim_config={'learning_rate': 1e-3},\n"
        "           num_epochs=8, verbose=False).train()"
    ),
    code("best_model = nets[0]"),
)

EDITIONS: Mapping[str, Edition] = {
    # One question without a number, its answer below a heading of its own.
    "one question": Edition(
        notebook(
            "cs231n",
            depth=[text(f"# Inline question: \n{ASK_DEPTH}\n\n# Answer:\n{DEEPER}\n")],
        ),
        TRAINED_ALL,
        {"inline-1": NOT_ASKED, "inline-2": DEEPER, "inline-3": NOT_ASKED},
    ),
    # Three, each answered in its own cell, in which the course goes on.
    "the course goes on in the cell": Edition(
        notebook(
            "cs231n",
            zero=[
                text(
                    f"## Inline Question 1:\n{ASK_ZERO}\n\n## Answer:\n{SIGMOID}\n\n\n"
                    '# "Sandwich" layers\nSome layers often follow one another.'
                )
            ],
            depth=[
                text(
                    f"## Inline Question 2:\n{ASK_DEPTH}\n\n## Answer:\n{DEEPER}\n\n"
                    + TEXTS["rules"]
                )
            ],
            adagrad=[
                text(
                    f"## Inline Question 3:\n{ASK_ADAGRAD}\n\n## Answer:\n[FILL THIS IN]\n"
                    f"{SHRINKS}\n"
                )
            ],
            rules=False,
        ),
        TRAINED_ALL,
        {"inline-1": SIGMOID, "inline-2": DEEPER, "inline-3": SHRINKS},
    ),
    # Without the two-layer net: the second and the third question are its first and its second.
    "two questions": Edition(
        notebook(
            "cs682",
            two="",
            depth=[text(f"## Inline Question 1: \n{ASK_DEPTH}\n\n## Answer:\n[FILL THIS IN]\n")],
            adagrad=[text(f"## Inline Question 2:\n\n{ASK_ADAGRAD}\n\n\n## Answer: \n{SHRINKS}\n")],
        ),
        {THREE: FIT_THREE, FIVE: FIT_FIVE, BEST: BEST_CELL},
        {"inline-1": NOT_ASKED, "inline-2": BLANK, "inline-3": SHRINKS},
    ),
    # The place of the answer left as it was, and the answer in the next cell.
    "answered in the next cell": Edition(
        notebook(
            "cs231n",
            zero=[
                text(f"## Inline Question 1:\n{ASK_ZERO}\n\n## Answer:\n[FILL THIS IN]"),
                text(SIGMOID),
                text("An affine layer often has a ReLU after it. Both together are a layer, too."),
                code(CHECK.format("affine_relu_forward(x, np.ones((15, 3)), np.zeros(3))")),
            ],
            depth=[
                text("## Inline Question 2:"),
                text(ASK_DEPTH),
                text(f"**Inline Question 2 Answer:** {DEEPER}"),
            ],
            adagrad=[text(f"## Inline Question 3:\n{ASK_ADAGRAD}"), text("## Answer\n\nTODO")],
            best=[text(TEXTS["best"]), text(TEXTS["hint"]), code(BEST_CELL)],
        ),
        TRAINED_ALL,
        {"inline-1": SIGMOID, "inline-2": DEEPER, "inline-3": BLANK},
    ),
    # Labels in color, and a placeholder of another form.
    "labels in color": Edition(
        notebook(
            "cs682",
            zero=[
                text(
                    f"**Inline Question 1**\n\n{ASK_ZERO}\n\n"
                    rf"$\color{{blue}}{{\textit Your Answer:}}$ {SIGMOID}"
                )
            ],
            depth=[
                text(
                    f"**Inline Question 2**\n\n{ASK_DEPTH}\n\n"
                    r"$\color{blue}{\textit Your Answer:}$ *Your answer here*"
                )
            ],
            adagrad=[
                text(
                    f"**Inline Question 3**\n\n{ASK_ADAGRAD}\n\n"
                    f'<font color="blue">Your answer:</font> {SHRINKS}'
                )
            ],
        ),
        TRAINED_ALL,
        {"inline-1": SIGMOID, "inline-2": BLANK, "inline-3": SHRINKS},
    ),
    # No label at all, sizes in a variable, and the best model in the second of two cells.
    "no label": Edition(
        notebook(
            "cs231n",
            zero=[text(f"## Inline Question 1\n{ASK_ZERO}")],
            depth=[text(f"## Inline Question 2\n{ASK_DEPTH}\n\n{DEEPER}\n\n" + TEXTS["rules"])],
            adagrad=[text(f"## Inline Question 3\n{ASK_ADAGRAD}"), code(f"# {SHRINKS}")],
            three=FIT_THREE.replace("Net([100, 100],", "Net(sizes,").replace(
                "weight_scale = ", "sizes = [100] * 2\nweight_scale = ", 1
            ),
            best=[text(TEXTS["best"]), *SPLIT],
            rules=False,
        ),
        {TWO: TRAINED, THREE: "sizes = [100] * 2", FIVE: FIT_FIVE, BEST: "best_model = nets[0]"},
        {"inline-1": BLANK, "inline-2": DEEPER, "inline-3": SHRINKS},
    ),
}
