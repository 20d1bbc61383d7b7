"""A class of written answers, made from a seed straight into a gradebook.

Each answer is one of a question's typical ones, whole, partial or wrong, as students vary them: an
opening, other words for the same, a closing, a slip, capitals. One in five has sentences of several
in an order of its own.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.classroom.gradebook import Gradebook
from grader.model.manifest import parse

ASSIGNMENT = Path(__file__).resolve().parents[2] / "assignment"

#: Typical answers by question: right ones first.
TYPICAL: dict[str, Sequence[str]] = {
    "inline-1": (
        "The sigmoid saturates for inputs of large magnitude, positive or negative, so its slope is "
        "nearly zero there. ReLU has a gradient of exactly zero for every negative input. Leaky ReLU "
        "does not have the problem because a small slope is left on the negative side.",
        "Sigmoid and ReLU. Sigmoid for very large and very small inputs, for example 10 and -10, "
        "and ReLU for any input below zero.",
        "Only the sigmoid has this problem: for large positive or large negative x the curve is flat.",
        "ReLU has it, since the gradient is 0 when x < 0. Leaky ReLU solves this with a slope of 0.01.",
        "All three of them can have vanishing gradients if the weights are initialized badly.",
    ),
    "inline-2": (
        "The five-layer network is more sensitive. On the way back the gradient is multiplied by the "
        "weights of each layer, so with a scale that is too small or too large it vanishes or explodes "
        "as a power of the depth, which is worse for five layers than for three.",
        "The five layer net was much more sensitive to the scale because deeper networks suffer from "
        "vanishing and exploding gradients.",
        "The deeper one, because it has more parameters and is therefore harder to train.",
        "The three-layer network was more sensitive: it needed a larger learning rate to overfit.",
        "Both were about equally sensitive, I had to try several scales for each of them.",
    ),
    "inline-3": (
        "In AdaGrad the cache is a sum of squared gradients that only grows, so the step is divided by "
        "a larger and larger number and goes to zero. Adam does not have this issue since its second "
        "moment is an exponential average with beta2, so old gradients are forgotten.",
        "The cache accumulates all the squared gradients, therefore the effective learning rate decays "
        "towards zero over time and learning stops.",
        "The updates get small because the gradients get small near a minimum. Adam has the same issue.",
        "Adam uses momentum and bias correction, so it does not have this problem.",
    ),
    "batchnorm-inline-1": (
        "Without batch norm only a narrow range of weight scales around 1e-2 to 1e-1 works: below it "
        "the accuracy stays at chance, above it the loss explodes. With batch norm every scale trains. "
        "The reason is that the inputs of each ReLU are normalized to the same scale, so the scale of "
        "the weights cancels and gradients neither vanish nor explode from layer to layer.",
        "The network with batch normalization is far less sensitive to the initialization. For small "
        "scales the baseline has vanishing gradients and for large scales they explode, while batch "
        "norm normalizes the activations.",
        "Batch normalization is always better than the baseline for every weight scale.",
        "With batch norm the accuracy is higher because it works as a regularizer and adds noise.",
    ),
    "batchnorm-inline-2": (
        "With batch norm the training accuracy rises with the batch size, and with a batch of 5 it is "
        "even below the network without. So batch norm needs batches that are large enough: mean and "
        "variance of a few examples are noisy estimates of those of the data set.",
        "Larger batches are better for batch norm, since the statistics of a small batch are less "
        "representative of the whole data.",
        "The larger the batch size the better the validation accuracy, because the gradient has less "
        "noise and there are fewer updates.",
        "The batch size has hardly any influence on the accuracy in this experiment.",
    ),
    "batchnorm-inline-3": (
        "Subtracting the mean image of the data set is like batch normalization, because a statistic is "
        "computed for each pixel over all examples. Scaling each image so that its pixels sum up to 1 "
        "is like layer normalization, since it uses one statistic per example over its features.",
        "3 is batch norm and 2 is layer norm.",
        "Number 3 is analogous to batch norm. Numbers 1 and 2 are both like layer normalization.",
        "2 is batch normalization and 3 is layer normalization because of how the sums are taken.",
        "4 is layer norm, as a threshold is applied to every image, and 3 is batch norm.",
    ),
    "batchnorm-inline-4": (
        "A very small number of features: the mean and variance of a few numbers are noisy, like those "
        "of a small batch in batch norm. Depth is what layer norm helps with, and strong regularization "
        "is no problem since the scale of the weights is undone.",
        "2, having a very small dimension of features, because the statistics are then computed over "
        "too few values.",
        "Having a high regularization term, because the weights are pushed to zero and the network "
        "underfits.",
        "1: in a very deep network the normalization is applied too often and the signal gets lost.",
    ),
    "dropout-inline-1": (
        "Without dividing by p the activations are on average p times smaller while training than while "
        "testing, so the network is tested at a scale that it was not trained for. A unit is kept with "
        "probability p, so its expected output is p times x, and dividing by p restores it. Otherwise "
        "one has to multiply by p at test time.",
        "The expected output would be p*x instead of x. Dividing by p keeps the expectation the same in "
        "training and testing.",
        "The values would be too small and the gradients would vanish after several layers.",
        "Nothing happens, because the division by p only speeds up the training.",
    ),
    "dropout-inline-2": (
        "With dropout the training accuracy is lower, about 0.91 instead of 0.99, and the validation "
        "accuracy is slightly higher, by 0.02. So the gap shrinks, which means that dropout works as a "
        "regularizer, but there is still a gap of about 0.6.",
        "With dropout the network fits the training set less and generalizes better, therefore it "
        "reduces overfitting.",
        "The training accuracy with dropout is lower, and the validation accuracies are about the same.",
        "Dropout improves both the training and the validation accuracy.",
    ),
    "dropout-inline-3": (
        "Keep more units, so p should be larger: a smaller network has less to overfit with, and with "
        "few units too little would be left to carry the signal.",
        "We don't have to change p, since p is a fraction: the number of units dropped falls with the "
        "size of the layer.",
        "p should be decreased, since smaller layers need more regularization.",
        "Increase p, because there are fewer neurons.",
    ),
}  # fmt: skip

_OPENINGS = ("", "", "", "", "I think: ", "From the plots: ", "Answer: ", "In my opinion, ")
_CLOSINGS = ("", "", "", "", " That is what the plots show.", " (see the lecture)")
_WORDS = (
    ("because", "as"),
    ("since", "because"),
    ("does not", "doesn't"),
    ("nearly", "almost"),
    ("large", "big"),
    ("network", "net"),
    ("accuracy", "acc"),
    ("gradient", "gradiant"),
    ("therefore", "so"),
)


def make(folder: Path, students: int = 60, seed: int = 1) -> list[str]:
    """Store a class in a new gradebook in *folder*; return the ids of its questions."""
    text = (ASSIGNMENT / "assignment.toml").read_text("utf-8")
    assignment = parse(tomllib.loads(text))
    asked = [question for question in assignment.questions if question.id in TYPICAL]
    with Gradebook(folder) as gradebook:
        for number in range(students):
            draw = random.Random(f"{seed} {number}")
            answers = {question.id: answer(question.id, draw) for question in asked}
            gradebook.save(record(f"s{number:04d}", asked, answers), ["written"])
    return [question.id for question in asked]


def answer(question: str, draw: random.Random) -> str:
    """Return one student's answer to a question."""
    typical = TYPICAL[question]
    weights = [5, 4, 3, 2, 1][: len(typical)]
    text = draw.choices(typical, weights)[0]
    if draw.random() < 1 / 5:
        # Of their own: sentences of several answers, in an order of their own.
        sentences = [part.strip(". ") for one in typical for part in one.split(". ")]
        text = ". ".join(draw.sample(sentences, min(len(sentences), draw.randint(1, 3)))) + "."
    for old, new in draw.sample(_WORDS, 4):
        if draw.random() < 0.5:
            text = text.replace(old, new, 1)
    if draw.random() < 0.15:
        text = text.lower()
    return draw.choice(_OPENINGS) + text + draw.choice(_CLOSINGS)


def record(name: str, asked: Sequence[Any], answers: dict[str, str]) -> Any:
    """Return a result that has written questions only."""
    books = dict.fromkeys(question.notebook for question in asked)
    return {
        "schema": "grader/result/v1",
        "assignment": "fully-connected-nets",
        "submission": name,
        "status": "graded",
        "score": 0.0,
        "max_score": 0.0,
        "pending": float(sum(question.points for question in asked)),
        "notebooks": {book: {"score": 0.0, "max_score": 0.0} for book in books},
        "isolation": "none",
        "grader": "0",
        "key": "sha256:" + "0" * 64,
        "content": "sha256:" + name.encode().hex().rjust(64, "0"),
        "source": name,
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": {"wall": 0.0, "cpu": 0.0},
        "notes": [],
        "questions": [
            {
                "id": question.id,
                "notebook": question.notebook,
                "title": question.title,
                "score": 0.0,
                "max_score": float(question.points),
                "status": "needs_marking",
                "given": [],
                "notes": [],
                "checks": [],
                "evidence": {"answer": answers[question.id], "cell": 4, "found": "id"},
            }
            for question in asked
        ],
    }
