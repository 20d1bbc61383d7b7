"""A made-up result in which every kind of thing that a report shows stands once."""

from __future__ import annotations

import copy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader import reports
from grader.reports import Diagnosis

SOURCE = """def affine_backward(dout, cache):
    \"\"\"Backward pass of an affine layer.\"\"\"
    x, w, b = cache
    N = x.shape[0]
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(N, -1).T.dot(dout)
    db = np.mean(dout, axis=0)
    return dx, dw, db"""

MOMENTUM = """def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))

    v = config["mu"] * v - config["learning_rate"] * dw
    next_w = w + v
    config["velocity"] = v
    return next_w, config"""

INPUT = """x = np.array([[0.5, -1.25, 2.0],
              [1.5, 0.75, -0.5]])
w = np.array([[1.0, -0.5],
              [0.25, 2.0],
              [-1.5, 0.5]])
b = np.array([0.1, -0.2])
dout = np.array([[1.0, -2.0],
                 [0.5, 3.0]])"""


def check(id: str, title: str, score: float, points: float, **more: Any) -> dict[str, Any]:
    """Return an entry of ``checks``; without a *stage* it passed."""
    failed = "stage" in more
    return {
        "id": id,
        "title": title,
        "visibility": "hidden",
        "status": "failed" if failed else "passed",
        "score": score,
        "max_score": points,
        "stage": None,
        "message": "",
        "evidence": {},
        "diagnosis": None,
        **more,
    }


def question(
    id: str, title: str, score: float, points: float, status: str, *checks: Any, **more: Any
) -> dict[str, Any]:
    """Return an entry of ``questions``."""
    return {
        "id": id,
        "notebook": "FullyConnectedNets",
        "title": title,
        "score": score,
        "max_score": points,
        "status": status,
        "given": [],
        "notes": [],
        "checks": list(checks),
        "evidence": {},
        **more,
    }


def passed(*checks: tuple[str, str, float]) -> list[dict[str, Any]]:
    """Return checks that passed, from their ids, titles and points."""
    return [check(id, title, points, points) for id, title, points in checks]


def sample() -> dict[str, Any]:
    """Return the result of a submission that is right in part."""
    questions = [
        question(
            "affine-forward",
            "Affine layer: forward",
            4,
            4,
            "passed",
            *passed(
                ("affine-forward.published", "The notebook's own example", 1),
                ("affine-forward.values", "Values on hidden examples", 3),
            ),
        ),
        question(
            "affine-backward",
            "Affine layer: backward",
            3,
            6,
            "partial",
            *passed(
                ("affine-backward.dx", "dx on hidden examples", 1.5),
                ("affine-backward.dw", "dw on hidden examples", 1.5),
            ),
            check(
                "affine-backward.gradient",
                "Agreement with a numeric derivative",
                0,
                1,
                stage="gradient",
                message="Compare db with your forward pass: its slope differs from a numeric "
                "derivative of your own code by 5.0e-01 (at most 1e-06 is allowed).",
                evidence={"example": "hidden", "call": "affine_backward", "output": "db"},
            ),
            check(
                "affine-backward.db",
                "db on hidden examples",
                0,
                2,
                stage="value",
                diagnosis="affine-db-mean",
                message="Check how affine_backward computes db: its numbers are off by 3.3e-01 "
                "(relative to their size; at most 1e-09 is allowed). db is 2 times too small, and "
                "2 is the size of an axis: a mean stands where a sum is asked.",
                evidence={
                    "call": "affine_backward",
                    "output": "db",
                    "failing": [25, 25],
                    "example": "ladder",
                    "input": INPUT,
                    "statement": "affine_backward(dout, (x, w, b))",
                    "got": [0.75, 0.5],
                    "expected": [1.5, 1.0],
                    "got_shape": [2],
                    "expected_shape": [2],
                    "got_dtype": "float64",
                    "worst": {"index": [0], "got": 0.75, "expected": 1.5},
                    "error": 1 / 3,
                    "bound": 1e-9,
                    "structure": {"kind": "mean", "value": 2.0},
                    "source": {
                        "file": "layers.py",
                        "name": "affine_backward",
                        "first": 38,
                        "line": None,
                        "lines": SOURCE.split("\n"),
                    },
                    "heat": {"shape": [1, 2], "values": [[1.0, 0.667]]},
                },
            ),
        ),
        question(
            "relu-forward",
            "ReLU: forward",
            2,
            2,
            "passed",
            *passed(("relu-forward.values", "Values on hidden examples", 2)),
        ),
        question(
            "relu-backward",
            "ReLU: backward",
            1,
            4,
            "partial",
            *passed(("relu-backward.gradient", "Agreement with a numeric derivative", 1)),
            check(
                "relu-backward.values",
                "Values on hidden examples",
                0,
                3,
                stage="value",
                message="Check how relu_backward computes dx: its numbers are off by 4.1e-01 "
                "(relative to their size; at most 1e-09 is allowed). Rows of dx that are off: 2. "
                "The others are right.",
                evidence={
                    "call": "relu_backward",
                    "output": "dx",
                    "failing": [18, 25],
                    "example": "ladder",
                    "input": "x = np.array(...)",
                    "got": [[0.0, 1.25, 0.0, -0.5], [2.0, 0.0, 0.0, 1.0], [0.5, 0.5, "nan", 0.0]],
                    "expected": [
                        [0.0, 1.25, 0.0, -0.5],
                        [2.0, 0.0, 1.5, 1.0],
                        [0.5, 0.0, 0.0, 0.0],
                    ],
                    "got_shape": [3, 4],
                    "expected_shape": [3, 4],
                    "got_dtype": "float64",
                    "worst": {"index": [1, 2], "got": 0.0, "expected": 1.5},
                    "error": 0.41,
                    "bound": 1e-9,
                    "heat": {
                        "shape": [3, 4],
                        "values": [[0, 0, 0, 0], [0, 0, 1.0, 0], [0, 0.333, 0.4, 0]],
                    },
                },
            ),
        ),
        question("inline-1", "Which activations stop the gradient", 0, 3, "needs_marking"),
        question(
            "two-layer-net",
            "Two-layer network",
            12,
            12,
            "passed",
            *passed(
                ("two-layer-net.initial", "First weights and biases", 0),
                ("two-layer-net.scores", "Scores", 4),
                ("two-layer-net.loss", "Loss with regularization", 3),
                ("two-layer-net.grads", "Every gradient", 5),
            ),
            given=["affine_backward", "relu_backward"],
        ),
        question(
            "sgd-momentum",
            "SGD with momentum",
            0,
            4,
            "failed",
            check(
                "sgd-momentum.values",
                "Three steps on hidden examples",
                0,
                4,
                stage="raised",
                message="Look at line 19 of optim.py: sgd_momentum raised KeyError. 'mu'",
                evidence={
                    "call": "sgd_momentum",
                    "failing": [25, 25],
                    "example": "published",
                    "exception": {
                        "type": "KeyError",
                        "text": "'mu'",
                        "file": "optim.py",
                        "line": 19,
                    },
                    "source": {
                        "file": "optim.py",
                        "name": "sgd_momentum",
                        "first": 12,
                        "line": 19,
                        "lines": MOMENTUM.split("\n"),
                    },
                },
            ),
            notes=[
                "sgd_momentum changes its input dw in place. It costs nothing; a copy is safer."
            ],
        ),
        question(
            "rmsprop",
            "RMSProp",
            0,
            4,
            "not_implemented",
            check(
                "rmsprop.values",
                "Three steps on hidden examples",
                0,
                4,
                stage="not_implemented",
                message="Write rmsprop: it still raises NotImplementedError.",
            ),
        ),
        question("adam", "Adam", 0, 6, "not_graded"),
    ]
    return {
        "schema": "grader/result/v1",
        "assignment": "fully-connected-nets",
        "submission": "s07",
        "status": "not_graded",
        "score": 22.0,
        "max_score": 42.0,
        "pending": 3.0,
        "notebooks": {"FullyConnectedNets": {"score": 22.0, "max_score": 42.0}},
        "isolation": "landlock+seccomp",
        "engine": "cells",
        "versions": {"python": "3.12.1", "numpy": "2.0.0"},
        "grader": "0.1.0",
        "key": "sha256:" + "5e" * 32,
        "content": "sha256:" + "a1" * 32,
        "source": "s07.zip",
        "started": "2025-02-03T10:15:00+00:00",
        "seconds": {"wall": 0.11, "cpu": 0.09},
        "notes": ["The package was found in the folder assignment2/cs231n."],
        "questions": questions,
    }


def unread(name: str = "s09") -> dict[str, Any]:
    """Return the result of a submission that can't be read."""
    return {
        **sample(),
        "submission": name,
        "status": "unreadable",
        "score": 0.0,
        "pending": 0.0,
        "notebooks": {},
        "content": "",
        "notes": ["no package was found: a folder with layers.py is asked"],
        "questions": [],
    }


TEXTS = {
    "affine-db-mean": Diagnosis(
        "A mean where a sum is asked",
        "Add up dout over the examples for db: the bias is added to every example, so its gradient "
        "is the sum of what each of them passes back.",
        "Usually taken over from a loss that divides by N.",
    )
}


@pytest.fixture
def result() -> dict[str, Any]:
    """A result that nobody else changes."""
    return copy.deepcopy(sample())


@pytest.fixture
def unreadable() -> dict[str, Any]:
    """The result of a submission that can't be read."""
    return unread()


@pytest.fixture
def diagnoses() -> dict[str, Diagnosis]:
    """The words for the sample's diagnosis."""
    return TEXTS


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, and the text of each."""

    VOID = ("meta", "link", "br", "rect", "path", "circle", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        """The words of the page, without its stylesheet and script."""
        words = (data for tag, data in self.texts if tag not in ("style", "script"))
        return " ".join(" ".join(words).split())


@pytest.fixture
def page() -> type[Page]:
    """A page, parsed."""
    return Page


@pytest.fixture
def people() -> list[dict[str, Any]]:
    """A class of three: one right in part, one that has the same faults, one unreadable."""
    other = {**sample(), "submission": "s08"}
    return [sample(), copy.deepcopy(other), unread()]


def trained(name: str, accuracy: float, slope: float = 0.1) -> dict[str, Any]:
    """Return a result with one training question, which reached *accuracy*."""
    histories = {
        "loss_history": [2.3 - slope * i / 10 for i in range(100)],
        "train_acc_history": [0.1, 0.3, 0.6],
        "val_acc_history": [0.1, (0.1 + accuracy) / 2, accuracy],
    }
    evidence = {"accuracy": accuracy, "histories": histories, "example": "hidden"}
    made = check("train.accuracy", "Accuracy", 5, 5, evidence=evidence)
    questions = [question("train", "Train a two-layer network", 5, 5, "passed", made)]
    total = {"score": 5.0, "max_score": 5.0, "pending": 0.0, "status": "graded"}
    return {**sample(), **total, "submission": name, "questions": questions}


@pytest.fixture
def trained_class() -> list[dict[str, Any]]:
    """A class of eight in which one training diverged and two reached the same."""
    accuracies = {"a": 0.5, "b": 0.31, "c": 0.3, "d": 0.3, "e": 0.29, "f": 0.28, "g": 0.27}
    found = [trained(name, accuracy) for name, accuracy in accuracies.items()]
    return [*found, trained("h", 0.1, slope=-1e5)]


class Hostile:
    """Text that would run, load or mislead if a page took it for markup."""

    text = (
        "</pre></style><script>alert(1)</script><img src=x onerror=\"alert('&')\">"
        "\x1b[31m\u202e\x00"
    )
    CODES = ("id", "status", "stage", "visibility", "example", "diagnosis", "schema")

    def everywhere(self, value: Any) -> Any:
        """Return *value* with every free text in it replaced."""
        if isinstance(value, dict):
            return {k: v if k in self.CODES else self.everywhere(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.everywhere(child) for child in value]
        return self.text if isinstance(value, str) else value

    def harmless(self, html: str) -> Page:
        """Assert that *html* runs nothing, loads nothing and hides nothing; return it parsed."""
        parsed = Page(html)
        own = (Path(reports.__file__).parent / "templates" / "table.js").read_text("utf-8")
        assert [text for tag, text in parsed.texts if tag == "script"] in ([], [own])
        assert len(parsed.all("script")) <= 1
        assert not parsed.all("img")
        for tag, attributes in parsed.tags:
            assert not [name for name in attributes if name.startswith("on")], tag
            assert "src" not in attributes
            assert "style" not in attributes
            if tag != "a" and "href" in attributes:
                assert attributes["href"] == "data:,"
        style = "".join(data for tag, data in parsed.texts if tag == "style")
        assert "url(" not in style
        assert "@import" not in style
        assert not [unseen for unseen in "\x1b\x00\u202e" if unseen in html]
        return parsed


@pytest.fixture
def hostile() -> Hostile:
    """Hostile text, and the proof that it did nothing."""
    return Hostile()
