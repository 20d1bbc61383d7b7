"""Notebooks as they are handed in: the template's of one day, filled in and damaged as usual."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

NAME = "FullyConnectedNets.ipynb"
RELEASED = Path(__file__).parent / "handins" / "untouched" / NAME

Notebook = dict[str, Any]
#: By question: what is written where words are asked for.
WRITTEN = {
    "inline-1": "Sigmoid where |x| is large, and ReLU below zero; leaky ReLU hardly.",
    "inline-2": "Five layers: the scale enters once per layer, so it acts as a power.",
    "inline-3": "The cache only grows, so steps shrink. Adam forgets old gradients.",
}


def book(entry: Mapping[str, Any], answers: Mapping[str, str]) -> bytes:
    """Return the notebook that an entry of ``material/notebooks.toml`` describes, as a file."""
    notebook = copy.deepcopy(released())
    for question, text in WRITTEN.items() if entry.get("written") else ():
        cell(notebook, f"{question}-answer")["source"] = f"**Your answer:**\n\n{text}"
    for question, text in entry.get("fill", {}).items():
        one = cell(notebook, f"{question}-answer")
        before, todo, after = "".join(one["source"]).partition("    # TODO")
        # The TODO line stays, as it does with students; the line that raises goes.
        lines = after.split("\n")
        code = answers.get(text, text).strip("\n")
        one["source"] = "\n".join([before + todo + lines[0], code, *lines[2:]])
    for id, text in entry.get("cells", {}).items():
        cell(notebook, id)["source"] = text.strip("\n")
    for name in entry.get("damage", ()):
        DAMAGES[name](notebook)
    return BYTES[entry.get("bytes", "plain")](notebook)


@cache
def released() -> Notebook:
    """Return the notebook as it was given out."""
    notebook: Notebook = json.loads(RELEASED.read_bytes())
    return notebook


def cell(notebook: Notebook, id: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell.get("id") == id)


def place(notebook: Notebook, id: str) -> int:
    return int(notebook["cells"].index(cell(notebook, id)))


def code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text,
    }


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


# --- Cells ---------------------------------------------------------------------------------------


def trained_below(notebook: Notebook) -> None:
    """Train in a cell that was added below the answer's own."""
    text = (
        "model = TwoLayerNet(hidden_dim=50)\n"
        'solver = Solver(model, data, optim_config={"learning_rate": 1e-3}, num_epochs=5)\n'
        "solver.train()\n"
    )
    notebook["cells"].insert(place(notebook, "train-two-layer-net-answer") + 1, code(text))


def helper_above(notebook: Notebook) -> None:
    """Define what the training uses in a cell of one's own, far above it."""
    at = place(notebook, "relu-backward-check") + 1
    notebook["cells"].insert(at, code("my_width = 50\n"))


def raises_at_the_end(notebook: Notebook) -> None:
    """Let the answer's cell fail once it has trained."""
    one = cell(notebook, "overfit-three-layers-answer")
    one["source"] = "".join(one["source"]) + "\nraise RuntimeError('no window to draw in')\n"


def without_ids(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one.pop("id", None)


def without_tags(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one["metadata"] = {}


def moved(notebook: Notebook) -> None:
    """Put the last cells first."""
    notebook["cells"] = notebook["cells"][30:] + notebook["cells"][:30]


def merged(notebook: Notebook) -> None:
    """Join a question with its answer as an editor does: the first one's id stays."""
    one, other = (cell(notebook, f"inline-1-{part}") for part in ("text", "answer"))
    one["source"] = "".join(one["source"]) + "\n\n" + "".join(other["source"])
    notebook["cells"].remove(other)


def answered_elsewhere(notebook: Notebook) -> None:
    """Answer below the question's own words, in a new cell, and in one of code."""
    asked = cell(notebook, "inline-1-text")
    asked["source"] = "".join(asked["source"]) + "\n\n" + WRITTEN["inline-1"]
    notebook["cells"].remove(cell(notebook, "inline-1-answer"))
    for question, added in (("inline-2", markdown), ("inline-3", code)):
        left = cell(released(), f"{question}-answer")["source"]
        cell(notebook, f"{question}-answer")["source"] = left
        at = place(notebook, f"{question}-answer") + 1
        notebook["cells"].insert(at, added(WRITTEN[question]))


def without_cells(notebook: Notebook) -> None:
    """Delete a question with its answer, a check, and a training."""
    for id in (
        "inline-1-text",
        "inline-1-answer",
        "adam-check",
        "train-two-layer-net-answer",
    ):
        notebook["cells"].remove(cell(notebook, id))


def another_course(notebook: Notebook) -> None:
    """Make of it what a sister course gives out: other words, no ids, no tags, no markers."""
    notebook["cells"] = [
        markdown("# Fully-connected nets"),
        code("from cs231n.layers import *"),
        markdown("## Inline Question 1:\nSay what we ask.\n\n## Answer:\n" + WRITTEN["inline-1"]),
        markdown("## Train it\nUse a Solver to train a net."),
        code("model = None"),
    ]


def format_3(notebook: Notebook) -> None:
    """Write it in the format of IPython 2."""
    cells = []
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            old = {"cell_type": "code", "collapsed": False, "input": one["source"]}
            old |= {"language": "python", "outputs": [], "prompt_number": None}
            cells.append({**old, "metadata": one["metadata"]})
        else:
            kept = ("cell_type", "metadata", "source")
            cells.append({name: one[name] for name in kept})
    notebook.clear()
    notebook |= {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    notebook["worksheets"] = [{"cells": cells, "metadata": {}}]


def damaged_cells(notebook: Notebook) -> None:
    """Put in cells of no known kind, an answer of no text, and outputs of no known kind."""
    notebook["cells"].insert(3, {"cell_type": "movie"})
    cell(notebook, "inline-1-answer")["source"] = {"a": 1}
    cell(notebook, "affine-forward-check")["outputs"] = [5, {"output_type": None}]
    cell(notebook, "relu-forward-check")["outputs"] = [stream("x" * 200_000)]


def shows_right_numbers(notebook: Notebook) -> None:
    """Show figures that are right, whatever the code gives."""
    for id in ("affine-forward-check", "affine-backward-check"):
        text = "out error: 9.77e-10 (expect the order of 1e-09 or less)\n"
        cell(notebook, id).update(outputs=[stream(text)], execution_count=7)


def shows_wrong_numbers(notebook: Notebook) -> None:
    """Show what came before the code was right: a figure, an exception, a reminder."""
    shown = {
        "affine-forward-check": stream("out error: 0.5 (expect the order of 1e-09 or less)\n"),
        "rmsprop-check": stream("not implemented yet: question rmsprop\n"),
        "adam-check": {
            "output_type": "error",
            "ename": "KeyError",
            "evalue": "'t'",
            "traceback": ["KeyError: 't'"],
        },
    }
    for id, output in shown.items():
        cell(notebook, id).update(outputs=[output], execution_count=7)


def stream(text: str) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text}


DAMAGES: dict[str, Callable[[Notebook], None]] = {
    function.__name__: function
    for function in (
        trained_below,
        helper_above,
        raises_at_the_end,
        without_ids,
        without_tags,
        moved,
        merged,
        answered_elsewhere,
        without_cells,
        another_course,
        format_3,
        damaged_cells,
        shows_right_numbers,
        shows_wrong_numbers,
    )
}

# --- Files ---------------------------------------------------------------------------------------


def plain(notebook: Notebook) -> bytes:
    return json.dumps(notebook, indent=1).encode()


def utf_16(notebook: Notebook) -> bytes:
    # Bytes in an order that is named: the machine's own would differ.
    return b"\xff\xfe" + plain(notebook).decode().encode("utf-16-le")


def cut(notebook: Notebook) -> bytes:
    return plain(notebook)[:5000]


def no_cells(notebook: Notebook) -> bytes:
    return b'{"cells": 7, "nbformat": 4}'


BYTES: dict[str, Callable[[Notebook], bytes]] = {
    function.__name__: function for function in (plain, utf_16, cut, no_cells)
}
