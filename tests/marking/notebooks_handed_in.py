"""The released notebook as a student hands it in: filled in, and then damaged."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME = "FullyConnectedNets"
RELEASED = (Path(__file__).resolve().parents[2] / "student_template" / f"{NAME}.ipynb").read_bytes()
ANSWER = "Sigmoid at both ends, and ReLU below zero."
TRAINING = "    model = TwoLayerNet(hidden_dim=120)\n    solver = Solver(model, data)\n"

Notebook = dict[str, Any]
Edit = Callable[[Notebook], object]


def filled() -> Notebook:
    """Return the notebook with an answer to inline-1 and a training cell."""
    notebook: Notebook = json.loads(RELEASED)
    cell(notebook, "inline-1-answer")["source"] = f"**Your answer:**\n\n{ANSWER}"
    training = cell(notebook, "train-two-layer-net-answer")
    source = "".join(training["source"])
    training["source"] = source[: source.index("    # TODO")] + TRAINING
    return notebook


def cell(notebook: Notebook, id: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell.get("id") == id)


def place(notebook: Notebook, id: str) -> int:
    return notebook["cells"].index(cell(notebook, id))


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def handed_in(*edits: Edit) -> bytes:
    """Return the filled notebook after *edits*, as a file."""
    notebook = copy.deepcopy(filled())
    for edit in edits:
        edit(notebook)
    return json.dumps(notebook).encode()


def without_ids(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one.pop("id", None)


def without_tags(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one["metadata"] = {}


def without_cell(*ids: str) -> Edit:
    def edit(notebook: Notebook) -> None:
        for id in ids:
            notebook["cells"].remove(cell(notebook, id))

    return edit


def merged(first: str, second: str) -> Edit:
    """Return an edit that joins two cells as an editor does: the first one's id stays."""

    def edit(notebook: Notebook) -> None:
        one, other = cell(notebook, first), cell(notebook, second)
        one["source"] = "".join(one["source"]) + "\n\n" + "".join(other["source"])
        notebook["cells"].remove(other)

    return edit


def in_the_question(notebook: Notebook) -> None:
    """Write the answer below the question's own words, in its cell; its own cell is deleted."""
    asked = cell(notebook, "inline-1-text")
    asked["source"] = "".join(asked["source"]) + "\n\n" + ANSWER
    without_cell("inline-1-answer")(notebook)


def in_the_next(kind: str = "markdown") -> Edit:
    """Return an edit that leaves the answer's cell as it was and adds a cell after it."""

    def edit(notebook: Notebook) -> None:
        released = json.loads(RELEASED)
        cell(notebook, "inline-1-answer")["source"] = cell(released, "inline-1-answer")["source"]
        at = place(notebook, "inline-1-answer") + 1
        notebook["cells"].insert(at, {**markdown(ANSWER), "cell_type": kind})

    return edit


def answered(text: object) -> Edit:
    return lambda notebook: cell(notebook, "inline-1-answer").update(source=text)


def doubled(notebook: Notebook) -> None:
    """Copy the training cell below itself, with its id, as some editors do."""
    at = place(notebook, "train-two-layer-net-answer")
    notebook["cells"].insert(at + 1, copy.deepcopy(notebook["cells"][at]))


def moved(notebook: Notebook) -> None:
    """Put the last cells first."""
    notebook["cells"] = notebook["cells"][30:] + notebook["cells"][:30]


def another_course(notebook: Notebook) -> None:
    """Make of it what a sister course gives out: other words, no ids, no tags, no markers."""
    notebook["cells"] = [
        markdown("# Fully-connected nets"),
        code("from cs231n.layers import *"),
        markdown("## Inline Question 1:\nSay what we ask.\n\n## Answer:\n" + ANSWER),
        markdown("## Train it\nUse a Solver to train a net."),
        code(TRAINING.replace("    ", "")),
    ]


def format_3(notebook: Notebook) -> None:
    """Write it in the format of IPython 2."""
    import nbformat

    old = nbformat.convert(nbformat.reads(json.dumps(notebook), 4), 3)
    notebook.clear()
    notebook.update(json.loads(json.dumps(old)))
