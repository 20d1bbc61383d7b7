"""What `grader check` says of questions that are no code, and of a saved model."""

from __future__ import annotations

import io
import json
import pickle

import numpy as np
import pytest
from conftest_selfcheck import Work

FIRST = "FullyConnectedNets.ipynb"
WEIGHTS = {"W1": np.ones((4, 3)), "b1": np.ones(3), "W2": np.ones((3, 2)), "b2": np.ones(2)}


def said(work: Work, files: dict[str, bytes], *questions: str) -> list[tuple[str, str]]:
    """Return the lines about *questions*, each with its word."""
    with work(files) as opened:
        _, others = opened.named(questions)
        return [(line.word, line.text) for line in opened.prepared(others)]


def model(**arrays: np.ndarray) -> bytes:
    """Return a file of a trained model."""
    data = io.BytesIO()
    np.savez(data, **{**WEIGHTS, **arrays})  # type: ignore[arg-type]
    return data.getvalue()


def test_an_untouched_notebook_has_no_answers(work: Work, download: dict[str, bytes]) -> None:
    """Written answers and trainings are named, in a line each."""
    lines = said(work, download, "inline-1", "inline-2", "best-model")
    assert lines == [
        ("todo", "Not answered yet: inline-1, inline-2."),
        ("todo", "Not written yet: best-model."),
    ]


def test_answers_are_found(work: Work, answered: dict[str, bytes]) -> None:
    """In the reference's notebook; and its model isn't there, since no cell was run."""
    lines = dict(reversed(line) for line in said(work, answered, "inline-1", "best-model"))
    assert lines["inline-1: answered; a person marks that."] == "ok"
    assert lines["best-model: written; grading runs it, and measures the model."] == "ok"
    missing = "best_model.npz isn't here: the cell that saves your model writes it."
    assert lines[missing] == "todo"


def test_a_notebook_that_is_not_there_is_told_once(work: Work, download: dict[str, bytes]) -> None:
    """All its questions stand in one line."""
    files = {path: data for path, data in download.items() if path != FIRST}
    (line,) = said(work, files, "inline-1", "best-model")
    assert line == (
        "todo",
        "FullyConnectedNets.ipynb isn't here: inline-1, best-model would be missing.",
    )


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (model(), "best_model.npz: 4 arrays; grading measures the model they make."),
        (b"no zip", "can't be read"),
        (model(W1=np.array([[{}]])), "can't be used: it holds a pickled object"),
        (pickle.dumps(WEIGHTS), "Save the arrays by name, with np.savez"),
        (pickle.dumps(WEIGHTS) + b"more", "can't be read"),
        (model(W1=np.full((4, 3), np.nan)), "W1 holds NaN or infinity"),
        (model(W1=np.ones((4, 3), int)), "W1 isn't floating point"),
        (model(W1=np.ones(4)), "can't be loaded as a model yet: the file holds no weights"),
    ],
)
def test_a_saved_model_has_its_form(
    work: Work, answered: dict[str, bytes], file: bytes, told: str
) -> None:
    """Arrays of numbers that the course's own function makes a model of; nothing is unpickled."""
    lines = said(work, {**answered, "best_model.npz": file}, "best-model")
    word, text = lines[-1]
    assert told in text
    assert (word == "ok") == (told.startswith("best_model.npz: 4"))


def test_an_answer_that_is_no_code_any_more_is_told_by_its_cell(
    work: Work, answered: dict[str, bytes]
) -> None:
    """Its type was changed to Markdown: what is in it doesn't run."""
    book = json.loads(answered[FIRST])
    (place,) = (
        i
        for i, cell in enumerate(book["cells"])
        if cell["metadata"].get("tags") == ["question:best-model", "answer"]
    )
    cell = book["cells"][place]
    book["cells"][place] = {
        **{name: cell[name] for name in ("id", "metadata", "source")},
        "cell_type": "markdown",
    }
    lines = said(work, {**answered, FIRST: json.dumps(book).encode()}, "best-model")
    assert lines == [
        (
            "todo",
            f"Make cell {place + 1} of {FIRST} a code cell again: it holds the answer to this "
            "question as text, and text is not run. (best-model)",
        )
    ]
